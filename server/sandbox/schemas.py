"""The org's schemas: the attributes of people and groups, those that every org has and those an administrator adds.

How they are shown and changed over the wire is in `schema_documents`.
"""

import json
from typing import Any

from server.sandbox.database import dump
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org

TABLES = """
CREATE TABLE IF NOT EXISTS schemas (
    kind TEXT PRIMARY KEY, custom TEXT NOT NULL, created TEXT NOT NULL, last_updated TEXT NOT NULL,
    base TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
"""
LATER = [("schemas", "base", "TEXT NOT NULL DEFAULT '{}'")]
"""Columns that files of earlier versions lack: table, name, kind."""


def _attribute(title: str, action: str = "READ_ONLY", **more: Any) -> dict[str, Any]:
    return {"title": title, "type": "string", "permissions": [{"principal": "SELF", "action": action}], **more}


_USER: dict[str, dict[str, Any]] = {
    "login": _attribute("Username", required=True, minLength=5, maxLength=100),
    "firstName": _attribute("First name", "READ_WRITE", required=True, minLength=1, maxLength=50),
    "lastName": _attribute("Last name", "READ_WRITE", required=True, minLength=1, maxLength=50),
    "middleName": _attribute("Middle name"),
    "honorificPrefix": _attribute("Honorific prefix"),
    "honorificSuffix": _attribute("Honorific suffix"),
    "email": _attribute("Primary email", "READ_WRITE", required=True, format="email", maxLength=100),
    "title": _attribute("Title"),
    "displayName": _attribute("Display name"),
    "nickName": _attribute("Nickname"),
    "profileUrl": _attribute("Profile Url", format="uri"),
    "secondEmail": _attribute("Secondary email", "READ_WRITE", format="email", maxLength=100),
    "mobilePhone": _attribute("Mobile phone", "READ_WRITE", maxLength=100),
    "primaryPhone": _attribute("Primary phone", "HIDE", maxLength=100),
    "streetAddress": _attribute("Street address", "HIDE"),
    "city": _attribute("City", "HIDE"),
    "state": _attribute("State", "HIDE"),
    "zipCode": _attribute("Zip code", "HIDE"),
    "countryCode": _attribute("Country code", "HIDE", format="country-code"),
    "postalAddress": _attribute("Postal Address", "HIDE"),
    "preferredLanguage": _attribute("Preferred language", format="language-code"),
    "locale": _attribute("Locale", format="locale"),
    "timezone": _attribute("Time zone", format="timezone"),
    "userType": _attribute("User type"),
    "employeeNumber": _attribute("Employee number"),
    "costCenter": _attribute("Cost center"),
    "organization": _attribute("Organization"),
    "division": _attribute("Division"),
    "department": _attribute("Department"),
    "managerId": _attribute("ManagerId"),
    "manager": _attribute("Manager"),
}
_GROUP: dict[str, dict[str, Any]] = {
    "name": _attribute("Name", "READ_WRITE", description="Name", required=True, maxLength=255),
    "description": _attribute("Description", "READ_WRITE", description="Description", maxLength=1024),
}
_BASE = {"user": _USER, "group": _GROUP}
TYPES: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list}
Attributes = dict[str, dict[str, Any]]


def base_attributes(org: Org, kind: str) -> Attributes:
    """The attributes that every org has, as this one changed them. Schemas of other user types have people's."""
    base = _BASE.get(kind, _USER)
    changes = _kept(org, kind, "base")
    return {name: {**attribute, **changes.get(name, {})} for name, attribute in base.items()}


def custom_attributes(org: Org, kind: str) -> Attributes:
    """The attributes that were added to the org's schema of people (`user`), groups (`group`) or a user type."""
    return _kept(org, kind, "custom")


def attributes(org: Org, kind: str) -> Attributes:
    """All attributes of the org's schema of people or groups, by name."""
    return {**base_attributes(org, kind), **custom_attributes(org, kind)}


def kept_base(org: Org, kind: str) -> Attributes:
    """What was changed of the base attributes of a schema."""
    return _kept(org, kind, "base")


def _kept(org: Org, kind: str, part: str) -> Attributes:
    row = org.database.one("SELECT custom, base FROM schemas WHERE kind = ?", kind)
    kept: Attributes = json.loads(row[part]) if row else {}
    return kept


def keep(org: Org, kind: str, custom: Attributes, base_changes: Attributes) -> None:
    """Replace what an org's schema has besides what every org has; `base_changes` are added to those of before."""
    base = _kept(org, kind, "base")
    for name, change in base_changes.items():
        base[name] = {**base.get(name, {}), **change}
    now = org.now()
    org.database.run(
        "INSERT INTO schemas (kind, custom, base, created, last_updated) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind) "
        "DO UPDATE SET custom = excluded.custom, base = excluded.base, last_updated = excluded.last_updated",
        *(kind, dump(custom), dump(base), now, now),
    )


def mistakes(org: Org, kind: str, profile: dict[str, Any]) -> list[str]:
    """What Okta would say against a profile, attribute by attribute, in the order in which it says it."""
    known = attributes(org, kind)
    return [
        f"{name}: Does not match required pattern"
        for name, value in profile.items()
        if value is not None and name in known and not _fits(known[name], value)
    ]


def _fits(attribute: dict[str, Any], value: Any) -> bool:
    type = attribute.get("type")
    if not isinstance(value, TYPES.get(str(type), object)) or (isinstance(value, bool) and type != "boolean"):
        return False
    if attribute.get("enum") and type != "array" and value not in attribute["enum"]:
        return False
    if type == "array":
        return all(_fits(attribute.get("items") or {}, item) for item in value)
    if type != "string":
        return True
    if attribute.get("format") == "email":
        local, _, domain = value.rpartition("@")
        if not local or not domain or any(c.isspace() for c in value):
            return False
    return int(attribute.get("minLength") or 0) <= len(value) <= int(attribute.get("maxLength") or 10_000)


def schema_id(org: Org) -> str:
    """Of the default user type's schema: in the recordings the two ids differ in their prefix only."""
    return str(org.fact("user_schema_id", lambda: "osc" + user_type_id(org)[3:]))


def user_type_id(org: Org) -> str:
    return str(org.fact("user_type_id", lambda: new_id("oty")))
