"""The processes that serve: what they print, whom they admit, and how they end."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time
from typing import Any

import anyio
import httpx2
import pytest

from browser import Browser
from connected_org import Org
from server.program import Program
from surface import COMMAND, ERAS, HttpServer, app_of, call, environment, free_port, over_http, over_stdio, said
from worlds import LISTED

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}'
JANE = "jane.doe@example.com"


def lookup(id: int, user_id: str) -> str:
    params = {"name": "lookup_user", "arguments": {"user_id": user_id}}
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})


def stdio(*options: str) -> "subprocess.Popen[str]":
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([COMMAND, "serve", *options], env=environment(), text=True, **pipes)


def initialized(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(INITIALIZE) + "\n")
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def post(url: str, **headers: str) -> httpx2.Response:
    sent = {"accept": "application/json, text/event-stream", "content-type": "application/json", **headers}
    return httpx2.post(url, json=INITIALIZE, headers=sent, timeout=10)


# Over stdio


def test_it_starts_and_lists_at_once_though_nothing_is_connected() -> None:
    process = stdio()
    assert initialized(process)["result"]["serverInfo"]["name"] == "okta-actions"
    out, err = process.communicate(INITIALIZED + '\n{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n', timeout=20)
    assert len(json.loads(out.splitlines()[0])["result"]["tools"]) == len(LISTED)
    assert process.returncode == 0
    assert err == ""


@pytest.mark.parametrize(
    "unneeded", ["typer", "rich.text", "sqlalchemy", "authlib", "httpcore2", "openai", "uvicorn.protocols"]
)
def test_it_answers_a_client_that_starts_without_importing_what_that_does_not_need(unneeded: str) -> None:
    asked = [json.dumps(INITIALIZE), INITIALIZED, '{"jsonrpc":"2.0","id":2,"method":"tools/list"}', ""]
    command = [sys.executable, "-X", "importtime", COMMAND, "serve"]
    done = subprocess.run(
        command, env=environment(), input="\n".join(asked), capture_output=True, text=True, timeout=20
    )
    assert len(done.stdout.splitlines()) == 2
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "server.mcp.server" in imported
    assert not [name for name in imported if name == unneeded or name.startswith(f"{unneeded}.")]


def test_a_refused_start_is_told_as_every_other_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_READ_ONLY", "perhaps")
    alone, with_options = (
        subprocess.run([COMMAND, *words], env=environment(), input="", capture_output=True, text=True, timeout=20)
        for words in (["serve"], ["serve", "--connection", "default"])
    )
    assert "OKTA_ACTIONS_READ_ONLY" in alone.stderr
    assert (alone.returncode, alone.stderr) == (with_options.returncode, with_options.stderr)


def test_the_end_of_input_ends_it_with_0() -> None:
    process = stdio()
    out, err = process.communicate("", timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_what_was_asked_before_the_end_of_input_is_answered(connected: None, org: Org) -> None:
    org.trouble({"kind": "delay", "seconds": 0.5, "path": "/api/v1/users"})
    asked = [json.dumps(INITIALIZE), INITIALIZED, *(lookup(id, JANE) for id in range(2, 12))]
    out, err = stdio().communicate("\n".join(asked) + "\n", timeout=20)
    answers = [json.loads(line) for line in out.splitlines()]
    assert {answer["id"] for answer in answers} == set(range(1, 12))
    assert all("result" in answer for answer in answers), out
    assert err == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("options", [(), ("--sandbox",)], ids=["alone", "with sandbox"])
def test_a_signal_ends_it_with_0(
    number: signal.Signals, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
    process = stdio(*options)
    initialized(process)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    # A test beside this one may be signing in at that moment.
    assert err in {"", "Another sign-in uses port 8765; waiting for it to end.\n"}


def test_only_protocol_goes_to_stdout(connected: None) -> None:
    process = stdio()
    initialized(process)
    lines = [INITIALIZED, lookup(2, JANE), "this is no JSON", lookup(3, "")]
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n".join(lines) + "\n")
    process.stdin.flush()
    answers: dict[Any, Any] = {}
    while not {2, 3} <= set(answers):
        answer = json.loads(process.stdout.readline())
        answers[answer.get("id")] = answer
    rest, _ = process.communicate(timeout=20)
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in rest.splitlines())
    assert answers[2]["result"]["structuredContent"]["login"] == JANE
    assert answers[3]["result"]["isError"] is True


async def test_a_sandbox_comes_connected_and_keeps_its_people(
    redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
    new = {"first_name": "Kept", "last_name": "Person", "login": "kept@example.com", "email": "kept@example.com"}
    async with over_stdio("legacy", None, "--sandbox") as client:
        made = await call(client, "create_user", **new)
        # A second server beside it shares the org.
        async with over_stdio("2026-07-28", None, "--sandbox") as other:
            assert (await call(other, "lookup_user", user_id="kept@example.com"))["id"] == made["id"]
    async with over_stdio("legacy", None, "--sandbox") as client:
        assert (await call(client, "lookup_user", user_id="kept@example.com"))["id"] == made["id"]


async def test_a_sandbox_on_another_port_is_connected_anew(redirect_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        monkeypatch.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
        async with over_stdio("legacy", None, "--sandbox") as client:
            assert (await call(client, "lookup_user", user_id=JANE))["login"] == JANE


# Over HTTP


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_printed_is_enough_to_begin_and_it_ends_with_0(
    redirect_uri: str, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
    with HttpServer(free_port(), "--sandbox") as server:
        configuration = json.loads(server.announced[server.announced.index("{") : server.announced.rindex("}") + 1])
        entry = configuration["mcpServers"]["okta-actions"]
        assert entry["url"] == server.url
        assert post(entry["url"], **entry["headers"]).status_code == 200
        (line,) = [line for line in server.announced.splitlines() if line.startswith("Try:")]
        tried = subprocess.run(line.removeprefix("Try:"), shell=True, env=environment(), capture_output=True, text=True)
        assert tried.returncode == 0, tried.stderr
        assert JANE in tried.stdout
        assert "Data:" in server.announced
        assert server.end(number) == 0
        assert server.errors == ""


async def test_the_token_is_required_and_stays_the_same(program: Program) -> None:
    with HttpServer(free_port()) as server:
        first = server.token
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {first}"}):
            answer = post(server.url, **headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        assert httpx2.get(server.url.replace("/mcp", "/anything")).status_code == 401
        for era in ERAS:
            async with over_http(server, era) as client:
                assert (await call(client, "lookup_user", user_id=JANE))["login"] == JANE
    with HttpServer(free_port()) as server:
        assert server.token == first


async def test_without_authentication_anybody_on_this_machine_comes_in(program: Program) -> None:
    with HttpServer(free_port(), "--no-auth") as server:
        assert server.token is None
        assert "headers" not in server.announced
        async with over_http(server, "legacy") as client:
            assert (await call(client, "lookup_user", user_id=JANE))["login"] == JANE


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.com"])
def test_without_authentication_no_other_address_is_served(host: str) -> None:
    command = [COMMAND, "serve", "--http", "--no-auth", "--host", host, "--port", str(free_port())]
    refused = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=20)
    assert refused.returncode == 1
    assert "--no-auth admits anyone" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_another_sites_page_cannot_reach_it() -> None:
    with HttpServer(free_port(), "--no-auth") as server:
        assert post(server.url, origin="https://evil.example.com").status_code == 403
        assert post(server.url, host="evil.example.com").status_code == 421


def test_a_taken_port_is_said_in_two_lines() -> None:
    with HttpServer(free_port()) as server:
        port = server.url.split(":")[2].split("/")[0]
        second = subprocess.run(
            [COMMAND, "serve", "--http", "--port", port], env=environment(), capture_output=True, text=True, timeout=20
        )
    assert second.returncode == 1
    assert second.stdout == ""
    assert f"Port {port}" in second.stderr
    assert "--port" in second.stderr
    assert len(second.stderr.splitlines()) == 2


async def test_a_call_under_way_does_not_keep_it_from_ending(program: Program, org: Org) -> None:
    org.trouble({"kind": "delay", "seconds": 15, "path": "/api/v1/users", "times": 9})
    with HttpServer(free_port()) as server:
        with contextlib.suppress(Exception):  # whatever the client makes of it
            async with over_http(server, "legacy") as client:
                under_way = asyncio.create_task(client.call_tool("lookup_user", {"user_id": JANE}))
                await asyncio.sleep(1)
                began = time.monotonic()
                assert await anyio.to_thread.run_sync(server.end) == 0
                under_way.cancel()
        assert server.process.returncode == 0
        assert time.monotonic() - began < 8


async def test_a_disconnected_server_goes_on_and_is_connected_again_while_it_runs(
    program: Program, sandbox: Any
) -> None:

    with HttpServer(free_port()) as server:
        async with over_http(server, "legacy") as client:
            assert (await call(client, "lookup_user", user_id=JANE))["login"] == JANE
            await program.connections.disconnect()
            result = await client.call_tool("lookup_user", {"user_id": JANE})
            assert "okta-actions connect" in said(result)
            await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)
            assert (await call(client, "lookup_user", user_id=JANE))["login"] == JANE
