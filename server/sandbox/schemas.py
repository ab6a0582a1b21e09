"""The org's schemas: the attributes of people and groups, those that every org has and those an administrator adds."""

import json
from typing import Any

from starlette.responses import Response

from server.sandbox.endpoints import Call, Endpoint, ok
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org
from server.sandbox.problems import invalid, not_found

TABLES = """
CREATE TABLE IF NOT EXISTS schemas (
    kind TEXT PRIMARY KEY, custom TEXT NOT NULL, created TEXT NOT NULL, last_updated TEXT NOT NULL
) WITHOUT ROWID;
"""


def _attribute(title: str, action: str = "READ_ONLY", **more: Any) -> dict[str, Any]:
    permissions = [{"principal": "SELF", "action": action}]
    return {
        "title": title,
        "type": "string",
        **more,
        "mutability": "READ_WRITE",
        "scope": "NONE",
        "permissions": permissions,
    }


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
    "name": _attribute("Name", required=True, maxLength=255),
    "description": _attribute("Description", maxLength=1024),
}
_BASE = {"user": _USER, "group": _GROUP}
_ABOUT = {
    "user": ("User", "Okta user profile template with default permission settings"),
    "group": ("Okta group", "Okta group profile template"),
}
TYPES: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list}


def custom_attributes(org: Org, kind: str) -> dict[str, dict[str, Any]]:
    """The attributes that were added to the org's schema of people (`user`) or groups (`group`)."""
    row = org.database.one("SELECT custom FROM schemas WHERE kind = ?", kind)
    custom: dict[str, dict[str, Any]] = json.loads(row["custom"]) if row else {}
    return custom


def attributes(org: Org, kind: str) -> dict[str, dict[str, Any]]:
    """All attributes of the org's schema of people or groups, by name."""
    return {**_base(org, kind), **custom_attributes(org, kind)}


def _base(org: Org, kind: str) -> dict[str, dict[str, Any]]:
    """The attributes that every org has, as this one changed them."""
    changes = custom_attributes(org, f"{kind}_base")
    return {name: {**attribute, **changes.get(name, {})} for name, attribute in _BASE[kind].items()}


def mistakes(org: Org, kind: str, profile: dict[str, Any]) -> list[str]:
    """What Okta would say against a profile, attribute by attribute, in the order in which it says it."""
    known = attributes(org, kind)
    return [
        f"{name}: Does not match required pattern"
        for name, value in profile.items()
        if value is not None and name in known and not _fits(known[name], value)
    ]


def _fits(attribute: dict[str, Any], value: Any) -> bool:
    wanted = TYPES.get(attribute["type"], object)
    if not isinstance(value, wanted) or (isinstance(value, bool) and attribute["type"] in ("integer", "number")):
        return False
    if attribute["type"] != "string":
        return True
    if attribute.get("format") == "email":
        local, _, domain = value.rpartition("@")
        if not local or not domain or any(c.isspace() for c in value):
            return False
    if "enum" in attribute and value not in attribute["enum"]:
        return False
    return int(attribute.get("minLength") or 0) <= len(value) <= int(attribute.get("maxLength") or 10_000)


def schema_id(org: Org) -> str:
    return str(org.fact("user_schema_id", lambda: new_id("osc")))


def user_type_id(org: Org) -> str:
    return str(org.fact("user_type_id", lambda: new_id("oty")))


def _document(call: Call, kind: str) -> dict[str, Any]:
    org = call.org
    row = org.database.one("SELECT * FROM schemas WHERE kind = ?", kind)
    made = org.fact("created", org.now)
    title, description = _ABOUT[kind]
    base = _base(org, kind)
    return {
        "id": f"{call.base}/meta/schemas/{kind}/default",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": kind,
        "title": title,
        "description": description,
        "lastUpdated": row["last_updated"] if row else made,
        "created": made,
        "definitions": {
            "custom": {
                "id": "#custom",
                "type": "object",
                "properties": custom_attributes(org, kind),
                "required": [],
            },
            "base": {
                "id": "#base",
                "type": "object",
                "properties": base,
                "required": [name for name, attribute in base.items() if attribute.get("required")],
            },
        },
        "type": "object",
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}]}},
    }


def _kind(call: Call) -> str:
    """The schema that is meant: people's by its name or id, or groups'."""
    kind, name = call.part("kind"), call.part("schema")
    if kind == "user" and name in ("default", schema_id(call.org)):
        return "user"
    if kind == "group" and name == "default":
        return "group"
    raise not_found(name, "Schema")


def get_schema(call: Call) -> Response:
    return ok(_document(call, _kind(call)))


def change_schema(call: Call) -> Response:
    """Add, change and, with null, remove custom attributes."""
    kind = _kind(call)
    sent = call.body("definitions")["definitions"].get("custom", {}).get("properties", {})
    custom = custom_attributes(call.org, kind)
    for name, attribute in sent.items():
        if name in _BASE[kind]:
            raise invalid("schema", f"{name}: The attribute is part of the base schema")
        if attribute is None:
            custom.pop(name, None)
            continue
        if attribute.get("type") not in TYPES:
            raise invalid("schema", f"{name}: The type is not supported")
        custom[name] = {"mutability": "READ_WRITE", "scope": "NONE", **custom.get(name, {}), **attribute}
    changes = custom_attributes(call.org, f"{kind}_base")
    for name, change in call.body("definitions")["definitions"].get("base", {}).get("properties", {}).items():
        changes[name] = {**changes.get(name, {}), **change}
    now = call.org.now()
    for key, kept in ((kind, custom), (f"{kind}_base", changes)):
        call.org.database.run(
            "INSERT INTO schemas VALUES (?, ?, ?, ?) "
            "ON CONFLICT (kind) DO UPDATE SET custom = excluded.custom, last_updated = excluded.last_updated",
            *(key, json.dumps(kept), now, now),
        )
    return ok(_document(call, kind))


def list_types(call: Call) -> Response:
    return ok([_type(call)])


def get_type(call: Call) -> Response:
    if call.part("type") not in ("default", user_type_id(call.org)):
        raise not_found(call.part("type"), "CVDType")
    return ok(_type(call))


def _type(call: Call) -> dict[str, Any]:
    org, made = call.org, call.org.fact("created", call.org.now)
    here = f"{call.base}/api/v1/meta"
    return {
        "id": user_type_id(org),
        "displayName": "User",
        "name": "user",
        "description": "Okta user profile template with default permission settings",
        "createdBy": "sprz0000000000000001",
        "lastUpdatedBy": "sprz0000000000000001",
        "created": made,
        "lastUpdated": made,
        "default": True,
        "_links": {
            "self": {"rel": "self", "href": f"{here}/types/user/{user_type_id(org)}", "method": "GET"},
            "schema": {"rel": "schema", "href": f"{here}/schemas/user/{schema_id(org)}", "method": "GET"},
        },
    }


ENDPOINTS = [
    Endpoint("GET", "/api/v1/meta/schemas/{kind}/{schema}", get_schema, "okta.schemas.read"),
    Endpoint("POST", "/api/v1/meta/schemas/{kind}/{schema}", change_schema, "okta.schemas.manage"),
    Endpoint("GET", "/api/v1/meta/types/user", list_types, "okta.userTypes.read"),
    Endpoint("GET", "/api/v1/meta/types/user/{type}", get_type, "okta.userTypes.read"),
]
