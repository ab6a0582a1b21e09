"""Policies and their rules as the org keeps them, and those that every org has.

Shapes: okta/okta-sdk-python, tests/integration/cassettes, TestPoliciesResource.test_create_get_password_policy_rule and
test_create_get_sign_on_policy_rule; of access and enrolment policies Okta's OpenAPI description.
"""

from sqlite3 import Row
from typing import Any

from server.sandbox import groups
from server.sandbox.database import dump
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org
from server.sandbox.problems import not_found

TABLES = """
CREATE TABLE IF NOT EXISTS policies (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL, description TEXT, status TEXT NOT NULL,
    priority INTEGER NOT NULL, system INTEGER NOT NULL, document TEXT NOT NULL, created TEXT NOT NULL,
    last_updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS policy_rules (
    id TEXT PRIMARY KEY, policy_id TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE, type TEXT NOT NULL,
    name TEXT NOT NULL, status TEXT NOT NULL, priority INTEGER NOT NULL, system INTEGER NOT NULL,
    document TEXT NOT NULL, created TEXT NOT NULL, last_updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS policy_rules_by_policy ON policy_rules (policy_id, priority);
"""
"""`document` has `conditions` and `settings` of a policy, `conditions` and `actions` of a rule."""

SIGN_ON, PASSWORD, ENROLMENT, ACCESS = "OKTA_SIGN_ON", "PASSWORD", "MFA_ENROLL", "ACCESS_POLICY"
TYPES = (SIGN_ON, PASSWORD, ENROLMENT, ACCESS)
RULE_TYPES = {SIGN_ON: "SIGN_ON", PASSWORD: "PASSWORD", ENROLMENT: "MFA_ENROLL", ACCESS: "ACCESS_POLICY"}
DEFAULT_POLICY, DEFAULT_RULE = "Default Policy", "Default Rule"
_DESCRIPTION = "The default policy applies in all situations if no other policy applies."
LAST = 99
"""The priority of a rule that comes after all others."""

ANYWHERE: dict[str, Any] = {"network": {"connection": "ANYWHERE"}}


def password_settings(*, days: int, attempts: int = 10, warned: int = 0) -> dict[str, Any]:
    """What a password policy asks for; `days` is the age at which a password expires, 0 for never."""
    return {
        "password": {
            "complexity": {
                "minLength": 8,
                "minLowerCase": 1,
                "minUpperCase": 1,
                "minNumber": 1,
                "minSymbol": 0,
                "excludeUsername": True,
                "dictionary": {"common": {"exclude": False}},
                "excludeAttributes": [],
            },
            "age": {"maxAgeDays": days, "expireWarnDays": warned, "minAgeMinutes": 0, "historyCount": 4},
            "lockout": {
                "maxAttempts": attempts,
                "autoUnlockMinutes": 0,
                "userLockoutNotificationChannels": [],
                "showLockoutFailures": False,
            },
        },
        "recovery": {
            "factors": {
                "recovery_question": {"status": "ACTIVE", "properties": {"complexity": {"minLength": 4}}},
                "okta_email": {"status": "ACTIVE", "properties": {"recoveryToken": {"tokenLifetimeMinutes": 60}}},
                "okta_sms": {"status": "INACTIVE"},
                "okta_call": {"status": "INACTIVE"},
            }
        },
        "delegation": {"options": {"skipUnlock": False}},
    }


def sign_on_actions(access: str = "ALLOW", *, factor: bool = False) -> dict[str, Any]:
    return {
        "signon": {
            "access": access,
            "requireFactor": factor,
            "primaryFactor": "PASSWORD_IDP",
            "rememberDeviceByDefault": False,
            "session": {
                "usePersistentCookie": False,
                "maxSessionIdleMinutes": 720,
                "maxSessionLifetimeMinutes": 0,
            },
        }
    }


def password_rule() -> dict[str, Any]:
    return {"conditions": {"people": {"users": {"exclude": []}}, **ANYWHERE}, "actions": _PASSWORD_ACTIONS}


_PASSWORD_ACTIONS = {
    name: {"access": access}
    for name, access in (
        ("passwordChange", "ALLOW"),
        ("selfServicePasswordReset", "ALLOW"),
        ("selfServiceUnlock", "DENY"),
    )
}
_TWO_FACTORS = {
    "appSignOn": {
        "access": "ALLOW",
        "verificationMethod": {
            "factorMode": "2FA",
            "type": "ASSURANCE",
            "reauthenticateIn": "PT12H",
            "constraints": [],
        },
    }
}
_AUTHENTICATORS = ("okta_password", "okta_email", "okta_verify", "phone_number", "security_question")


def insert(
    org: Org,
    type: str,
    name: str,
    document: dict[str, Any],
    *,
    description: str | None = None,
    priority: int | None = None,
    status: str = "ACTIVE",
    system: bool = False,
    created: str | None = None,
) -> str:
    """A new policy; without a priority it comes after all others of its type but the default one.

    Those that come after it make room.
    """
    id, now = new_id("00p"), created or org.now()
    row = org.database.one("SELECT count(*) AS others FROM policies WHERE type = ? AND NOT system", type)
    last = 1 + (row["others"] if row else 0)
    place = min(priority or last, last)
    org.database.run("UPDATE policies SET priority = priority + 1 WHERE type = ? AND priority >= ?", type, place)
    org.database.run(
        "INSERT INTO policies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, type, name, description, status, place, int(system), dump(document), now, now),
    )
    return id


def insert_rule(
    org: Org,
    policy: str,
    type: str,
    name: str,
    document: dict[str, Any],
    *,
    priority: int | None = None,
    status: str = "ACTIVE",
    system: bool = False,
    created: str | None = None,
) -> str:
    id, now = new_id("0pr"), created or org.now()
    if priority is None:
        row = org.database.one("SELECT count(*) AS others FROM policy_rules WHERE policy_id = ?", policy)
        priority = 1 + (row["others"] if row else 0)
    org.database.run(
        "INSERT INTO policy_rules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, policy, type, name, status, priority, int(system), dump(document), now, now),
    )
    return id


def prepare(org: Org) -> None:
    """The policies that every org has, each with a rule that takes whoever no other takes."""
    if org.database.one("SELECT 1 FROM policies") is not None:
        return
    everyone = {"people": {"groups": {"include": [groups.everyone(org)["id"]]}}}
    enrolment = {
        "type": "AUTHENTICATORS",
        "authenticators": [{"key": key, "enroll": {"self": "OPTIONAL"}} for key in _AUTHENTICATORS],
    }
    of_passwords = {**everyone, "authProvider": {"provider": "OKTA"}}
    given: tuple[tuple[str, str, str, dict[str, Any], dict[str, Any]], ...] = (
        (
            *(SIGN_ON, DEFAULT_POLICY, DEFAULT_RULE, {"conditions": everyone}),
            {"conditions": {**ANYWHERE, "authContext": {"authType": "ANY"}}, "actions": sign_on_actions()},
        ),
        (
            *(PASSWORD, DEFAULT_POLICY, DEFAULT_RULE),
            {"conditions": of_passwords, "settings": password_settings(days=0)},
            password_rule(),
        ),
        (
            *(ENROLMENT, DEFAULT_POLICY, DEFAULT_RULE, {"conditions": everyone, "settings": enrolment}),
            {"conditions": ANYWHERE, "actions": {"enroll": {"self": "CHALLENGE"}}},
        ),
        (
            *(ACCESS, "Any two factors", "Catch-all Rule", {"conditions": None}),
            {"conditions": None, "actions": _TWO_FACTORS},
        ),
    )
    for type, name, rule, document, ruled in given:
        told = _DESCRIPTION if name == DEFAULT_POLICY else "Require two factors to access."
        id = insert(org, type, name, document, description=told, priority=1, system=True)
        last = LAST if type == ACCESS else 1
        insert_rule(org, id, RULE_TYPES[type], rule, ruled, priority=last, system=True)


def find(org: Org, id: str) -> Row:
    """The policy of this id.

    Raises:
        OktaProblem: there is none.
    """
    row = org.database.one("SELECT * FROM policies WHERE id = ?", id)
    if row is None:
        raise not_found(id, "Policy")
    return row


def of_type(org: Org, type: str) -> list[Row]:
    """In the order in which they are asked: the default one last."""
    return org.database.all("SELECT * FROM policies WHERE type = ? ORDER BY priority, created, id", type)


def rules_of(org: Org, policy_id: str) -> list[Row]:
    return org.database.all(
        "SELECT * FROM policy_rules WHERE policy_id = ? ORDER BY system, priority, created, id", policy_id
    )
