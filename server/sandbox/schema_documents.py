"""The schema endpoints: schemas as JSON documents, shown and changed.

Shapes and the order of keys: TestAccDataSourceOktaUser_read, TestAccOktaGroup_customschema_null and
TestAccDataSourceOktaIdpSocial_read in okta/terraform-provider-okta.
"""

import re
from typing import Any

from starlette.responses import Response

from server.sandbox import user_types
from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.problems import invalid, not_found, not_well_formed
from server.sandbox.schemas import TYPES, Attributes, base_attributes, custom_attributes, keep, user_type_id

_ABOUT = {
    "user": ("User", "Okta user profile template with default permission settings"),
    "group": ("Okta group", "Okta group profile template"),
}
_KEYS = (
    *("title", "description", "type", "required", "unique", "format", "pattern", "default"),
    *("externalName", "externalNamespace", "mutability", "scope", "minLength", "maxLength", "items", "enum", "oneOf"),
    *("union", "permissions", "master"),
)
"""What an attribute may have, in the order in which Okta shows it."""
_ASSUMED: dict[str, Any] = {
    "mutability": "READ_WRITE",
    "scope": "NONE",
    "permissions": [{"principal": "SELF", "action": "READ_ONLY"}],
    "master": {"type": "PROFILE_MASTER"},
}
_CHANGED_IN_BASE = frozenset({"title", "description", "permissions", "required", "master", "pattern", "format"})
_OPTIONAL_IN_BASE = frozenset({"firstName", "lastName"})


def get_schema(call: ApiCall) -> Response:
    return ok(_document(call, _kind(call)))


def change_schema(call: ApiCall) -> Response:
    """Add, change and, with null, remove custom attributes; change what may be changed of the base ones.

    Removing an attribute that is not there is no mistake (TestAccOktaGroup_customschema_null removes one twice).
    """
    kind = _kind(call)
    definitions = call.body("definitions")["definitions"]
    base, changes = base_attributes(call.org, kind), dict[str, dict[str, Any]]()
    refused = "updateGroupSchemas" if kind == "group" else "updateUserSchemas"
    custom, sent_base = changed_attributes(refused, definitions, custom_attributes(call.org, kind), base)
    for name, sent in sent_base.items():
        changes[name] = {key: value for key, value in sent.items() if key in _CHANGED_IN_BASE and value is not None}
        if name not in _OPTIONAL_IN_BASE:
            changes[name].pop("required", None)
    keep(call.org, kind, custom, changes)
    return ok(_document(call, kind))


def changed_attributes(
    refused: str, definitions: dict[str, Any], custom: Attributes, base: Attributes
) -> tuple[Attributes, Attributes]:
    """The custom attributes as they will be, and what was sent of the base ones.

    Raises:
        OktaProblem: something is no attribute; `refused` is what its summary names.
    """
    custom = dict(custom)
    for name, sent in _properties(definitions, "custom").items():
        if sent is None:
            custom.pop(name, None)
            continue
        if name in base:
            raise invalid(refused, f"The attribute '{name}' is part of the base schema.")
        custom[name] = _checked(refused, name, {**custom.get(name, {}), **sent})
    sent_base = _properties(definitions, "base")
    for name, sent in sent_base.items():
        if name not in base or not isinstance(sent, dict):
            raise invalid(refused, f"The attribute '{name}' is not part of the base schema.")
    return custom, sent_base


def _properties(definitions: dict[str, Any], part: str) -> dict[str, Any]:
    """The attributes that were sent of `base` or `custom`."""
    sent = definitions.get(part) or {}
    properties = (sent.get("properties") if isinstance(sent, dict) else sent) or {}
    if not isinstance(properties, dict) or any(not isinstance(a, dict | None) for a in properties.values()):
        raise not_well_formed()
    return properties


def _checked(refused: str, name: str, sent: dict[str, Any]) -> dict[str, Any]:
    """A custom attribute as it is kept, if it is one."""
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise invalid(refused, f"The variable name '{name}' is not valid.")
    if sent.get("type") not in TYPES:
        raise invalid(refused, f"{name}: The type is not supported")
    if sent["type"] == "array":
        sent = {"items": {"type": "string"}, **sent}
        if not isinstance(sent["items"], dict) or sent["items"].get("type") not in ("string", "number", "integer"):
            raise invalid(refused, f"{name}: The type of the items is not supported")
    if sent.get("scope", "NONE") not in ("NONE", "SELF"):
        raise invalid(refused, f"{name}: The scope is not supported")
    sent["unique"] = "UNIQUE_VALIDATED" if sent.get("unique") in (True, "UNIQUE_VALIDATED") else None
    return {key: sent[key] for key in _KEYS if sent.get(key) is not None}


def _document(call: ApiCall, kind: str) -> dict[str, Any]:
    org, id = call.org, call.part("schema")
    made = org.fact("created", org.now)
    title, description = _ABOUT.get(kind, _ABOUT["user"])
    about = {"name": kind, "title": title, "description": description, "created": made}
    meta, schema, links = f"{call.base}/api/v1/meta", "group/default", dict[str, Any]()
    if kind != "group":
        type = user_types.find(org, "default" if kind == "user" else kind)
        about |= {"name": type["name"], "title": type["display_name"], "created": type["created"]}
        schema = f"user/{type['schema_id']}"
        links = {"type": {"rel": "type", "href": f"{meta}/types/user/{type['id']}", "method": "GET"}}
        id = "default" if kind == "user" else type["schema_id"]
    row = org.database.one("SELECT last_updated FROM schemas WHERE kind = ?", kind)
    return {
        "id": f"{call.base}/meta/schemas/{'group' if kind == 'group' else 'user'}/{id}",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": about["name"],
        "title": about["title"],
        "description": about["description"],
        "lastUpdated": row["last_updated"] if row else about["created"],
        "created": about["created"],
        "definitions": {
            "custom": subschema("#custom", custom_attributes(org, kind)),
            "base": subschema("#base", base_attributes(org, kind)),
        },
        "type": "object",
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}]}},
        "_links": {"self": {"rel": "self", "href": f"{meta}/schemas/{schema}", "method": "GET"}, **links},
    }


def subschema(id: str, attributes: Attributes) -> dict[str, Any]:
    shown = {name: {**_ASSUMED, **attribute} for name, attribute in attributes.items()}
    return {
        "id": id,
        "type": "object",
        "properties": {
            # What is not required does not say so.
            name: {key: attribute[key] for key in _KEYS if key in attribute and (key != "required" or attribute[key])}
            for name, attribute in shown.items()
        },
        "required": [name for name, attribute in shown.items() if attribute.get("required")],
    }


def _kind(call: ApiCall) -> str:
    """The schema that is meant: groups', or people's by their type's schema; `user` is the default type's."""
    family, name = call.part("family"), call.part("schema")
    if family == "group" and name == "default":
        return "group"
    if family == "user":
        if name == "default":
            return "user"
        for row in user_types.every(call.org):
            if row["schema_id"] == name:
                return "user" if row["id"] == user_type_id(call.org) else str(row["id"])
    raise not_found(name, "Schema")


_SCHEMA = "/api/v1/meta/schemas/{family}/{schema}"
ENDPOINTS = [
    Endpoint("GET", _SCHEMA, get_schema, "okta.schemas.read"),
    Endpoint("POST", _SCHEMA, change_schema, "okta.schemas.manage"),
]
