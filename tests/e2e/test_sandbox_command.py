"""`okta-actions sandbox`: what it prints is all that clients of every kind need to come in."""

import json
import re
import shlex
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from surface import COMMAND, environment, free_port
from tools.catalogue import needed_scopes
from tools.okta.scopes import ROLES

RSA, EC = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
JANE = "jane.doe@example.com"


@contextmanager
def sandbox(*options: str) -> Iterator[str]:
    """The command as a process; what it printed until it was ready."""
    command = [COMMAND, "sandbox", "--port", str(free_port()), *options]
    process = subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    assert process.stderr is not None
    told = ""
    try:
        for line in process.stdout:
            told += line
            if line.startswith("Stop with"):
                break
        else:
            raise AssertionError(process.stderr.read())
        yield told
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def run(line: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """A line as somebody pastes it into a shell."""
    _, *arguments = shlex.split(line)
    return subprocess.run([COMMAND, *arguments], env=environment() | more, capture_output=True, text=True, timeout=60)


def pasted(told: str, part: str) -> str:
    """The printed command that has this in it."""
    (found,) = (line.strip() for line in told.splitlines() if line.startswith("  okta-actions") and part in line)
    return found


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_service_app_connects_by_pasting_what_was_printed(tls: bool, tmp_path: Path) -> None:
    with sandbox(*(["--tls"] if tls else [])) as told:
        trust = dict(re.findall(r"^  export (\w+)=(\S+)$", told, re.MULTILINE))
        assert set(trust) == ({"OKTA_ACTIONS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} if tls else set())
        if tls:
            assert run(pasted(told, "--private-key-file")).returncode != 0, "nobody trusts it unasked"
        connected = run(pasted(told, "--private-key-file"), **trust)
        assert connected.returncode == 0, connected.stderr
        assert "service app, without a person" in connected.stderr
        scopes = re.search(r"^scopes\t(.+)$", connected.stdout, re.MULTILINE)
        assert scopes is not None
        assert set(scopes[1].split()) == {*needed_scopes(), ROLES}, "it asks for no more than it needs"
        found = run(f"okta-actions call lookup_user --user-id {JANE} --json", **trust)
        assert json.loads(found.stdout)["status"] == "ACTIVE"


def test_the_key_that_is_made_is_the_owners_alone_stays_and_is_no_thumbprints_namesake(tmp_path: Path) -> None:
    with sandbox() as told:
        file = Path(re.search(r"private key (\S+), kid (\S+)", told)[1])  # type: ignore[index]
    key = RSAKey.import_key(json.loads(file.read_text()))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert key.kid != key.thumbprint()
    assert f"kid {key.kid}" in told
    assert str(key.as_dict(private=True)["d"]) not in told
    with sandbox() as again:
        assert f"kid {key.kid}" in again
    file.write_text("{}")
    refused = run(f"okta-actions sandbox --port {free_port()}")
    assert (refused.returncode, "is not the key that the sandbox put there" in refused.stderr) == (1, True)


@pytest.mark.parametrize("form", ["RSA PEM", "EC PEM", "EC JWK", "JWK set"])
def test_ones_own_public_key_is_taken_in_every_form(form: str, tmp_path: Path) -> None:
    key: RSAKey | ECKey = RSA if form.startswith("RSA") else EC
    jwk = {**key.as_dict(private=False), "kid": "mine"}
    public, private = tmp_path / "public", tmp_path / "private.jwk"
    if form.endswith("PEM"):
        public.write_bytes(key.as_pem(private=False))
    else:
        public.write_text(json.dumps({"keys": [jwk]} if form == "JWK set" else jwk))
    with sandbox("--public-key", str(public)) as told:
        kid = re.search(r"private key yours, kid (\S+)", told)[1]  # type: ignore[index]
        assert (kid == "mine") is not form.endswith("PEM")
        assert kid != key.thumbprint()
        private.write_text(json.dumps({**key.as_dict(private=True), "kid": kid}))
        connected = run(pasted(told, "--private-key-file").replace("FILE", str(private)))
        assert connected.returncode == 0, connected.stderr


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        ("", "neither a JWK nor PEM"),
        ("{", "neither a JWK nor PEM"),
        ("[]", "neither a JWK nor PEM"),
        ('{"keys": []}', "neither a JWK nor PEM"),
        ('{"kty": "oct", "k": "abc"}', "key type"),
        (EC.as_pem(private=True).decode(), "it holds a private key"),
        (json.dumps(EC.as_dict(private=True)), "private key parts"),
        (RSAKey.generate_key(1024).as_pem(private=False).decode(), "at least 2048 bits"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_file_that_has_no_public_key_is_refused_with_the_reason(
    content: str | None, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
    refused = run(f"okta-actions sandbox --port {free_port()} --public-key {file}")
    assert refused.returncode == 1, refused.stdout
    assert why in refused.stderr
    assert str(EC.as_dict(private=True)["d"]) not in refused.stderr
