"""An attribute's exact name in the org's schema comes first, our spelling after it; values are of the org's kinds."""

from typing import Any

import httpx2
import pytest

from connected_org import Org
from ledger import do, refuse
from server.program import Program
from tools.objects.attribute_names import ALIASES, CORE

WHO = "twofold@example.com"
OKTAS = {"employee_number": "employeeNumber", "cost_center": "costCenter", "manager_id": "managerId"}
"""Attributes that this org has twice: its own, and Okta's beside it."""
KINDS = {"floor": {"type": "integer"}, "remote": {"type": "boolean"}, "teams": {"type": "array"}, "badge": {}}


@pytest.fixture
def twofold(org: Org, http: httpx2.Client) -> str:
    """Somebody with a value of each, in an org whose own attributes are spelt as we spell Okta's; their id."""
    own = {name: {"title": name, "type": "string"} for name in OKTAS}
    own |= {name: {"title": name, "type": "string", **kind} for name, kind in KINDS.items()}
    added = http.post("/api/v1/meta/schemas/user/default", json={"definitions": {"custom": {"properties": own}}})
    assert added.status_code == 200, added.text
    values: dict[str, Any] = {"floor": 3, "remote": True, "teams": ["Blue"], "badge": "7"}
    twice: dict[str, Any] = {name: f"own {name}" for name in OKTAS} | {
        name: f"Okta's {name}" for name in OKTAS.values()
    }
    id: str = org.create(WHO, **values, **twice)["id"]
    return id


def held(org: Org, *names: str) -> dict[str, Any]:
    profile = org.user(WHO)["profile"]
    return {name: profile.get(name) for name in names}


@pytest.mark.parametrize(("own", "oktas"), OKTAS.items())
async def test_a_write_reaches_the_attribute_of_exactly_this_name(
    program: Program, org: Org, twofold: str, own: str, oktas: str
) -> None:
    for name in (own, f"profile.{own}"):
        done = await do(program, "update_user_profile", user_id=WHO, attributes={name: "new"})
        assert [change["attribute"] for change in done["changes"]] == [f"profile.{own}"]
        assert held(org, own, oktas) == {own: "new", oktas: f"Okta's {oktas}"}
        assert (await do(program, "undo_change", change_id=done["change_id"]))["changed"] is True
        assert held(org, own, oktas) == {own: f"own {own}", oktas: f"Okta's {oktas}"}
    named: list[dict[str, Any]] = [
        {own: "new"},
        *({"attributes": {f"{at}{oktas}": f"newest{at}"}} for at in ("", "profile.")),
    ]
    for arguments in named:
        done = await do(program, "update_user_profile", user_id=WHO, **arguments)
        assert [change["attribute"] for change in done["changes"]] == [own]
        assert held(org, own)[own] == f"own {own}"
    assert held(org, oktas)[oktas] == "newestprofile."
    twice: dict[str, Any] = {own: "one", "attributes": {own: "two"}}
    both = await do(program, "update_user_profile", user_id=WHO, **twice)
    assert held(org, own, oktas) == {own: "two", oktas: "one"}
    assert {change["attribute"] for change in both["changes"]} == {own, f"profile.{own}"}
    await do(program, "update_user_profile", user_id=WHO, clear=[own])
    assert held(org, own, oktas) == {own: None, oktas: "one"}


@pytest.mark.parametrize(("own", "oktas"), OKTAS.items())
async def test_a_creation_reaches_it_too(program: Program, org: Org, twofold: str, own: str, oktas: str) -> None:
    names = {"first_name": "Second", "last_name": "Person", "login": "second@example.com"}
    new: dict[str, Any] = {**names, "email": names["login"], "attributes": {own: "mine", oktas: "theirs"}}
    await do(program, "create_user", **new)
    profile = org.user("second@example.com")["profile"]
    assert (profile[own], profile[oktas]) == ("mine", "theirs")


@pytest.mark.parametrize(("own", "oktas"), OKTAS.items())
async def test_searches_and_fields_tell_them_apart(
    program: Program, org: Org, twofold: str, own: str, oktas: str
) -> None:
    async def found(**attributes: str) -> list[str]:
        return [one["id"] for one in (await do(program, "search_users", attributes=attributes))["users"]]

    assert await found(**{own: f"own {own}"}) == [twofold]
    assert await found(**{f"profile.{own}": f"own {own}"}) == [twofold]
    assert await found(**{own: f"Okta's {oktas}"}) == []
    assert await found(**{oktas: f"Okta's {oktas}"}) == [twofold]
    for fields in ([own], [f"profile.{own}", oktas]):
        (row,) = (await do(program, "search_users", words="twofold@", fields=fields))["users"]
        assert row == {"id": twofold, own: f"Okta's {oktas}", "attributes": {own: f"own {own}"}}
    (row,) = (await do(program, "search_users", words="twofold@", fields=[f"profile.{own}"]))["users"]
    assert row == {"id": twofold, "attributes": {own: f"own {own}"}}
    person = await do(program, "lookup_user", user_id=WHO)
    assert (person[own], person["attributes"][own]) == (f"Okta's {oktas}", f"own {own}")


@pytest.mark.parametrize("alias", sorted(ALIASES - {*CORE, "second_email", "mobile_phone"}))
async def test_without_an_attribute_of_the_orgs_our_spelling_means_oktas(
    program: Program, org: Org, alias: str
) -> None:
    org.create(WHO)
    done = await do(program, "update_user_profile", user_id=WHO, attributes={alias: "new"})
    assert [change["attribute"] for change in done["changes"]] == [alias]
    assert len((await do(program, "search_users", attributes={alias: "new"}))["users"]) == 1


async def test_one_attribute_under_two_names_is_refused(program: Program, org: Org) -> None:
    org.create(WHO)
    two = {"cost_center": "1", "costCenter": "2"}
    assert "twice" in str(await refuse(program, "update_user_profile", user_id=WHO, attributes=two))
    assert held(org, "costCenter") == {"costCenter": None}


WRONG: list[tuple[str, Any, str]] = [
    ("remote", "true", "Send true."),
    ("remote", "False", "Send false."),
    ("remote", "null", "Send true or false."),
    ("remote", "3", "Send true or false."),
    ("remote", 1, "Send true or false."),
    ("floor", "3", "Send 3."),
    ("floor", "3.5", "Send 3.5."),
    ("floor", "null", "Send a number, such as 3."),
    ("floor", "true", "Send a number, such as 3."),
    ("floor", False, "Send a number, such as 3."),
    ("badge", 7, 'Send "7".'),
    ("badge", True, 'Send "true".'),
]


@pytest.mark.parametrize(("name", "value", "form"), WRONG)
async def test_a_value_of_another_kind_is_refused_with_the_right_form(
    program: Program, org: Org, twofold: str, name: str, value: Any, form: str
) -> None:
    before = org.user(WHO)["profile"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("search_users", {"attributes": {name: value}}),
        ("search_users", {"attributes": {name: value}, "group_id": "Everyone"}),
    ]
    if value != "null":  # that one is refused before the org is asked
        calls.append(("update_user_profile", {"user_id": WHO, "attributes": {name: value}}))
    for action, arguments in calls:
        error = await refuse(program, action, **arguments)
        assert form in str(error), action
        assert len(str(error).splitlines()) == 2
    assert org.user(WHO)["profile"] == before


async def test_an_expression_that_compares_with_another_kind_is_refused_too(program: Program, twofold: str) -> None:
    for search in ('profile.remote eq "true"', 'status eq "ACTIVE" and (profile.floor ge "3" or id pr)'):
        assert (await refuse(program, "search_users", search=search)).code == "wrong_kind"
    for search in ("profile.remote eq true", "profile.floor ge 3", 'profile.badge eq "7"'):
        assert len((await do(program, "search_users", search=search))["users"]) == 1


async def test_values_of_the_orgs_kinds_pass(program: Program, org: Org, twofold: str) -> None:
    right = {"remote": False, "floor": 4, "badge": "8", "teams": ["Red"]}
    await do(program, "update_user_profile", user_id=WHO, attributes=right)
    assert held(org, *right) == right
    found = await do(program, "search_users", attributes={**right, "teams": "Red", "employeeNumber": "x"})
    assert found["users"] == []
    assert len((await do(program, "search_users", attributes=right))["users"]) == 1


@pytest.mark.parametrize("name", ["titel", "Title", "cost_centre", "profile.nickname", "DEPARTMENT"])
async def test_what_is_no_attribute_is_not_empty_already(program: Program, org: Org, name: str) -> None:
    before = org.user("jane.doe@example.com")["profile"]
    error = await refuse(program, "update_user_profile", user_id="jane.doe@example.com", clear=[name])
    assert error.code == "no_such_attribute"
    assert name.removeprefix("profile.")[:3].casefold() in str(error.next_step).casefold()
    assert org.user("jane.doe@example.com")["profile"] == before
