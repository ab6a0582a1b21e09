"""Connections that say nothing are closed, and only those."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from server.http import tls
from server.http.addresses import listeners
from server.http.entrance import OpenConnection, Rooms, WaitingQueue
from server.http.serving import Server

ANSWER = b"HTTP/1.1 200 OK"
WHOLE = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def patient(scope: Scope, receive: Receive, send: Send) -> None:
    """Takes longer to answer than a connection may be silent, and reads the body to its end."""
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(1.0)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def serving(rooms: Rooms, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    opened = listeners("127.0.0.1", 0)
    config = uvicorn.Config(patient, http=OpenConnection, ws="none", log_config=None, lifespan="off")
    server = Server(config, opened, context, rooms)
    serving = asyncio.create_task(server.serve(sockets=opened))
    try:
        yield opened[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


def rooms(seconds: float = 0.3, most: int = 8) -> Rooms:
    return Rooms(WaitingQueue(seconds, most), WaitingQueue(seconds, most), WaitingQueue(60.0, most))


@pytest.mark.parametrize(
    "said",
    [b"", b"G", b"GET / HTTP/1.1\r\nhost:", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1234"],
    ids=["nothing", "a letter", "half a header", "half a body"],
)
async def test_who_does_not_go_on_is_closed(said: bytes) -> None:
    async with serving(rooms()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()


async def test_a_header_that_comes_in_drops_has_no_longer_time() -> None:
    async with serving(rooms()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def drip() -> None:
            writer.write(b"GET / HTTP/1.1\r\n")
            while True:
                writer.write(b"x: y\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        dripping.cancel()
        writer.close()


async def test_a_second_header_must_come_in_time_too_and_an_answer_may_take_longer() -> None:
    async with serving(rooms()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WHOLE)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        writer.write(WHOLE + b"GET / HT")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()


async def test_the_oldest_that_waits_goes_first_and_no_request_does() -> None:
    async with serving(rooms(seconds=60.0, most=4)) as port:
        asked, asking = await asyncio.open_connection("127.0.0.1", port)
        asking.write(WHOLE)
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        await asyncio.sleep(0.2)
        silent.append(await asyncio.open_connection("127.0.0.1", port))
        with contextlib.suppress(ConnectionError):
            assert await silent[0][0].read() == b""
        for reader, writer in silent[1:]:
            writer.write(WHOLE)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        assert (await asked.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        for writer in (asking, *(writer for _, writer in silent)):
            writer.close()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01", WHOLE], ids=["nothing", "half a hello", "plain HTTP"])
async def test_a_tls_handshake_counts_like_a_header(certificate: tuple[str, str], said: bytes) -> None:
    context = tls.context(*map(Path, certificate))
    async with serving(rooms(), context) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with contextlib.suppress(ConnectionError):
            assert ANSWER not in await reader.read()
        writer.close()
        trusting = ssl.create_default_context(cafile=certificate[0])
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusting, server_hostname="okta.example.com"
        )
        writer.write(WHOLE)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        writer.close()
