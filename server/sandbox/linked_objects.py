"""Linked objects: relations between people, such as manager and subordinate, and who is linked to whom.

Shapes: TestAccResourceOktaLinkValue_crud and TestAccOktaLinkValue in okta/terraform-provider-okta.
"""

import json
from sqlite3 import Row
from typing import Any

from starlette.responses import JSONResponse, Response

from server.sandbox import people
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, invalid, not_found
from server.sandbox.users import named

TABLES = """
CREATE TABLE IF NOT EXISTS linked_objects (
    name TEXT PRIMARY KEY, associated TEXT NOT NULL UNIQUE, definition TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (
    name TEXT NOT NULL REFERENCES linked_objects (name) ON DELETE CASCADE,
    associated_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    primary_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (name, associated_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS links_by_associated ON links (associated_id);
CREATE INDEX IF NOT EXISTS links_by_primary ON links (primary_id);
"""


def _find(org: Org, name: str) -> Row:
    """The definition that has this name on either of its sides.

    Raises:
        OktaProblem: none has.
    """
    row = org.database.one("SELECT * FROM linked_objects WHERE name = ? OR associated = ?", name, name)
    if row is None:
        raise not_found(name, "LinkedObjectProperty")
    return row


def _render(call: ApiCall, row: Row) -> dict[str, Any]:
    href = f"{call.base}/api/v1/meta/schemas/user/linkedObjects/{row['name']}"
    return {**json.loads(row["definition"]), "_links": {"self": {"href": href}}}


def list_definitions(call: ApiCall) -> Response:
    return ok([_render(call, row) for row in call.org.database.all("SELECT * FROM linked_objects ORDER BY name")])


def create_definition(call: ApiCall) -> Response:
    """A name serves once, on one side; E0000127 is the code that Okta lists for what cannot be defined."""
    sent = call.body()
    definition = {side: _side(side, sent.get(side)) for side in ("primary", "associated")}
    names = [part["name"] for part in definition.values()]
    for name in names:
        taken = call.org.database.one("SELECT 1 FROM linked_objects WHERE ? IN (name, associated)", name)
        if taken is not None or names[0] == names[1]:
            raise OktaProblem(409, "E0000127", f"Invalid linked objection definition. The name '{name}' is in use.")
    call.org.database.run("INSERT INTO linked_objects VALUES (?, ?, ?)", *names, dump(definition))
    return ok(_render(call, _find(call.org, names[0])), status=201)


def _side(side: str, sent: Any) -> dict[str, Any]:
    given = sent if isinstance(sent, dict) else {}
    blank = [name for name in ("name", "title", "type") if not isinstance(given.get(name), str) or not given[name]]
    if blank:
        raise invalid(side, *(f"{side}.{name}: The field cannot be left blank" for name in blank))
    if given["type"] != "USER":
        raise invalid(side, f"{side}.type: Only USER is supported")
    return {name: given.get(name) for name in ("name", "title", "description", "type")}


def get_definition(call: ApiCall) -> Response:
    return ok(_render(call, _find(call.org, call.part("name"))))


def delete_definition(call: ApiCall) -> Response:
    """Whoever was linked by it is linked no more."""
    row = _find(call.org, call.part("name"))
    call.org.database.run("DELETE FROM linked_objects WHERE name = ?", row["name"])
    return no_content()


def _primary(call: ApiCall) -> Row:
    """The definition whose primary side the path names."""
    row = _find(call.org, call.part("name"))
    if row["name"] != call.part("name"):
        raise not_found(call.part("name"), "LinkedObjectProperty")
    return row


def link(call: ApiCall) -> Response:
    """Give a person their one primary of a relation, in place of the one of before."""
    user = named(call)
    row, primary = _primary(call), people.find(call.org, call.part("primary"))
    call.org.database.run("INSERT OR REPLACE INTO links VALUES (?, ?, ?)", row["name"], user["id"], primary["id"])
    return no_content()


def unlink(call: ApiCall) -> Response:
    user = named(call)
    row = _primary(call)
    call.org.database.run("DELETE FROM links WHERE name = ? AND associated_id = ?", row["name"], user["id"])
    return no_content()


def list_linked(call: ApiCall) -> Response:
    """A person's primary if the path names that side, or all whose primary they are: links only, on one page."""
    user, name = named(call), call.part("name")
    row = _find(call.org, name)
    wanted, given = ("primary_id", "associated_id") if name == row["name"] else ("associated_id", "primary_id")
    found = call.org.database.all(
        f"SELECT {wanted} AS id FROM links WHERE name = ? AND {given} = ? ORDER BY id", row["name"], user["id"]
    )
    response = JSONResponse([{"_links": {"self": {"href": f"{call.base}/api/v1/users/{one['id']}"}}} for one in found])
    response.headers.append("link", f'<{call.base}{call.request.url.path}?limit=1000>; rel="self"')
    return response


_DEFINITIONS = "/api/v1/meta/schemas/user/linkedObjects"
_LINKS = "/api/v1/users/{user}/linkedObjects/{name}"
ENDPOINTS = [
    Endpoint("GET", _DEFINITIONS, list_definitions, "okta.linkedObjects.read"),
    Endpoint("POST", _DEFINITIONS, create_definition, "okta.linkedObjects.manage"),
    Endpoint("GET", f"{_DEFINITIONS}/{{name}}", get_definition, "okta.linkedObjects.read"),
    Endpoint("DELETE", f"{_DEFINITIONS}/{{name}}", delete_definition, "okta.linkedObjects.manage"),
    Endpoint("GET", _LINKS, list_linked, "okta.users.read"),
    Endpoint("DELETE", _LINKS, unlink, "okta.users.manage"),
    Endpoint("PUT", f"{_LINKS}/{{primary}}", link, "okta.users.manage"),
]
