"""The server over HTTP, and those who come without a token: they block nobody, and get in by no name."""

import contextlib
import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from crowd import INITIALIZE, call, crowd
from server.http.entrance import MOST_BODIES, MOST_IDLE, MOST_WAITING
from server.http.serving import MOST_SESSIONS
from server.program import Program
from surface import COMMAND, HttpServer, environment, free_port, said
from surface import call as call_action
from surface import over_http as client_of
from terminal import Terminal

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env={**environment(), **more}, capture_output=True, text=True, timeout=30
    )


@needs_proc
@pytest.mark.parametrize("options", [(), ("--no-auth",)], ids=["with a token", "without"])
def test_a_crowd_of_silent_connections_blocks_nobody(options: tuple[str, ...]) -> None:
    with HttpServer(free_port(), *options, descriptors=256) as server:
        toll = crowd(server, 600)
    assert toll.statuses == {200}
    assert toll.most - toll.before < MOST_WAITING + MOST_BODIES + MOST_IDLE + 32
    assert toll.after <= toll.before + 2
    assert toll.logged < 100_000


def test_a_refusal_keeps_no_connection() -> None:
    with HttpServer(free_port()) as server:
        for headers in ({"authorization": "Bearer wrong"}, {"host": "evil.example.com"}, {"origin": "null"}):
            assert call(server, **headers).headers["connection"] == "close"


def test_the_scheme_of_a_token_is_known_in_any_case() -> None:
    with HttpServer(free_port()) as server:
        for scheme, admitted in (
            ("bearer ", True),
            ("BEARER  ", True),
            ("Basic ", False),
            ("Bearer", False),
            ("", False),
        ):
            assert (call(server, authorization=f"{scheme}{server.token}").status_code != 401) is admitted, scheme
            assert call(server, authorization=f"{scheme}{server.token}x").status_code == 401


def test_the_longest_unused_session_ends_for_a_new_one_and_never_one_in_use() -> None:
    accepted = {"accept": "application/json, text/event-stream"}
    with HttpServer(free_port(), "--no-auth") as server, httpx2.Client(headers=accepted, timeout=20) as client:

        def opened() -> str:
            return client.post(server.url, json=INITIALIZE).headers["mcp-session-id"]

        def status(session: str) -> int:
            ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
            return client.post(server.url, json=ping, headers={"mcp-session-id": session}).status_code

        listens, unused = opened(), opened()
        with client.stream("GET", server.url, headers={"mcp-session-id": listens}) as stream:
            assert stream.status_code == 200
            others = [opened() for _ in range(MOST_SESSIONS - 1)]
            assert status(unused) == 404
            assert {status(session) for session in (listens, others[0], others[-1])} == {200}


# Names

LOOPBACK: list[tuple[str, ...]] = [
    (host, "--no-auth") for host in ("127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1", "localhost")
]
LOOPBACK += [("127.0.0.2",), ("0000::0001",)]


@contextlib.contextmanager
def serving(host: str, *options: str) -> Iterator[HttpServer]:
    port = free_port()
    with HttpServer(port, "--host", host, *options) as server:
        server.url = f"http://{f'[{host}]' if ':' in host else host}:{port}/mcp"
        assert server.url in server.announced
        yield server


@pytest.mark.parametrize("options", LOOPBACK, ids=" ".join)
def test_names_and_pages_of_others_are_refused_on_every_address(options: tuple[str, ...]) -> None:
    with serving(*options) as server:
        port = server.port
        assert call(server).status_code == 200
        assert call(server, host=f"LOCALHOST:{port}", origin=f"http://localhost:{port}").status_code == 200
        for foreign in (
            "evil.example.com",
            f"evil.example.com:{port}",
            f"127.0.0.1.evil.example.com:{port}",
            f"localhost.evil.example.com:{port}",
            f"127.0.0.1:{port}@evil.example.com",
            f"127.0.0.1:{port + 1}",
            "127.0.0.1",
            f"192.0.2.7:{port}",
            "",
        ):
            answer = call(server, host=foreign)
            assert answer.status_code == 421, foreign
            assert f":{port}" in answer.json()["error_description"]
            assert "--allow-host" in answer.json()["error_description"]
            if foreign:
                answer = call(server, origin=f"http://{foreign}")
                assert answer.status_code == 403, foreign
        for origin in ("null", "https://evil.example.com", "file://", f"ftp://127.0.0.1:{port}", f"127.0.0.1:{port}"):
            assert call(server, origin=origin).status_code == 403, origin


def test_a_name_that_was_allowed_is_ours_and_no_other() -> None:
    options = ("--allow-host", "okta.example.com", "--allow-host", "other.example.com:8443")
    with serving("127.0.0.1", *options) as server:
        for host in ("okta.example.com", "OKTA.example.com:443", "other.example.com:8443"):
            assert call(server, host=host, origin=f"https://{host}").status_code == 200, host
        for host in ("x.okta.example.com", "other.example.com", "other.example.com:8444"):
            assert call(server, host=host).status_code == 421, host
    refused = run("serve", "--http", "--allow-host", "https://okta.example.com/")
    assert refused.returncode == 1
    assert "not a valid host name" in refused.stderr


def test_requests_with_several_hosts_or_none_are_refused() -> None:
    with HttpServer(free_port(), "--no-auth") as server:
        for head in (b"", b"host: 127.0.0.1:%d\r\nhost: evil.example.com\r\n" % server.port):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
                one.sendall(b"GET /mcp HTTP/1.0\r\n" + head + b"\r\n")
                assert one.recv(4096).split()[1] in (b"400", b"421")


def test_there_is_no_authorization_server_and_it_says_so() -> None:
    with HttpServer(free_port()) as server:
        for path in (
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/mcp",
            "/.well-known/openid-configuration",
            "/mcp/.well-known/openid-configuration",
            "/register",
        ):
            answer = httpx2.get(server.url.removesuffix("/mcp") + path)
            assert answer.status_code == 404, path
            assert "token show" in answer.json()["error_description"]


# The token


async def test_a_replaced_token_is_refused_at_once_also_in_a_session(program: Program) -> None:
    with HttpServer(free_port()) as server:
        old = server.token
        async with client_of(server, "legacy") as client:
            await call_action(client, "lookup_user", user_id="jane.doe@example.com")
            assert run("token", "rotate").returncode == 0
            assert call(server).status_code == 401
            with pytest.raises(Exception):  # noqa: B017 - whatever the client makes of a 401
                said(await client.call_tool("lookup_user", {"user_id": "jane.doe@example.com"}))
        server.token = run("token", "show", "--print").stdout.strip()
        assert server.token not in ("", old)
        assert call(server).status_code == 200


@pytest.mark.parametrize("command", [("vault", "rotate"), ("disconnect", "--all")])
def test_what_replaces_every_secret_replaces_the_token_too_and_is_recorded(
    connected: None, command: tuple[str, ...], tmp_path: Path
) -> None:
    with HttpServer(free_port()) as server:
        assert call(server).status_code == 200
        with Terminal(*command) as terminal:
            terminal.type("y\n")  # where it asks
            terminal.until("token show")
            assert terminal.end() == 0
        assert call(server).status_code == 401
    assert run("journal", "export", str(tmp_path / "journal.jsonl")).returncode == 0
    kinds = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text("utf-8").splitlines()]
    assert any("HTTP token" in json.dumps(entry) for entry in kinds)


def test_the_token_is_shown_to_a_person_and_not_to_a_pipe() -> None:
    piped = run("token", "show")
    assert (piped.returncode, piped.stdout) == (1, "")
    assert "--print" in piped.stderr
    shown = run("token", "show", "--print").stdout.strip()
    assert len(shown) > 40
    ours, theirs = pty.openpty()
    with subprocess.Popen([COMMAND, "token", "show"], env=environment(), stdout=theirs, stderr=subprocess.PIPE) as one:
        os.close(theirs)
        assert os.read(ours, 4096).decode().strip() == shown
        assert one.wait(20) == 0
    os.close(ours)
    with HttpServer(free_port()) as server:
        assert server.token == shown


def test_a_token_that_no_other_process_can_see_is_not_shown() -> None:
    for command in ("show", "rotate"):
        refused = run("token", command, OKTA_ACTIONS_MEMORY_ONLY="1")
        assert refused.returncode == 1
        assert "OKTA_ACTIONS_MEMORY_ONLY" in refused.stderr


# Other machines


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.com", "0"])
def test_another_address_needs_encryption(host: str) -> None:
    refused = run("serve", "--http", "--host", host, "--port", str(free_port()))
    assert refused.returncode == 1
    assert "unencrypted" in refused.stderr
    assert "--behind-proxy" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_behind_a_proxy_any_address_may_be_served_by_its_numbers_and_allowed_names() -> None:
    with HttpServer(free_port(), "--host", "0.0.0.0", "--behind-proxy", "--allow-host", "okta.example.com") as server:
        assert call(server).status_code == 200
        assert call(server, host="okta.example.com").status_code == 200
        assert call(server, host=f"evil.example.com:{server.port}").status_code == 421


def test_a_certificate_serves_https_and_its_names(tmp_path: object, certificate: tuple[str, str]) -> None:
    certified, key = certificate
    port = free_port()
    with HttpServer(port, "--host", "0.0.0.0", "--tls-cert", certified, "--tls-key", key) as server:
        headers = {"authorization": f"Bearer {server.token}", "accept": "application/json, text/event-stream"}
        url = f"https://127.0.0.1:{port}/mcp"
        assert f"https://0.0.0.0:{port}/mcp" in server.announced
        with httpx2.Client(verify=False, headers=headers) as client:
            assert client.post(url, json=INITIALIZE).status_code == 200
            for host, status in ((f"okta.example.com:{port}", 200), ("okta.example.com", 200), ("evil.example", 421)):
                assert client.post(url, json=INITIALIZE, headers={"host": host}).status_code == status, host
        with pytest.raises(httpx2.HTTPError):
            httpx2.post(f"http://127.0.0.1:{port}/mcp", json=INITIALIZE, headers=headers)


@pytest.mark.parametrize("broken", ["missing", "no PEM", "encrypted"])
def test_a_certificate_that_cannot_be_used_is_said_in_two_lines(
    certificate: tuple[str, str], encrypted_key: str, broken: str
) -> None:
    certified, key = certificate
    key = {"missing": key + ".not", "no PEM": __file__, "encrypted": encrypted_key}[broken]
    refused = run("serve", "--http", "--tls-cert", certified, "--tls-key", key)
    assert refused.returncode == 1
    assert "cannot be used for TLS" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


# Ports that somebody else has


@pytest.mark.parametrize("taken", ["127.0.0.1", "::1"])
def test_localhost_is_not_served_by_halves(taken: str) -> None:
    family = socket.AF_INET6 if ":" in taken else socket.AF_INET
    port = free_port()
    with socket.socket(family) as somebody:
        somebody.bind((taken, port))
        somebody.listen()
        refused = run("serve", "--http", "--host", "localhost", "--port", str(port))
    assert refused.returncode == 1
    assert f"Port {port} of {taken}" in refused.stderr


async def test_a_sign_in_waits_until_nobody_else_has_either_address(
    redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.connections.callback import Callback, SignInTimeout

    port = int(redirect_uri.split(":")[2].split("/")[0])
    told: list[str] = []
    with socket.socket(socket.AF_INET6) as somebody:
        somebody.bind(("::1", port))
        somebody.listen()
        with pytest.raises(SignInTimeout):
            async with Callback(redirect_uri, 0.5, told.append):
                pass
        assert told
        # The other address was let go.
        socket.create_server(("127.0.0.1", port)).close()
    async with Callback(redirect_uri, 0.5, told.append):
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port)).close()


def test_the_announcement_is_still_json() -> None:
    with HttpServer(free_port(), "--host", "::1") as server:
        text = server.announced
        entry = json.loads(text[text.index("{") : text.rindex("}") + 1])["mcpServers"]["okta-actions"]
        assert entry["url"] == f"http://[::1]:{server.port}/mcp"
