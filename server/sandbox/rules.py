"""Group rules: who matches an active rule's expression is a member of its groups."""

import json
from collections.abc import Iterable
from sqlite3 import Row
from typing import Any

from starlette.responses import JSONResponse, Response

from server.sandbox import groups, memberships
from server.sandbox.database import dump
from server.sandbox.endpoints import Call, Endpoint, no_content, ok
from server.sandbox.expressions import Expression, ExpressionError, Subject, compile_expression
from server.sandbox.identifiers import new_id
from server.sandbox.listings import Listing
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import invalid, not_found

TABLES = """
CREATE TABLE IF NOT EXISTS rules (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    status TEXT NOT NULL,
    conditions TEXT NOT NULL,
    group_ids TEXT NOT NULL,
    created TEXT NOT NULL,
    last_updated TEXT NOT NULL
) WITHOUT ROWID;
"""
LONGEST_NAME = 50


def find(org: Org, id: str) -> Row:
    """The rule of this id.

    Raises:
        OktaProblem: there is none.
    """
    row = org.database.one("SELECT * FROM rules WHERE id = ?", id)
    if row is None:
        raise not_found(id, "PolicyRule")
    return row


def evaluate(call: Call, user: Row) -> None:
    """Put a person into the groups of the active rules they match, and out of those of rules they match no more."""
    for rule in call.org.database.all("SELECT * FROM rules WHERE status = 'ACTIVE'"):
        if _status(call.org, rule) == "ACTIVE":
            _apply(call, rule, [user])


def _apply(call: Call, rule: Row, users: Iterable[Row]) -> None:
    conditions = json.loads(rule["conditions"])
    expression = compile_expression(conditions["expression"]["value"])
    excluded = conditions.get("people", {}).get("users", {}).get("exclude", [])
    targets = [groups.find(call.org, id) for id in json.loads(rule["group_ids"])]
    for user in users:
        fits = user["id"] not in excluded and user["status"] != "DEPROVISIONED" and _matches(call.org, expression, user)
        for group in targets:
            if fits:
                memberships.add(call, group, user, rule["id"])
            elif call.org.database.one(
                "SELECT 1 FROM memberships WHERE user_id = ? AND group_id = ? AND rule_id = ?",
                *(user["id"], group["id"], rule["id"]),
            ):
                memberships.remove(call, group, user)


def _matches(org: Org, expression: Expression, user: Row) -> bool:
    held = org.database.all(
        "SELECT id, name FROM groups WHERE id IN (SELECT group_id FROM memberships WHERE user_id = ?)", user["id"]
    )
    ids, names = frozenset(row["id"] for row in held), frozenset(row["name"] for row in held)
    try:
        return bool(expression(Subject(json.loads(user["profile"]), ids, names)))
    except TypeError:  # a function was given too few or too many values, or values of another kind
        return False


def _status(org: Org, row: Row) -> str:
    """A rule whose group was deleted is invalid for good."""
    return row["status"] if _groups_exist(org, json.loads(row["group_ids"])) else "INVALID"


def _groups_exist(org: Org, ids: list[str]) -> bool:
    return all(org.database.one("SELECT 1 FROM groups WHERE id = ?", id) for id in ids)


def _render(call: Call, row: Row) -> dict[str, Any]:
    ids = json.loads(row["group_ids"])
    rule = {
        "type": "group_rule",
        "id": row["id"],
        "status": _status(call.org, row),
        "name": row["name"],
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        "conditions": json.loads(row["conditions"]),
        "actions": {"assignUserToGroups": {"groupIds": ids}},
        "allGroupsValid": _groups_exist(call.org, ids),
    }
    if call.query.get("expand") == "groupIdToGroupNameMap":
        names = {id: groups.find(call.org, id)["name"] for id in ids if _groups_exist(call.org, [id])}
        rule["_embedded"] = {"groupIdToGroupNameMap": names}
    return rule


def _checked(call: Call) -> tuple[str, dict[str, Any], list[str]]:
    """Name, conditions and groups of the rule that was sent.

    Raises:
        OktaProblem: it is no rule.
    """
    sent = call.body("conditions")
    name = sent.get("name")
    if not isinstance(name, str) or not name:
        raise invalid("name", "name: The field cannot be left blank")
    if len(name) > LONGEST_NAME:
        raise invalid("name", f"name: The field is too long. Maximum length is {LONGEST_NAME}")
    given = sent["conditions"]
    text = (given.get("expression") or {}).get("value")
    if not isinstance(text, str):
        raise invalid("conditions", "conditions.expression: The field cannot be left blank")
    try:
        compile_expression(text)
    except ExpressionError as error:
        raise invalid("conditions.expression.value", str(error)) from None
    conditions: dict[str, Any] = {"expression": {"value": text, "type": "urn:okta:expression:1.0"}}
    if isinstance(people := given.get("people"), dict):
        conditions["people"] = {
            kind: {"exclude": list((people.get(kind) or {}).get("exclude") or [])} for kind in ("users", "groups")
        }
    ids = ((sent.get("actions") or {}).get("assignUserToGroups") or {}).get("groupIds") or []
    if not ids or not _groups_exist(call.org, ids):
        raise invalid("actions", "actions.assignUserToGroups.groupIds: A group of the rule does not exist")
    return name, conditions, ids


def _as_target(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "type": "GroupRule", "alternateId": "unknown", "displayName": row["name"]}


def create_rule(call: Call) -> Response:
    name, conditions, ids = _checked(call)
    id, now = new_id("0pr"), call.org.now()
    call.org.database.run(
        "INSERT INTO rules VALUES (?, ?, 'INACTIVE', ?, ?, ?, ?)", id, name, dump(conditions), dump(ids), now, now
    )
    row = find(call.org, id)
    record(call.org, call.request, "group.user_membership.rule.add", _as_target(row))
    return ok(_render(call, row))


def get_rule(call: Call) -> Response:
    return ok(_render(call, find(call.org, call.part("rule"))))


def list_rules(call: Call) -> Response:
    listing = Listing("rules", default=50, most=200, keep=("search",))
    if word := call.query.get("search"):
        listing.require("instr(lower(name), lower(?)) > 0", word)
    return listing.answer(call, lambda row: _render(call, row))


def change_rule(call: Call) -> Response:
    row = find(call.org, call.part("rule"))
    name, conditions, ids = _checked(call)
    if row["status"] == "ACTIVE":
        raise invalid("updateRule", "Cannot update a Group Rule with the status ACTIVE.")
    if ids != json.loads(row["group_ids"]):
        raise invalid("updateRule", "The actions of a Group Rule cannot be changed.")
    call.org.database.run(
        "UPDATE rules SET name = ?, conditions = ?, last_updated = ? WHERE id = ?",
        *(name, dump(conditions), call.org.now(), row["id"]),
    )
    changed = find(call.org, row["id"])
    record(call.org, call.request, "group.user_membership.rule.update", _as_target(changed))
    return ok(_render(call, changed))


def _set_status(call: Call, status: str) -> Row:
    row = find(call.org, call.part("rule"))
    if _status(call.org, row) == "INVALID":
        cause = "Cannot activate or deactivate a Group Rule with the status INVALID."
        raise invalid("updateRuleStatus", cause)
    call.org.database.run("UPDATE rules SET status = ? WHERE id = ?", status, row["id"])
    record(call.org, call.request, "group.user_membership.rule.update", _as_target(row))
    return row


def activate_rule(call: Call) -> Response:
    row = _set_status(call, "ACTIVE")
    _apply(call, row, call.org.database.all("SELECT * FROM users WHERE status <> 'DEPROVISIONED'"))
    return no_content()


def deactivate_rule(call: Call) -> Response:
    _set_status(call, "INACTIVE")
    return no_content()


def delete_rule(call: Call) -> Response:
    """Its members stay in the groups unless the caller asks for them to be removed."""
    row = find(call.org, call.part("rule"))
    if call.flag("removeUsers", False):
        call.org.database.run("DELETE FROM memberships WHERE rule_id = ?", row["id"])
    call.org.database.run("DELETE FROM rules WHERE id = ?", row["id"])
    record(call.org, call.request, "group.user_membership.rule.deleted", _as_target(row))
    return JSONResponse({}, 202)


_RULE = "/api/v1/groups/rules/{rule}"
ENDPOINTS = [
    Endpoint("POST", "/api/v1/groups/rules", create_rule, "okta.groups.manage"),
    Endpoint("GET", "/api/v1/groups/rules", list_rules, "okta.groups.read"),
    Endpoint("GET", _RULE, get_rule, "okta.groups.read"),
    Endpoint("PUT", _RULE, change_rule, "okta.groups.manage"),
    Endpoint("DELETE", _RULE, delete_rule, "okta.groups.manage"),
    Endpoint("POST", f"{_RULE}/lifecycle/activate", activate_rule, "okta.groups.manage"),
    Endpoint("POST", f"{_RULE}/lifecycle/deactivate", deactivate_rule, "okta.groups.manage"),
]
