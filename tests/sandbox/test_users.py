"""People: how they come, change, and go."""

from typing import Any

import httpx2
import pytest

from connected_org import Org

LOGIN = "new.person@example.com"
PASSWORD = "Correct-Horse-7"


def profile(**more: Any) -> dict[str, Any]:
    return {"firstName": "New", "lastName": "Person", "login": LOGIN, "email": LOGIN, **more}


def refusal(answer: httpx2.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["errorCode"], [cause["errorSummary"] for cause in body["errorCauses"]]


@pytest.mark.parametrize(
    ("query", "credentials", "status"),
    [
        ({}, {}, "PROVISIONED"),
        ({"activate": "True"}, {"password": {"value": PASSWORD}}, "ACTIVE"),
        ({"activate": "False"}, {}, "STAGED"),
        ({"activate": "false"}, {"password": {"value": PASSWORD}}, "STAGED"),
        ({"nextLogin": "changePassword"}, {"password": {"value": PASSWORD}}, "PASSWORD_EXPIRED"),
    ],
)
def test_a_new_person_has_the_status_that_activation_and_password_give(
    http: httpx2.Client, query: dict[str, str], credentials: dict[str, Any], status: str
) -> None:
    answer = http.post("/api/v1/users", params=query, json={"profile": profile(), "credentials": credentials})
    assert answer.status_code == 200
    made = answer.json()
    assert made["status"] == status
    assert (made["activated"] is None) is (status == "STAGED")
    assert (made["passwordChanged"] is None) is (not credentials)
    assert PASSWORD not in answer.text
    assert ("password" in made["credentials"]) is bool(credentials)


def test_unset_attributes_are_absent_except_the_six_that_never_are(org: Org) -> None:
    made = org.create(LOGIN)
    assert set(made["profile"]) == {"firstName", "lastName", "mobilePhone", "secondEmail", "login", "email"}
    assert made["profile"]["mobilePhone"] is None


@pytest.mark.parametrize(
    ("sent", "summary", "cause"),
    [
        ({"login": "not-an-email"}, "login", "login: Username must be in the form of an email address"),
        ({"firstName": ""}, "firstName", "firstName: The field cannot be left blank"),
        ({"notValid": 1}, "newUser", "Property name 'notValid' is not defined in profile"),
        ({"email": "nobody"}, "email", "email: Does not match required pattern"),
        (
            {"login": "jane.doe@example.com"},
            "login",
            "login: An object with this field already exists in the current organization",
        ),
        ({"firstName": "x" * 51}, "firstName", "firstName: Does not match required pattern"),
    ],
)
def test_a_profile_that_is_not_right_is_refused_by_attribute(
    http: httpx2.Client, org: Org, sent: dict[str, Any], summary: str, cause: str
) -> None:
    answer = http.post("/api/v1/users", json={"profile": profile(**sent)})
    assert answer.json()["errorSummary"] == f"Api validation failed: {summary}"
    status, code, causes = refusal(answer)
    assert (status, code) == (400, "E0000001")
    assert cause in causes
    assert not org.has_user(LOGIN)


def test_the_blank_fields_are_listed_in_oktas_order(http: httpx2.Client, org: Org) -> None:
    made = org.create(LOGIN)
    answer = http.put(f"/api/v1/users/{made['id']}", json={"profile": {"mobilePhone": "1"}})
    assert refusal(answer)[2] == [
        "login: The field cannot be left blank",
        "firstName: The field cannot be left blank",
        "lastName: The field cannot be left blank",
        "email: The field cannot be left blank",
        "login: Username must be in the form of an email address",
    ]


def test_groups_come_with_creation_or_nobody_is_created(http: httpx2.Client, org: Org) -> None:
    unknown = http.post("/api/v1/users", json={"profile": profile(), "groupIds": ["00gunknown0000000000"]})
    assert unknown.status_code == 404
    assert "(UserGroup)" in unknown.json()["errorSummary"]
    assert not org.has_user(LOGIN)
    http.post("/api/v1/users", json={"profile": profile(), "groupIds": [org.group_id("Sales")]})
    assert org.groups_of(LOGIN) == {"Everyone", "Sales"}


def test_a_person_is_found_by_id_login_and_short_name(http: httpx2.Client, org: Org) -> None:
    jane = org.user("jane.doe@example.com")
    for name in (jane["id"], "jane.doe@example.com", "JANE.DOE@example.com", "jane.doe", "jane.doe%40example.com"):
        assert http.get(f"/api/v1/users/{name}").json()["id"] == jane["id"], name


def test_post_changes_what_is_sent_and_put_empties_what_is_not(http: httpx2.Client, org: Org) -> None:
    made = org.create(LOGIN, nickName="N", department="Sales")
    url = f"/api/v1/users/{made['id']}"
    partial = http.post(url, json={"profile": {"department": "Legal", "nickName": None}}).json()
    assert partial["profile"]["department"] == "Legal"
    assert "nickName" not in partial["profile"]
    assert partial["statusChanged"] == made["statusChanged"]
    full = http.put(url, json={"profile": profile(nickName="M")}).json()
    assert full["profile"]["nickName"] == "M"
    assert "department" not in full["profile"]


def test_a_conditional_change_fails_if_somebody_was_faster(http: httpx2.Client, org: Org) -> None:
    url = f"/api/v1/users/{org.create(LOGIN)['id']}"
    etag = http.get(url).headers["etag"]
    change = {"profile": {"nickName": "N"}}
    assert http.post(url, json=change, headers={"if-match": etag}).status_code == 200
    assert http.post(url, json=change, headers={"if-match": etag}).status_code == 412
    assert http.post(url, json=change, headers={"if-match": "nonsense"}).status_code == 400


# Each call, the statuses from which it is allowed, and where it leads.
MOVES = [
    ("activate", {"STAGED": "PROVISIONED", "DEPROVISIONED": "PROVISIONED"}),
    ("suspend", {"ACTIVE": "SUSPENDED"}),
    ("unsuspend", {"SUSPENDED": "ACTIVE"}),
    (
        "deactivate",
        {
            "STAGED": "DEPROVISIONED",
            "PROVISIONED": "DEPROVISIONED",
            "ACTIVE": "DEPROVISIONED",
            "SUSPENDED": "DEPROVISIONED",
        },
    ),
    ("expire_password", {"ACTIVE": "PASSWORD_EXPIRED"}),
    ("reset_password", {"ACTIVE": "RECOVERY", "PROVISIONED": "PROVISIONED"}),
    ("reactivate", {"PROVISIONED": "PROVISIONED"}),
    ("unlock", {}),
]


def person_in(http: httpx2.Client, org: Org, status: str) -> str:
    if status in ("ACTIVE", "SUSPENDED"):
        body = {"profile": profile(), "credentials": {"password": {"value": PASSWORD}}}
        id = str(http.post("/api/v1/users", json=body).json()["id"])
    else:
        id = str(org.create(LOGIN, activate=status == "PROVISIONED")["id"])
    if status == "SUSPENDED":
        http.post(f"/api/v1/users/{id}/lifecycle/suspend")
    if status == "DEPROVISIONED":
        http.delete(f"/api/v1/users/{id}")
    assert org.user(id)["status"] == status
    return id


@pytest.mark.parametrize("status", ["STAGED", "PROVISIONED", "ACTIVE", "SUSPENDED", "DEPROVISIONED"])
@pytest.mark.parametrize(("call", "moves"), MOVES)
def test_lifecycle_calls_move_from_where_they_may_and_nowhere_else(
    http: httpx2.Client, org: Org, status: str, call: str, moves: dict[str, str]
) -> None:
    id = person_in(http, org, status)
    before = len(org.events())
    answer = http.post(f"/api/v1/users/{id}/lifecycle/{call}?sendEmail=true")
    if status in moves:
        assert answer.status_code == 200
        assert org.user(id)["status"] == moves[status]
        assert len(org.events()) == before + 1
    else:
        assert answer.status_code in (400, 403, 404)
        assert org.user(id)["status"] == status
        assert len(org.events()) == before


def test_activation_without_mail_answers_a_link_once_for_the_caller(http: httpx2.Client, org: Org) -> None:
    id = org.create(LOGIN, activate=False)["id"]
    answer = http.post(f"/api/v1/users/{id}/lifecycle/activate?sendEmail=False").json()
    assert set(answer) == {"activationUrl", "activationToken"}
    assert answer["activationToken"] in answer["activationUrl"]


def test_a_locked_out_person_is_unlocked(http: httpx2.Client, org: Org) -> None:
    assert org.user("carlos.vega@example.com")["status"] == "LOCKED_OUT"
    assert http.post("/api/v1/users/carlos.vega@example.com/lifecycle/unlock").status_code == 200
    assert org.user("carlos.vega@example.com")["status"] == "ACTIVE"


def test_the_first_delete_deactivates_and_the_second_deletes(http: httpx2.Client, org: Org) -> None:
    id = org.create(LOGIN)["id"]
    url = f"/api/v1/users/{id}"
    assert http.delete(url).status_code == 204
    assert org.user(id)["status"] == "DEPROVISIONED"
    taken = http.post("/api/v1/users", json={"profile": profile()})
    assert refusal(taken)[:2] == (400, "E0000001"), "a deactivated person keeps the login"
    assert http.delete(url).status_code == 204
    assert http.get(url).status_code == 404
    assert http.delete(url).status_code == 404
    assert org.create(LOGIN)["id"] != id, "a deleted person's login is free"


def test_a_deactivated_persons_profile_cannot_be_changed(http: httpx2.Client) -> None:
    answer = http.post("/api/v1/users/sam.taylor@example.com", json={"profile": {"nickName": "S"}})
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E0000007")


def test_passwords_change_only_against_the_old_one(http: httpx2.Client, org: Org) -> None:
    id = person_in(http, org, "ACTIVE")
    url = f"/api/v1/users/{id}/credentials/change_password"
    new = {"value": "Another-Horse-8"}
    wrong = http.post(url, json={"oldPassword": {"value": "Wrong-Horse-1"}, "newPassword": new})
    assert (wrong.status_code, wrong.json()["errorCode"]) == (403, "E0000014")
    right = http.post(url, json={"oldPassword": {"value": PASSWORD}, "newPassword": new})
    assert right.json() == {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}}


def test_custom_attributes_are_typed_and_unknown_again_once_removed(http: httpx2.Client, org: Org) -> None:
    schema = "/api/v1/meta/schemas/user/default"
    added = {"badge": {"title": "Badge", "type": "integer"}, "skills": {"title": "S", "type": "array"}}
    http.post(schema, json={"definitions": {"custom": {"properties": added}}})
    made = org.create(LOGIN, badge=7, skills=["a", "b"])
    assert (made["profile"]["badge"], made["profile"]["skills"]) == (7, ["a", "b"])
    url = f"/api/v1/users/{made['id']}"
    assert http.post(url, json={"profile": {"badge": "seven"}}).status_code == 400
    found = http.get("/api/v1/users", params={"search": 'profile.skills eq "b" and profile.badge ge 7'}).json()
    assert [user["id"] for user in found] == [made["id"]]
    http.post(schema, json={"definitions": {"custom": {"properties": {"badge": None}}}})
    assert http.get(schema).json()["definitions"]["custom"]["properties"].keys() == {"skills"}
    assert refusal(http.post(url, json={"profile": {"badge": 8}}))[2] == [
        "Property name 'badge' is not defined in profile"
    ]
