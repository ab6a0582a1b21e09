"""No secret stands anywhere but encrypted in the store: not in what is printed, answered or left in files."""

import json
import subprocess
from pathlib import Path

import anyio
import pytest

from browser import Browser
from connected_org import Org
from server.connection_names import Owner
from server.connections.book import read_credentials, read_tokens
from server.connections.keys import generate, public
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox
from server.settings import load
from surface import COMMAND, YES, HttpServer, Person, environment, free_port, over_http, over_stdio
from tools.catalogue import needed_scopes


def kept() -> dict[str, str]:
    """What the vault keeps, opened."""

    async def read() -> dict[str, str]:
        async with Program(load()) as program:
            tokens = await program.store.run(lambda database: database.vault.get("default", "tokens"))
            credentials = await program.store.run(lambda database: read_credentials(database, "default"))
            http = await program.store.run(lambda database: database.vault.get(Owner.HTTP, "token"))
        found = json.loads(tokens or b"{}")
        return {
            "access token": found["access_token"],
            "refresh token": found["refresh_token"],
            "client secret": credentials.client_secret or "",
            "http token": (http or b"").decode(),
        }

    return anyio.run(read)


def test_no_secret_is_printed_answered_or_left_in_a_file(
    sandbox: RunningSandbox, redirect_uri: str, org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    demo = sandbox.demo
    new = {"first_name": "Can", "last_name": "Ary", "login": "canary@example.com", "email": "canary@example.com"}

    def run(*arguments: str, **more: str) -> None:
        done = subprocess.run([COMMAND, *arguments], env=environment() | more, capture_output=True, text=True)
        said.extend((done.stdout, done.stderr))

    connecting = subprocess.Popen(
        [COMMAND, "--debug", "connect", "--org-url", sandbox.url, "--client-id", demo.client_id],
        env=environment() | {"OKTA_ACTIONS_CLIENT_SECRET": demo.client_secret},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert connecting.stderr is not None
    url = next(line for line in connecting.stderr if line.startswith("http")).strip()
    page = Browser.signed_in(sandbox).open(url)
    code = page.url.split("code=")[1].split("&")[0]
    said.extend(connecting.communicate(timeout=30))

    async def story() -> None:
        with HttpServer(free_port()) as server:
            for reached in (over_stdio("legacy", Person(YES)), over_http(server, "2026-07-28", Person(YES))):
                async with reached as client:
                    for name, arguments in (
                        ("create_user", {**new, "send_email": False}),
                        ("activate_user", {"user_id": new["login"], "send_email": False}),
                        ("deactivate_user", {"user_id": new["login"]}),
                        ("activate_user", {"user_id": new["login"], "send_email": False}),
                        ("lookup_user", {"user_id": "me"}),
                    ):
                        said.append((await client.call_tool(name, arguments)).model_dump_json())
                    for uri in ("okta://connection", "okta://actions"):
                        said.append((await client.read_resource(uri)).model_dump_json())
            server.end()
            said.extend((server.rest, server.errors))

    anyio.run(story)
    org.trouble({"kind": "status", "status": 500, "path": "/api/v1", "times": 2})
    run("--debug", "call", "lookup_user", "--user-id", new["login"])
    for command in ("status", "actions"):
        run(command)
        run(command, "--json")
    secrets = {**kept(), "code": code, "vault key": (load().data_dir / "vault.key").read_text().strip()}
    assert all(len(secret) > 20 for secret in secrets.values()), secrets.keys()
    run("disconnect")

    printed = "\n".join(said)
    assert new["login"] in printed
    assert [name for name, secret in secrets.items() if secret in printed] == []
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "vault.key"}
    assert files
    found = [(path.name, name) for path, held in files.items() for name, s in secrets.items() if s.encode() in held]
    assert found == []


def test_no_key_is_printed_answered_or_left_in_a_file(
    sandbox: RunningSandbox, redirect_uri: str, org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    key = generate("RSA")
    id, _ = register_client(
        sandbox.org,
        "Service",
        grant_types=["client_credentials"],
        scopes=needed_scopes(),
        jwks={"keys": [public(key)]},
        dpop=True,
    )
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_API_TOKEN", "true")

    def run(*arguments: str, **more: str) -> None:
        done = subprocess.run(
            [COMMAND, "--debug", *arguments], env=environment() | more, capture_output=True, text=True
        )
        said.extend((done.stdout, done.stderr))

    pem = key.as_pem(private=True).decode()
    run("connect", "--name", "app", "--org-url", sandbox.url, "--client-id", id, OKTA_ACTIONS_PRIVATE_KEY=pem)
    token = {"OKTA_ACTIONS_API_TOKEN": sandbox.demo.api_token}
    run("connect", "--name", "token", "--org-url", sandbox.url, "--api-token", **token)
    for name in ("app", "token"):
        run("call", "lookup_user", "--connection", name, "--user-id", "jane.doe@example.com", "--json")
        run("status", "--connection", name)
        run("doctor", "--connection", name)
    org.trouble({"kind": "status", "status": 500, "path": "/oauth2/v1/token", "times": 5})
    run("connect", "--name", "app", "--add-scopes")

    async def read() -> list[str]:
        async with Program(load()) as program:
            app = await program.store.run(lambda database: read_credentials(database, "app"))
            tokens = await program.store.run(lambda database: read_tokens(database, "app"))
        assert tokens is not None
        bound = json.loads(app.dpop_key or "{}")
        return [str(key.as_dict(private=True)["d"]), bound["d"], tokens.access_token, sandbox.demo.api_token]

    secrets = anyio.run(read)
    printed = "\n".join(said)
    assert printed.count("jane.doe@example.com") >= 2
    assert "Traceback" in printed
    assert [number for number, secret in enumerate(secrets) if secret in printed] == []
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert [number for number, secret in enumerate(secrets) if secret.encode() in held] == []
