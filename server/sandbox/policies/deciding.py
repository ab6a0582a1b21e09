"""What the org's policies say of somebody: whether they may sign in from where they are, and how old a password may be.

A policy speaks of somebody if it includes a group of theirs; the first rule that fits decides, and if none of a policy
does, the next policy is asked.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Any

from starlette.requests import Request

from server.sandbox import networks, people
from server.sandbox.log.events import Target, client_of, record
from server.sandbox.org import Org
from server.sandbox.policies import tables
from server.sandbox.problems import Denied

_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Decision:
    """`access` is `ALLOW`, `DENY` or, where a factor is asked for, `CHALLENGE`; the policy and rule say so."""

    access: str
    policy: Row
    rule: Row

    @property
    def targets(self) -> tuple[Target, ...]:
        return targets(self.policy, self.rule)


def targets(policy: Row, rule: Row) -> tuple[Target, ...]:
    """A sign-on policy and its rule as the System Log names them."""
    return (
        {
            "id": policy["id"],
            "type": "PolicyEntity",
            "alternateId": "unknown",
            "displayName": policy["name"],
            "detailEntry": {"policyType": "OktaSignOn"},
        },
        {"id": rule["id"], "type": "PolicyRule", "alternateId": policy["id"], "displayName": rule["name"]},
    )


def block(request: Request) -> None:
    """Turn away whoever comes from a blocked zone, before anything is asked.

    Raises:
        Denied: they do.
    """
    org: Org = request.app.state.org
    client = client_of(org, request)
    blocked = [
        zone for zone in networks.around(org, client.address) if json.loads(zone["document"])["usage"] != "POLICY"
    ]
    if blocked:
        nobody = {"id": "unknown", "type": "User", "alternateId": "unknown", "displayName": "unknown"}
        zones = [networks.as_target(zone) for zone in blocked]
        reason = "NETWORK_ZONE_BLACKLIST"
        record(org, request, "security.request.blocked", *zones, actor=nobody, outcome="DENY", reason=reason)
        raise denied()


def admit(request: Request, user: Row) -> Decision:
    """Ask the sign-on policies about somebody whose password was right, and write down what they say.

    Raises:
        Denied: they may not sign in from there.
    """
    org: Org = request.app.state.org
    decision = decide(org, user, client_of(org, request).address)
    reason = f"Sign-on policy evaluation resulted in {decision.access}"
    record(
        org,
        request,
        "policy.evaluate_sign_on",
        *decision.targets,
        actor=people.as_target(user),
        outcome=decision.access,
        reason=reason,
    )
    if decision.access == "DENY":
        raise denied()
    return decision


def denied() -> Denied:
    return Denied(403, "E0000006", "You do not have permission to perform the requested action")


def decide(org: Org, user: Row, address: str) -> Decision:
    zones = {row["id"] for row in networks.around(org, address)}
    for policy in _about(org, user, tables.SIGN_ON):
        for rule in tables.rules_of(org, policy["id"]):
            if rule["status"] == "ACTIVE" and _fits(json.loads(rule["document"])["conditions"] or {}, user, zones):
                return Decision(_access(json.loads(rule["document"])["actions"]["signon"]), policy, rule)
    raise AssertionError("the default policy speaks of everybody")


def _access(action: dict[str, Any]) -> str:
    challenged = action["access"] == "ALLOW" and action.get("requireFactor")
    return "CHALLENGE" if challenged else str(action["access"])


def password_settings(org: Org, user: Row) -> dict[str, Any]:
    """What the password policy says that somebody is under."""
    policy = next(_about(org, user, tables.PASSWORD))
    settings: dict[str, Any] = json.loads(policy["document"])["settings"]["password"]
    return settings


def has_expired(org: Org, user: Row) -> bool:
    """Whether a password is older than its policy allows."""
    days = password_settings(org, user)["age"]["maxAgeDays"]
    if not days or user["password_changed"] is None:
        return False
    changed = datetime.fromisoformat(user["password_changed"]).timestamp()
    return changed + float(days) * _DAY <= org.clock()


def _about(org: Org, user: Row, type: str) -> Iterator[Row]:
    """The policies that speak of somebody, in their order."""
    rows = org.database.all("SELECT group_id FROM memberships WHERE user_id = ?", user["id"])
    groups = {row["group_id"] for row in rows}
    for policy in tables.of_type(org, type):
        included = _part(json.loads(policy["document"])["conditions"], "people", "groups", "include")
        if policy["system"] or (policy["status"] == "ACTIVE" and groups & set(included)):
            yield policy


def _fits(conditions: dict[str, Any], user: Row, zones: set[str]) -> bool:
    if user["id"] in _part(conditions, "people", "users", "exclude"):
        return False
    network = conditions.get("network") or {}
    if network.get("connection") != "ZONE":
        return True
    included, excluded = set(_part(network, "include")), set(_part(network, "exclude"))
    anywhere = "ALL_ZONES" in included and bool(zones)
    return (not included or anywhere or bool(zones & included)) and not zones & excluded


def _part(document: Any, *names: str) -> Iterable[str]:
    for name in names:
        document = (document or {}).get(name)
    return document or ()
