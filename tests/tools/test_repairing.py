"""What the schema leaves no doubt about is put right and said; what could mean two things is left as it is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.door.actions import ACTIONS
from tools.contract.calls import call_schema
from tools.contract.repairing import OF_FLOW_BUILDERS, repaired
from tools.contract.validation import accept
from tools.okta.errors import InvalidInput

JANE = {"first_name": "Jane", "last_name": "Doe", "login": "jane@example.com", "email": "jane@example.com"}


@pytest.mark.parametrize(
    ("action", "arguments", "meant"),
    [
        ("create_user", {**JANE, "group_ids": '["Legal", "Sales"]'}, {**JANE, "group_ids": ["Legal", "Sales"]}),
        ("create_user", {**JANE, "group_ids": "Legal"}, {**JANE, "group_ids": ["Legal"]}),
        ("create_user", {**JANE, "group_ids": "[Legal"}, {**JANE, "group_ids": ["[Legal"]}),
        ("create_user", {**JANE, "group_ids": ""}, JANE),
        ("create_user", {**JANE, "attributes": '{"nickName": "J", "floor": 3}'}, None),
        ("create_user", {**JANE, "attributes": ""}, JANE),
        ("create_user", {**JANE, "activate": "false"}, {**JANE, "activate": False}),
        ("create_user", {**JANE, "activate": ""}, JANE),
        ("search_users", {"status": "ACTIVE"}, {"status": ["ACTIVE"]}),
        ("search_users", {"status": '["ACTIVE"]', "limit": "5"}, {"status": ["ACTIVE"], "limit": 5}),
        ("search_users", {"status": ["active", "Suspended"]}, {"status": ["ACTIVE", "SUSPENDED"]}),
        ("search_users", {"status": "active"}, {"status": ["ACTIVE"]}),
        ("search_users", {"status": '["locked_out"]'}, {"status": ["LOCKED_OUT"]}),
        ("search_users", {"words": "", "group_id": " ", "created_after": ""}, {}),
        ("search_users", {"fields": "email"}, {"fields": ["email"]}),
        ("update_user_profile", {"user_id": "x", "clear": "title"}, {"user_id": "x", "clear": ["title"]}),
        ("update_user_profile", {"user_id": "x", "title": "", "manager": "A"}, {"user_id": "x", "manager": "A"}),
        ("list_changes", {"action": "create_user", "user_id": ""}, {"action": "create_user"}),
        ("lookup_user", {"user_id": "x", **dict.fromkeys(OF_FLOW_BUILDERS, "y")}, {"user_id": "x"}),
    ],
)
def test_what_is_certain_is_put_right_and_said(action: str, arguments: dict[str, Any], meant: Any) -> None:
    meant = meant if meant is not None else {**JANE, "attributes": {"nickName": "J", "floor": 3}}
    accepted = accept(ACTIONS[action], arguments)
    assert replace(accepted, notes=()) == accept(ACTIONS[action], meant)
    changed = {name for name in arguments if name not in meant or arguments[name] != meant[name]}
    assert {sentence.split()[0] for sentence in accepted.notes} == changed


@pytest.mark.parametrize(
    ("action", "arguments", "said"),
    [
        ("lookup_user", {"user_id": ""}, "user_id is empty"),
        ("lookup_user", {"user_id": '["a"]', "toolcallid": "x"}, "Unknown argument “toolcallid”"),
        ("create_user", {**JANE, "group_ids": [""]}, "an entry of group_ids is empty"),
        ("create_user", {**JANE, "group_ids": "true", "attributes": "true"}, "attributes"),
        ("create_user", {**JANE, "attributes": '["nickName"]'}, "attributes"),
        ("create_user", {**JANE, "attributes": "{nickName: 1}"}, "attributes"),
        ("create_user", {**JANE, "attributes": '{"floor": NaN}'}, "attributes"),
        ("search_users", {"limit": "many"}, "limit"),
        ("search_users", {"status": "active, locked"}, "status"),
        ("activate_user", {"user_id": "x", "dry_run": "perhaps"}, "dry_run"),
    ],
)
def test_what_could_mean_two_things_is_refused(action: str, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        accept(ACTIONS[action], arguments)
    assert said in str(refused.value)


def test_a_change_is_named_by_its_number_too() -> None:
    assert accept(ACTIONS["undo_change"], {"change_id": 12}) == accept(ACTIONS["undo_change"], {"change_id": "12"})


FLAWED = "Andr\ufffds"


@pytest.mark.parametrize(
    ("action", "arguments", "said"),
    [
        ("create_user", {**JANE, "first_name": FLAWED}, "first_name contains U+FFFD"),
        ("create_user", {**JANE, "attributes": {"nickName": FLAWED}}, "attributes: nickName contains U+FFFD"),
        ("update_user_profile", {"user_id": "x", "attributes": {"teams": ["a", FLAWED]}}, "contains U+FFFD"),
        ("update_user_profile", {"user_id": "x", "title": "null"}, "omit it to leave it unchanged"),
        ("update_user_profile", {"user_id": "x", "attributes": {"city": "undefined"}}, "list it in clear"),
        ("create_user", {**JANE, "last_name": "[object Object]"}, "last_name contains “[object Object]”"),
        ("update_user_profile", {"user_id": "x", "title": "Head of [object Object]"}, "send the value itself"),
        ("update_user_profile", {"user_id": "x", "attributes": [{"name": "city", "value": "[object Object]"}]}, "city"),
    ],
)
def test_data_that_was_spoilt_does_not_get_into_the_directory(
    action: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        accept(ACTIONS[action], arguments)
    assert said in str(refused.value)
    assert FLAWED not in str(refused.value)


def test_what_is_spoilt_in_the_directory_can_be_found_and_people_are_called_null() -> None:
    accept(ACTIONS["lookup_group"], {"group_id": FLAWED})
    accept(ACTIONS["add_user_to_group"], {"group_id": FLAWED, "user_id": "x"})
    accept(ACTIONS["search_users"], {"words": FLAWED, "department": "null"})
    accept(ACTIONS["create_user"], {**JANE, "last_name": "null"})
    accept(ACTIONS["update_user_profile"], {"user_id": "x", "last_name": "Null", "title": "Null"})


FOREIGN = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "content": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "depth": {"type": ["integer", "null"]},
        "either": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "anything": {},
    },
    "required": ["path"],
}


def test_of_tools_that_are_not_ours_only_what_their_schema_says() -> None:
    sent = {"path": "", "content": "", "tags": "a", "depth": "3", "either": "a", "anything": "[1]", "sessionId": "s"}
    made, said = repaired(FOREIGN, sent)
    assert made == {**sent, "tags": ["a"], "depth": 3}
    assert len(said) == 2
    assert repaired(FOREIGN, {"path": "a", "tags": "", "depth": ""})[0] == {"path": "a"}


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=2)


@given(name=st.sampled_from(sorted(ACTIONS)), data=st.data())
def test_what_is_right_stays_and_what_was_put_right_is_put_right_once(name: str, data: st.DataObject) -> None:
    schema = call_schema(ACTIONS[name])
    arguments = data.draw(st.dictionaries(st.sampled_from(sorted(schema["properties"])), VALUES))
    made, said = repaired(schema, arguments, empty_is_absent=True)
    assert (made == arguments) is (not said)
    assert repaired(schema, made, empty_is_absent=True) == (made, ())
