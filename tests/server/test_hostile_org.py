"""An org URL that leads to somebody who means harm: nothing is sent that matters, nothing is waited for without end."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from browser import Browser
from peer import Peer, answer
from server.connections.lease import TOKEN_SECONDS
from server.connections.manager import App
from server.connections.models import Credentials
from server.program import Program
from server.settings import load
from tools.okta.errors import ActionError

SECRET = "the-client-secret-that-must-not-leave"


@contextmanager
def talking(send: Callable[[socket.socket], None]) -> Iterator[str]:
    """Somebody who answers every request in a manner of their own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    send(connection)
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


async def refusal(url: str) -> ActionError:
    async with Program(load()) as program:
        with pytest.raises(ActionError) as refused:
            await program.connections.connect(App(url, "id", Credentials(SECRET)), Browser().present)
        assert await program.connections.current() is None
    assert len(str(refused.value).splitlines()) <= 2
    assert SECRET not in str(refused.value)
    return refused.value


def endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: application/json\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x-more: " + b"y" * 1000 + b"\r\n")


def slow_drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.2)


@pytest.mark.parametrize("send", [endless_body, endless_headers, slow_drip])
async def test_nobody_is_listened_to_without_end(redirect_uri: str, send: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with talking(send) as url:
        await refusal(url)
    assert time.monotonic() - began < TOKEN_SECONDS + 5


async def test_a_redirect_is_not_followed(redirect_uri: str) -> None:
    with Peer() as elsewhere, Peer(answer(302, location=f"{elsewhere.url}/x")) as peer:
        await refusal(peer.url)
        assert elsewhere.requests == []


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
async def test_a_description_that_names_another_host_gets_nothing(redirect_uri: str, name: str) -> None:
    with Peer() as elsewhere, Peer() as peer:
        here = {key: f"{peer.url}/{key}" for key in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        peer.then(answer(200, json.dumps({"issuer": peer.url, **here, name: f"{elsewhere.url}/x"})))
        if name == "authorization_endpoint":
            await refusal(peer.url)
        else:
            async with Program(load()) as program:
                server = program.connections.server_of(App(peer.url, "id", Credentials(SECRET)))
                async with server:
                    with pytest.raises(ActionError):
                        await server.refresh("refresh-token", ())
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        '{"access_token": ""}',
        '{"token_type": "Bearer"}',
        '{"access_token": "x", "token_type": "mac"}',
    ],
)
async def test_an_answer_without_a_usable_token_is_not_stored(redirect_uri: str, body: str) -> None:
    with Peer() as peer:
        peer.then(answer(200, json.dumps({"issuer": peer.url, "token_endpoint": f"{peer.url}/token"})))
        peer.then(answer(200, body))
        async with Program(load()) as program:
            async with program.connections.server_of(App(peer.url, "id", Credentials(SECRET))) as server:
                with pytest.raises(ActionError):
                    await server.refresh("refresh-token", ())


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
async def test_an_error_of_any_shape_is_a_sentence(redirect_uri: str, status: int) -> None:
    with Peer() as peer:
        peer.then(answer(200, json.dumps({"issuer": peer.url, "token_endpoint": f"{peer.url}/token"})))
        peer.then(answer(status, json.dumps({"errorCode": "E0000047", "errorSummary": "a\u202eb\n" * 99})))
        async with Program(load()) as program:
            async with program.connections.server_of(App(peer.url, "id", Credentials(SECRET))) as server:
                with pytest.raises(ActionError) as refused:
                    await server.refresh("refresh-token", ())
    assert len(str(refused.value).splitlines()) <= 2
    assert "\u202e" not in str(refused.value)
    assert refused.value.retryable is (status in (429, 500, 503))
