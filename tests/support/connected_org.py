"""The org as its administrator sees it: who is there, what happened."""

from typing import Any
from urllib.parse import urlsplit

import httpx2

_OF_SIGN_INS = ("app.oauth2", "user.session.start", "user.authentication.", "policy.evaluate_sign_on")
API_TOKEN = "00-the-api-token-of-the-tests"


class Org:
    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    @property
    def http(self) -> httpx2.Client:
        """The API, for what only one test needs."""
        return self._http

    def user(self, login: str) -> dict[str, Any]:
        response = self._http.get(f"/api/v1/users/{login}")
        assert response.status_code == 200, response.text
        user: dict[str, Any] = response.json()
        return user

    def has_user(self, login: str) -> bool:
        return self._http.get(f"/api/v1/users/{login}").status_code == 200

    def create(self, login: str, activate: bool = True, password: str | None = None, **profile: Any) -> dict[str, Any]:
        """A new person; with a password they are ACTIVE at once."""
        named = {"firstName": "Test", "lastName": "Person", "email": login, "login": login, **profile}
        credentials = {"credentials": {"password": {"value": password}}} if password else {}
        response = self._http.post(
            "/api/v1/users", params={"activate": activate}, json={"profile": named, **credentials}
        )
        assert response.status_code == 200, response.text
        user: dict[str, Any] = response.json()
        return user

    def person(self, text: str, **profile: Any) -> str:
        """The login of a new person, who is ACTIVE and whose names hold the text."""
        login = f"{text}@example.com"
        self.create(login, password="Secret-1234", **{"firstName": "Test", "lastName": text, **profile})
        return login

    def update(self, login: str, **profile: Any) -> None:
        """Change attributes of a person, as somebody else does."""
        response = self._http.post(f"/api/v1/users/{login}", json={"profile": profile})
        assert response.status_code == 200, response.text

    def lifecycle(self, id: str, step: str) -> None:
        assert self._http.post(f"/api/v1/users/{id}/lifecycle/{step}", params={"sendEmail": False}).status_code == 200

    def lock(self, login: str) -> None:
        """Lock a person out, by wrong passwords."""
        for _ in range(10):
            self._http.post("/api/v1/authn", json={"username": login, "password": "wrong"})
        assert self.user(login)["status"] == "LOCKED_OUT"

    def act_as(self, login: str, **sent: Any) -> dict[str, Any]:
        """Do on a person's devices what they would do; what they see then."""
        response = self._http.post(f"/sandbox/people/{self.user(login)['id']}", json=sent)
        assert response.status_code == 200, response.text
        seen: dict[str, Any] = response.json()
        return seen

    def enrol(self, login: str, type: str, **sent: Any) -> str:
        """The id of a factor that a person enrols, which works at once where Okta lets it."""
        path = f"/api/v1/users/{self.user(login)['id']}/factors"
        response = self._http.post(path, params={"activate": True}, json={"factorType": type, **sent})
        assert response.status_code == 200, response.text
        return str(response.json()["id"])

    def enrol_push(self, login: str, device: str = "Phone", answer: str = "approve") -> str:
        """The id of Okta Verify push on a device of this name, and how the person answers from now on."""
        id = self.enrol(login, "push", provider="OKTA")
        self.act_as(login, answer="approve", only=id, device={"name": device})
        self.act_as(login, answer=answer, always=True)
        return id

    def factors_of(self, login: str) -> dict[str, str]:
        """The types of a person's factors, by id."""
        listed = self._http.get(f"/api/v1/users/{self.user(login)['id']}/factors").json()
        return {one["id"]: one["factorType"] for one in listed}

    def somebody(self, status: str) -> str:
        """The id of one of the people with this status."""
        found = self._http.get("/api/v1/users", params={"filter": f'status eq "{status}"', "limit": 1}).json()
        return str(found[0]["id"])

    def create_group(self, name: str, description: str | None = None) -> str:
        response = self._http.post("/api/v1/groups", json={"profile": {"name": name, "description": description}})
        assert response.status_code == 200, response.text
        return str(response.json()["id"])

    def team(self, text: str, *members: str) -> str:
        """The name of a new group, which holds the text."""
        name = f"Team {text}"
        self.create_group(name)
        for login in members:
            self.join(name, login)
        return name

    def join(self, group: str, login: str) -> None:
        path = f"/api/v1/groups/{self.group_id(group)}/users/{self.user(login)['id']}"
        assert self._http.put(path).status_code == 204

    def describe(self, group: str, description: str) -> None:
        """Change what a group's description says, as somebody else does."""
        body = {"profile": {"name": group, "description": description}}
        assert self._http.put(f"/api/v1/groups/{self.group_id(group)}", json=body).status_code == 200

    def group_id(self, name: str) -> str:
        (group,) = [g for g in self._http.get("/api/v1/groups").json() if g["profile"]["name"] == name]
        return str(group["id"])

    def groups_of(self, login: str) -> set[str]:
        return {group["profile"]["name"] for group in self._http.get(f"/api/v1/users/{login}/groups").json()}

    def events(self, login: str | None = None) -> list[str]:
        """What the System Log says was done to people and groups, oldest first; sign-ins and tokens left out.

        With a login, only what was done to that person.
        """
        listed = self._http.get("/api/v1/logs", params={"limit": 1000}).json()
        if login:
            listed = [e for e in listed if any(one["alternateId"] == login for one in e["target"] or ())]
        return [e["eventType"] for e in listed if not e["eventType"].startswith(_OF_SIGN_INS)]

    def trouble(self, *faults: dict[str, Any], **more: Any) -> None:
        """Make things go wrong on the wire."""
        assert self._http.post("/sandbox/faults", json={"faults": list(faults), **more}).status_code == 204


def links(response: httpx2.Response) -> dict[str, str]:
    """The `Link` headers of an answer, by their relation."""
    found = {}
    for header in response.headers.get_list("link"):
        url, _, relation = header.partition(">; rel=")
        found[relation.strip('"')] = url.lstrip("<")
    return found


def path_of(url: str) -> str:
    return urlsplit(url).path
