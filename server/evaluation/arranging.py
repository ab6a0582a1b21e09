"""Puts an org into the state in which a scenario begins, through the org's own API."""

import ssl
from typing import Any

import httpx2

from server.evaluation.scenario import (
    ApplicationState,
    FactorState,
    FailedSignIn,
    GroupRuleState,
    GroupState,
    OrgState,
    PersonState,
)
from server.sandbox.running import RunningSandbox
from tools.okta.errors import InvalidInput


def arrange(sandbox: RunningSandbox, wanted: OrgState) -> None:
    """Put the org into the scenario's state, through its own API."""
    if not any(getattr(wanted, part) for part in ("groups", "people", "applications", "group_rules", "sign_ins")):
        return
    headers = {"authorization": f"SSWS {sandbox.demo.api_token}"}
    # It is on loopback, without TLS: loading the system's certificate authorities would take longer than the rest.
    nothing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with httpx2.Client(base_url=sandbox.url, headers=headers, timeout=30, verify=nothing) as http:
        org = _Org(http)
        for group in wanted.groups:
            org.put_group(group)
        for person in wanted.people:
            org.put_person(person)
        for group in wanted.groups:
            for login in group.members:
                org.send("PUT", f"/api/v1/groups/{org.group(group.name)}/users/{login}")
        for rule in wanted.group_rules:
            org.put_rule(rule)
        for application in wanted.applications:
            org.put_application(application)
        for attempt in wanted.sign_ins:
            org.fail_to_sign_in(attempt)


class _Org:
    def __init__(self, http: httpx2.Client) -> None:
        self._http = http
        listed = self.send("GET", "/api/v1/groups")
        self._groups = {group["profile"]["name"]: str(group["id"]) for group in listed}

    def send(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, path, **more)
        if answer.is_error:
            raise InvalidInput(f"The org refuses {method} {path}: {answer.text[:300]}", code="invalid_scenario")
        return answer.json() if answer.content else None

    def group(self, name: str) -> str:
        if name not in self._groups:
            raise InvalidInput(f"The org has no group {name}.", code="invalid_scenario")
        return self._groups[name]

    def put_group(self, group: GroupState) -> None:
        body = {"profile": {"name": group.name, "description": group.description}}
        if group.name not in self._groups:
            self._groups[group.name] = str(self.send("POST", "/api/v1/groups", json=body)["id"])
        elif group.description is not None:
            self.send("PUT", f"/api/v1/groups/{self.group(group.name)}", json=body)
        if group.grants:
            self.send("POST", f"/api/v1/groups/{self.group(group.name)}/roles", json={"type": group.grants})

    def put_person(self, person: PersonState) -> None:
        """A new person has a password, unless they are to be STAGED or PROVISIONED."""
        if self._http.get(f"/api/v1/users/{person.login}").is_success:
            if person.profile:
                self.send("POST", f"/api/v1/users/{person.login}", json={"profile": person.profile})
        else:
            body: dict[str, Any] = {"profile": {"login": person.login, "email": person.login, **person.profile}}
            if person.status not in ("STAGED", "PROVISIONED"):
                body["credentials"] = {"password": {"value": "Nobody-types-this-1"}}
            self.send("POST", "/api/v1/users", json=body, params={"activate": person.status != "STAGED"})
        step = {"SUSPENDED": "suspend", "DEPROVISIONED": "deactivate"}.get(person.status or "")
        if step:
            self.send("POST", f"/api/v1/users/{person.login}/lifecycle/{step}", params={"sendEmail": False})
        for factor in person.factors:
            self._add_factor(person.login, factor)
        if person.answers:
            self._act(person.login, answer=person.answers, always=True)
        for name in person.groups:
            self.send("PUT", f"/api/v1/groups/{self.group(name)}/users/{person.login}")

    def _add_factor(self, login: str, factor: FactorState) -> None:
        profile: dict[str, str] = {"sms": {"phoneNumber": factor.phone}, "call": {"phoneNumber": factor.phone}}.get(
            factor.type, {}
        )
        body = {"factorType": factor.type, "provider": "OKTA", "profile": profile}
        made = self.send("POST", f"/api/v1/users/{login}/factors", json=body, params={"activate": True})
        if factor.type == "push":
            device = {"name": factor.device} if factor.device else {}
            self._act(login, answer="approve", only=made["id"], device=device)

    def _act(self, login: str, **what: Any) -> None:
        """Do what the person would do with their phone."""
        self.send("POST", f"/sandbox/people/{login}", json=what)

    def put_rule(self, rule: GroupRuleState) -> None:
        body = {
            "type": "group_rule",
            "name": rule.name,
            "conditions": {"expression": {"value": rule.expression, "type": "urn:okta:expression:1.0"}},
            "actions": {"assignUserToGroups": {"groupIds": [self.group(name) for name in rule.groups]}},
        }
        made = self.send("POST", "/api/v1/groups/rules", json=body)
        self.send("POST", f"/api/v1/groups/rules/{made['id']}/lifecycle/activate")

    def put_application(self, application: ApplicationState) -> None:
        listed = self.send("GET", "/api/v1/apps", params={"limit": 200})
        id = next((str(one["id"]) for one in listed if one["label"] == application.label), None)
        if id is None:
            settings = {"app": {"requestIntegration": False, "url": "https://application.example.com/"}}
            body = {"name": "bookmark", "label": application.label, "signOnMode": "BOOKMARK", "settings": settings}
            id = str(self.send("POST", "/api/v1/apps", json=body)["id"])
        for login in application.people:
            user = self.send("GET", f"/api/v1/users/{login}")["id"]
            self.send("POST", f"/api/v1/apps/{id}/users", json={"id": user, "scope": "USER"})
        for name in application.groups:
            self.send("PUT", f"/api/v1/apps/{id}/groups/{self.group(name)}", json={})

    def fail_to_sign_in(self, attempt: FailedSignIn) -> None:
        for _ in range(attempt.times):
            body = {"username": attempt.login, "password": "Not-the-password-1"}
            answer = self._http.post("/api/v1/authn", json=body, headers={"user-agent": attempt.agent})
            if answer.status_code not in (401, 403):
                raise InvalidInput(f"{attempt.login} signs in: {answer.text[:300]}", code="invalid_scenario")
