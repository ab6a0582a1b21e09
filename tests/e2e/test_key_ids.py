"""A key pair that Okta made has an ID that Okta chose: it is given beside the key, and named where it is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from apps import service_app
from server.connections.keys import Key, generate
from server.sandbox.running import RunningSandbox
from tools.catalogue import needed_scopes

PROGRAM = str(Path(sys.executable).with_name("okta-actions"))


def connect(
    sandbox: RunningSandbox, client_id: str, *options: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    command = [PROGRAM, "connect", "--org-url", sandbox.url, "--client-id", client_id]
    environment = {**os.environ, **{f"OKTA_ACTIONS_{name}": value for name, value in variables.items()}}
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    )


@pytest.fixture(params=["EC", "RSA"])
def key(request: pytest.FixtureRequest) -> Key:
    return generate(request.param)


@pytest.fixture
def pem(key: Key, tmp_path: Path) -> Path:
    file = tmp_path / "key.pem"
    file.write_bytes(key.as_pem(private=True))
    return file


def test_a_key_connects_under_the_id_that_okta_chose(
    sandbox: RunningSandbox, http: httpx2.Client, key: Key, pem: Path
) -> None:
    client_id, kid = service_app(http, key, *needed_scopes())
    assert kid != key.thumbprint()
    given = ("--service", "--private-key-file", str(pem))
    wrong = connect(sandbox, client_id, *given)
    assert wrong.returncode == 1
    for said in (key.thumbprint(), "--kid", "Admin Console", "Client Credentials"):
        assert said in wrong.stderr
    assert connect(sandbox, client_id, *given, "--kid", kid).returncode == 0
    # It is kept with the key: connecting again needs neither.
    assert connect(sandbox, client_id).returncode == 0
    other = connect(sandbox, client_id, "--kid", "of-another-key")
    assert "“of-another-key”" in other.stderr
    assert connect(sandbox, client_id, "--kid", kid).returncode == 0


def test_the_variables_say_it_too(sandbox: RunningSandbox, http: httpx2.Client, key: Key, pem: Path) -> None:
    client_id, kid = service_app(http, key, *needed_scopes())
    variables = {"PRIVATE_KEY": pem.read_text(), "PRIVATE_KEY_ID": kid}
    done = connect(sandbox, client_id, "--service", **variables)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kid", ["", " ", "a\nb", "x" * 300])
def test_what_is_no_key_id_is_refused(sandbox: RunningSandbox, pem: Path, kid: str) -> None:
    refused = connect(sandbox, "0oa1", "--service", "--private-key-file", str(pem), "--kid", kid)
    assert refused.returncode in (1, 2)
    assert "kid" in refused.stderr
    assert "fault" not in refused.stderr


def test_an_id_without_a_key_is_refused(sandbox: RunningSandbox) -> None:
    assert "--private-key-file" in connect(sandbox, "0oa1", "--service", "--kid", "x").stderr
