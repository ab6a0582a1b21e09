"""The desk tells data: each command's JSON is one of its models, and holds no text made for display."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from connected_org import Org
from server.desk.actions import ActionShown
from server.desk.approvals import Approval
from server.desk.connections import ConnectionShown, Status
from server.desk.doctor import Finding
from server.desk.failure import Failure
from server.desk.http_token import Token
from server.desk.journal import EntryShown, Reconciled, Record
from server.desk.policy import InForce
from server.desk.retention import VerdictShown
from surface import COMMAND, environment

JANE = "jane.doe@example.com"
MODELS: dict[tuple[str, ...], Any] = {
    ("status", "--json"): Status,
    ("connections", "--json"): list[ConnectionShown],
    ("actions", "--json"): list[ActionShown],
    ("policy", "--json"): InForce,
    ("doctor", "--json"): list[Finding],
    ("approve", "--json"): list[Approval],
    ("journal", "list", "--json"): list[EntryShown],
    ("journal", "show", "1", "--json"): Record,
    ("journal", "verify", "--json"): VerdictShown,
    ("journal", "reconcile", "--json"): list[Reconciled],
    ("token", "show", "--print", "--json"): Token,
}
COUNTED = re.compile(r"^\d+ of \d+$")
SENTENCES = frozenset(
    (
        "summary",
        "told",
        "why",
        "why_not",
        "reason",
        "text",
        "how",
        "warnings",
        "repair",
        "next_step",
        "asks",
        "undone_by",
    )
) | {
    "not_here",
    "remarks",
    "next",
    "notes",
    "problems",
    "description",
    "arguments",
    "before",
    "wanted",
    "after",
    "targets",
}
"""What is a sentence, or somebody else's text."""


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env={**environment(), **more}, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def lived_in(connected: None, org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """An org with a change, an undo of it, a refusal and a request that waits."""
    monkeypatch.setenv("OKTA_ACTIONS_CHANGE_REQUESTS", "true")
    for arguments in (
        ("call", "suspend_user", "--user-id", JANE),
        ("undo", "1"),
        ("call", "suspend_user", "--user-id", "okta-actions@example.com"),
        ("call", "deactivate_user", "--user-id", JANE, "--reason", "She left: INC1"),
    ):
        run(*arguments)


def displayed(value: Any, place: str = "") -> Iterator[str]:
    """What looks like text for display: counts in words, lists in one text."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in SENTENCES:
                yield from displayed(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from displayed(inner, f"{place}[]")
    elif isinstance(value, str):
        words = value.split()
        scopes = len(words) > 1 and all(word.startswith("okta.") for word in words)
        if COUNTED.match(value) or scopes or value.endswith(" *") or " over command line" in value:
            yield f"{place}: {value}"


@pytest.mark.parametrize("command", MODELS, ids=" ".join)
def test_what_a_command_tells_as_json_is_a_model_of_the_desk(lived_in: None, command: tuple[str, ...]) -> None:
    told = run(*command)
    assert told.returncode == 0, told.stderr
    value, adapter = json.loads(told.stdout), TypeAdapter(MODELS[command])
    adapter.validate_python(value, strict=False)
    assert adapter.dump_python(adapter.validate_python(value), mode="json") == value
    Draft202012Validator(adapter.json_schema(mode="serialization")).validate(value)
    assert value or command[1] == "reconcile", "an empty list is no test"
    assert list(displayed(value)) == []


def test_who_did_something_is_an_object(lived_in: None) -> None:
    listed = json.loads(run("journal", "list", "--json").stdout)
    assert {one["by"]["surface"] for one in listed} == {"command line"}
    assert {one["kind"] for one in listed} >= {"change", "refused"}
    waiting = json.loads(run("approve", "--json").stdout)
    assert [(one["action"], one["reason"], one["by"]["issuer"]) for one in waiting] == [
        ("deactivate_user", "She left: INC1", "local")
    ]


@pytest.mark.parametrize(
    ("command", "code", "exit_code"),
    [
        (("journal", "show", "99", "--json"), "not_found", 1),
        (("journal", "show", "x", "--json"), "invalid_input", 1),
        (("status", "--connection", "no name", "--json"), "invalid_setting", 1),
        (("actions", "--connection", "${X}", "--json"), "invalid_setting", 1),
        (("call", "lookup_user", "--user-id", "nobody@example.com", "--json"), "not_found", 1),
        (("call", "suspend_user", "--user-id", "okta-actions@example.com", "--json"), "refused_by_policy", 1),
        (("ask", "Hello.", "--json"), "no_model", 1),
        (("token", "show", "--json"), "not_a_terminal", 1),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_a_command_that_fails_tells_why_as_json(
    connected: None, org: Org, command: tuple[str, ...], code: str, exit_code: int
) -> None:
    failed = run(*command)
    assert failed.returncode == exit_code, failed.stderr
    value = json.loads(failed.stdout)
    told = TypeAdapter(Failure).validate_python(value)
    Draft202012Validator(Failure.model_json_schema(mode="serialization")).validate(value)
    assert told.error.code == code
    assert told.error.summary in failed.stderr.replace("\n", " ")


def test_what_okta_refused_tells_its_code_and_request(connected: None, org: Org) -> None:
    unknown = ("--attributes", "noSuchThing=x")
    refused = run("call", "update_user_profile", "--user-id", JANE, *unknown, "--json")
    error = json.loads(refused.stdout)["error"]
    assert (error["by"], error["code"]) == ("okta", "E0000001"), error
    assert error["causes"]
    assert error["okta_request_id"]
