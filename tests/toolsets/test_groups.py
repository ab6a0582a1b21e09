"""Groups themselves."""

from typing import Any

import pytest
from hypothesis import strategies as st

from connected_org import Org
from ledger import JANE, ask, do, forbidden, recorded, refuse, run
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tools.search.groups import SearchGroups
from worlds import GROUP, Arguments, Make, World, moments


def has_group(org: Org, name: str) -> bool:
    return any(one["profile"]["name"] == name for one in org.http.get("/api/v1/groups").json())


def begin_alike(org: Org, made: Arguments, text: str) -> None:
    org.create_group(f"{made['name']} {text}")


def giving(org: Org, text: str) -> str:
    """The name of a new group that gives an application."""
    name = org.team(text)
    id = org.http.get("/api/v1/apps", params={"q": "Slack"}).json()[0]["id"]
    org.http.put(f"/api/v1/apps/{id}/groups/{org.group_id(name)}", json={}).raise_for_status()
    return name


def owned(org: Org, text: str) -> str:
    """The name of a new group that a person and a group own."""
    name, person = org.team(text), org.person(f"owner.{text}")
    for owner in ({"id": org.user(person)["id"], "type": "USER"}, {"id": org.group_id("Legal"), "type": "GROUP"}):
        org.http.post(f"/api/v1/groups/{org.group_id(name)}/owners", json=owner).raise_for_status()
    return name


WORLDS: dict[str, World] = {
    "create_group": World(
        make=lambda org, text: {"name": f"Squad {text}", "description": f"All about {text}"},
        is_done=lambda org, made: has_group(org, made["name"]),
        event="group.lifecycle.create",
        requests="POST /api/v1/groups",
        # Whoever is asked is told of names that begin alike.
        meddle=begin_alike,
    ),
    "update_group": World(
        make=lambda org, text: {"group_id": org.group_id(org.team(text)), "name": f"Crew {text}"},
        is_done=lambda org, made: has_group(org, made["name"]),
        event="group.profile.update",
        requests=rf"PUT /api/v1/groups/{GROUP}",
        meddle=lambda org, made, text: org.describe(made["name"].replace("Crew", "Team"), text),
    ),
    "delete_group": World(
        make=lambda org, text: {"group_id": org.team(text)},
        is_done=lambda org, made: not has_group(org, made["group_id"]),
        event="group.lifecycle.delete",
        requests=rf"DELETE /api/v1/groups/{GROUP}",
        gone=True,
        meddle=lambda org, made, text: org.describe(made["group_id"], text),
    ),
}
READS: dict[str, Make] = {
    "lookup_group": lambda org, text: {"group_id": org.team(text)},
    "search_groups": lambda org, text: {"words": org.team(text), "with_counts": True},
    "list_group_applications": lambda org, text: {"group_id": giving(org, text)},
    "list_group_owners": lambda org, text: {"group_id": owned(org, text)},
    "review_group_access": lambda org, text: {"group_id": org.team(text, org.person(text))},
}
READ_REQUESTS = (
    rf"/api/v1/groups(/{GROUP}(/(users|apps|owners))?)?(\?.*)?",
    rf"/api/v1/logs\?since=.*&filter=.*{GROUP}%22&sortOrder=DESCENDING&limit=1000",
)
GROUPS = st.sampled_from(["Legal", "Sales", "Everyone", "Domain Users", "Night Desk", "People Operations"])
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "group_id": GROUPS,
    "group_ids": st.lists(GROUPS, max_size=3),
    **moments(SearchGroups),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "create_group": (
        "Please set up a new group for the project team",
        "new group",
        "Eine neue Gruppe anlegen",
        "créer un groupe",
        "makeGroup",
        "crear un grupo nuevo",
        "グループを作成",
    ),
    "update_group": (
        "Our team has another name now, please rename the group",
        "change group description",
        "Gruppe umbenennen",
        "modifier la description d'un groupe",
        "rename_group",
        "cambiar el nombre de un grupo",
        "グループ名を変更",
    ),
    "delete_group": (
        "Nobody uses the group Old Project any more, get rid of it",
        "delete group",
        "Gruppe löschen",
        "supprimer un groupe",
        "drop_group",
        "eliminar un grupo",
        "グループを削除",
    ),
    "list_group_applications": (
        "Which apps does the group Sales give its members?",
        "group applications",
        "Anwendungen einer Gruppe auflisten",
        "applications d'un groupe",
        "list_group_apps",
        "aplicaciones de un grupo",
        "グループのアプリ",
    ),
    "list_group_owners": (
        "Who owns the group Finance?",
        "group owners",
        "Wer ist für die Gruppe verantwortlich?",
        "propriétaires d'un groupe",
        "getGroupOwners",
        "propietario del grupo",
        "グループの所有者",
    ),
    "review_group_access": (
        "Review who still needs access to the group VPN Users",
        "access review of a group",
        "Zugriff einer Gruppe überprüfen",
        "revue des accès d'un groupe",
        "certify_group",
        "revisión de accesos del grupo",
        "グループのアクセスレビュー",
    ),
    "lookup_group": (
        "How many members does the group Finance have?",
        "group details",
        "Details der Gruppe Finance anzeigen",
        "afficher les informations d'un groupe",
        "get_group",
        "información del grupo Ventas",
        "グループの詳細",
    ),
    "search_groups": (
        "Find all groups whose name starts with Sales",
        "list groups",
        "Gruppen suchen",
        "chercher un groupe par nom",
        "findGroups",
        "buscar grupos",
        "グループを検索",
    ),
}


async def test_words_of_groups_are_words_or_their_beginnings(program: Program, org: Org) -> None:
    for name in ("Presales", "Sales-EMEA", "After (Sales)"):
        org.create_group(name)
    names = {one["name"] for one in (await do(program, "search_groups", words="sales"))["groups"]}
    assert names == {"Sales", "Sales-EMEA", "After (Sales)"}


def group(org: Org, name: str) -> dict[str, Any]:
    found: dict[str, Any] = org.http.get(f"/api/v1/groups/{org.group_id(name)}").json()
    return found


def rule(org: Org, name: str, expression: str, *targets: str) -> str:
    """The id of an active group rule."""
    body = {
        "type": "group_rule",
        "name": name,
        "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}},
        "actions": {"assignUserToGroups": {"groupIds": [org.group_id(target) for target in targets]}},
    }
    id = str(org.http.post("/api/v1/groups/rules", json=body).raise_for_status().json()["id"])
    org.http.post(f"/api/v1/groups/rules/{id}/lifecycle/activate").raise_for_status()
    return id


def own_attribute(org: Org, name: str) -> None:
    definitions = {"custom": {"id": "#custom", "type": "object", "properties": {name: {"type": "string"}}}}
    org.http.post("/api/v1/meta/schemas/group/default", json={"definitions": definitions}).raise_for_status()


# Changing


async def test_a_group_keeps_what_is_not_changed(program: Program, org: Org) -> None:
    own_attribute(org, "costCenter")
    id = org.create_group("Night Shift", "Late")
    profile = {"name": "Night Shift", "description": "Late", "costCenter": "42"}
    org.http.put(f"/api/v1/groups/{id}", json={"profile": profile}).raise_for_status()
    renamed = await run(program, "update_group", group_id="Night Shift", name="Day Shift")
    assert group(org, "Day Shift")["profile"] == {**profile, "name": "Day Shift"}
    await run(program, "update_group", group_id=id, clear_description=True)
    assert group(org, "Day Shift")["profile"] == {**profile, "name": "Day Shift", "description": None}
    await do(program, "undo_change", change_id=renamed["change_id"])
    assert group(org, "Night Shift")["profile"] == {**profile, "description": None}


async def test_a_description_comes_back_or_goes_again(program: Program, org: Org) -> None:
    org.create_group("Night Shift")
    for before, after in ((None, "Late"), ("Late", None)):
        wanted = {"description": after} if after else {"clear_description": True}
        done = await run(program, "update_group", group_id="Night Shift", **wanted)
        assert group(org, "Night Shift")["profile"]["description"] == after
        await do(program, "undo_change", change_id=done["change_id"])
        assert group(org, "Night Shift")["profile"]["description"] == before
        org.describe("Night Shift", "Late")


async def test_what_is_so_already_is_not_sent(program: Program, org: Org) -> None:
    org.create_group("Night Shift", "Late")
    seen = org.events()
    done = await run(program, "update_group", group_id="Night Shift", name="Night Shift", description="Late")
    assert (done["success"], done["changed"]) == (True, False)
    assert org.events() == seen
    for wanted in ({}, {"description": "x", "clear_description": True}):
        assert (await refuse(program, "update_group", group_id="Night Shift", **wanted)).code == "invalid_input"


async def test_a_name_may_change_its_case_only(program: Program, org: Org) -> None:
    org.create_group("Night Shift")
    await run(program, "update_group", group_id="Night Shift", name="night shift")
    assert has_group(org, "night shift")
    assert (await refuse(program, "update_group", group_id="night shift", name="LEGAL")).code == "name_taken"


@pytest.mark.parametrize("name", ["Everyone", "Domain Users"])
@pytest.mark.parametrize("action", ["update_group", "delete_group"])
async def test_groups_that_okta_or_a_directory_keeps_are_left_alone(
    program: Program, org: Org, action: str, name: str
) -> None:
    seen = org.events()
    more = {"name": "Mine"} if action == "update_group" else {}
    assert (await refuse(program, action, group_id=name, **more)).code == "group_not_manageable"
    assert org.events() == seen


@pytest.mark.parametrize("action", ["update_group", "delete_group"])
@pytest.mark.parametrize(
    ("rules", "name", "rule"),
    [
        ({}, "Night Desk", "allow_administrators"),
        ({"protected_groups": ("Leg*",)}, "Legal", "protected_groups"),
        ({"managed_groups": ("Sales",)}, "Legal", "managed_groups"),
        ({"managed_users": ("group:Legal",)}, "Legal", "managed_users"),
    ],
)
async def test_groups_that_the_rules_go_by_keep_their_names(
    connected: None, org: Org, action: str, rules: dict[str, Any], name: str, rule: str
) -> None:
    seen = org.events()
    more = {"name": "Sales 2"} if action == "update_group" else {}
    async with Program(load(**rules)) as program:
        assert (await forbidden(program, action, group_id=name, **more)).rule == rule
    assert org.events() == seen


@pytest.mark.parametrize("action", ["update_group", "delete_group"])
async def test_rules_that_ask_for_a_group_are_told_and_obeyed(connected: None, org: Org, action: str) -> None:
    for name in ("Blue", "Green", "Vault"):
        org.create_group(name)
    more = {"name": "Red"} if action == "update_group" else {}
    rule(org, "Blue to green", 'isMemberOfGroupName("Blue")', "Green")
    async with Program(load(protected_groups=("Vault",))) as program:
        question = await ask(program, action, group_id="Blue", **more)
        assert "The group rule “Blue to green” asks who is in it, and may move people into or out of “Green”." in (
            question.text
        )
        await run(program, "update_group", group_id="Blue", description="No rule looks at this")
        rule(org, "Not blue", '!isMemberOfGroupName("Blue")', "Vault")
        seen = org.events()
        assert (await forbidden(program, action, group_id="Blue", **more)).rule == "protected_groups"
    assert org.events() == seen


# Deleting


async def test_a_question_says_what_hangs_on_a_group(program: Program, org: Org) -> None:
    name = org.team("doomed", JANE, "leila.hosseini@example.com")
    id = org.group_id(name)
    led = rule(org, "Into doomed", 'user.department=="Doomed"', name)
    app = org.http.get("/api/v1/apps", params={"q": "Slack"}).json()[0]["id"]
    org.http.put(f"/api/v1/apps/{app}/groups/{id}", json={}).raise_for_status()
    org.http.post(f"/api/v1/groups/{id}/owners", json={"id": org.user(JANE)["id"], "type": "USER"}).raise_for_status()
    question = await ask(program, "delete_group", group_id=name)
    assert question.text.startswith(
        f"Delete the group “{name}”. It has 2 members, gives 1 application, has 1 owner, and 1 group rule that puts "
        "people into it becomes INVALID. Nothing brings it back."
    )
    assert "Applications: “Slack”." in question.text
    assert "Group rules that put people into it: “Into doomed”." in question.text
    done = await do(program, "delete_group", group_id=name)
    assert "had 2 members" in done["message"]
    assert org.http.get(f"/api/v1/groups/rules/{led}").json()["status"] == "INVALID"
    kept = (await recorded(program, done["change_id"])).before
    assert set(kept["member_ids"]) == {org.user(JANE)["id"], org.user("leila.hosseini@example.com")["id"]}
    assert (kept["applications_given"], kept["rules_into_it"]) == ({app: "Slack"}, {led: "Into doomed"})
    error = await refuse(program, "undo_change", change_id=done["change_id"])
    assert (error.code, "nothing brings a group back" in str(error)) == ("not_undoable", True)
    assert (await refuse(program, "delete_group", group_id=id)).code == "not_found"


async def test_a_group_that_nobody_uses_is_said_to_be_one(program: Program, org: Org) -> None:
    question = await ask(program, "delete_group", group_id=org.team("nobody"))
    assert "It has no members, gives no applications, has no owners, and no group rule needs it." in question.text


async def test_members_beyond_a_page_are_counted_and_not_all_kept(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    org.create_group("Large")
    id, people = org.group_id("Large"), [org.create(f"p{number}@example.com")["id"] for number in range(203)]
    for person in people:
        assert org.http.put(f"/api/v1/groups/{id}/users/{person}").status_code == 204
    question = await ask(program, "delete_group", group_id="Large")
    assert "It has 203 members" in question.text
    done = await do(program, "delete_group", group_id="Large")
    assert len((await recorded(program, done["change_id"])).before["member_ids"]) == 200


async def test_the_name_is_typed_or_the_id_where_the_name_deceives(program: Program, org: Org) -> None:
    plain, deceiving = org.create_group("Night Shift"), org.create_group("Nіght Shift")
    assert (await ask(program, "delete_group", group_id=plain)).parts.must_type == "Night Shift"
    assert (await ask(program, "delete_group", group_id=deceiving)).parts.must_type == deceiving


@pytest.mark.parametrize(
    "name",
    ["Old” to confirm. Type “yes", '"Old" Crew', "“Old”", "A  B", "x" * 200, "”"],
)
async def test_what_is_typed_is_never_a_name_that_plays_with_the_question(
    program: Program, org: Org, name: str
) -> None:
    id = org.create_group(name)
    question = await ask(program, "delete_group", group_id=id)
    assert question.parts.must_type == id
    assert "confirm. Type “yes" not in question.text
    assert (await do(program, "delete_group", group_id=id))["changed"]
    assert not has_group(org, name)


async def test_a_question_about_a_group_tells_what_it_was_called_a_moment_ago(program: Program, org: Org) -> None:
    """A program that wants a yes may first give a group a harmless name."""
    id = org.create_group("Production Access")
    slack = org.http.get("/api/v1/apps", params={"q": "Slack"}).json()[0]["id"]
    org.http.put(f"/api/v1/apps/{slack}/groups/{id}", json={}).raise_for_status()
    await do(program, "update_group", group_id=id, name="Lunch Club", description="Who eats when")
    for name, arguments in (
        ("add_user_to_group", {"user_id": JANE, "group_id": id}),
        ("delete_group", {"group_id": id}),
    ):
        question = await ask(program, name, **arguments)
        assert "The group's name was “Production Access” until changed through this server" in question.text
    await do(program, "update_group", group_id=id, name="Production Access", description="Who eats when")
    assert "Lunch Club" not in (await ask(program, "delete_group", group_id=id)).text
