"""Who is in which group. Lists say what keeps a member there, and a removal from a group rule that it is for good."""

from typing import Any

import httpx2
import pytest

from connected_org import Org
from ledger import CALLER, JANE, ask, do, recorded
from server.door.door import Call, Result
from server.program import Program
from tools.text.quoting import quote
from worlds import GROUP, USER, Arguments, Make, World, ready


def outsider(org: Org, text: str) -> Arguments:
    return {"user_id": org.person(text), "group_id": org.team(text)}


def member(org: Org, text: str) -> Arguments:
    login = org.person(text)
    return {"user_id": login, "group_id": org.team(text, login)}


def is_member(org: Org, made: Arguments) -> bool:
    return made["group_id"] in org.groups_of(made["user_id"])


def meddle(org: Org, made: Arguments, text: str) -> None:
    org.update(made["user_id"], department=text)


WORLDS: dict[str, World] = {
    "add_user_to_group": World(
        make=outsider,
        is_done=is_member,
        event="group.user_membership.add",
        requests=rf"PUT /api/v1/groups/{GROUP}/users/{USER}",
        meddle=meddle,
    ),
    "remove_user_from_group": World(
        make=member,
        is_done=lambda org, made: not is_member(org, made),
        event="group.user_membership.remove",
        requests=rf"DELETE /api/v1/groups/{GROUP}/users/{USER}",
        meddle=meddle,
    ),
}
READS: dict[str, Make] = {
    "list_group_members": lambda org, text: {"group_id": org.team(text, org.person(text))},
    "list_user_groups": lambda org, text: {"user_id": member(org, text)["user_id"]},
}
READ_REQUESTS = (rf"/api/v1/groups/{GROUP}/(users|apps)(\?.*)?",)
PHRASINGS: dict[str, tuple[str, ...]] = {
    "add_user_to_group": (
        "Put Jane into the Engineering team",
        "add member group",
        "Jane zur Gruppe Vertrieb hinzufügen",
        "ajouter Jane au groupe Finance",
        "grantGroupMembership",
        "añadir un usuario a un grupo",
        "グループにメンバーを追加",
    ),
    "remove_user_from_group": (
        "Please kick Bob out of the Contractors group",
        "remove group membership",
        "Bob aus der Gruppe Praktikanten entfernen",
        "retirer un membre du groupe",
        "delete_group_member",
        "saca a Juan del grupo",
        "グループからユーザーを外す",
    ),
    "list_group_members": (
        "Who is in Engineering?",
        "group roster",
        "Gruppenmitglieder anzeigen",
        "qui est dans le groupe Finance ?",
        "getGroupUsers",
        "miembros de un grupo",
        "グループのメンバー一覧",
    ),
    "list_user_groups": (
        "Which groups does Jane belong to?",
        "user memberships",
        "In welchen Gruppen ist Jane?",
        "dans quels groupes se trouve Jane ?",
        "get_groups_of_user",
        "¿En qué grupos está Juan?",
        "ユーザーの所属グループ",
    ),
}

RULES = {
    'user.department=="People Operations"': "They are kept in it by the group rule",
    'user.department=="People Operations" and user.userType=="Employee"': "They are kept in it by the group rule",
    'String.len(user.department) > 3 and user.department=="People Operations"': "If the group rule",
}


def rule(http: httpx2.Client, group: str, expression: str, name: str = "The people’s") -> str:
    body = {
        "type": "group_rule",
        "name": name,
        "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}},
        "actions": {"assignUserToGroups": {"groupIds": [group]}},
    }
    made = http.post("/api/v1/groups/rules", json=body)
    assert made.status_code == 200, made.text
    id = str(made.json()["id"])
    assert http.post(f"/api/v1/groups/rules/{id}/lifecycle/activate").status_code == 204
    return id


def exceptions(http: httpx2.Client, id: str) -> list[str]:
    people = http.get(f"/api/v1/groups/rules/{id}").json()["conditions"].get("people") or {}
    return list(people.get("users", {}).get("exclude", []))


@pytest.mark.parametrize(("expression", "said"), RULES.items())
async def test_removing_whom_a_rule_keeps_is_said_to_be_for_good_and_is(
    program: Program, org: Org, http: httpx2.Client, expression: str, said: str
) -> None:
    id = rule(http, org.create_group("Ruled"), expression)
    assert "Ruled" in org.groups_of(JANE)
    membership: dict[str, Any] = {"user_id": JANE, "group_id": "Ruled"}
    would = (await do(program, "remove_user_from_group", **membership, dry_run=True))["would"]
    done = await do(program, "remove_user_from_group", **membership)
    for text in (would, done["message"]):
        assert said in text
        assert quote("The people’s") in text
        assert "permanently to the rule's exception list" in text
    assert exceptions(http, id) == [org.user(JANE)["id"]]

    reversal = (await recorded(program, done["change_id"])).change().reversal
    assert "manual member" in getattr(reversal, "loses", "")
    question = await ask(program, "undo_change", change_id=done["change_id"])
    assert "become a manual member" in question.text
    undone = await do(program, "undo_change", change_id=done["change_id"])
    assert "manual member" in undone["loses"]
    assert "Ruled" in org.groups_of(JANE)
    assert exceptions(http, id) == [org.user(JANE)["id"]]

    # From now on no rule keeps them, so that nothing is said of one.
    again = await do(program, "remove_user_from_group", **membership)
    assert "exception list" not in again["message"]
    back = await program.door.call(Call(CALLER, "undo_change", {"change_id": again["change_id"]}))
    assert isinstance(back, Result)


async def test_a_member_by_hand_is_removed_without_a_word_of_rules(
    program: Program, org: Org, http: httpx2.Client
) -> None:
    rule(http, org.create_group("Ruled"), 'user.department=="Legal"')
    await do(program, "add_user_to_group", user_id=JANE, group_id="Ruled")
    done = await do(program, "remove_user_from_group", user_id=JANE, group_id="Ruled")
    assert "rule" not in done["message"]


async def test_where_rules_cannot_be_read_that_is_said(program: Program, org: Org) -> None:
    org.trouble({"kind": "status", "status": 403, "path": "/api/v1/groups/rules", "times": 9})
    removal = await do(program, "remove_user_from_group", user_id=JANE, group_id="People Operations", dry_run=True)
    assert "whether a group rule keeps them" in removal["would"]
    listed = await do(program, "list_user_groups", user_id=JANE)
    assert "which groups a group rule keeps them in" in listed["note"]
    assert {"Everyone", "People Operations"} <= {group["name"] for group in listed["groups"]}


async def test_the_list_of_a_persons_groups_says_what_keeps_them_in_each(
    program: Program, org: Org, http: httpx2.Client
) -> None:
    rule(http, org.create_group("Ruled"), 'user.department=="People Operations"', "A")
    rule(http, org.create_group("Perhaps"), 'String.len(user.department) > 3 and user.department!="x"', "B")
    rule(http, org.create_group("Both"), 'user.department=="People Operations"', "C")
    rule(http, org.group_id("Both"), 'user.userType=="Employee"', "D")
    listed = await do(program, "list_user_groups", user_id=JANE, limit=200)
    kept = {group["name"]: group.get("kept_by") for group in listed["groups"]}
    assert kept["Everyone"] == "Okta itself"
    assert kept["Domain Users"] == "the application or directory that it is imported from"
    assert kept["People Operations"] is None
    assert (kept["Ruled"], kept["Perhaps"]) == ("the group rule “A”", "perhaps the group rule “B”")
    assert kept["Both"] == "the group rule “C” and “D”"
    for name in ("Everyone", "Domain Users"):
        outcome: Any = await program.door.call(
            Call(CALLER, "remove_user_from_group", {"user_id": JANE, "group_id": name})
        )
        assert outcome.error.code == "group_not_manageable"


async def test_groups_are_counted_alike_in_a_question_and_in_the_list(program: Program, org: Org) -> None:
    for login in (JANE, "okta-actions@example.com", "dana.whitfield@example.com"):
        groups = (await do(program, "list_user_groups", user_id=login, limit=200))["groups"]
        own = [group for group in groups if group["type"] != "BUILT_IN"]
        assert len(groups) == len(own) + 1
        if login.startswith("okta-actions"):
            continue  # whom the connection acts as is never asked about
        told = (await do(program, "deactivate_user", user_id=login, dry_run=True))["would"]
        assert f"in {len(own)} group{'s' * (len(own) != 1)} besides Everyone" in told


async def test_a_write_and_its_undo_say_who_is_in_which_group_now(program: Program, org: Org) -> None:
    for name, said, member_now in (("add_user_to_group", "Added", True), ("remove_user_from_group", "Removed", False)):
        write = await ready(name, org)
        login, group = write.arguments["user_id"], write.arguments["group_id"]
        done = await do(program, name, **write.arguments)
        assert f"{said} Test {write.text} <{login}> {'to' if member_now else 'from'} “{group}”." in done["message"]
        assert (done["login"], done["group_id"], done["group"]) == (login, org.group_id(group), group)
        assert done["member"] is (group in org.groups_of(login)) is member_now
        again = await do(program, name, **write.arguments)
        assert (again["changed"], again["member"]) == (False, member_now)
        assert f"<{login}> {'is in' if member_now else 'is not in'} “{group}”" in again["message"]
        undone = await do(program, "undo_change", change_id=done["change_id"])
        assert undone["member"] is (group in org.groups_of(login)) is not member_now
