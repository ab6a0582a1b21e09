"""Okta's own SDK as an independent judge: a full story with people and groups, in every way that it can prove itself.

The app is made over the wire, as an administrator's script would make it, with a key whose name Okta chose.
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from joserfc.jwk import RSAKey

from apps import service_app, token
from server.sandbox.running import RunningSandbox

STORY = Path(__file__).with_name("official_sdk_story.py")
KEY = RSAKey.generate_key(2048)
SCOPES = ("okta.users.manage", "okta.groups.manage")


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


@pytest.mark.parametrize("mode", ["private-key", "dpop"])
def test_the_sdk_story_with_a_private_key(sandbox: RunningSandbox, http: httpx2.Client, mode: str) -> None:
    id, kid = service_app(http, KEY, *SCOPES, dpop=mode == "dpop")
    play(sandbox, mode, id, kid, KEY.as_pem(private=True).decode())


def test_the_sdk_story_with_an_access_token(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    id, kid = service_app(http, KEY, *SCOPES)
    play(sandbox, "bearer", token(http, id, KEY, kid, " ".join(SCOPES)).json()["access_token"])
