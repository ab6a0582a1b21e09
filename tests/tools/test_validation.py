"""What is wrong with the arguments is said once each, in words that say what to send instead."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.catalogue import CATALOGUE
from tools.contract.validation import validate
from tools.okta.errors import InvalidInput

JANE = {"first_name": "Jane", "last_name": "Doe", "login": "jane@example.com", "email": "jane@example.com"}
NO_VALUE = (
    "attributes: nickName must be text, a number, true, false, or a list of one type; "
    "to clear an attribute, use clear of update_user_profile"
)


def causes(action: str, arguments: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(InvalidInput) as refused:
        validate(CATALOGUE[action], arguments)
    return refused.value.causes or (refused.value.summary,)


@pytest.mark.parametrize(
    ("action", "arguments", "said"),
    [
        ("lookup_user", {}, ("user_id is missing",)),
        ("lookup_user", {"user_id": ""}, ("user_id is empty",)),
        ("lookup_user", {"user_id": "   "}, ("user_id is empty",)),
        ("lookup_user", {"user_id": None}, ("user_id is missing",)),
        ("lookup_user", {"user_id": "x" * 256}, ("user_id is longer than 255 characters",)),
        ("lookup_user", {"userid": "x"}, ("Unknown argument “userid”; did you mean user_id?",)),
        ("lookup_user", {"user_id": "x", "why": 1}, ("Unknown argument “why”",)),
        ("lookup_user", {"user_id": ["a"]}, ("user_id: input should be a valid string",)),
        ("create_user", {**JANE, "email": "jane"}, ("email is not an e-mail address, such as jane.doe@example.com",)),
        ("create_user", {**JANE, "login": "j@x"}, ("login is shorter than 5 characters",)),
        ("create_user", {**JANE, "title": "a\nb"}, ("title must be one line without control characters",)),
        ("create_user", {**JANE, "title": "a\u202eb"}, ("title must be one line without control characters",)),
        ("create_user", {**JANE, "group_ids": ["x"] * 21}, ("group_ids has more than 20 entries",)),
        ("create_user", {**JANE, "group_ids": [""]}, ("an entry of group_ids is empty",)),
        ("create_user", {**JANE, "password": "x"}, ("Unknown argument “password”",)),
        (
            "create_user",
            {**JANE, "attributes": {"nickName": {"a": 1}}},
            (NO_VALUE,),
        ),
        ("update_user_profile", {"user_id": "x", "attributes": {"nickName": None}}, (NO_VALUE,)),
        ("update_user_profile", {"user_id": "x", "attributes": [{"name": "nickName", "value": None}]}, (NO_VALUE,)),
    ],
)
def test_each_mistake_is_said_once(action: str, arguments: dict[str, Any], said: tuple[str, ...]) -> None:
    assert causes(action, arguments) == said


def test_rejected_values_are_not_repeated() -> None:
    with pytest.raises(InvalidInput) as refused:
        validate(CATALOGUE["create_user"], {**JANE, "email": "hunter2", "activate": "hunter2", "login": 7})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), [float("inf")], "\ud800", ["\udfff"], {"\ud800": 1}])
def test_what_json_cannot_carry_is_refused_wherever_it_is(value: Any) -> None:
    for arguments in ({"user_id": "x", "attributes": {"nickName": value}}, {"user_id": value}, {"unknown": value}):
        with pytest.raises(InvalidInput, match="lone surrogate"):
            validate(CATALOGUE["update_user_profile"], arguments)


def test_null_means_not_sent() -> None:
    request = validate(CATALOGUE["create_user"], {**JANE, "title": None, "activate": None})
    assert request == validate(CATALOGUE["create_user"], JANE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "No attribute to change"),
        ({"title": "A", "clear": ["title"]}, "both set and in clear"),
        ({"title": "A", "attributes": {"title": "B"}}, "sent twice"),
        ({"clear": ["login"]}, "cannot be empty"),
        ({"clear": ["firstName"]}, "cannot be empty"),
        ({"attributes": {"nick name": "x"}}, "not the name of an attribute"),
        ({"attributes": {"": "x"}}, "not the name of an attribute"),
        ({"attributes": {"nickName": ""}}, "list it in clear"),
    ],
)
def test_an_update_that_contradicts_itself_is_refused(arguments: dict[str, Any], said: str) -> None:
    request = validate(CATALOGUE["update_user_profile"], {"user_id": "x", **arguments})
    with pytest.raises(InvalidInput, match=said):
        request.changes()  # type: ignore[attr-defined]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    name=st.sampled_from(sorted(CATALOGUE)),
    arguments=st.dictionaries(st.sampled_from(["user_id", "group_id", "login", "email", "attributes", "x"]), JSON),
)
def test_any_json_is_validated_or_refused_in_two_lines(name: str, arguments: dict[str, Any]) -> None:
    said = None
    try:
        validate(CATALOGUE[name], arguments)
    except InvalidInput as refused:
        said = str(refused)
    assert said is None or 1 <= len(said.splitlines()) <= 2
