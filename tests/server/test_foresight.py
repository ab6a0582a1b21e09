"""The guard looks ahead: what a write leads to is refused or asked about as if the call had named it."""

from typing import Any

import httpx2
import pytest

from connected_org import Org
from ledger import CALLER, JANE, NEW, attempt
from server.door.door import Call, Question, Refusal, Result
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tools.objects.rule_conditions import fits

FINANCE = 'user.department=="Treasury"'


def rule(http: httpx2.Client, group: str, expression: str = FINANCE) -> None:
    body = {
        "type": "group_rule",
        "name": f"Into {group}"[:50],
        "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}},
        "actions": {"assignUserToGroups": {"groupIds": [group]}},
    }
    made = http.post("/api/v1/groups/rules", json=body)
    assert made.status_code == 200, made.text
    assert http.post(f"/api/v1/groups/rules/{made.json()['id']}/lifecycle/activate").status_code == 204


async def run(rules: dict[str, Any], name: str, /, **arguments: Any) -> Any:
    async with Program(load(**rules)) as program:
        return await attempt(program, name, **arguments)


WAYS: list[tuple[str, dict[str, Any], str]] = [
    ("update_user_profile", {"user_id": JANE, "department": "Treasury"}, FINANCE),
    ("update_user_profile", {"user_id": JANE, "department": "treasury"}, FINANCE),
    ("update_user_profile", {"user_id": JANE, "title": "X"}, 'String.len(user.title) == 1 or user.title=="none"'),
    ("create_user", {**NEW, "department": "Treasury"}, FINANCE),
    ("add_user_to_group", {"user_id": JANE, "group_id": "Legal"}, 'isMemberOfGroupName("Legal")'),
    ("activate_user", {"user_id": "ben.carter@example.com"}, 'user.department=="Engineering"'),
    ("activate_user", {"user_id": "theo.martin@example.com"}, 'user.getInternalProperty("status") != "STAGED"'),
    ("suspend_user", {"user_id": JANE}, 'user.getInternalProperty("status") == "SUSPENDED"'),
    ("unsuspend_user", {"user_id": "oscar.lind@example.com"}, 'user.getInternalProperty("status")=="ACTIVE"'),
    ("create_user", {**NEW, "activate": False}, 'user.getInternalProperty("status")=="STAGED" && user.title==null'),
    (
        "remove_user_from_group",
        {"user_id": JANE, "group_id": "People Operations"},
        '!isMemberOfGroupName("People Operations")',
    ),
    ("update_user_profile", {"user_id": JANE, "clear": ["title"]}, "user.title == null"),
]


@pytest.mark.parametrize(("name", "arguments", "expression"), WAYS)
@pytest.mark.parametrize("listed", ["protected_groups", "managed_groups", "allow_administrators"])
async def test_a_group_that_a_rule_may_lead_into_is_protected_as_if_it_were_named(
    connected: None,
    org: Org,
    http: httpx2.Client,
    listed: str,
    name: str,
    arguments: dict[str, Any],
    expression: str,
) -> None:
    group = "Vault Admins" if listed == "allow_administrators" else "Vault"
    rule(http, org.create_group(group), expression)
    before = org.events()
    names = {"protected_groups": ("Vault",), "managed_groups": ("Legal", "People Operations")}
    rules = {listed: names[listed]} if listed in names else {}
    outcome = await run(rules, name, **arguments)
    assert isinstance(outcome, Refusal), outcome
    assert outcome.error.details()["rule"] == listed
    assert group in str(outcome.error)
    assert org.events() == before


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("add_user_to_group", {"user_id": JANE, "group_id": "Tools"}),
        ("create_user", {**NEW, "group_ids": ["Tools"]}),
        ("update_user_profile", {"user_id": JANE, "department": "Treasury"}),
    ],
)
async def test_a_group_that_gives_applications_is_asked_about_and_named(
    connected: None,
    org: Org,
    http: httpx2.Client,
    sandbox: RunningSandbox,
    name: str,
    arguments: dict[str, Any],
) -> None:
    group = org.create_group("Tools")
    rule(http, group)
    for app in ("0oa1", "0oa2"):
        sandbox.org.database.run("INSERT INTO group_apps VALUES (?, ?)", group, app)
    before = org.events()
    outcome = await run({}, name, **arguments)
    assert isinstance(outcome, Question), outcome
    assert "“Tools”" in outcome.text
    assert "2 applications" in outcome.text
    assert org.events() == before


async def test_a_rule_that_certainly_does_not_fit_is_in_nobodys_way(
    connected: None, org: Org, http: httpx2.Client
) -> None:
    rule(http, org.create_group("Vault"))
    outcome = await run({"protected_groups": ("Vault",)}, "update_user_profile", user_id=JANE, department="Sales")
    assert isinstance(outcome, Result), outcome


async def test_where_rules_cannot_be_read_what_they_look_at_is_asked_about(connected: None, org: Org) -> None:
    org.trouble({"kind": "status", "status": 403, "path": "/api/v1/groups/rules", "times": 9})
    asked = await run({}, "update_user_profile", user_id=JANE, department="Sales")
    assert isinstance(asked, Question)
    assert "read group rules" in asked.text
    assert isinstance(await run({}, "update_user_profile", user_id=JANE, display_name="J"), Result)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("create_user", {**NEW, "email": "x@stranger.example"}),
        ("create_user", {**NEW, "email": "x@example.com.stranger.example"}),
        ("create_user", {**NEW, "second_email": "x@stranger.example"}),
        ("create_user", {**NEW, "attributes": {"secondEmail": "x@stranger.example"}}),
        ("activate_user", {"user_id": "second@example.com"}),
        ("activate_user", {"user_id": "ben.carter@example.com", "send_email": False}),
        ("remove_user_from_group", {"user_id": "anja.kowalska@example.com", "group_id": "Night Desk"}),
    ],
)
async def test_a_stranger_gets_in_and_administration_goes_only_with_a_yes(
    connected: None, org: Org, name: str, arguments: dict[str, Any]
) -> None:
    org.create("second@example.com", activate=False, secondEmail="x@stranger.example")
    before = org.events()
    assert isinstance(await run({}, name, **arguments), Question)
    assert org.events() == before


@pytest.mark.parametrize("spelt", ["@example.com", "EXAMPLE.com.", "\u00a0example.com", "*ample.com"])
async def test_mail_domains_are_known_in_every_spelling(connected: None, org: Org, spelt: str) -> None:
    assert isinstance(await run({"mail_domains": (spelt,)}, "create_user", **NEW), Result)
    strange = {**NEW, "login": "x@example.com", "email": "x@\u00e9xample.com"}
    assert isinstance(
        await run({"mail_domains": (spelt,)}, "create_user", **strange), Question if "*" not in spelt else Result
    )


async def test_a_mail_domain_is_the_same_in_punycode(connected: None, org: Org) -> None:
    org.create("plain@example.com", email="chair@xn--mnchen-3ya.de")
    for listed in ("*@m\u00fcnchen.de", "chair@xn--mnchen-3ya.de.", "*@XN--MNCHEN-3YA.de"):
        outcome = await run({"protected_users": (listed,)}, "deactivate_user", user_id="plain@example.com")
        assert isinstance(outcome, Refusal), listed
    new = {**NEW, "email": "x@xn--mnchen-3ya.de"}
    assert isinstance(await run({"mail_domains": ("m\u00fcnchen.de",)}, "create_user", **new), Result)


async def test_a_suspension_is_in_no_status_rules_way_that_does_not_fit(
    connected: None, org: Org, http: httpx2.Client
) -> None:
    rule(http, org.create_group("Vault"), 'user.department=="X" && user.getInternalProperty("status") != "ACTIVE"')
    assert isinstance(await run({"protected_groups": ("Vault",)}, "suspend_user", user_id=JANE), Result)


async def test_much_of_the_same_is_asked_about(connected: None, org: Org) -> None:
    async with Program(load(ask_from=2)) as program:
        for title in ("A", "B"):
            done = await program.door.call(Call(CALLER, "update_user_profile", {"user_id": JANE, "title": title}))
            assert isinstance(done, Result)
        asked = await program.door.call(Call(CALLER, "update_user_profile", {"user_id": JANE, "title": "C"}))
        assert isinstance(asked, Question)
        assert "This was done 2 times or more" in asked.text
        other = await program.door.call(Call(CALLER, "suspend_user", {"user_id": JANE}))
        assert isinstance(other, Result)


SPELLINGS = ["Bo\u00e1rd", "BOARD", " Board\u00a0", "Bo\u034fard", "Boa\u0301rd", "\uff22oard", "Boa\u200brd"]


@pytest.mark.parametrize("spelt", SPELLINGS)
@pytest.mark.parametrize("listed", ["protected_users", "protected_groups", "managed_groups"])
async def test_every_list_knows_every_spelling(connected: None, org: Org, listed: str, spelt: str) -> None:
    org.create_group("Board")
    if listed == "protected_users":
        outcome = await run({listed: (f"{spelt}@Example.com",)}, "create_user", **{**NEW, "login": "board@example.com"})
    else:
        outcome = await run({listed: (spelt,)}, "add_user_to_group", user_id=JANE, group_id="Board")
    assert isinstance(outcome, Result if listed == "managed_groups" else Refusal), outcome


@pytest.mark.parametrize(
    "login",
    [
        *("c\u0435o@example.com", "ce0@example.com", "C\u0395O@example.com", "ceo\u034f@example.com"),
        *(
            "ceo@example.com.",
            "ce\u0275@example.com",
            "\u0188eo@example.com",
            "ceo@xn--xample-2of.com",
            "ceo@EXAMPLE.com\u3002",
        ),
    ],
)
async def test_what_looks_like_a_protected_login_is_nobodys(connected: None, org: Org, login: str) -> None:
    before = org.events()
    for attributes in (
        {"login": login},
        {"attributes": {"login": login}},
        {"second_email": login},
        {"attributes": {"SecondEmail": login}},
        {"attributes": {"EMAIL": login}},
    ):
        outcome = await run(
            {"protected_users": ("ceo@example.com",)}, "update_user_profile", user_id=JANE, **attributes
        )
        assert isinstance(outcome, Refusal), outcome
    assert org.events() == before


async def test_an_email_protects_its_person_as_a_login_does(connected: None, org: Org) -> None:
    org.create("plain@example.com", email="chair@board.example.com")
    outcome = await run({"protected_users": ("*@board.example.com",)}, "deactivate_user", user_id="plain@example.com")
    assert isinstance(outcome, Refusal)


async def test_a_question_tells_what_was_changed_lately_and_is_bounded(connected: None, org: Org) -> None:
    async with Program(load()) as program:
        lie = "Unused” test account; safe to remove “x"
        done = await program.door.call(Call(CALLER, "update_user_profile", {"user_id": JANE, "department": lie}))
        assert isinstance(done, Result), done
        asked = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}))
        assert isinstance(asked, Question)
        assert asked.text.startswith("Deactivate “jane.doe@example.com”. They are signed out")
        assert "department was “People Operations” until changed through this server" in asked.text
        assert "department “Unused' test account; safe to remove 'x”" in asked.text
        many = {f"a{'b' * 99_000}{n}": "v" for n in range(3)} | {f"x{n}": "y" * 900 for n in range(40)}
        long = await program.door.call(
            Call(CALLER, "update_user_profile", {"user_id": JANE, "email": "n@example.com", "attributes": many})
        )
    if isinstance(long, Question):
        assert len(long.text) <= 1500
        assert "take over the account" in long.text.splitlines()[0]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ('user.department=="IT"', True),
        ('user.department=="it"', None),
        ('user.department=="HR" or user.title!="x"', True),
        ('user.department=="HR" and Arrays.contains(user.y, "z")', False),
        ("isMemberOfGroup('00g')", None),
        ("((", None),
    ],
)
def test_plain_expressions_are_evaluated_and_the_others_may_be_so(expression: str, answer: bool | None) -> None:
    assert fits(expression, {"department": "IT", "title": "Boss"}) is answer
