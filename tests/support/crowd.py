"""Many connections at once that want nothing, and what they cost the server that they reach."""

import contextlib
import resource
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from surface import HttpServer

SILENT = (
    b"",
    b"GET /mcp HT",
    b"POST /mcp HTTP/1.1\r\nhost: x\r\n",
    b"\x00\x01 no HTTP\r\n\r\n",
    b"POST /mcp HTTP/1.1\r\nhost: evil.example.com\r\ncontent-length: 9\r\n\r\n",
    b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: 9\r\n\r\n",
    b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nauthorization: Bearer wrong\r\ncontent-length: 9\r\n\r\n",
    b"GET /mcp HTTP/1.1\r\nhost: 127.0.0.1:%d\r\norigin: https://evil.example.com\r\n\r\n",
    b"GET /mcp HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
)
"""What each of them says, in turn, before it says nothing more."""
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


@dataclass
class Toll:
    """Another client's calls meanwhile: statuses and the longest in seconds. The descriptors at the start, at the
    most, while all connections still stand, and after they went; and the bytes of the log."""

    statuses: set[int] = field(default_factory=set)
    slowest: float = 0.0
    before: int = 0
    most: int = 0
    after: int = 0
    logged: int = 0


def crowd(server: HttpServer, connections: int, every: int = 50) -> Toll:
    """Come in numbers; another client calls after `every` so many connections. The server has ended afterwards."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most if most < 0 else min(most, 8192), most))
    call(server)  # the first answer opens the store
    toll = Toll(before=_descriptors(server))
    errors = server.process.stderr
    assert errors is not None
    read: list[str] = []
    reading = threading.Thread(target=lambda: read.append(errors.read()), daemon=True)
    reading.start()
    with contextlib.ExitStack() as held:
        for number in range(connections):
            said = SILENT[number % len(SILENT)]
            with contextlib.suppress(OSError):
                one = held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
                one.sendall(said % server.port if b"%d" in said else said)
            if number % every == every - 1:
                began = time.monotonic()
                toll.statuses.add(call(server).status_code)
                toll.slowest = max(toll.slowest, time.monotonic() - began)
                toll.most = max(toll.most, _descriptors(server))
    ends = time.monotonic() + 30
    while (_descriptors(server) > toll.before + 2) and time.monotonic() < ends:
        time.sleep(0.05)
    toll.after = _descriptors(server)
    server.process.terminate()
    reading.join(20)
    server.process.wait(20)
    toll.logged = len("".join(read).encode())
    return toll


def call(server: HttpServer, **headers: str) -> httpx2.Response:
    """A client that knows what it wants; with the token, where there is one."""
    sent = {"accept": "application/json, text/event-stream", **headers}
    if server.token:
        sent.setdefault("authorization", f"Bearer {server.token}")
    with httpx2.Client(verify=False, headers=sent, timeout=20) as client:  # the context of TLS is slow to make
        return client.post(server.url, json=INITIALIZE)


def _descriptors(server: HttpServer) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
