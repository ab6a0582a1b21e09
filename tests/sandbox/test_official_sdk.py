"""Okta's own SDK as an independent judge: a full story with people and groups, by API token and by private key."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox

STORY = Path(__file__).with_name("official_sdk_story.py")


def play(sandbox: RunningSandbox, mode: str, *credentials: str) -> None:
    """In a process of its own: importing the SDK takes seconds and patches what it shares."""
    told = subprocess.run(
        [sys.executable, str(STORY), sandbox.url, mode],
        input="\n".join(credentials),
        env={**os.environ, "OKTA_TESTING_TESTINGDISABLEHTTPSCHECK": "true"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "the end"


def test_the_sdk_story_with_an_api_token(sandbox: RunningSandbox) -> None:
    play(sandbox, "token", sandbox.demo.api_token)


@pytest.mark.parametrize("bits", [2048])
def test_the_sdk_story_with_a_private_key(sandbox: RunningSandbox, bits: int) -> None:
    key = RSAKey.generate_key(bits, auto_kid=True)
    id, _ = register_client(
        sandbox.org,
        "The SDK",
        grant_types=["client_credentials"],
        scopes=["okta.users.manage", "okta.groups.manage"],
        jwks={"keys": [key.as_dict(private=False)]},
    )
    play(sandbox, "private-key", id, key.as_pem(private=True).decode())
