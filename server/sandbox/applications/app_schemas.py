"""What an application may know of its users: a schema for each application, as JSON documents, shown and changed.

Shapes: TestAccAppUserSchemas_crud, TestAccAppUserBaseSchema_change and TestAccResourceOktaAppUser_crud in
okta/terraform-provider-okta.
"""

from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.applications.documents import find
from server.sandbox.applications.profiles import ADDRESS, CLAIMS
from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.org import Org
from server.sandbox.problems import invalid
from server.sandbox.schema_documents import changed_attributes, subschema
from server.sandbox.schemas import Attributes, custom_attributes, keep, kept_base

_MASTER = {"type": "PROFILE_MASTER"}
_UNSHOWN = ("mutability", "permissions", "union")
_CHANGED_IN_BASE = frozenset({"title", "description", "required", "master"})
REFUSED = "updateAppUserSchemas"


def base_attributes(org: Org, app: Row) -> Attributes:
    """The attributes that every application of this kind has, as this one's were changed."""
    scope, external = ("SELF", {"externalName": "preferred_username"}) if _is_client(app) else ("NONE", {})
    attributes: Attributes = {
        "userName": {"title": "Username", "type": "string", "required": True, **external, "scope": scope}
    }
    if not _is_client(app):
        attributes["userName"]["maxLength"] = 100
    else:
        for claim, (title, _) in CLAIMS.items():
            external = {"externalName": f"address.{claim}"} if claim in ADDRESS else {}
            attributes[claim] = {"title": title, "type": "string", **external, "scope": scope}
    changes = kept_base(org, app["id"])
    return {name: {**one, "master": _MASTER, **changes.get(name, {})} for name, one in attributes.items()}


def _is_client(app: Row) -> bool:
    return app["client_id"] is not None


def get_schema(call: ApiCall) -> Response:
    return ok(_document(call, find(call.org, call.part("app"))))


def change_schema(call: ApiCall) -> Response:
    """Add, change and, with null, remove custom attributes; change what may be changed of the base ones."""
    app = find(call.org, call.part("app"))
    definitions = call.body("definitions")["definitions"]
    base = base_attributes(call.org, app)
    custom, sent_base = changed_attributes(REFUSED, definitions, custom_attributes(call.org, app["id"]), base)
    changes = {name: {key: sent[key] for key in _CHANGED_IN_BASE if key in sent} for name, sent in sent_base.items()}
    if changes.get("userName", {}).get("required") is False:
        raise invalid(REFUSED, "The attribute 'userName' is required.")
    keep(call.org, app["id"], custom, changes)
    return ok(_document(call, app))


def _document(call: ApiCall, app: Row) -> dict[str, Any]:
    org = call.org
    row = org.database.one("SELECT last_updated FROM schemas WHERE kind = ?", app["id"])
    # A client's users have a schema of their own; the name tells so, and nothing else.
    name = f"oidc_client_{app['id'][-10:-3].lower()}" if _is_client(app) else app["name"]
    return {
        "id": f"{call.base}/meta/schemas/apps/{app['id']}/default",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": name,
        "title": f"{app['label']} User",
        "lastUpdated": row["last_updated"] if row else app["last_updated"],
        "created": app["created"],
        "definitions": {
            "custom": _shown("#custom", custom_attributes(org, app["id"])),
            "base": _shown("#base", base_attributes(org, app)),
        },
        "type": "object",
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}]}},
    }


def _shown(id: str, attributes: Attributes) -> dict[str, Any]:
    document = subschema(id, attributes)
    for attribute in document["properties"].values():
        for key in _UNSHOWN:
            attribute.pop(key, None)
    return document


_SCHEMA = "/api/v1/meta/schemas/apps/{app}/default"
ENDPOINTS = [
    Endpoint("GET", _SCHEMA, get_schema, "okta.schemas.read"),
    Endpoint("POST", _SCHEMA, change_schema, "okta.schemas.manage"),
]
