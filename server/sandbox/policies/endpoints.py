"""The endpoints of policies and their rules."""

import json
from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.policies import tables
from server.sandbox.problems import OktaProblem, invalid, not_found

_PATH = "/api/v1/policies"
_POLICY_PARTS, _RULE_PARTS = ("conditions", "settings"), ("conditions", "actions")
_STATUSES = {"activate": "ACTIVE", "deactivate": "INACTIVE"}


def render(call: ApiCall, row: Row) -> dict[str, Any]:
    here = f"{call.base}{_PATH}/{row['id']}"
    document = json.loads(row["document"])
    return {
        "type": row["type"],
        "id": row["id"],
        "status": row["status"],
        "name": row["name"],
        "description": row["description"],
        "priority": row["priority"],
        "system": bool(row["system"]),
        "conditions": document.get("conditions"),
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        **{name: document[name] for name in ("settings",) if name in document},
        "_links": {
            **_links(here, row),
            "rules": {"href": f"{here}/rules", "hints": {"allow": ["GET", "POST"]}},
        },
    }


def render_rule(call: ApiCall, row: Row) -> dict[str, Any]:
    here = f"{call.base}{_PATH}/{row['policy_id']}/rules/{row['id']}"
    document = json.loads(row["document"])
    return {
        "type": row["type"],
        "id": row["id"],
        "status": row["status"],
        "name": row["name"],
        "priority": row["priority"],
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        "system": bool(row["system"]),
        "conditions": document.get("conditions"),
        "actions": document.get("actions"),
        "_links": _links(here, row),
    }


def _links(here: str, row: Row) -> dict[str, Any]:
    links: dict[str, Any] = {
        "self": {"href": here, "hints": {"allow": ["GET", "PUT"] if row["system"] else ["GET", "PUT", "DELETE"]}}
    }
    if not row["system"]:
        step = "deactivate" if row["status"] == "ACTIVE" else "activate"
        links[step] = {"href": f"{here}/lifecycle/{step}", "hints": {"allow": ["POST"]}}
    return links


def as_target(row: Row) -> dict[str, Any]:
    kind = "PolicyRule" if "policy_id" in row.keys() else "PolicyEntity"  # noqa: SIM118 - a row's values are in it
    above = row["policy_id"] if kind == "PolicyRule" else "unknown"
    return {"id": row["id"], "type": kind, "alternateId": above, "displayName": row["name"]}


def list_policies(call: ApiCall) -> Response:
    """All of a type; without one nothing can be listed."""
    type = call.query.get("type")
    if type is None:
        raise OktaProblem(400, "E0000028", "The request is missing a required parameter.", ["type"])
    if type not in tables.TYPES:
        raise invalid("type", f"type: Invalid policy type specified: {type}.")
    rows = tables.of_type(call.org, type)
    if "status" in call.query:
        rows = [row for row in rows if row["status"] == call.query["status"]]
    return ok([_expanded(call, row) for row in rows])


def get_policy(call: ApiCall) -> Response:
    return ok(_expanded(call, tables.find(call.org, call.part("policy"))))


def _expanded(call: ApiCall, row: Row) -> dict[str, Any]:
    shown = render(call, row)
    if call.query.get("expand") == "rules":
        shown["_embedded"] = {"rules": [render_rule(call, each) for each in tables.rules_of(call.org, row["id"])]}
    return shown


def _name(sent: dict[str, Any], most: int) -> str:
    name = sent.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("name", "name: The field cannot be left blank")
    if len(name) > most:
        raise invalid("name", "name: The field is too long")
    return name


def create_policy(call: ApiCall) -> Response:
    sent = call.body()
    type, name = sent.get("type"), _name(sent, 50)
    if type not in tables.TYPES:
        raise invalid("type", f"type: Invalid policy type specified: {type}.")
    if any(row["name"] == name for row in tables.of_type(call.org, type)):
        raise invalid("name", "name: Policy name already in use")
    document = _usual(type, {part: sent[part] for part in _POLICY_PARTS if part in sent})
    status = "ACTIVE" if call.flag("activate", True) else "INACTIVE"
    id = tables.insert(
        *(call.org, type, name, document),
        description=sent.get("description"),
        priority=sent.get("priority"),
        status=status,
    )
    row = tables.find(call.org, id)
    record(call.org, call.request, "policy.lifecycle.create", as_target(row))
    return ok(render(call, row))


def _usual(type: str, sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent, on top of what a policy of the type has."""
    usual: dict[str, Any] = {"conditions": None}
    if type == tables.PASSWORD:
        usual = {
            "conditions": {"authProvider": {"provider": "OKTA"}},
            "settings": tables.password_settings(days=0),
        }
    return _merged(usual, sent)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        held = merged.get(name)
        if isinstance(held, dict) and isinstance(value, dict):
            value = _merged(held, value)
        elif isinstance(held, bool) and isinstance(value, str):
            value = value.lower() == "true"  # as older SDKs send one
        merged[name] = value
    return merged


def change_policy(call: ApiCall) -> Response:
    row, sent = tables.find(call.org, call.part("policy")), call.body()
    document = _usual(row["type"], {part: sent[part] for part in _POLICY_PARTS if part in sent})
    if row["system"]:
        document["conditions"] = json.loads(row["document"])["conditions"]
    call.org.database.run(
        "UPDATE policies SET name = ?, description = ?, priority = ?, document = ?, last_updated = ? WHERE id = ?",
        _name(sent, 50),
        sent.get("description", row["description"]),
        sent.get("priority") or row["priority"],
        *(dump(document), call.org.now(), row["id"]),
    )
    changed = tables.find(call.org, row["id"])
    record(call.org, call.request, "policy.lifecycle.update", as_target(changed))
    return ok(render(call, changed))


def delete_policy(call: ApiCall) -> Response:
    row = tables.find(call.org, call.part("policy"))
    _only_ours(row)
    call.org.database.run("DELETE FROM policies WHERE id = ?", row["id"])
    record(call.org, call.request, "policy.lifecycle.delete", as_target(row))
    return no_content()


def _only_ours(row: Row) -> None:
    """The policies of every org stay."""
    if row["system"]:
        raise OktaProblem(403, "E0000077", "Cannot modify the system attribute because it is read-only.")


def _switch(step: str) -> Callable[[ApiCall], Response]:
    def run(call: ApiCall) -> Response:
        row = tables.find(call.org, call.part("policy"))
        _only_ours(row)
        call.org.database.run("UPDATE policies SET status = ? WHERE id = ?", _STATUSES[step], row["id"])
        record(call.org, call.request, f"policy.lifecycle.{step}", as_target(row))
        return no_content()

    return run


def _find_rule(call: ApiCall) -> Row:
    policy = tables.find(call.org, call.part("policy"))
    id = call.part("rule")
    row = call.org.database.one("SELECT * FROM policy_rules WHERE id = ? AND policy_id = ?", id, policy["id"])
    if row is None:
        raise not_found(id, "PolicyRule")
    return row


def list_rules(call: ApiCall) -> Response:
    policy = tables.find(call.org, call.part("policy"))
    return ok([render_rule(call, row) for row in tables.rules_of(call.org, policy["id"])])


def get_rule(call: ApiCall) -> Response:
    return ok(render_rule(call, _find_rule(call)))


def create_rule(call: ApiCall) -> Response:
    policy, sent = tables.find(call.org, call.part("policy")), call.body()
    type = tables.RULE_TYPES[policy["type"]]
    status = "ACTIVE" if call.flag("activate", True) else "INACTIVE"
    document = _usual_rule(type, {part: sent[part] for part in _RULE_PARTS if part in sent})
    id = tables.insert_rule(
        *(call.org, policy["id"], type, _name(sent, 50), document), priority=sent.get("priority"), status=status
    )
    row = call.org.database.one("SELECT * FROM policy_rules WHERE id = ?", id)
    assert row is not None  # it was just put there
    record(call.org, call.request, "policy.rule.add", as_target(row))
    return ok(render_rule(call, row))


def _usual_rule(type: str, sent: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {"conditions": {"people": {"users": {"exclude": []}}, **tables.ANYWHERE}, "actions": {}}
    if type == "SIGN_ON":
        usual["conditions"]["authContext"] = {"authType": "ANY"}
        usual["actions"] = tables.sign_on_actions()
    return _merged(usual, sent)


def change_rule(call: ApiCall) -> Response:
    row, sent = _find_rule(call), call.body()
    document = _usual_rule(row["type"], {part: sent[part] for part in _RULE_PARTS if part in sent})
    call.org.database.run(
        "UPDATE policy_rules SET name = ?, priority = ?, document = ?, last_updated = ? WHERE id = ?",
        _name(sent, 50),
        sent.get("priority") or row["priority"],
        *(dump(document), call.org.now(), row["id"]),
    )
    changed = _find_rule(call)
    record(call.org, call.request, "policy.rule.update", as_target(changed))
    return ok(render_rule(call, changed))


def delete_rule(call: ApiCall) -> Response:
    row = _find_rule(call)
    _only_ours(row)
    call.org.database.run("DELETE FROM policy_rules WHERE id = ?", row["id"])
    record(call.org, call.request, "policy.rule.delete", as_target(row))
    return no_content()


def _switch_rule(step: str) -> Callable[[ApiCall], Response]:
    def run(call: ApiCall) -> Response:
        row = _find_rule(call)
        _only_ours(row)
        call.org.database.run("UPDATE policy_rules SET status = ? WHERE id = ?", _STATUSES[step], row["id"])
        record(call.org, call.request, f"policy.rule.{step}", as_target(row))
        return no_content()

    return run


_ONE, _RULES = f"{_PATH}/{{policy}}", f"{_PATH}/{{policy}}/rules"
_RULE = f"{_RULES}/{{rule}}"
_READ, _MANAGE = "okta.policies.read", "okta.policies.manage"
ENDPOINTS = [
    Endpoint("GET", _PATH, list_policies, _READ),
    Endpoint("POST", _PATH, create_policy, _MANAGE),
    Endpoint("GET", _ONE, get_policy, _READ),
    Endpoint("PUT", _ONE, change_policy, _MANAGE),
    Endpoint("DELETE", _ONE, delete_policy, _MANAGE),
    *(Endpoint("POST", f"{_ONE}/lifecycle/{step}", _switch(step), _MANAGE) for step in _STATUSES),
    Endpoint("GET", _RULES, list_rules, _READ),
    Endpoint("POST", _RULES, create_rule, _MANAGE),
    Endpoint("GET", _RULE, get_rule, _READ),
    Endpoint("PUT", _RULE, change_rule, _MANAGE),
    Endpoint("DELETE", _RULE, delete_rule, _MANAGE),
    *(Endpoint("POST", f"{_RULE}/lifecycle/{step}", _switch_rule(step), _MANAGE) for step in _STATUSES),
]
