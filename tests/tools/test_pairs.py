"""Attributes are a list of names and values, which strict schemas can describe; an object is taken as well."""

import json
from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, do, refuse
from server.door.door import Call, Result
from server.program import Program
from tools.catalogue import CATALOGUE
from tools.contract.calls import call_schema
from tools.contract.validation import accept
from tools.text.redaction import redacted_values

WHO = "somebody@example.com"
NEW = {"first_name": "New", "last_name": "Comer", "login": "new.comer@example.com", "email": "new.comer@example.com"}
PAIRS = [{"name": "nickName", "value": "Jo"}, {"name": "city", "value": "Bonn"}]
MAP = {"nickName": "Jo", "city": "Bonn"}
FORMS: dict[str, tuple[Any, str]] = {
    "pairs": (PAIRS, ""),
    "object": (MAP, ""),
    "pairs as text": (json.dumps(PAIRS), "was parsed"),
    "object as text": (json.dumps(MAP), "was parsed"),
}


def objects(node: Any) -> list[dict[str, Any]]:
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    own = [node] if isinstance(node, dict) and node.get("type") == "object" else []
    return own + [found for part in inside for found in objects(part)]


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_object_of_an_input_has_free_names(name: str) -> None:
    for schema in objects(call_schema(CATALOGUE[name])):
        assert schema.get("properties"), schema
        assert not schema.get("additionalProperties"), schema


@pytest.mark.parametrize("form", FORMS)
async def test_each_form_reaches_the_org_and_what_was_put_right_is_said(program: Program, org: Org, form: str) -> None:
    org.create(WHO)
    sent, said = FORMS[form]
    for action, arguments in (("update_user_profile", {"user_id": WHO}), ("create_user", NEW)):
        outcome = await program.door.call(Call(CALLER, action, {**arguments, "attributes": sent}))
        assert isinstance(outcome, Result), outcome
        assert said in " ".join(outcome.notes)
        assert bool(outcome.notes) is bool(said)
        profile = org.user(arguments.get("user_id", NEW["login"]))["profile"]
        assert {name: profile[name] for name in MAP} == MAP
    found = await program.door.call(Call(CALLER, "search_users", {"attributes": sent}))
    assert isinstance(found, Result)
    assert {one["login"] for one in found.content["users"]} == {WHO, NEW["login"]}


def test_one_pair_is_a_list_of_it() -> None:
    accepted = accept(CATALOGUE["update_user_profile"], {"user_id": WHO, "attributes": PAIRS[0]})
    assert getattr(accepted.request, "attributes", None) == {"nickName": "Jo"}
    assert "read as a list" in accepted.notes[0]


@pytest.mark.parametrize(
    "wrong",
    [
        [{"name": "nickName"}],
        [{"name": 1, "value": "x"}],
        [{"name": "a", "value": "x", "more": 1}],
        ["nickName"],
        [*PAIRS, PAIRS[0]],
        [{"name": "nickName", "value": {"a": 1}}],
        [{"name": "nickName", "value": None}],
        "nickName=Jo",
    ],
    ids=repr,
)
async def test_what_is_neither_is_refused(program: Program, org: Org, wrong: Any) -> None:
    org.create(WHO)
    before = org.events()
    error = await refuse(program, "update_user_profile", user_id=WHO, attributes=wrong)
    assert "attributes" in str(error)
    assert org.events() == before


@pytest.mark.parametrize("form", FORMS)
async def test_each_form_is_looked_through_for_what_is_spoilt(program: Program, org: Org, form: str) -> None:
    org.create(WHO)
    sent = json.loads(json.dumps(FORMS[form][0]).replace("Jo", "Andr\ufffds"))
    error = await refuse(program, "update_user_profile", user_id=WHO, attributes=sent)
    assert "attributes: nickName contains U+FFFD" in str(error)


def test_a_secret_is_hidden_in_pairs_as_it_is_in_an_object() -> None:
    secret = {"name": "vpnPassword", "value": "hunter2"}
    assert redacted_values([secret]) == [{**secret, "value": "[hidden]"}]
    assert redacted_values({"attributes": PAIRS}) == {"attributes": PAIRS}


async def test_an_undo_brings_attributes_back_whichever_form_they_came_in(program: Program, org: Org) -> None:
    org.create(WHO, nickName="Before", city="Before")
    for form in FORMS:
        done = await do(program, "update_user_profile", user_id=WHO, attributes=FORMS[form][0])
        await do(program, "undo_change", change_id=done["change_id"])
        profile = org.user(WHO)["profile"]
        assert (profile["nickName"], profile["city"]) == ("Before", "Before")


@pytest.mark.parametrize("wrong", ["nickName=Jo", 7, True, [["nickName", "Jo"]]])
async def test_what_is_neither_is_told_the_right_form(program: Program, org: Org, wrong: Any) -> None:
    org.create(WHO)
    error = await refuse(program, "update_user_profile", user_id=WHO, attributes=wrong)
    assert "list of names and values" in str(error)
