"""Attributes that are hidden: every one has a value of its own in the directory, and no surface ever shows one."""

import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import PromptReference, ResourceTemplateReference

from connected_org import Org
from ledger import CALLER, JANE, journaled
from server.door.door import Answer, Call, Question, Refusal, Result
from server.journal.chain import rows
from server.policy.hidden import Hidden
from server.policy.rules import PolicyRefusal
from server.program import Program
from server.settings import load
from surface import COMMAND, YES, Person, environment, over_stdio
from tools.objects.attribute_names import FIELDS, NAMED, OTHERS
from tools.okta.errors import InvalidInput
from worlds import CALLED, read_names

MARKER = "zqx"
LOGIN = "hilda.hide@example.com"
SHOWN = {"login", "firstName", "lastName"}
VALUES: dict[str, Any] = {
    name: {"email": f"{MARKER}1@mail-{MARKER}.example.com", "secondEmail": f"{MARKER}2@mail-{MARKER}.example.com"}.get(
        name, f"{MARKER}{at:02}"
    )
    for at, name in enumerate((*FIELDS, *OTHERS))
    if name not in SHOWN and name not in ("countryCode", "preferredLanguage", "locale", "timezone", "profileUrl")
}
"""What the directory has of the person, by attribute: each value can be told from all others."""
HIDDEN = ("*",)
SPELLINGS = ["mobilePhone", "mobile_phone", "MOBILEPHONE", "profile.mobilePhone", "mobile*", "*Phone", "m*_phone"]


def patterns() -> str:
    return ",".join(HIDDEN)


@pytest.fixture
def hilda(org: Org) -> dict[str, Any]:
    return org.create(LOGIN, password="Correct-Horse-9", **VALUES)


@asynccontextmanager
async def hiding(*hidden: str, **rules: Any) -> AsyncIterator[Program]:
    async with Program(load(hidden_attributes=hidden, **rules)) as program:
        yield program


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment() | more, input="", capture_output=True, text=True, timeout=60
    )


async def told(program: Program, name: str, answer: Answer | None = None, **arguments: Any) -> str:
    """All that a surface gets of a call: the answer, the error or the question."""
    outcome = await program.door.call(Call(CALLER, name, arguments, answer))
    match outcome:
        case Result():
            return json.dumps([outcome.content, outcome.notes])
        case Refusal():
            return json.dumps([str(outcome.error), outcome.error.details()])
        case Question():
            return outcome.text + outcome.line + json.dumps(str(outcome.parts))
    raise AssertionError(outcome)


def calls(hilda: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each action on the person, in every way in which it answers, asks or fails."""
    user = {"user_id": hilda["id"]}
    clear = [name for name in VALUES if name not in ("email",)]
    fields = [*NAMED, *OTHERS, *(f"profile.{name}" for name in VALUES)]
    return [
        *((name, user) for name in ("lookup_user", "list_user_groups", "list_user_applications")),
        ("search_users", {"words": "hilda", "fields": fields}),
        ("search_users", {"words": "mail"}),
        ("search_users", {"words": "hilda"}),
        ("count_users", {"words": "hilda", "by": "department"}),
        ("get_user_schema", {}),
        ("export_users", {"words": "hilda", "fields": fields}),
        ("export_group_members", {"group_id": "Everyone", "fields": fields}),
        ("add_user_to_group", {**user, "group_id": "Legal"}),
        ("add_user_to_group", {**user, "group_id": "Legal"}),
        ("list_group_members", {"group_id": "Legal", "fields": fields}),
        ("add_user_to_group", {**user, "group_id": "Night Desk"}),
        ("assign_user_to_application", {**user, "application_id": "Slack"}),
        ("list_application_users", {"application_id": "Slack"}),
        ("explain_user_access", {**user, "application_id": "Slack"}),
        ("explain_user_access", {**user, "group_id": "Legal"}),
        ("unassign_user_from_application", {**user, "application_id": "Slack"}),
        ("update_user_profile", {**user, "clear": clear, "dry_run": True}),
        ("update_user_profile", {**user, "department": "Own", "second_email": "own@example.com", "dry_run": True}),
        ("update_user_profile", {**user, "department": "Own"}),
        ("update_user_profile", {**user, "attributes": {"city": "Own", "nickName": "Own"}, "cost_center": "Own"}),
        ("update_user_profile", {**user, "clear": clear}),
        ("update_user_profile", {**user, "clear": ["email"]}),
        ("create_user", {"first_name": "A", "last_name": "B", "login": LOGIN, "email": "own@example.com"}),
        ("suspend_user", user),
        ("suspend_user", user),
        ("unsuspend_user", user),
        ("remove_user_from_group", {**user, "group_id": "Legal"}),
        *((name, user) for name in ("list_factors", "list_user_grants", "list_user_roles", "unlock_user")),
        *((name, user) for name in ("expire_password", "reset_password", "reset_all_factors", "clear_sessions")),
        ("reset_factor", {**user, "factor_id": "opfmissing0000000000"}),
        ("verify_person", {**user, "wait": 0}),
        ("resend_activation", user),
        ("review_group_access", {"group_id": "Everyone"}),
        ("list_group_owners", {"group_id": "Legal"}),
        ("list_administrators", {}),
        ("deactivate_user", user),
        ("delete_user", {**user, "dry_run": True}),
        ("update_user_profile", {**user, "title": "Own"}),
        ("activate_user", {**user, "dry_run": True}),
        ("activate_user", user),
        ("update_user_profile", {**user, "email": "own@example.com"}),
        ("list_changes", {}),
        ("list_changes", user),
        ("search_system_log", {"about_user": hilda["id"], "with_ids": True}),
        ("search_system_log", {"text": VALUES["title"]}),
        ("summarize_system_log", {"about_user": hilda["id"]}),
        ("explain_sign_in_problem", user),
    ]


async def test_no_answer_no_question_and_no_error_shows_a_value(
    connected: None, org: Org, hilda: dict[str, Any]
) -> None:
    async with hiding(*HIDDEN) as program:
        for name, arguments in calls(hilda):
            outcome = await program.door.call(Call(CALLER, name, arguments))
            shown = await told(program, name, **arguments)
            assert MARKER not in shown, (name, shown)
            if isinstance(outcome, Question):
                shown = await told(program, name, outcome.accepted(), **arguments)
                assert MARKER not in shown, (name, shown)
    done = org.events(LOGIN)
    assert {"user.account.update_profile", "user.lifecycle.deactivate", "group.user_membership.add"} <= set(done)


async def test_a_marker_would_be_seen(connected: None, org: Org, hilda: dict[str, Any]) -> None:
    """The same calls, with nothing hidden, show nearly all values: so the test above can fail."""
    seen = ""
    async with hiding(hidden_in_lists=()) as program:
        for name, arguments in calls(hilda):
            seen += await told(program, name, **arguments)
    assert [name for name, value in VALUES.items() if value not in seen] == []


@pytest.mark.parametrize("name", ["department", "city", "mobilePhone", "secondEmail"])
async def test_an_undo_brings_back_a_value_that_nobody_sees(
    connected: None, org: Org, hilda: dict[str, Any], name: str
) -> None:
    async with hiding(*HIDDEN, confirm=()) as program:
        done = await program.door.call(Call(CALLER, "update_user_profile", {"user_id": LOGIN, "clear": [name]}))
        assert isinstance(done, Result)
        assert org.user(LOGIN)["profile"].get(name) is None
        change = {"change_id": done.content["change_id"]}
        assert MARKER not in await told(program, "undo_change", **change, dry_run=True)
        outcome = await program.door.call(Call(CALLER, "undo_change", change))
        if isinstance(outcome, Question):
            assert MARKER not in outcome.text
            outcome = await program.door.call(Call(CALLER, "undo_change", change, outcome.accepted()))
        assert isinstance(outcome, Result)
        assert MARKER not in json.dumps(outcome.content)
    assert org.user(LOGIN)["profile"][name] == VALUES[name]


async def test_what_somebody_else_changed_since_is_not_told(connected: None, org: Org, hilda: dict[str, Any]) -> None:
    async with hiding(*HIDDEN, confirm=()) as program:
        done = await program.door.call(Call(CALLER, "update_user_profile", {"user_id": LOGIN, "department": "Own"}))
        assert isinstance(done, Result)
        org._http.post(f"/api/v1/users/{LOGIN}", json={"profile": {"department": f"{MARKER} else"}})
        shown = await told(program, "undo_change", change_id=done.content["change_id"])
    assert "changed_since" in shown
    assert MARKER not in shown


# Values cannot be guessed


@pytest.mark.parametrize(
    "asked",
    [
        {"department": VALUES["department"]},
        {"title": "x"},
        {"manager": "x"},
        {"attributes": {"mobilePhone": "x"}},
        {"attributes": [{"name": "mobile_phone", "value": "x"}]},
        {"search": 'profile.mobilePhone sw "+49"'},
        {"search": 'profile.MOBILEPHONE pr or profile.city eq "x"'},
        {"search": 'PROFILE.mobilePhone sw "+49"'},
        {"search": 'profile.city[type eq "x"]'},
        {"search": 'not (profile.city eq "x")'},
    ],
    ids=str,
)
async def test_nobody_is_searched_by_what_is_hidden(
    connected: None, hilda: dict[str, Any], asked: dict[str, Any]
) -> None:
    hidden = ("department", "title", "managerId", "mobilePhone", "city")
    async with hiding(*hidden) as program:
        for more in ({}, {"group_id": "Everyone"}):
            outcome = await program.door.call(Call(CALLER, "search_users", {**asked, **more}))
            assert isinstance(outcome, Refusal)
            assert isinstance(outcome.error, PolicyRefusal), outcome.error
            assert outcome.error.rule == "hidden_attributes"
    async with hiding("employeeNumber") as program:
        for one in (asked, {"search": 'status eq "ACTIVE" and profile.city eq "x"'}):
            outcome = await program.door.call(Call(CALLER, "search_users", one))
            assert not isinstance(outcome, Refusal) or not isinstance(outcome.error, PolicyRefusal)


async def test_an_email_that_is_hidden_finds_nobody(connected: None, hilda: dict[str, Any]) -> None:
    async with hiding("email") as program:
        for guess in (VALUES["email"], f"{MARKER}nobody@example.com"):
            outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": guess}))
            assert isinstance(outcome, Refusal)
            assert outcome.error.code == "not_found"
        found = await program.door.call(Call(CALLER, "search_users", {"words": VALUES["email"]}))
        assert isinstance(found, Result)
        assert found.content["users"] == []
        assert LOGIN in await told(program, "lookup_user", user_id=LOGIN)


@pytest.mark.parametrize("more", [{}, {"dry_run": True}])
async def test_a_write_does_not_tell_whether_a_guess_was_right(
    connected: None, org: Org, hilda: dict[str, Any], more: dict[str, Any]
) -> None:
    async with hiding("department", confirm=()) as program:
        shown = []
        for guess in ("Wrong", VALUES["department"]):
            org._http.post(f"/api/v1/users/{LOGIN}", json={"profile": {"department": VALUES["department"]}})
            outcome = await program.door.call(
                Call(CALLER, "update_user_profile", {"user_id": LOGIN, "department": guess, **more})
            )
            assert isinstance(outcome, Result)
            content = {**outcome.content, "last_updated": "", "change_id": ""}
            change = outcome.content.get("change_id", "-")
            shown.append(json.dumps(content).replace(guess, "?").replace(f"change_id {change}", ""))
            if not more:
                undone = await program.door.call(Call(CALLER, "undo_change", {"change_id": change}))
                assert isinstance(undone, Result)
                assert undone.content["changed"] is True
        assert shown[0] == shown[1]


@pytest.mark.parametrize(("name", "value"), [("managerId", JANE), ("manager", "Jane Doe")])
async def test_the_account_of_a_manager_tells_nothing_that_is_hidden(
    connected: None, org: Org, name: str, value: str
) -> None:
    led: Any = {name: value}
    org.create("led@example.com", **led)
    async with hiding() as program:
        assert JANE in await told(program, "lookup_user", user_id="led@example.com")
    async with hiding(name) as program:
        assert JANE not in await told(program, "lookup_user", user_id="led@example.com")


async def test_a_manager_is_not_found_by_a_name_that_is_hidden(connected: None, org: Org) -> None:
    org.create("boss@example.com", displayName="The One Above")
    org.create("led@example.com", manager="The One Above")
    async with hiding() as program:
        assert "boss@example.com" in await told(program, "lookup_user", user_id="led@example.com")
    async with hiding("displayName") as program:
        assert "boss@example.com" not in await told(program, "lookup_user", user_id="led@example.com")
        org.create("another@example.com", manager="Onewordonly")
        assert "another@example.com" in await told(program, "lookup_user", user_id="another@example.com")


# What is shown


@pytest.mark.parametrize("pattern", SPELLINGS)
async def test_an_attribute_is_hidden_however_it_is_spelt(connected: None, hilda: dict[str, Any], pattern: str) -> None:
    async with hiding(pattern) as program:
        outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": LOGIN}))
    assert isinstance(outcome, Result)
    assert "mobile_phone" not in outcome.content
    assert outcome.content["department"] == VALUES["department"]
    assert outcome.notes == ("The rule hidden_attributes hides some attributes.",)


async def test_who_somebody_is_always_shows(connected: None, hilda: dict[str, Any]) -> None:
    async with hiding("*") as program:
        outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": LOGIN}))
        listed = await program.door.call(Call(CALLER, "search_users", {"words": "hilda"}))
        group = await program.door.call(Call(CALLER, "lookup_group", {"group_id": "Legal"}))
    assert isinstance(outcome, Result)
    shown = {name: outcome.content[name] for name in ("id", "login", "first_name", "last_name", "status")}
    assert (shown["login"], shown["status"]) == (LOGIN, "ACTIVE")
    assert isinstance(listed, Result)
    assert listed.content["users"][0].keys() == {"id", "status", "login", "name"}
    assert isinstance(group, Result)
    assert group.content["name"] == "Legal"
    assert group.notes == ()


@pytest.mark.parametrize("name", ["login", "first_name", "lastName", "id"])
def test_who_somebody_is_cannot_be_hidden(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be hidden"):
        load(hidden_attributes=(name,))


async def test_lists_leave_out_what_reaches_a_person_unless_a_policy_allows_it(
    connected: None, hilda: dict[str, Any]
) -> None:
    fields = ["second_email", "mobilePhone", "streetAddress", "city"]
    async with hiding() as program:
        for name, arguments in (("search_users", {"words": "hilda"}), ("search_users", {"group_id": "Everyone"})):
            outcome = await program.door.call(Call(CALLER, name, {**arguments, "fields": fields, "limit": 200}))
            assert isinstance(outcome, Result)
            rows = {one["id"]: one for one in outcome.content["users"]}
            assert rows[hilda["id"]] == {"id": hilda["id"], "attributes": {"city": VALUES["city"]}}
            assert outcome.notes[0].startswith(
                "The rule hidden_in_lists omits second_email, mobile_phone, streetAddress from lists"
            )
        looked = await program.door.call(Call(CALLER, "lookup_user", {"user_id": LOGIN}))
        assert isinstance(looked, Result)
        assert looked.content["second_email"] == VALUES["secondEmail"]
    async with hiding(hidden_in_lists=()) as program:
        outcome = await program.door.call(Call(CALLER, "search_users", {"words": "hilda", "fields": fields}))
        assert isinstance(outcome, Result)
        assert outcome.content["users"][0]["second_email"] == VALUES["secondEmail"]


def test_patterns_are_of_names_in_either_spelling() -> None:
    assert all(Hidden((spelt,))(name) for spelt in SPELLINGS for name in ("mobilePhone", "mobile_phone"))
    assert not any(Hidden(("*",))(name) for name in ("login", "firstName", "last_name", "id", "status"))
    assert not Hidden(("phone",))("mobilePhone")


# The record


async def test_what_is_recorded_is_shown_to_whoever_asks_for_it_to_be_revealed(
    connected: None, org: Org, hilda: dict[str, Any], tmp_path: Path
) -> None:
    async with hiding(*HIDDEN, confirm=()) as program:
        for name, arguments in calls(hilda):
            await program.door.call(Call(CALLER, name, arguments))
        entries = await journaled(program)
        assert len(entries) > 10
        assert MARKER not in json.dumps([entry["details"] for entry in entries])
        wholes = await program.recorder.run(lambda database, chain: [chain.whole(row) for row in rows(database)])
        assert MARKER in json.dumps(wholes)
    file = tmp_path / "journal.jsonl"
    assert run("journal", "export", str(file)).returncode == 0
    assert MARKER not in file.read_text()
    assert run("journal", "verify").returncode == 0
    assert run("journal", "verify", "--file", str(file)).returncode == 0


async def test_what_was_recorded_before_the_rule_is_not_shown_after_it(
    connected: None, org: Org, hilda: dict[str, Any]
) -> None:
    async with hiding(confirm=()) as program:
        for name, arguments in calls(hilda):
            await program.door.call(Call(CALLER, name, arguments))
        assert MARKER in await told(program, "list_changes", limit=100)
    async with hiding(*HIDDEN) as program:
        listed = await told(program, "list_changes", limit=100)
        assert MARKER not in listed
        assert "before some of its values were hidden" in listed
        question = await told(program, "deactivate_user", user_id=LOGIN)
        assert MARKER not in question
    hidden = {"OKTA_ACTIONS_HIDDEN_ATTRIBUTES": patterns()}
    shown = run("journal", "list", **hidden).stdout
    assert "update_user_profile" in shown or "hidden" in shown
    assert MARKER not in shown
    listed_now = json.loads(run("journal", "list", "--json", **hidden).stdout)
    for one in listed_now:
        assert MARKER not in run("journal", "show", one["id"], **hidden).stdout


# Every surface


async def test_over_mcp_nothing_shows_a_value(
    connected: None, org: Org, hilda: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_HIDDEN_ATTRIBUTES", patterns())
    person = Person(YES)
    async with over_stdio("2026-07-28", person) as client:
        for name, arguments in calls(hilda):
            result = await client.call_tool(name, arguments)
            assert MARKER not in result.model_dump_json(), name
        for read in await _resources(client, hilda):
            assert MARKER not in read
        for reference in (
            ResourceTemplateReference(type="ref/resource", uri="okta://users/{id}"),
            PromptReference(type="ref/prompt", name="offboarding"),
        ):
            for typed in ("hilda", MARKER):
                completed = await client.complete(reference, {"name": "id", "value": typed})
                assert MARKER not in completed.model_dump_json()
    assert person.read
    assert MARKER not in "".join(person.read)


async def _resources(client: Client, hilda: dict[str, Any]) -> list[str]:
    read = []
    listed = await client.call_tool("list_changes", {"limit": 100})
    ids = [one["id"] for one in (listed.structured_content or {})["changes"]]
    for uri in (f"okta://users/{hilda['id']}", f"okta://users/{LOGIN}", *(f"okta://changes/{id}" for id in ids)):
        read.append((await client.read_resource(uri)).model_dump_json())
    return read


def test_on_the_command_line_nothing_shows_a_value(connected: None, org: Org, hilda: dict[str, Any]) -> None:
    hidden = {"OKTA_ACTIONS_HIDDEN_ATTRIBUTES": patterns(), "OKTA_ACTIONS_CONFIRM": "none"}
    for command in (
        ("call", "lookup_user", "--user-id", LOGIN),
        ("call", "lookup_user", "--user-id", LOGIN, "--json"),
        ("call", "search_users", "--words", "hilda", "--fields", "department", "--fields", "city"),
        ("call", "update_user_profile", "--user-id", LOGIN, "--department", "Own", "--dry-run"),
        ("call", "update_user_profile", "--user-id", LOGIN, "--department", "Own"),
        ("call", "list_changes"),
        ("call", "search_users", "--department", "Own"),
        ("journal", "list"),
        ("journal", "show", "1"),
        ("undo", "1"),
    ):
        shown = run(*command, **hidden)
        assert "Traceback" not in shown.stderr
        assert MARKER not in shown.stdout + shown.stderr, command
    assert org.user(LOGIN)["profile"]["department"] == VALUES["department"]


def test_every_action_that_is_about_people_is_among_those_that_are_called() -> None:
    named = {name for name, _ in calls({"id": "x"})}
    about = {name for name, action in CALLED.items() if action.toolset in ("users", "lifecycle", "memberships")}
    assert about <= named
    assert set(read_names()) - named <= {
        "search_groups",
        "lookup_group",
        "lookup_application",
        "search_applications",
        "list_application_groups",
        "list_group_applications",
        "list_group_rules",
        "lookup_group_rule",
        "preview_group_rule",
        "export_system_log",
        "find_actions",
        "read_export",
    }
