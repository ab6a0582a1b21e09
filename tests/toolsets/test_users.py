"""People and their attributes. Whatever name one has in the map, it is checked as the argument of its own would be."""

import asyncio
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from connected_org import Org
from ledger import CALLER, JANE, NEW, ask, do, outcome_of, pages, recorded, refuse
from server.door.door import Answer, Call, Refusal
from server.program import Program
from server.settings import load
from tools.catalogue import CATALOGUE
from tools.contract.resolving import observe
from tools.objects.attribute_names import CORE, NAMED, OPTIONAL
from tools.objects.profile import Attributes
from tools.okta.errors import HalfDone
from tools.search.people import SearchUsers
from tools.users.creating import CreateUser
from worlds import USER, Make, World, moments

WHO = "somebody@example.com"


def newcomer(org: Org, text: str) -> dict[str, Any]:
    address = f"{text}@example.com"
    names = {"first_name": "New", "last_name": text, "login": address, "email": address}
    return {**names, "group_ids": [org.team(text)]}


def deactivated(org: Org, text: str) -> dict[str, Any]:
    login = org.person(text)
    org.lifecycle(login, "deactivate")
    return {"user_id": login}


WORLDS: dict[str, World] = {
    "create_user": World(
        make=newcomer,
        is_done=lambda org, made: org.has_user(made["login"]),
        event="user.lifecycle.create",
        requests=rf"POST /api/v1/users\?activate=(true|false)|"
        rf"POST /api/v1/users/{USER}/lifecycle/activate\?sendEmail=false",
        meddle=lambda org, made, text: org.describe(made["group_ids"][0], text),
    ),
    "update_user_profile": World(
        make=lambda org, text: {"user_id": org.person(text), "title": f"Chief {text}"},
        is_done=lambda org, made: org.user(made["user_id"])["profile"].get("title") == made["title"],
        event="user.account.update_profile",
        requests=rf"POST /api/v1/users/{USER}",
        meddle=lambda org, made, text: org.update(made["user_id"], department=text),
    ),
    "delete_user": World(
        make=deactivated,
        is_done=lambda org, made: not org.has_user(made["user_id"]),
        event="user.lifecycle.delete.initiated",
        requests=rf"DELETE /api/v1/users/{USER}",
        gone=True,
        meddle=lambda org, made, text: org.join(org.team(text), made["user_id"]),
    ),
}
READS: dict[str, Make] = {
    "count_users": lambda org, text: {"words": org.person(text), "by": "department"},
    "export_group_members": lambda org, text: {"group_id": org.team(text, org.person(text))},
    "export_users": lambda org, text: {"words": org.person(text), "format": "jsonl"},
    "get_user_schema": lambda org, text: {"words": "division"},
    "lookup_user": lambda org, text: {"user_id": org.person(text)},
    "search_users": lambda org, text: {"words": org.person(text)},
}
READ_REQUESTS = (
    # Whom a caller names is looked up in one encoded part of a path, or in a query; from then on ids travel.
    r"/api/v1/users(/[^/?]+)?(\?.*)?",
    rf"/api/v1/users/{USER}/(groups|roles)(\?.*)?",
    # What a change may lead to.
    r"/api/v1/groups/rules\?limit=200",
    r"/api/v1/meta/schemas/user/default",
    # What goes with somebody who is deleted.
    r"/api/v1/apps\?filter=user\.id.*",
)
PEOPLE = ("jane.doe", "peter.svensson", "oscar.lind", "theo.martin", "sam.taylor", "tess.nguyen", "okta-actions")
ADDRESSES = st.from_regex(r"[a-z]{1,6}(\.[a-z]{1,6})?@example\.com", fullmatch=True)
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "user_id": st.sampled_from([f"{account}@example.com" for account in PEOPLE]),
    "login": ADDRESSES,
    "email": ADDRESSES,
    "second_email": ADDRESSES,
    "fields": st.lists(st.sampled_from(["email", "cost_center", "lastLogin", "noSuchThing"]), max_size=3),
    "by": st.sampled_from(["status", "department", "city", "noSuchThing"]),
    "cursor": st.integers(0, 60).map(str),
    **moments(SearchUsers),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "lookup_user": (
        "What is the status of jane.doe@example.com?",
        "user details by login",
        "Zeig mir die Angaben zum Benutzer Jane Doe",
        "whois jdoe",
        "get_user",
        "¿Quién es Jane Doe? Muéstrame su ficha",
    ),
    "count_users": (
        "How many people are in Sales and have never signed in?",
        "user count by status",
        "Wie viele Benutzer sind gesperrt?",
        "combien d'utilisateurs sont actifs ?",
        "get_user_count",
        "¿Cuántas personas hay en Marketing?",
        "ユーザーは何人いますか",
        "headcount by department",
    ),
    "export_group_members": (
        "Give me a spreadsheet with all members of Engineering",
        "export group members csv",
        "Mitglieder der Gruppe Vertrieb als CSV exportieren",
        "exporter les membres d'un groupe",
        "download_group_members",
        "exportar los miembros de un grupo",
        "グループのメンバーをエクスポート",
    ),
    "export_users": (
        "Put everybody who was created this year into a CSV file",
        "export users",
        "Alle Benutzer als CSV exportieren",
        "exporter tous les utilisateurs vers un fichier",
        "download_user_list",
        "exportar usuarios a un archivo",
        "ユーザー一覧をCSVでエクスポート",
        "dump all users as JSON lines",
    ),
    "get_user_schema": (
        "Which custom attributes do our people have?",
        "user profile schema",
        "Welche Attribute kann ein Benutzer haben?",
        "quels attributs existent dans le profil utilisateur ?",
        "list_user_attributes",
        "qué campos personalizados tiene el perfil",
        "ユーザーの属性の一覧",
        "allowed values of an attribute",
    ),
    "search_users": (
        "Find everyone in the Sales department who has never signed in",
        "search people by name",
        "Alle gesperrten Benutzer auflisten",
        "lister tous les utilisateurs suspendus",
        "list_users",
        "退職したユーザーを検索",
        "who joined since January?",
    ),
    "create_user": (
        "We have a new hire starting on Monday, please set up an account for her",
        "onboard new employee",
        "Neuen Benutzer anlegen",
        "créer un compte utilisateur",
        "addUser",
        "新入社員のアカウントを作成してください",
        "dar de alta a un empleado nuevo",
    ),
    "update_user_profile": (
        "Jane got married, her surname is Miller now",
        "change department and job title",
        "Abteilung von Jane auf Vertrieb ändern",
        "changer le numéro de téléphone d'un collègue",
        "updateUserAttributes",
        "cambiar el cargo de Jane",
        "部署を変更",
    ),
    "delete_user": (
        "Erase what we have on Tom for good, he asked for it under the GDPR",
        "delete deactivated user permanently",
        "Benutzer endgültig löschen",
        "supprimer définitivement un utilisateur",
        "purge_user",
        "eliminar un usuario para siempre",
        "ユーザーを完全に削除",
    ),
}

TEXTS = [
    ("a\x00b", "control characters"),
    ("a\nb", "control characters"),
    ("a\x85b", "control characters"),
    ("a\u202eb", "control characters"),
    ("a\u200bb", "invisible character"),
    ("a\u2028b", "control characters"),
]
FINE = [
    "Zo\u00eb\u00a0K.",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Ana \U0001f469\u200d\U0001f680",
    "\u5c71\u3000\u7530",
]


def spellings(field: str) -> list[str]:
    names = [field, to_camel(field), f"profile.{to_camel(field)}"]
    return list(dict.fromkeys([*names, to_camel(field).upper(), f"profile.{to_camel(field).lower()}"]))


@pytest.mark.parametrize("field", NAMED)
async def test_what_the_argument_refuses_the_map_refuses_in_every_spelling(
    program: Program, org: Org, field: str
) -> None:
    org.create(WHO)
    before, profile = org.events(), org.user(WHO)["profile"]
    wrong: list[Any] = ["\x07bell", "a\u200bb" + "@example.com" * (field in ("login", "email", "second_email"))]
    wrong.append("x" * 1025)
    if field in ("email", "second_email"):
        wrong += ["no address", "two@@example.com"]
    if field == "login":
        wrong.append("abc")
    for value in wrong:
        by_name: dict[str, Any] = {field: value}
        await refuse(program, "update_user_profile", user_id=WHO, **by_name)
        for name in spellings(field):
            error = await refuse(program, "update_user_profile", user_id=WHO, attributes={name: value})
            assert "attributes" in str(error), name
            assert len(str(error).splitlines()) == 2
    assert (org.events(), org.user(WHO)["profile"]) == (before, profile)


@pytest.mark.parametrize("field", [name for name in NAMED if name != "login"])
async def test_what_the_argument_trims_the_map_trims(program: Program, org: Org, field: str) -> None:
    org.create(WHO)
    value = "trimmed@example.com" if field in ("email", "second_email") else "Trimmed"
    for name in (field, to_camel(field), f"profile.{to_camel(field)}"):
        await do(program, "update_user_profile", user_id=WHO, attributes={name: f"  {value}\u3000"})
        assert org.user(WHO)["profile"][to_camel(field)] == value
        await do(program, "update_user_profile", user_id=WHO, attributes={name: f"other{value}"})


async def test_a_login_with_blanks_is_the_login_without(program: Program, org: Org) -> None:
    org.create(WHO)
    await do(program, "update_user_profile", user_id=WHO, attributes={"login": " else@example.com\u00a0"})
    assert org.has_user("else@example.com")


@pytest.mark.parametrize("field", sorted(set(CreateUser.model_fields) & set(NAMED) - set(CORE)))
async def test_a_creation_checks_the_map_as_well(program: Program, org: Org, field: str) -> None:
    before = org.events()
    for name in spellings(field):
        await refuse(program, "create_user", **{**NEW, "attributes": {name: "a\x00b"}})
    assert org.events() == before


@pytest.mark.parametrize("name", ["nickName", "city", "postalAddress", "primaryPhone", "favouriteColour"])
@pytest.mark.parametrize(("text", "said"), TEXTS)
async def test_characters_that_no_argument_may_hold_are_refused_in_the_map(
    program: Program, org: Org, name: str, text: str, said: str
) -> None:
    org.create(WHO)
    before = org.events()
    for value in (text, ["plain", text]):
        error = await refuse(program, "update_user_profile", user_id=WHO, attributes={name: value})
        assert said in str(error)
        assert name in str(error)
    assert org.events() == before


@pytest.mark.parametrize("text", FINE)
@pytest.mark.parametrize("name", ["nickName", "display_name", "displayName"])
async def test_characters_of_peoples_names_pass(program: Program, org: Org, name: str, text: str) -> None:
    org.create(WHO)
    await do(program, "update_user_profile", user_id=WHO, attributes={name: text})
    assert org.user(WHO)["profile"][to_camel(name)] == text


@pytest.mark.parametrize("value", [5, True, ["x"], 1.5])
@pytest.mark.parametrize("name", ["login", "title", "employeeNumber", "cost_center", "profile.managerId"])
async def test_what_is_text_in_every_org_takes_nothing_else(program: Program, org: Org, name: str, value: Any) -> None:
    org.create(WHO)
    error = await refuse(program, "update_user_profile", user_id=WHO, attributes={name: value})
    assert "must be text" in str(error)


async def test_a_person_is_shown_with_all_attributes(program: Program, org: Org) -> None:
    await do(program, "update_user_profile", user_id=JANE, attributes={"nickName": "J"}, second_email="j@example.com")
    person = await do(program, "lookup_user", user_id=JANE)
    assert person["attributes"]["nickName"] == "J"
    assert person["second_email"] == "j@example.com"


# What a write answers


async def test_a_write_says_what_became_of_whom(program: Program, org: Org) -> None:
    org.create(WHO, title="Clerk")
    org.create_group("Writers")
    who = f"Test Person <{WHO}>"
    series: list[tuple[str, dict[str, Any], str]] = [
        (
            "update_user_profile",
            {"user_id": WHO, "title": "Chief"},
            f"Changed {who}: title is “Chief” (it was “Clerk”).",
        ),
        ("create_user", {**NEW, "group_ids": ["Writers", "Legal"]}, "PROVISIONED, in “Writers”, “Legal”. Okta mails"),
        ("create_user", {**NEW, "login": "quiet@example.com", "send_email": False}, "No mail was sent;"),
        ("create_user", {**NEW, "login": "later@example.com", "activate": False}, "not activated, so no mail was sent"),
    ]
    for action, arguments, said in series:
        done = await do(program, action, **arguments)
        assert said in done["message"]
        login = str(arguments.get("user_id") or arguments["login"])
        assert login in done["message"]
        assert (done["login"], done["id"]) == (login, org.user(login)["id"])


async def test_who_has_all_of_it_already_is_named_too(program: Program) -> None:
    done = await do(program, "update_user_profile", user_id=JANE, first_name="Jane")
    assert f"Jane Doe <{JANE}> already has these values" in done["message"]


async def test_a_question_shows_what_an_attribute_was_and_will_be(connected: None) -> None:
    async with Program(load(confirm=("write",))) as program:
        question = await ask(program, "update_user_profile", user_id=JANE, title="Chief")
    assert "“People Operations specialist” → “Chief”" in question.text


async def test_an_undo_says_what_is_now(program: Program, org: Org) -> None:
    change = (await do(program, "update_user_profile", user_id=JANE, title="Chief"))["change_id"]
    undone = await do(program, "undo_change", change_id=change)
    assert undone["message"].startswith(
        f"Undid change {change}. Changed Jane Doe <{JANE}>: title is “People Operations"
    )
    assert "(it was “Chief”)" in undone["message"]
    assert [change["new"] for change in undone["changes"]] == [org.user(JANE)["profile"]["title"]]


def test_every_named_attribute_has_a_field_and_every_field_a_name() -> None:
    assert (*OPTIONAL, "attributes") == tuple(Attributes.model_fields)


# Deleting


async def test_only_who_is_deactivated_is_deleted(program: Program, org: Org) -> None:
    login = org.person("somebody")
    before = org.events()
    error = await refuse(program, "delete_user", user_id=login)
    assert (error.code, "deactivate_user" in str(error)) == ("not_deactivated", True)
    assert org.events() == before
    assert org.user(login)["status"] == "ACTIVE"


async def test_what_a_deleted_person_had_is_in_the_journal(program: Program, org: Org) -> None:
    made = deactivated(org, "somebody")
    org.join(org.team("Kept"), made["user_id"])
    id = org.user(made["user_id"])["id"]
    question = await ask(program, "delete_user", **made)
    assert question.parts.headline == "Delete “somebody@example.com” for good."
    assert "With it go 1 group, no administrator roles and no directly assigned applications." in question.text
    done = await do(program, "delete_user", **made)
    assert not org.has_user(made["user_id"])
    before = (await recorded(program, done["change_id"])).before
    assert (before["profile"]["lastName"], list(before["groups"].values())) == ("somebody", ["Team Kept"])
    error = await refuse(program, "undo_change", change_id=done["change_id"])
    assert (error.code, "Okta keeps nothing" in str(error)) == ("not_undoable", True)
    assert (await refuse(program, "delete_user", user_id=id)).code == "not_found"


async def test_who_comes_back_before_the_yes_is_asked_about_no_more_but_refused(program: Program, org: Org) -> None:
    made = deactivated(org, "somebody")
    question = await ask(program, "delete_user", **made)
    org.lifecycle(org.user(made["user_id"])["id"], "activate")
    outcome = await program.door.call(Call(CALLER, "delete_user", made, Answer(question.ticket, "accepted")))
    assert isinstance(outcome, Refusal)
    assert outcome.error.code == "not_deactivated"
    assert org.user(made["user_id"])["status"] != "DEPROVISIONED"


async def test_who_comes_back_at_the_last_moment_is_told_as_deactivated_only(program: Program, org: Org) -> None:
    """Between what was observed and the request: Okta deactivates whom it would have deleted."""
    made = deactivated(org, "somebody")
    id = org.user(made["user_id"])["id"]
    action = CATALOGUE["delete_user"]
    okta = await program.connections.client(await program.connections.connected())
    _, before = await observe(action, action.input.model_validate({"user_id": id}), okta)
    await asyncio.sleep(1.1)  # Okta's times are in whole seconds
    org.lifecycle(id, "activate")
    with pytest.raises(HalfDone, match="deactivated them and deleted nothing"):
        await action.run(action.input.model_validate({"user_id": id}), okta, before)
    assert org.user(id)["status"] == "DEPROVISIONED"


async def test_a_deletion_without_an_answer_is_not_repeated(program: Program, org: Org) -> None:
    made = deactivated(org, "somebody")
    org.trouble({"kind": "drop_before", "method": "DELETE", "path": "/api/v1/users/"})
    error = await refuse(program, "delete_user", **made)
    assert await outcome_of(program, str(error.change_id)) == "unknown"
    assert org.has_user(made["user_id"])


async def test_the_schema_tells_names_types_and_allowed_values(program: Program, org: Org) -> None:
    custom = {
        "shirtSize": {"title": "Shirt size", "type": "string", "enum": ["S", "M"], "required": True},
        "badges": {"title": "Badges", "type": "array", "items": {"type": "number"}},
        "cost_center": {"title": "Cost centre of our own", "type": "string", "unique": True},
    }
    body = {"definitions": {"custom": {"id": "#custom", "type": "object", "properties": custom}}}
    assert org.http.post("/api/v1/meta/schemas/user/default", json=body).is_success
    told = await do(program, "get_user_schema")
    named = {one["name"]: one for one in told["attributes"]}
    assert told["total"] == len(named)
    size, badges = named["shirtSize"], named["badges"]
    assert (size["type"], size["enum"], size["required"], size["custom"]) == ("string", ["S", "M"], True, True)
    assert (badges["type"], badges["items"]) == ("array", "number")
    assert (named["login"]["required"], named["login"]["self_may"]) == (True, "READ_ONLY")
    assert "custom" not in named["department"]
    # It stands beside Okta's own costCenter, and is told by the name that changes it.
    assert named["profile.cost_center"]["unique"] is True
    values = {"profile.cost_center": "42", "shirtSize": "M"}
    assert (await do(program, "update_user_profile", user_id=JANE, attributes=values))["changed"] is True
    profile = org.user(JANE)["profile"]
    assert (profile["cost_center"], profile["shirtSize"]) == ("42", "M")
    own = await do(program, "get_user_schema", custom=True, words="SHIRT")
    assert [one["name"] for one in own["attributes"]] == ["shirtSize"]
    assert "No attribute" in (await do(program, "get_user_schema", words="no such thing"))["note"]


async def test_all_pages_of_the_schema_are_the_whole_of_it(program: Program) -> None:
    whole = [one["name"] for one in (await do(program, "get_user_schema"))["attributes"]]
    parts = [page["attributes"] async for page in pages(program, "get_user_schema", limit=7)]
    assert [one["name"] for part in parts for one in part] == whole
