"""Which applications nobody gets or loses, and what Okta itself refuses."""

import asyncio

import pytest

from connected_org import Org
from ledger import JANE, ask, begun, do, refuse
from server.desk.unmatched import unmatched
from server.policy.rules import Rules
from server.program import Program
from server.settings import load
from tests.toolsets.test_applications import application_id, client, give, has_it, named, through_a_group
from tools.contract.kinds import Identity
from tools.objects.applications import APPLICATION as KIND
from tools.objects.applications import Application
from worlds import Arguments


@pytest.mark.parametrize(
    ("integration", "told"),
    [
        ("okta_flow_sso", "is Okta Workflows"),
        ("flow", "is the client with which Okta Workflows"),
        ("okta_privileged_access_sso", "is Okta Privileged Access"),
        ("okta_org2org", "is an Org2Org connection"),
        ("partner_portal", "is the Partner Admin Portal"),
    ],
)
async def test_applications_that_administer_are_protected_whatever_they_are_called(
    program: Program, org: Org, integration: str, told: str
) -> None:
    id = named(org, "Harmless notes", name=integration, signOnMode="SAML_2_0")
    group = org.team("plain", JANE)
    before = org.events()
    for name, whom in (
        ("assign_user_to_application", {"user_id": JANE}),
        ("assign_group_to_application", {"group_id": group}),
    ):
        error = await refuse(program, name, application_id=id, **whom)
        assert error.details()["rule"] == "allow_administrators"
        assert f"“Harmless notes” {told}" in str(error)
    assert org.events() == before


async def test_the_app_of_the_connection_is_known_by_its_client_id_too(
    org: Org,
) -> None:
    """Okta lets a client choose its id, which the application's own then differs from."""
    id = client(org, "own")
    own = Application.model_validate(
        {**org.http.get(f"/api/v1/apps/{id}").json(), "credentials": {"oauthClient": {"client_id": "chosen"}}}
    )
    assert KIND.protection.own(own, Identity(client_id="chosen"))
    assert not KIND.protection.own(own, Identity(client_id="other"))
    assert not KIND.protection.own(own, Identity())


@pytest.mark.parametrize(
    ("name", "method", "step", "code", "next_step"),
    [
        ("assign_group_to_application", "PUT", "apps", "E0000007", "switched off or deleted meanwhile"),
        ("assign_user_to_application", "POST", "apps", "E0000007", "switched off or deleted meanwhile"),
        ("assign_user_to_application", "POST", "users", "E0000117", "activate_user"),
    ],
)
async def test_what_changes_between_the_question_and_the_write_is_told_with_what_to_do(
    program: Program, org: Org, name: str, method: str, step: str, code: str, next_step: str
) -> None:
    team, id = org.team("refused", JANE), named(org, "Vanishing")
    whom = {"group_id": team} if "group" in name else {"user_id": JANE}
    org.trouble({"kind": "delay", "seconds": 1.0, "method": method, "path": f"/api/v1/apps/{id}/"})
    waiting = asyncio.ensure_future(refuse(program, name, application_id=id, **whom))
    await begun(program)
    target = {"apps": id, "users": org.user(JANE)["id"]}[step]
    assert org.http.post(f"/api/v1/{step}/{target}/lifecycle/deactivate").status_code == 200
    error = await waiting
    assert error.code == code
    assert next_step in str(error)


async def test_a_person_who_has_it_by_a_group_as_well_is_told_what_okta_says(program: Program, org: Org) -> None:
    made = through_a_group(org, "doubly")
    id, user = application_id(org, made["application_id"]), org.user(made["user_id"])["id"]
    org.http.post(f"/api/v1/apps/{id}/users", json={"id": user, "scope": "USER"})
    error = await refuse(program, "unassign_user_from_application", **made)
    assert error.code == "E0000046"
    assert "explain_user_access names it" in str(error)
    assert has_it(org, made)


async def test_what_a_group_gives_is_named(program: Program, org: Org) -> None:
    made = through_a_group(org, "byname")
    error = await refuse(program, "unassign_user_from_application", **made)
    assert "through the group “Team byname”" in str(error)
    again = await do(program, "assign_user_to_application", **made)
    assert again["message"].endswith("has “Notes byname” through the group “Team byname”.")


# Groups that somebody joins


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ((), {"“Team joined” gives “Rota”."}),
        (("Slack",), {"“Team joined” gives “Rota” and “Slack”.", "“Team joined” gives “Slack” and “Rota”."}),
        (("Slack", "Intranet", "Payroll"), {"“Team joined” gives 4 applications."}),
    ],
)
async def test_who_joins_a_group_is_told_what_it_gives(
    program: Program, org: Org, others: tuple[str, ...], told: set[str]
) -> None:
    team = org.team("joined")
    give(org, named(org, "Rota"), org.group_id(team))
    for other in others:
        give(org, application_id(org, other), org.group_id(team))
    question = await ask(program, "add_user_to_group", user_id=JANE, group_id=team)
    assert told & set(question.parts.consequences)


async def test_nobody_gets_a_protected_application_by_joining_a_group(connected: None, org: Org) -> None:
    team, id = org.team("guarded"), named(org, "Vault keys")
    give(org, id, org.group_id(team))
    seen = org.events()
    async with Program(load(protected_applications=("Vault*",))) as program:
        for name, arguments in (
            ("add_user_to_group", {"user_id": JANE, "group_id": team}),
            ("assign_user_to_application", {"user_id": JANE, "application_id": id}),
            ("assign_group_to_application", {"group_id": "Legal", "application_id": id}),
            ("unassign_group_from_application", {"group_id": team, "application_id": id}),
        ):
            error = await refuse(program, name, **arguments)
            assert error.details()["rule"] == "protected_applications"
    assert org.events() == seen


async def test_nobody_gets_what_administers_okta_by_joining_a_group(program: Program, org: Org) -> None:
    team = org.team("flows")
    give(org, named(org, "Automation", name="okta_flow_sso", signOnMode="SAML_2_0"), org.group_id(team))
    error = await refuse(program, "add_user_to_group", user_id=JANE, group_id=team)
    assert error.details()["rule"] == "allow_administrators"
    assert "gives “Automation”: “Automation” is Okta Workflows" in str(error)


def ways_into(org: Org, team: str) -> dict[str, Arguments]:
    """Writes that put somebody into a group: by hand, at creation, and by the group rule that this makes."""
    rule = {
        "type": "group_rule",
        "name": "By town",
        "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": 'user.city=="Vaultville"'}},
        "actions": {"assignUserToGroups": {"groupIds": [org.group_id(team)]}},
    }
    made = org.http.post("/api/v1/groups/rules", json=rule).json()
    assert org.http.post(f"/api/v1/groups/rules/{made['id']}/lifecycle/activate").status_code == 204
    new = {
        "first_name": "New",
        "last_name": "Comer",
        "email": "new.comer@example.com",
        "login": "new.comer@example.com",
    }
    return {
        "add_user_to_group": {"user_id": JANE, "group_id": team},
        "create_user": {**new, "group_ids": [team]},
        "create_user by a rule": {**new, "attributes": [{"name": "city", "value": "Vaultville"}]},
        "update_user_profile": {"user_id": JANE, "attributes": [{"name": "city", "value": "Vaultville"}]},
    }


@pytest.mark.parametrize("others", [0, 24])
async def test_no_way_into_a_group_gives_what_is_protected(connected: None, org: Org, others: int) -> None:
    team = org.team("guarded")
    give(org, named(org, "Automation", name="okta_flow_sso", signOnMode="SAML_2_0"), org.group_id(team))
    for number in range(others):
        give(org, named(org, f"Rota {number}"), org.group_id(team))
    ways = ways_into(org, team)
    seen = org.events()
    async with Program(load()) as program:
        for name, arguments in ways.items():
            error = await refuse(program, name.split()[0], **arguments)
            assert (name, error.details().get("rule")) == (name, "allow_administrators")
            assert "“Automation” is Okta Workflows" in str(error)
    for rules in ({"allow_administrators": True}, {"allow_administrators": False}):
        async with Program(load(protected_applications=("Autom*",), **rules)) as program:
            for name, arguments in ways.items():
                error = await refuse(program, name.split()[0], **arguments)
                assert (name, error.details().get("rule")) == (name, "protected_applications")
    assert org.events() == seen
    async with Program(load(allow_administrators=True)) as program:
        question = await ask(program, "create_user", **ways["create_user"])
        assert "gives" in question.text


@pytest.mark.parametrize("others", [0, 24])
async def test_nobody_loses_a_protected_application_with_a_group(connected: None, org: Org, others: int) -> None:
    team = org.team("leaving", JANE)
    give(org, named(org, "Vault keys"), org.group_id(team))
    for number in range(others):
        give(org, named(org, f"Rota {number}"), org.group_id(team))
    seen = org.events()
    calls: dict[str, Arguments] = {
        "remove_user_from_group": {"user_id": JANE, "group_id": team},
        "delete_group": {"group_id": team},
    }
    async with Program(load(protected_applications=("Vault*",), allow_administrators=True)) as program:
        for name, arguments in calls.items():
            error = await refuse(program, name, **arguments)
            assert error.details().get("rule") == "protected_applications"
            assert "“Team leaving” gives “Vault keys”, which is protected" in str(error)
    assert org.events() == seen
    async with Program(load(protected_applications=("Vualt*",))) as program:
        for name, arguments in calls.items():
            assert (await do(program, name, **arguments))["changed"]


async def test_a_protected_application_that_does_not_exist_is_told(program: Program, org: Org) -> None:
    id = named(org, "Vault keys")
    rules = Rules(protected_applications=("vault KEYS", id, "Vault*", "Vualt keys"))
    okta = await program.connections.client(await program.connections.connected(None))
    assert [str(one) for one in await unmatched(rules, okta)] == [
        "protected_applications: “Vualt keys” is no application in this org."
    ]
