"""The factors of people: enrolled, activated, verified and removed, over the wire."""

from typing import Any

import httpx2

from connected_org import Org


def enrol(http: httpx2.Client, person: str, type: str, activate: bool = False, **sent: Any) -> httpx2.Response:
    return http.post(
        f"/api/v1/users/{person}/factors", params={"activate": activate}, json={"factorType": type, **sent}
    )


def with_push(http: httpx2.Client, person: str) -> str:
    """The id of a push factor that works."""
    made = enrol(http, person, "push", provider="OKTA").json()
    assert http.post(f"/sandbox/people/{person}", json={"answer": "approve"}).json()["answered"] == [made["id"]]
    return str(made["id"])


def test_a_push_is_approved_by_its_person(http: httpx2.Client, org: Org) -> None:
    person = org.create("push@example.com", password="Secret-1234")["id"]
    factor = with_push(http, person)
    path = f"/api/v1/users/{person}/factors/{factor}"
    begun = http.post(f"{path}/verify")
    assert (begun.status_code, begun.json()["factorResult"]) == (201, "WAITING")
    poll = begun.json()["_links"]["poll"]["href"]
    assert http.get(poll).json()["factorResult"] == "WAITING"
    http.post(f"/sandbox/people/{person}", json={"answer": "approve"})
    assert http.get(poll).json() == {"factorResult": "SUCCESS"}
    assert http.delete(path).status_code == 204
    assert http.get(f"/api/v1/users/{person}/factors").json() == []
