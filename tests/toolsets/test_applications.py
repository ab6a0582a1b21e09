"""Applications: who has which, and which are left alone."""

from typing import Any

import pytest
from hypothesis import strategies as st

from connected_org import Org
from ledger import do, refuse
from server.program import Program
from server.sandbox.running import RunningSandbox
from worlds import GROUP, USER, Arguments, Make, World

APPLICATION = "0oa[A-Za-z0-9]{17}"
SECRET = "kept-from-everybody-1234567890abcdef"


def application(org: Org, text: str) -> str:
    """The name of a new application, which holds the text."""
    name = f"Notes {text}"
    named(org, name)
    return name


def named(org: Org, label: str, **other: Any) -> str:
    """The id of a new application of this name: a bookmark, if nothing else is said."""
    body = {
        "name": "bookmark",
        "label": label,
        "signOnMode": "BOOKMARK",
        "settings": {"app": {"requestIntegration": False, "url": "https://notes.example.com/"}},
        **other,
    }
    made = org.http.post("/api/v1/apps", json=body)
    assert made.status_code == 200
    return str(made.json()["id"])


def client(org: Org, text: str, type: str = "web") -> str:
    """The id of a new OAuth client with a secret of its own."""
    web = {
        "grant_types": ["client_credentials"] if type == "service" else ["authorization_code"],
        "redirect_uris": [] if type == "service" else ["https://notes.example.com/callback"],
        "response_types": ["token"] if type == "service" else ["code"],
        "application_type": type,
    }
    credentials = {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic", "client_secret": SECRET}}
    settings = {"oauthClient": web}
    more = {"name": "oidc_client", "signOnMode": "OPENID_CONNECT", "settings": settings, "credentials": credentials}
    return named(org, f"Client {text}", **more)


def application_id(org: Org, name: str) -> str:
    (found,) = [one for one in org.http.get("/api/v1/apps", params={"limit": 200}).json() if one["label"] == name]
    return str(found["id"])


def without(org: Org, text: str) -> Arguments:
    return {"user_id": org.person(text), "application_id": application(org, text)}


def with_one(org: Org, text: str) -> Arguments:
    made = without(org, text)
    id = application_id(org, made["application_id"])
    body = {"id": org.user(made["user_id"])["id"], "scope": "USER"}
    assert org.http.post(f"/api/v1/apps/{id}/users", json=body).status_code == 200
    return made


def give(org: Org, application: str, group: str, **body: Any) -> None:
    """Assign an application to a group, both by their ids, as somebody else does."""
    assert org.http.put(f"/api/v1/apps/{application}/groups/{group}", json=body).status_code == 200


def through_a_group(org: Org, text: str) -> Arguments:
    """A new application that a new group gives to a new person."""
    made = without(org, text)
    give(org, application_id(org, made["application_id"]), org.group_id(org.team(text, made["user_id"])))
    return made


def has_it(org: Org, made: Arguments) -> bool:
    id, user = application_id(org, made["application_id"]), org.user(made["user_id"])["id"]
    return org.http.get(f"/api/v1/apps/{id}/users/{user}").status_code == 200


def with_group(org: Org, text: str) -> Arguments:
    return {"group_id": org.team(text, org.person(text)), "application_id": application(org, text)}


def given(org: Org, text: str) -> Arguments:
    made = with_group(org, text)
    give(org, application_id(org, made["application_id"]), org.group_id(made["group_id"]), priority=3)
    return made


def is_given(org: Org, made: Arguments) -> bool:
    id, group = application_id(org, made["application_id"]), org.group_id(made["group_id"])
    return org.http.get(f"/api/v1/apps/{id}/groups/{group}").status_code == 200


def redescribe(org: Org, made: Arguments, text: str) -> None:
    org.describe(made["group_id"], text)


def meddle(org: Org, made: Arguments, text: str) -> None:
    org.update(made["user_id"], department=text)


WORLDS: dict[str, World] = {
    "assign_user_to_application": World(
        make=without,
        is_done=has_it,
        event="application.user_membership.add",
        requests=rf"POST /api/v1/apps/{APPLICATION}/users",
        meddle=meddle,
    ),
    "unassign_user_from_application": World(
        make=with_one,
        is_done=lambda org, made: not has_it(org, made),
        event="application.user_membership.remove",
        requests=rf"DELETE /api/v1/apps/{APPLICATION}/users/{USER}",
        meddle=meddle,
    ),
    "assign_group_to_application": World(
        make=with_group,
        is_done=is_given,
        event="group.application_assignment.add",
        requests=rf"PUT /api/v1/apps/{APPLICATION}/groups/{GROUP}",
        meddle=redescribe,
    ),
    "unassign_group_from_application": World(
        make=given,
        is_done=lambda org, made: not is_given(org, made),
        event="group.application_assignment.remove",
        requests=rf"DELETE /api/v1/apps/{APPLICATION}/groups/{GROUP}",
        meddle=redescribe,
    ),
}
READS: dict[str, Make] = {
    "lookup_application": lambda org, text: {"application_id": application(org, text)},
    "search_applications": lambda org, text: {"words": application(org, text).split()[1]},
    "list_user_applications": lambda org, text: {"user_id": with_one(org, text)["user_id"]},
    "list_application_users": lambda org, text: {"application_id": with_one(org, text)["application_id"]},
    "list_application_groups": lambda org, text: {"application_id": through_a_group(org, text)["application_id"]},
}
READ_REQUESTS = (
    r"/api/v1/apps\?.*",
    rf"/api/v1/apps/{APPLICATION}(/users/{USER}|/groups/{GROUP})?",
    rf"/api/v1/apps/{APPLICATION}/(users|groups)\?.*",
)
NAMES = {
    "application_id": st.sampled_from(["Slack", "“Intranet”", "slack", "Okta Admin Console"]),
    "sign_on": st.sampled_from(["SAML", "SWA", "API service"]),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "lookup_application": (
        "Is the app Salesforce active, and how do people sign on to it?",
        "application details",
        "Details einer Anwendung anzeigen",
        "afficher une application",
        "get_app",
        "información de la aplicación",
        "アプリの詳細",
    ),
    "search_applications": (
        "Which SAML applications do we have?",
        "list apps",
        "Alle Anwendungen auflisten",
        "chercher une application",
        "listApplications",
        "buscar aplicaciones inactivas",
        "アプリケーションを検索",
    ),
    "list_user_applications": (
        "Which apps does Jane have?",
        "applications of a user",
        "Anwendungen eines Benutzers auflisten",
        "les applications de Jane",
        "getUserApps",
        "aplicaciones de un usuario",
        "ユーザーのアプリ一覧",
    ),
    "list_application_users": (
        "Who has Salesforce? It's one of our apps",
        "users assigned to an application",
        "Wer hat die Anwendung Slack?",
        "lister les utilisateurs d'une application",
        "get_app_users",
        "usuarios de una aplicación",
        "アプリのユーザー一覧",
    ),
    "list_application_groups": (
        "Show me the groups that have the app Salesforce",
        "groups assigned to an application",
        "Gruppen einer Anwendung auflisten",
        "les groupes d'une application",
        "getAppGroups",
        "grupos de una aplicación",
        "アプリのグループ一覧",
    ),
    "assign_user_to_application": (
        "Jane needs access to Salesforce",
        "assign app to user",
        "Jane die Anwendung Slack zuweisen",
        "donner accès à une application à Jane",
        "addUserToApp",
        "asignar una aplicación a un usuario",
        "アプリをユーザーに割り当て",
    ),
    "assign_group_to_application": (
        "The Sales team should get the app Salesforce",
        "assign an application to a group",
        "Der Gruppe Vertrieb die Anwendung Salesforce zuweisen",
        "donner une application à un groupe",
        "addGroupToApp",
        "asignar una aplicación a un grupo",
        "アプリをグループに割り当て",
    ),
    "unassign_group_from_application": (
        "The Sales team must no longer have the app Slack",
        "unassign an application from a group",
        "Der Gruppe die Anwendung entziehen",
        "retirer une application à un groupe",
        "removeGroupFromApp",
        "quitar la aplicación a un grupo",
        "グループからアプリの割り当てを解除",
    ),
    "unassign_user_from_application": (
        "Bob no longer needs Slack, take the app away",
        "revoke application access",
        "Dem Benutzer die Anwendung entziehen",
        "retirer l'accès à une application",
        "removeUserFromApp",
        "quitar la aplicación a un usuario",
        "アプリの割り当てを解除",
    ),
}

JANE, LEILA = "jane.doe@example.com", "leila.hosseini@example.com"


@pytest.mark.parametrize("name", ["Slack", "“Slack”"])
async def test_an_application_is_found_by_its_name_and_by_its_id(program: Program, org: Org, name: str) -> None:
    found = await do(program, "lookup_application", application_id=name)
    assert found == await do(program, "lookup_application", application_id=application_id(org, "Slack"))
    assert (found["status"], found["sign_on"], found["sign_on_mode"]) == ("ACTIVE", "OIDC", "OPENID_CONNECT")


async def test_a_name_with_quotation_marks_is_that_of_the_application_which_has_them(
    program: Program, org: Org
) -> None:
    for name in ("Notes pay", "“Notes pay”"):
        id = named(org, name)
        found = await do(program, "lookup_application", application_id=name)
        assert (found["id"], found["name"]) == (id, name)


async def test_a_name_that_passes_for_another_by_its_blanks_is_shown_with_its_id(program: Program, org: Org) -> None:
    for name in ("Slack ", "Sl  ack"):
        id = named(org, name)
        done = await do(program, "assign_user_to_application", application_id=id, user_id=JANE)
        assert f"(id {id})" in done["message"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("slack", "Did you mean “Slack” (0oa"),
        ("Sla", "Did you mean “Slack” (0oa"),
        ("No such thing", "exact name (case-sensitive)"),
        ("0oa00000000000000000", "No application has the id"),
    ],
)
async def test_what_is_not_called_exactly_so_is_not_found(program: Program, name: str, said: str) -> None:
    error = await refuse(program, "lookup_application", application_id=name)
    assert error.code == "not_found"
    assert said in str(error)


async def test_of_several_with_one_name_none_is_taken(program: Program, org: Org) -> None:
    application(org, "twice")
    application(org, "twice")
    error = await refuse(program, "assign_user_to_application", application_id="Notes twice", user_id=JANE)
    assert "2 applications match “Notes twice”" in str(error)


async def test_nobody_gets_the_admin_console_nor_what_this_connection_signs_in_by(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    seen = org.events()
    for id, rule in (("Okta Admin Console", "allow_administrators"), (sandbox.demo.client_id, "own_identity")):
        error = await refuse(program, "assign_user_to_application", application_id=id, user_id=JANE)
        assert error.details()["rule"] == rule
    assert org.events() == seen


async def test_nobody_is_assigned_to_what_is_switched_off(program: Program, org: Org) -> None:
    error = await refuse(program, "assign_user_to_application", application_id="Zendesk (old)", user_id=JANE)
    assert error.code == "application_inactive"


async def test_a_deactivated_person_gets_no_application(program: Program, org: Org) -> None:
    org.lifecycle(org.user(JANE)["id"], "deactivate")
    error = await refuse(program, "assign_user_to_application", application_id="Slack", user_id=JANE)
    assert error.code == "user_deactivated"


async def test_what_a_group_gives_is_taken_with_the_group_only(program: Program, org: Org) -> None:
    id, group = application_id(org, "Intranet"), org.team("giving", JANE)
    assert org.http.put(f"/api/v1/apps/{id}/groups/{org.group_id(group)}", json={}).status_code == 200
    error = await refuse(program, "unassign_user_from_application", application_id=id, user_id=JANE)
    assert error.code == "assigned_by_group"
    assert "remove_user_from_group" in str(error)
    assert has_it(org, {"application_id": "Intranet", "user_id": JANE})


async def test_an_answer_names_person_and_application(program: Program, org: Org) -> None:
    done = await do(program, "assign_user_to_application", application_id="Slack", user_id=JANE)
    assert (done["login"], done["application"], done["assigned"]) == (JANE, "Slack", True)
    assert "Assigned Jane Doe <jane.doe@example.com> to “Slack”" in done["message"]
