"""Group rules: what they are, and whom they would move."""

from typing import Any

import pytest
from hypothesis import strategies as st

from connected_org import Org
from ledger import JANE, pages, refuse, run
from server.door.guard import Guard
from server.policy.rules import PolicyRefusal, Rules
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tools.objects.group_rules import GROUP_RULE, GroupRule
from tools.objects.rule_wording import in_words
from worlds import Arguments, Make

LEILA = "leila.hosseini@example.com"


def new_rule(org: Org, name: str, expression: str, *groups: str, active: bool = False, **people: Any) -> str:
    """The id of a new group rule."""
    conditions = {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}}
    body = {
        "type": "group_rule",
        "name": name,
        "conditions": {**conditions, **({"people": people} if people else {})},
        "actions": {"assignUserToGroups": {"groupIds": [org.group_id(one) for one in groups]}},
    }
    made = org.http.post("/api/v1/groups/rules", json=body)
    assert made.status_code == 200, made.text
    id = str(made.json()["id"])
    if active:
        assert org.http.post(f"/api/v1/groups/rules/{id}/lifecycle/activate").status_code == 204
    return id


def a_rule(org: Org, text: str) -> Arguments:
    org.person(text, department=text)
    return {"group_rule_id": new_rule(org, f"Rule {text}", f'user.department=="{text}"', org.team(text))}


READS: dict[str, Make] = {
    "list_group_rules": lambda org, text: {"words": str(a_rule(org, text) and f"Rule {text}")},
    "lookup_group_rule": a_rule,
    "preview_group_rule": a_rule,
}
READ_REQUESTS = (r"/api/v1/groups/rules(/0pr[A-Za-z0-9]{17})?(\?.*)?",)
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "group_rule_id": st.sampled_from(["Contractors", "No such rule"]),
    "expression": st.sampled_from(['user.department=="Sales"', 'isMemberOfGroupName("Legal")', "user.title", "((("]),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "list_group_rules": (
        "Which group rules do we have?",
        "list group rules",
        "Gruppenregeln auflisten",
        "lister les règles de groupe",
        "get_rules",
        "reglas de grupo",
        "グループルールの一覧",
    ),
    "lookup_group_rule": (
        "What is the condition of the group rule Contractors?",
        "group rule details",
        "Details der Gruppenregel",
        "détails d'une règle de groupe",
        "get_group_rule",
        "detalles de la regla de grupo",
        "グループルールの詳細",
    ),
    "preview_group_rule": (
        "Who would be added if we turned this group rule on?",
        "preview group rule",
        "Vorschau einer Gruppenregel",
        "simuler une règle de groupe",
        "test_group_rule",
        "vista previa de una regla de grupo",
        "グループルールのプレビュー",
    ),
}


# What they are


async def test_rules_are_listed_by_words_status_and_group(program: Program, org: Org) -> None:
    for name in ("Blue", "Green"):
        org.create_group(name)
    new_rule(org, "Into blue", 'user.department=="Blue"', "Blue", active=True)
    new_rule(org, "Into both", 'user.title!=null && user.city=="Kiel"', "Blue", "Green")

    async def names(**asked: Any) -> set[str]:
        return {one["name"] for one in (await run(program, "list_group_rules", **asked))["rules"]}

    assert await names(words="into") == {"Into blue", "Into both"}
    assert await names(group_id="Green") == {"Into both"}
    assert await names(status="INACTIVE") == {"Into both"}
    assert {"Into blue", "Into both"} < await names()
    (row,) = (await run(program, "list_group_rules", group_id="Green"))["rules"]
    assert row["condition"] == "title is not empty and city is “Kiel”"
    assert row["groups"] == ["Blue", "Green"]
    assert (
        "No group rule was found with words “nothing”."
        in ((await run(program, "list_group_rules", words="nothing"))["note"])
    )


async def test_a_list_of_rules_goes_on_where_it_ended(program: Program, org: Org) -> None:
    group = org.team("many")
    for number in range(3):
        new_rule(org, f"Many {number}", f'user.title=="{number}"', group)
    for more in ({}, {"group_id": group}):
        found = [page["rules"] async for page in pages(program, "list_group_rules", words="Many", limit=2, **more)]
        assert [len(one) for one in found] == [2, 1]


async def test_a_rule_is_found_by_its_id_and_by_its_exact_name(program: Program, org: Org) -> None:
    id = new_rule(org, "Into legal", 'user.department=="Law"', "Legal", users={"exclude": [org.user(JANE)["id"]]})
    for named in (id, "Into legal", "“Into legal”"):
        found = await run(program, "lookup_group_rule", group_rule_id=named)
        assert (found["id"], found["status"]) == (id, "INACTIVE")
    assert found["condition"] == "department is “Law”"
    assert found["groups"] == [{"id": org.group_id("Legal"), "name": "Legal"}]
    assert (found["excluded_count"], found["excluded"]) == (1, [JANE])
    error = await refuse(program, "lookup_group_rule", group_rule_id="into legal")
    assert f"Did you mean “Into legal” ({id})?" in str(error)
    for named in ("0pr" + "A" * 17, "Nothing of the kind"):
        assert (await refuse(program, "lookup_group_rule", group_rule_id=named)).code == "not_found"


async def test_a_rule_says_why_it_is_invalid(program: Program, org: Org) -> None:
    gone, id = org.team("gone"), ""
    id = new_rule(org, "Into gone", 'user.department=="Law"', gone, "Legal")
    assert org.http.delete(f"/api/v1/groups/{org.group_id(gone)}").status_code == 204
    found = await run(program, "lookup_group_rule", group_rule_id=id)
    assert (found["status"], found["why_invalid"]) == (
        "INVALID",
        "A group that it puts people into was deleted. It can only be deleted.",
    )
    assert [one.get("name") for one in found["groups"]] == [None, "Legal"]


WORDED: list[tuple[str, str | None]] = [
    ('user.department=="Sales"', "department is “Sales”"),
    (
        'user.firstName == "A" || (user.title!="B" AND !user.remote)',
        "first_name is “A” or (title is not “B” and not remote)",
    ),
    ('String.startsWith(user.login, "a.")', "login begins with “a.”"),
    ('String.stringContains(String.toLowerCase(user.title), "x")', "title in lower case contains “x”"),
    ('isMemberOfGroup("00g1")', "member of the group “Blue”"),
    ('isMemberOfAnyGroup("00g1", "00g2")', "member of one of the groups “Blue”, “00g2”"),
    ('isMemberOfGroupNameStartsWith("Proj")', "member of a group whose name begins with “Proj”"),
    ('user.getInternalProperty("status")=="ACTIVE"', "status is “ACTIVE”"),
    ("user.floor == 3", "floor is 3"),
    ("!(user.a == null && user.b == true)", "not (a is empty and b is true)"),
    ("String.len(user.title) == 1", None),
    ("String.startsWith(user.title)", None),
    ("user.title ==", None),
    ('user.title=="“close me” \u202e"', "title is “'close me' \\u202e”"),
]


@pytest.mark.parametrize(("expression", "words"), WORDED)
def test_a_condition_is_told_in_words(expression: str, words: str | None) -> None:
    assert in_words(expression, {"00g1": "Blue"}) == words


# Whom they would move


async def preview(program: Program, **asked: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A preview, and what it says of its only group."""
    found = await run(program, "preview_group_rule", **asked)
    (group,) = found["groups"]
    return found, group


def shown(login: str) -> str:
    return f"Test {login.partition('@')[0]} <{login}>"


@pytest.mark.parametrize(
    "expression",
    [
        'user.department=="Treasury"',
        '"Treasury"==user.department',
        'user.department=="Treasury" && user.title!="None"',
        'user.department=="Treasury" || user.department=="Nowhere"',
        'String.startsWith(user.department, "Treas") && String.stringContains(user.login, "@example.com")',
        '!(user.department!="Treasury")',
    ],
)
async def test_who_matches_and_is_not_in_yet_would_join(program: Program, org: Org, expression: str) -> None:
    inside, outside = (org.person(name, department="Treasury") for name in ("inside", "outside"))
    gone = org.person("gone", department="Treasury")
    org.lifecycle(org.user(gone)["id"], "deactivate")
    group = org.team("treasury", inside, JANE)
    seen = org.events()
    found, told = await preview(program, expression=expression, group_ids=[group])
    assert (found["matching"], found["unknown"], found["at_least"]) == (2, 0, False)
    assert (told["joining"], told["first_joining"]) == (1, [shown(outside)])
    assert (told["may_leave"], told["first_may_leave"]) == (0, []), "a rule that does not exist has put nobody in"
    assert org.events() == seen


async def test_what_a_preview_says_comes_true(program: Program, org: Org) -> None:
    inside, outside, excluded = (org.person(name, department="Treasury") for name in ("inside", "outside", "excluded"))
    group = org.team("treasury", inside, JANE, LEILA)
    exclude = {"exclude": [org.user(excluded)["id"], org.user(LEILA)["id"]]}
    id = new_rule(org, "Into treasury", 'user.department=="Treasury"', group, users=exclude)
    found, told = await preview(program, group_rule_id=id)
    assert (found["status"], told["joining"], told["first_joining"]) == ("INACTIVE", 1, [shown(outside)])
    assert told["first_may_leave"] == ["Jane Doe <jane.doe@example.com>"]
    assert "leave only if the rule put them in" in found["note"]
    assert org.http.post(f"/api/v1/groups/rules/{id}/lifecycle/activate").status_code == 204
    found, told = await preview(program, group_rule_id=id)
    assert (told["joining"], found["status"]) == (0, "ACTIVE")
    assert group in org.groups_of(outside)
    assert group not in org.groups_of(excluded)


async def test_of_whom_it_cannot_be_told_is_counted_apart(program: Program, org: Org) -> None:
    org.person("upper", department="TREASURY")
    group = org.team("treasury")
    found, told = await preview(program, expression='user.department=="Treasury"', group_ids=[group])
    assert (found["matching"], found["unknown"], told["joining"]) == (0, 1, 0)
    found, _ = await preview(program, expression='isMemberOfGroupName("Legal")', group_ids=[group])
    assert found["matching"] == 0
    assert found["unknown"] > 50
    assert "Only Okta can tell whether the unknown people match" in found["note"]


async def test_a_preview_of_many_people_says_at_least(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    sandbox.org.limits.per_minute = 10_000_000
    group = org.team("many")
    for number in range(2_001):
        org.create(f"many{number}@example.com", department="Many")
    found, told = await preview(program, expression='user.department=="Many"', group_ids=[group])
    assert (found["matching"], told["joining"], found["at_least"], found["scanned"]) == (2_000, 2_000, True, 2_000)
    assert len(told["first_joining"]) == 20


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "invalid_input"),
        ({"group_rule_id": "Into legal", "expression": "true"}, "invalid_input"),
        ({"group_rule_id": "Into legal", "group_ids": ["Legal"]}, "invalid_input"),
        ({"expression": "user.title ==", "group_ids": ["Legal"]}, "not_evaluable"),
        ({"expression": "user.title =~ 'x'", "group_ids": ["Legal"]}, "not_evaluable"),
        ({"expression": "true", "group_ids": ["No such group"]}, "not_found"),
    ],
)
async def test_what_cannot_be_previewed_is_said(program: Program, org: Org, asked: dict[str, Any], code: str) -> None:
    new_rule(org, "Into legal", 'user.department=="Law"', "Legal")
    assert (await refuse(program, "preview_group_rule", **asked)).code == code


async def test_a_preview_tells_nothing_that_is_hidden(connected: None, org: Org) -> None:
    org.person("hidden", costCenter="42")
    async with Program(load(hidden_attributes=("cost_center",))) as program:
        asked = {"expression": 'user.costCenter=="42"', "group_ids": [org.team("secrets")]}
        error = await refuse(program, "preview_group_rule", **asked)
        assert (error.code, "costCenter" in str(error)) == ("hidden_attribute", True)
    async with Program(load(managed_users=(JANE,))) as program:
        found, told = await preview(program, expression='user.lastName!="nobody"', group_ids=[org.team("seen")])
        assert told["first_joining"] == ["Jane Doe <jane.doe@example.com>"]
        assert "People whom this server does not manage are left out." in found["note"]


# What protects them: the groups that they lead into


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        ({"protected_groups": ("Vault",)}, "protected_groups"),
        ({"managed_groups": ("Open*",)}, "managed_groups"),
        ({"managed_groups": ("Open", "Vault")}, None),
        ({"protected_groups": ("Into both",)}, None),
    ],
)
def test_a_rule_is_as_protected_as_each_of_its_groups(rules: dict[str, Any], rule: str | None) -> None:
    one = GroupRule(
        id="0pr1",
        name="Into both",
        status="ACTIVE",
        expression="true",
        targets=("00g1", "00g2"),
        excluded=frozenset(),
        names={"00g1": "Open", "00g2": "Vault"},
    )
    guard = Guard(Rules(**rules), {})
    if rule is None:
        guard._protect_listed(GROUP_RULE, one)
        return
    with pytest.raises(PolicyRefusal) as refused:
        guard._protect_listed(GROUP_RULE, one)
    assert refused.value.rule == rule
