"""The sign-ins as a person does them: in a real browser, with a keyboard and a mouse."""

import subprocess
from pathlib import Path

from chromium import Chromium, needed
from server.sandbox.authorization.clients import register_client
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.running import RunningSandbox
from surface import COMMAND, environment
from tools.catalogue import needed_scopes


def connecting(*arguments: str, **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [COMMAND, "connect", *arguments],
        env=environment() | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    return next(line for line in process.stderr if line.startswith("http")).strip()


def sign_in(chromium: Chromium, sandbox: RunningSandbox) -> None:
    chromium.type("input[name=username]", sandbox.demo.admin_login)
    chromium.type("input[name=password]", sandbox.demo.admin_password)
    chromium.click("button")
    chromium.click("button[value=allow]")


def test_the_browser_flow(sandbox: RunningSandbox, redirect_uri: str, tmp_path: Path) -> None:
    needed()
    id, secret = register_client(sandbox.org, "Web app", redirect_uris=[redirect_uri], scopes=needed_scopes())
    process = connecting("--org-url", sandbox.url, "--client-id", id, OKTA_ACTIONS_CLIENT_SECRET=secret or "")
    with Chromium(tmp_path / "profile") as chromium:
        chromium.open(address(process))
        sign_in(chromium, sandbox)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "Signed in" in chromium.text
    assert f"Connected to {sandbox.url}" in err
    assert "deactivate_user" in out


def test_the_device_flow(sandbox: RunningSandbox, redirect_uri: str, tmp_path: Path) -> None:
    needed()
    id, _ = register_client(
        sandbox.org, "Device app", grant_types=["refresh_token", DEVICE_CODE], scopes=needed_scopes(), secret=False
    )
    process = connecting("--device", "--public", "--org-url", sandbox.url, "--client-id", id)
    with Chromium(tmp_path / "profile") as chromium:
        chromium.open(address(process))
        sign_in(chromium, sandbox)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "Device connected" in chromium.text
    assert "no client secret" in err
