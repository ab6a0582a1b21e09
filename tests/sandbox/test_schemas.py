"""Schemas, user types and linked objects: what an org says about its people's attributes and relations."""

from typing import Any

import httpx2
import pytest

from connected_org import Org

USER, GROUP = "/api/v1/meta/schemas/user/default", "/api/v1/meta/schemas/group/default"
TYPES = "/api/v1/meta/types/user"
RELATIONS = "/api/v1/meta/schemas/user/linkedObjects"


def change(http: httpx2.Client, path: str, /, **attributes: Any) -> httpx2.Response:
    return change_part(http, path, "custom", attributes)


def change_part(http: httpx2.Client, path: str, part: str, attributes: dict[str, Any]) -> httpx2.Response:
    return http.post(path, json={"definitions": {part: {"id": f"#{part}", "properties": attributes}}})


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["errorCode"], body["errorSummary"]


@pytest.mark.parametrize("path", [USER, GROUP])
def test_every_attribute_says_who_masters_it_and_the_schema_where_it_is(http: httpx2.Client, path: str) -> None:
    document = http.get(path).json()
    base = document["definitions"]["base"]["properties"]
    assert {attribute["master"]["type"] for attribute in base.values()} == {"PROFILE_MASTER"}
    assert http.get(document["_links"]["self"]["href"]).json() == document
    if path == USER:
        assert http.get(document["_links"]["type"]["href"]).json()["default"] is True
    else:
        assert [base[name]["description"] for name in ("name", "description")] == ["Name", "Description"]


def test_a_custom_attribute_is_shown_as_it_was_sent_in_oktas_order(http: httpx2.Client) -> None:
    """TestAccDataSourceOktaIdpSocial_read."""
    sent = {
        "description": "Test custom field",
        "master": {"type": "OKTA"},
        "maxLength": 50,
        "minLength": 1,
        "required": False,
        "scope": "NONE",
        "title": "Test Custom Field",
        "type": "string",
        "unique": "UNIQUE_VALIDATED",
    }
    shown = change(http, USER, customfieldId=sent).json()["definitions"]["custom"]
    assert list(shown["properties"]["customfieldId"].items()) == [
        ("title", "Test Custom Field"),
        ("description", "Test custom field"),
        ("type", "string"),
        ("unique", "UNIQUE_VALIDATED"),
        ("mutability", "READ_WRITE"),
        ("scope", "NONE"),
        ("minLength", 1),
        ("maxLength", 50),
        ("permissions", [{"principal": "SELF", "action": "READ_ONLY"}]),
        ("master", {"type": "OKTA"}),
    ]
    assert shown["required"] == []
    change(http, USER, customfieldId={**sent, "required": True})
    assert http.get(USER).json()["definitions"]["custom"]["required"] == ["customfieldId"]


def test_removing_an_attribute_twice_is_no_mistake(http: httpx2.Client) -> None:
    """TestAccOktaGroup_customschema_null."""
    change(http, GROUP, cost={"type": "number", "title": "Cost"})
    for _ in range(2):
        answer = change(http, GROUP, cost=None)
        assert (answer.status_code, answer.json()["definitions"]["custom"]["properties"]) == (200, {})


def test_a_list_of_choices_is_kept_to(http: httpx2.Client, org: Org) -> None:
    sizes = {"type": "array", "title": "Sizes", "items": {"type": "string", "enum": ["S", "M"]}}
    level = {"type": "integer", "title": "Level", "enum": [1, 2]}
    assert change(http, USER, sizes=sizes, level=level).status_code == 200
    jane = f"/api/v1/users/{org.user('jane.doe@example.com')['id']}"
    assert http.post(jane, json={"profile": {"sizes": ["M"], "level": 2}}).status_code == 200
    for wrong in ({"sizes": ["L"]}, {"sizes": "M"}, {"level": 3}, {"level": True}):
        assert http.post(jane, json={"profile": wrong}).status_code == 400, wrong
    assert http.get(jane).json()["profile"]["sizes"] == ["M"]


@pytest.mark.parametrize(
    ("path", "name", "attribute"),
    [
        (USER, "login", {"type": "string"}),
        (USER, "9lives", {"type": "string"}),
        (USER, "x' OR 1", {"type": "string"}),
        (USER, "thing", {"type": "object"}),
        (USER, "thing", {"type": "array", "items": {"type": "boolean"}}),
        (USER, "thing", {"type": "string", "scope": "ALL"}),
        (GROUP, "name", {"type": "string"}),
    ],
)
def test_what_is_no_attribute_is_refused_and_changes_nothing(
    http: httpx2.Client, path: str, name: str, attribute: dict[str, Any]
) -> None:
    before = http.get(path).json()
    answer = change(http, path, fine={"type": "string"}, **{name: attribute})
    subject = "updateGroupSchemas" if path == GROUP else "updateUserSchemas"
    assert told(answer) == (400, "E0000001", f"Api validation failed: {subject}")
    assert http.get(path).json() == before


def test_first_and_last_name_can_become_optional_but_the_login_cannot(http: httpx2.Client) -> None:
    """As in two of the recorded orgs; https://developer.okta.com/docs/reference/api/schemas/ has the rule."""
    for name in ("firstName", "login"):
        change_part(http, USER, "base", {name: {"required": False, "title": "Anew"}})
    base = http.get(USER).json()["definitions"]["base"]
    assert base["required"] == ["login", "lastName", "email"]
    assert "required" not in base["properties"]["firstName"]
    assert base["properties"]["login"]["title"] == "Anew"


@pytest.mark.parametrize("body", [{}, {"definitions": 1}, {"definitions": {"custom": {"properties": {"a": 1}}}}])
def test_what_is_no_schema_is_not_well_formed(http: httpx2.Client, body: dict[str, Any]) -> None:
    assert told(http.post(USER, json=body))[:2] == (400, "E0000003")


def test_apps_schemas_and_wrong_methods(http: httpx2.Client) -> None:
    """errors.md, section 7: 36 recordings."""
    path = "/api/v1/meta/schemas/apps/0oa9i7e4xs8Kz3qyG1d7/default"
    summary = "Not found: Resource not found: 0oa9i7e4xs8Kz3qyG1d7 (AppInstance)"
    assert told(http.get(path)) == told(http.post(path, json={})) == (404, "E0000007", summary)
    assert told(http.delete(USER))[:2] == (405, "E0000022")


def test_a_user_type_has_a_schema_of_its_own(http: httpx2.Client) -> None:
    """TestAccResourceOktaUserType_crud."""
    sent = {"name": "robot", "displayName": "Robot", "description": "Not a person"}
    made = http.post(TYPES, json=sent).json()
    assert {key: made[key] for key in sent} == sent
    assert made["default"] is False
    schema = made["_links"]["schema"]["href"]
    assert schema.endswith("/osc" + made["id"][3:])
    change(http, schema, model={"type": "string", "title": "Model"})
    assert list(http.get(schema).json()["definitions"]["custom"]["properties"]) == ["model"]
    assert http.get(schema).json()["_links"]["type"]["href"] == made["_links"]["self"]["href"]
    assert http.get(USER).json()["definitions"]["custom"]["properties"] == {}
    one = f"{TYPES}/{made['id']}"
    assert http.post(one, json={**sent, "displayName": "Android"}).json()["displayName"] == "Android"
    assert {row["name"] for row in http.get(TYPES).json()} == {"user", "robot"}
    assert told(http.post(TYPES, json=sent))[:2] == (400, "E0000001"), "the name is taken"
    assert told(http.put(one, json={**sent, "name": "android"}))[:2] == (400, "E0000001"), "the name stays"
    assert http.delete(one).status_code == 204
    assert told(http.get(one)) == (404, "E0000007", f"Not found: Resource not found: {made['id']} (CVDType)")
    assert http.get(schema).status_code == 404
    assert told(http.delete(f"{TYPES}/default"))[:2] == (403, "E0000006")


def relation(primary: str = "boss", associated: str = "report") -> dict[str, Any]:
    return {
        side: {"name": name, "title": name.title(), "description": None, "type": "USER"}
        for side, name in (("primary", primary), ("associated", associated))
    }


def test_people_are_linked_to_one_primary_each(http: httpx2.Client, org: Org) -> None:
    """TestAccResourceOktaLinkValue_crud."""
    made = http.post(RELATIONS, json=relation())
    assert made.status_code == 201
    assert made.json()["_links"]["self"]["href"].endswith(f"{RELATIONS}/boss")
    assert http.get(f"{RELATIONS}/boss").json() == http.get(f"{RELATIONS}/report").json() == made.json()
    jane, ruth, samir = (org.user(f"{n}@example.com")["id"] for n in ("jane.doe", "ruth.adeyemi", "samir.patel"))
    for boss in (samir, ruth):
        assert http.put(f"/api/v1/users/{jane}/linkedObjects/boss/{boss}").status_code == 204

    def linked(id: str, side: str) -> list[str]:
        answer = http.get(f"/api/v1/users/{id}/linkedObjects/{side}")
        assert answer.headers["link"].endswith(f'/users/{id}/linkedObjects/{side}?limit=1000>; rel="self"')
        return [one["_links"]["self"]["href"].rpartition("/")[2] for one in answer.json()]

    assert (linked(jane, "boss"), linked(ruth, "report"), linked(samir, "report")) == ([ruth], [jane], [])
    for _ in range(2):
        assert http.delete(f"/api/v1/users/{jane}/linkedObjects/boss").status_code == 204
    assert linked(ruth, "report") == []
    http.put(f"/api/v1/users/{jane}/linkedObjects/boss/{ruth}")
    assert http.delete(f"{RELATIONS}/boss").status_code == 204
    gone = (404, "E0000007", "Not found: Resource not found: boss (LinkedObjectProperty)")
    assert told(http.get(f"{RELATIONS}/boss")) == gone
    assert told(http.get(f"/api/v1/users/{jane}/linkedObjects/boss")) == gone


def test_relations_that_cannot_be(http: httpx2.Client, org: Org) -> None:
    http.post(RELATIONS, json=relation())
    for taken in (relation(), relation("chief"), relation("report", "minion"), relation("same", "same")):
        assert told(http.post(RELATIONS, json=taken))[:2] == (409, "E0000127"), taken
    for blank in ({}, {"primary": relation()["primary"]}, {**relation("a", "b"), "primary": {"name": "a"}}):
        assert told(http.post(RELATIONS, json=blank))[:2] == (400, "E0000001"), blank
    assert len(http.get(RELATIONS).json()) == 1
    jane = org.user("jane.doe@example.com")["id"]
    nobody = told(http.put(f"/api/v1/users/{jane}/linkedObjects/boss/00uNobody000000001d7"))
    assert nobody == (404, "E0000007", "Not found: Resource not found: 00uNobody000000001d7 (User)")
    assert told(http.put(f"/api/v1/users/{jane}/linkedObjects/report/{jane}"))[:2] == (404, "E0000007")
