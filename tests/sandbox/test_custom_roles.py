"""Custom administrator roles: what they permit, for which resources, and who has them."""

from typing import Any

import httpx2
import pytest

from connected_org import Org

ROLES, SETS = "/api/v1/iam/roles", "/api/v1/iam/resource-sets"
DESK = {"label": "Desk", "description": "Resets", "permissions": ["okta.users.credentials.resetPassword"]}


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["errorCode"], body["errorSummary"]


def custom_role(http: httpx2.Client) -> str:
    return str(http.post(ROLES, json=DESK).json()["id"])


def resource_set(http: httpx2.Client, label: str = "Everybody") -> str:
    sent = {"label": label, "description": "", "resources": [f"{http.base_url}/api/v1/users"]}
    return str(http.post(SETS, json=sent).json()["id"])


def test_a_custom_role_is_made_read_changed_and_deleted(http: httpx2.Client) -> None:
    """TestAccResourceOktaAdminRoleCustom_crud."""
    made = http.post(ROLES, json=DESK)
    role = made.json()
    one = f"{ROLES}/{role['id']}"
    assert (made.status_code, role["id"][:3], role["label"]) == (200, "cr0", "Desk")
    assert made.headers["link"] == f'<{role["_links"]["self"]["href"]}>; rel="self"'
    assert http.get(one).json() == http.get(f"{ROLES}/Desk").json() == role
    assert http.post(f"{one}/permissions/okta.users.read").status_code == 204
    shown = http.get(f"{one}/permissions").json()["permissions"]
    assert {permission["label"] for permission in shown} == {*DESK["permissions"], "okta.users.read"}
    assert http.get(shown[0]["_links"]["self"]["href"]).json() == shown[0]
    assert http.delete(f"{one}/permissions/okta.users.read").status_code == 204
    assert http.delete(f"{one}/permissions/okta.users.read").status_code == 404
    assert http.put(one, json={"label": "Desk", "description": "Anew"}).json()["description"] == "Anew"
    assert http.delete(one).status_code == 204
    gone = (404, "E0000007", f"Not found: Resource not found: {role['id']} (CustomRole)")
    assert told(http.get(one)) == told(http.delete(one)) == gone
    assert http.get(ROLES).json() == {"roles": []}


@pytest.mark.parametrize(
    ("path", "body", "cause"),
    [
        (ROLES, {"description": "x", "permissions": ["okta.users.read"]}, "label: Label must be specified"),
        (ROLES, DESK, "label: There is already an admin role with this name."),
        (ROLES, {**DESK, "label": "Other", "permissions": []}, "permissions: The field cannot be left blank"),
        (ROLES, {**DESK, "label": "Other", "permissions": ["root"]}, "permissions: Invalid permission: root"),
        (SETS, {"description": "x", "resources": ["/api/v1/users"]}, "label: Label must be specified"),
        (SETS, {"label": "S", "description": "x", "resources": ["else"]}, "resources: Invalid resource: else"),
    ],
)
def test_what_is_no_role_or_set_is_refused(http: httpx2.Client, path: str, body: dict[str, Any], cause: str) -> None:
    """errors.md, section 7."""
    custom_role(http)
    answer = http.post(path, json=body)
    assert (answer.status_code, answer.json()["errorCauses"]) == (400, [{"errorSummary": cause}])
    assert len(http.get(ROLES).json()["roles"]) == 1
    assert http.get(SETS).json() == {"resource-sets": []}


def test_a_resource_set_says_what_is_in_it(http: httpx2.Client) -> None:
    """TestAccResourceOktaResourceSet_crud and errors.md, section 7."""
    one = f"{SETS}/{resource_set(http)}"
    assert http.patch(f"{one}/resources", json={"additions": ["/api/v1/groups", "/api/v1/apps"]}).status_code == 200
    listed = http.get(f"{one}/resources", params={"limit": 200}).json()["resources"]
    assert {row["orn"].split(":")[2] + " " + row["orn"].split(":")[4] for row in listed} == {
        "directory users",
        "directory groups",
        "idp apps",
    }
    assert http.delete(f"{one}/resources/{listed[0]['id']}").status_code == 204
    assert len(http.get(f"{one}/resources").json()["resources"]) == 2
    changed = http.put(one, json={"label": "Renamed", "description": "Anew"}).json()
    assert (changed["label"], changed["description"]) == ("Renamed", "Anew")
    assert http.delete(one).status_code == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/bindings"), ("GET", "/resources")):
        answer = http.request(method, f"{one}{path}")
        assert told(answer)[1:] == ("E0000007", f"Not found: Resource not found: {one.rpartition('/')[2]} (IAMPolicy)")


@pytest.mark.parametrize("way", ["binding", "role"])
def test_whoever_has_a_custom_role_is_an_administrator(http: httpx2.Client, org: Org, way: str) -> None:
    """Both ways to give it lead to the same: the lists of roles, of all who have one, and a group's numbers."""
    role, reach = custom_role(http), resource_set(http)
    jane, group = org.user("jane.doe@example.com")["id"], org.create_group("Desk")
    maya = org.user("maya.goldberg@example.com")["id"]
    http.put(f"/api/v1/groups/{group}/users/{maya}")
    if way == "binding":
        members = [f"{http.base_url}/api/v1/users/{jane}", f"{http.base_url}/api/v1/groups/{group}"]
        made = http.post(f"{SETS}/{reach}/bindings", json={"role": role, "members": members})
        assert (made.status_code, made.json()["id"]) == (200, role)
        shown = http.get(f"{SETS}/{reach}/bindings/{role}/members").json()["members"]
        assert {one["_links"]["self"]["href"] for one in shown} == set(members)
    else:
        sent = {"type": "CUSTOM", "role": role, "resource-set": reach}
        for path in (f"/api/v1/users/{jane}/roles", f"/api/v1/groups/{group}/roles"):
            assert http.post(path, json=sent).status_code == 201
            assert told(http.post(path, json=sent))[:2] == (409, "E0000090")
    (held,) = http.get(f"/api/v1/users/{jane}/roles").json()
    assert (held["type"], held["label"], held["assignmentType"]) == ("CUSTOM", "Desk", "USER")
    assert (held["role"], held["resource-set"]) == (role, reach)
    assert http.get(f"/api/v1/users/{jane}/roles/{held['id']}").json() == held
    (through,) = http.get(f"/api/v1/users/{maya}/roles").json()
    assert (through["type"], through["assignmentType"]) == ("CUSTOM", "GROUP")
    everybody = {one["id"] for one in http.get("/api/v1/iam/assignees/users").json()["value"]}
    assert {jane, maya} <= everybody
    stats = http.get(f"/api/v1/groups/{group}", params={"expand": "stats"}).json()["_embedded"]["stats"]
    assert stats["hasAdminPrivilege"] is True
    http.delete(f"{SETS}/{reach}/bindings/{role}")
    assert http.get(f"/api/v1/users/{jane}/roles").json() == http.get(f"/api/v1/users/{maya}/roles").json() == []


def test_members_join_and_leave_a_binding(http: httpx2.Client, org: Org) -> None:
    role, reach = custom_role(http), resource_set(http)
    binding = f"{SETS}/{reach}/bindings/{role}"
    missing = {"role": "cr0Nobody", "members": ["/api/v1/users/jane.doe"]}
    assert told(http.post(f"{SETS}/{reach}/bindings", json=missing))[2].endswith("cr0Nobody (CustomRole)")
    assert told(http.get(binding))[:2] == (404, "E0000007")
    jane, ruth = (org.user(f"{name}@example.com")["id"] for name in ("jane.doe", "ruth.adeyemi"))
    http.post(f"{SETS}/{reach}/bindings", json={"role": role, "members": [f"/api/v1/users/{jane}"]})
    assert http.patch(f"{binding}/members", json={"additions": [f"/api/v1/users/{ruth}"]}).status_code == 200
    members = http.get(f"{binding}/members").json()["members"]
    first = f"{binding}/members/{members[0]['id']}"
    assert http.get(first).json() == members[0]
    assert (http.delete(first).status_code, http.delete(first).status_code) == (204, 404)
    assert len(http.get(f"{binding}/members").json()["members"]) == 1


@pytest.mark.parametrize("what", ["role", "set"])
def test_a_custom_role_goes_with_what_it_is_made_of(http: httpx2.Client, org: Org, what: str) -> None:
    role, reach = custom_role(http), resource_set(http)
    jane = f"/api/v1/users/{org.user('jane.doe@example.com')['id']}/roles"
    http.post(jane, json={"type": "CUSTOM", "role": role, "resource-set": reach})
    http.delete(f"{ROLES}/{role}" if what == "role" else f"{SETS}/{reach}")
    assert http.get(jane).json() == []
