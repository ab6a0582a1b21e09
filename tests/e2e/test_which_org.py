"""Servers and commands, as processes, on the org that the person meant."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Browser
from connected_org import API_TOKEN, Org
from server.connections.book import keep
from server.connections.keys import dumped, generate, public
from server.connections.manager import App
from server.connections.models import Credentials, Tokens
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox
from server.settings import Settings
from surface import COMMAND, call, environment, free_port, over_stdio, refused, said
from terminal import Terminal
from tools.catalogue import needed_scopes

JANE = "jane.doe@example.com"


def run(*arguments: str, input: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment() | more, input=input, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def second(redirect_uri: str) -> Iterator[RunningSandbox]:
    """Another org, with people of the same logins."""
    with RunningSandbox(port=free_port(), api_token=API_TOKEN, redirect_uris=[redirect_uri]) as running:
        yield running


async def connect(settings: Settings, sandbox: RunningSandbox, name: str) -> None:
    key = generate()
    id, _ = register_client(
        sandbox.org,
        "A service",
        grant_types=["client_credentials"],
        scopes=(*needed_scopes(), "okta.roles.read"),
        jwks={"keys": [public(key)]},
    )
    async with Program(settings) as program:
        app = App(sandbox.url, id, Credentials(private_key=dumped(key)))
        await program.connections.connect_service(app, name=name)


def listed() -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in json.loads(run("connections", "--json").stdout)}


async def test_use_moves_no_server_that_runs(
    connected: None, settings: Settings, org: Org, second: RunningSandbox
) -> None:
    await connect(settings, second, "other")
    async with over_stdio("legacy") as client:
        assert (await call(client, "lookup_user", user_id=JANE))["login"] == JANE
        used = run("use", "other")
        assert used.returncode == 0
        assert f"other ({second.url}" in used.stderr
        assert "restarted" in used.stderr
        await call(client, "suspend_user", user_id=JANE)
        (told,) = (await client.read_resource("okta://connection")).contents
        assert "default connection is now “other”" in getattr(told, "text", "")
    assert org.user(JANE)["status"] == "SUSPENDED"
    assert json.loads(run("call", "lookup_user", "--user-id", JANE, "--json").stdout)["status"] == "ACTIVE"


async def test_what_a_refusal_says_to_type_acts_on_the_org_that_was_meant(
    connected: None, settings: Settings, org: Org, second: RunningSandbox
) -> None:
    await connect(settings, second, "other")
    async with over_stdio("legacy", None, "--connection", "other") as client:
        told = said(await refused(client, "deactivate_user", user_id=JANE))
    command = told.partition("let a person run: ")[2].split()
    assert command[:5] == ["okta-actions", "call", "deactivate_user", "--connection", "other"]
    with Terminal(*command[1:]) as terminal:
        terminal.until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert org.user(JANE)["status"] == "ACTIVE"
    there = json.loads(run("call", "lookup_user", "--user-id", JANE, "--connection", "other", "--json").stdout)
    assert there["status"] == "DEPROVISIONED"


def test_connect_writes_under_its_own_name_and_says_so(sandbox: RunningSandbox, tmp_path: Path) -> None:
    file = tmp_path / "key.jwk"
    jwk = json.loads(run("keygen", "--file", str(file)).stdout)

    def app() -> list[str]:
        id, _ = register_client(
            sandbox.org, "S", grant_types=["client_credentials"], scopes=needed_scopes(), jwks={"keys": [jwk]}
        )
        return ["connect", "--org-url", sandbox.url, "--client-id", id, "--private-key-file", str(file)]

    first = app()
    made = run(*first, OKTA_ACTIONS_CONNECTION="sandbox")
    assert made.returncode == 0, made.stderr
    assert "The connection is called “default”." in made.stderr
    assert set(listed()) == {"default"}
    # Another app under its name is refused before a secret is asked for; the same one is not.
    taken = run(*app())
    assert taken.returncode == 1
    assert sandbox.url in taken.stderr
    assert "--replace" in taken.stderr
    assert run(*first).returncode == 0
    assert run(*app(), "--replace").returncode == 0
    for name in ("sandbox", "http", "*journal", "a b", "${NAME}"):
        no = run(*app(), "--name", name)
        assert no.returncode == 1, name
        assert len(no.stderr.splitlines()) == 2
    assert set(listed()) == {"default"}


# Disconnecting


async def test_disconnect_takes_only_names_that_there_are(
    connected: None, settings: Settings, sandbox: RunningSandbox
) -> None:
    await connect(settings, sandbox, "prod")
    for arguments in (["nope"], ["nope", "--all"], ["prod", "nope"], ["prod", "nope", "--yes"], ["nope", "--force"]):
        no = run("disconnect", *arguments)
        assert no.returncode == 4, arguments
        assert "“nope”" in no.stderr
        assert "default, prod" in no.stderr
    assert run("disconnect", "prod", "--all", "--yes").returncode == 1
    alone = run("disconnect", "prod", input="y\n")
    assert alone.returncode == 1
    assert "--yes" in alone.stderr
    assert sandbox.url in alone.stderr
    assert set(listed()) == {"default", "prod"}
    gone = run("disconnect", "prod", "--yes")
    assert gone.returncode == 0
    assert f"Disconnected prod ({sandbox.url}" in gone.stderr
    assert set(listed()) == {"default"}


@pytest.mark.parametrize(
    ("typed", "code", "left"), [("n\n", 3, {"default"}), ("\n", 3, {"default"}), ("y\n", 0, set())]
)
def test_disconnect_asks_and_says_what_about(
    connected: None, sandbox: RunningSandbox, typed: str, code: int, left: set[str]
) -> None:
    with Terminal("disconnect") as terminal:
        question = terminal.until("[y/N]")
        for word in ("default", sandbox.url, sandbox.demo.admin_login):
            assert word in question
        terminal.type(typed)
        assert terminal.end() == code
    assert set(listed()) == left


# The sandbox's name


async def test_a_real_org_that_has_the_sandboxs_name_is_left_alone(
    connected: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
    async with Program(settings) as program:
        found = await program.connections.connected()
        real = found.model_copy(update={"name": "sandbox", "org_url": "https://real.okta.com"})
        tokens = Tokens("token", None, 1e11, ("okta.users.read",))
        await program.store.run(lambda database: keep(database, real, Credentials(), tokens, None))
    for command in (["serve", "--sandbox"], ["serve", "--http", "--port", str(free_port()), "--sandbox"]):
        no = run(*command)
        assert no.returncode == 1, no
        assert "https://real.okta.com" in no.stderr
        assert no.stdout == ""
    assert listed()["sandbox"]["org_url"] == "https://real.okta.com"


# What children inherit

SECRETS = {
    "OKTA_ACTIONS_CLIENT_SECRET": "hidden-1",
    "OKTA_ACTIONS_API_TOKEN": "hidden-2",
    "OKTA_ACTIONS_MCP_TOKEN": "hidden-3",
    "OKTA_ACTIONS_PRIVATE_KEY": "hidden-4",
    "OKTA_ACTIONS_PASSPHRASE": "hidden-5-passphrase",
    "OKTA_ACTIONS_NEW_VAULT_KEY": "hidden-6",
    "OKTA_ACTIONS_PROXY": "http://me:hidden-7@127.0.0.1:9",
    "OPENAI_API_KEY": "hidden-8",
}


def teller(folder: Path, rest: str = "") -> tuple[Path, Path]:
    """A program that writes down the environment it was given, and where it does."""
    program, told = folder / "teller", folder / "told"
    program.write_text(f"#!/bin/sh\nenv > {told}\n{rest}\n")
    program.chmod(0o700)
    return program, told


def test_the_vault_keys_command_inherits_no_secret(tmp_path: Path) -> None:
    program, told = teller(tmp_path, "echo MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    (tmp_path / "data").mkdir(mode=0o700)
    rotated = run("doctor", **SECRETS, OKTA_ACTIONS_VAULT_KEY_COMMAND=str(program), PATH_TO_MANAGER="kept")
    assert "vault" in rotated.stdout, rotated.stderr
    inherited = told.read_text()
    assert "PATH_TO_MANAGER=kept" in inherited
    assert "hidden" not in inherited


def test_the_browser_inherits_no_secret(sandbox: RunningSandbox, tmp_path: Path) -> None:
    program, told = teller(tmp_path, f'echo "$1" > {tmp_path}/address')
    demo = sandbox.demo
    process = subprocess.Popen(
        [COMMAND, "connect", "--org-url", sandbox.url, "--client-id", demo.client_id],
        env=environment()
        | {"OKTA_ACTIONS_CLIENT_SECRET": demo.client_secret, "OPENAI_API_KEY": "hidden"}
        | {"DISPLAY": ":9", "BROWSER": str(program)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    url = next(line for line in process.stderr if line.startswith("http")).strip()
    Browser.signed_in(sandbox).open(url)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert (tmp_path / "address").read_text().strip() == url
    assert "hidden" not in told.read_text()
    assert demo.client_secret not in told.read_text()


def test_an_mcp_server_that_is_started_inherits_no_secret(tmp_path: Path) -> None:
    program, told = teller(tmp_path, "exit 1")
    script = tmp_path / "script.json"
    script.write_text("[]")
    run("ask", "--command", str(program), "x", **SECRETS | {"OKTA_ACTIONS_PROXY": ""})
    assert "HOME=" in told.read_text() or "PATH=" in told.read_text()
    assert "hidden" not in told.read_text()
