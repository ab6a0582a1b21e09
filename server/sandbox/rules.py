"""Group rules: who matches an active rule's expression is a member of its groups, and kept there by the rule.

Sources: recordings of terraform-provider-okta and okta-sdk-python, https://developer.okta.com/docs/api/ (GroupRule),
https://help.okta.com/en-us/content/topics/users-groups-profiles/usgp-about-group-rules.htm and
https://help.okta.com/en-us/Content/topics/users-groups-profiles/usgp-group-users-manually.htm.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from starlette.responses import JSONResponse, Response

from server.sandbox import groups, memberships, people
from server.sandbox.authorization.assignments import assigned
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.expressions import Expression, ExpressionError, Subject, check, compile_expression
from server.sandbox.identifiers import new_id
from server.sandbox.listings import Listing
from server.sandbox.log import OKTA_SYSTEM, record
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, invalid, not_found
from server.sandbox.schemas import attributes

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
MOST_RULES = 2000
MOST_TARGETS = 100
MOST_EXCLUDED = 100
_NO_ADMINISTRATORS = "Group rules cannot be used to assign users to admin groups."


def find(org: Org, id: str) -> Row:
    """The rule of this id.

    Raises:
        OktaProblem: there is none.
    """
    row = org.database.one("SELECT * FROM rules WHERE id = ?", id)
    if row is None:
        raise not_found(id, "PolicyRule")
    return row


@dataclass(frozen=True)
class _Rule:
    """An active rule, ready to be run."""

    id: str
    expression: Expression
    excluded: frozenset[str]
    targets: frozenset[str]

    def fits(self, user_id: str, subject: Subject) -> bool:
        if user_id in self.excluded:
            return False
        try:
            return self.expression(subject) is True
        except (TypeError, ValueError, IndexError):  # a function was given what it has no use for
            return False


def settle(call: ApiCall) -> frozenset[str]:
    """Run the rules for the people whom a request changed, and again for those whom the rules move: who they all are.

    Okta runs rules when an attribute or a membership changes and when a person is reactivated ("About group rules").
    A rule that undoes its own condition would go on forever: no more passes are made than a chain of all rules needs.
    """
    org = call.org
    touched = frozenset(org.due)
    if not touched:
        return touched
    running = list(_running(org))
    for _ in range(len(running) + 1):
        due, org.due = org.due, set()
        targets = {id: groups.find(org, id) for rule in running for id in rule.targets}
        for user in _alive(org, due) if running else ():
            _run(call, running, targets, user)
    org.due.clear()
    return touched


def _running(org: Org) -> Iterator[_Rule]:
    for row in org.database.all("SELECT * FROM rules WHERE status = 'ACTIVE' ORDER BY created, id"):
        if _status(org, row) == "ACTIVE":
            conditions = json.loads(row["conditions"])
            targets = frozenset(id for id in json.loads(row["group_ids"]) if not assigned(org, "group", id))
            yield _Rule(
                row["id"], compile_expression(conditions["expression"]["value"]), _excluded(conditions), targets
            )


def _excluded(conditions: dict[str, Any]) -> frozenset[str]:
    return frozenset(conditions.get("people", {}).get("users", {}).get("exclude", ()))


def _alive(org: Org, ids: Iterable[str]) -> list[Row]:
    """Who is deactivated stays where they are: a deactivation runs no rule.

    Source: https://support.okta.com/help/s/article/Deactivated-Users-not-Removed-From-Okta-Groups-Automatically
    """
    return org.database.all(
        "SELECT * FROM users WHERE id IN (SELECT value FROM json_each(?)) AND status <> 'DEPROVISIONED'",
        dump(sorted(ids)),
    )


def _run(call: ApiCall, running: list[_Rule], targets: dict[str, Row], user: Row) -> None:
    """Into the groups of the rules that fit, and out of those that only a rule kept which fits no more.

    Somebody who was put into a group by hand is kept by the rule from the moment they fit it.
    """
    held = memberships.of(call.org, user["id"])
    keepers = _keepers(call.org, running, user)
    ours = {rule.id for rule in running}
    for id, group in targets.items():
        kept_by = keepers.get(id)
        if id not in held:
            if kept_by:
                memberships.add(call, group, user, kept_by[0])
        elif kept_by:
            if held[id] not in kept_by:
                memberships.hand_over(call.org, group, user, kept_by[0])
        elif held[id] in ours:
            memberships.remove(call, group, user)


def _keepers(org: Org, running: list[_Rule], user: Row) -> dict[str, list[str]]:
    """The rules that fit a person, by the groups that they lead to."""
    subject = Subject(json.loads(user["profile"]), lambda: memberships.names(org, user["id"]), user["status"])
    found: dict[str, list[str]] = {}
    for rule in running:
        if rule.fits(user["id"], subject):
            for id in rule.targets:
                found.setdefault(id, []).append(rule.id)
    return found


def except_from(call: ApiCall, group: Row, user: Row) -> None:
    """Put a member who is taken out by hand onto the exception list of each rule that keeps them.

    Sources: "Manual group user management"; the system does it, through the API as in the console:
    https://support.okta.com/help/s/article/User-getting-added-in-group-exclusion-list-by-Okta-System-SystemPrincipal
    """
    keeper = memberships.of(call.org, user["id"]).get(group["id"])
    if keeper is None:
        return
    for id in {keeper, *_keepers(call.org, list(_running(call.org)), user).get(group["id"], ())}:
        row = call.org.database.one("SELECT * FROM rules WHERE id = ?", id)
        if row is None:
            continue
        conditions = json.loads(row["conditions"])
        told = conditions.setdefault("people", {"users": {"exclude": []}, "groups": {"exclude": []}})
        told["users"]["exclude"].append(user["id"])
        call.org.database.run("UPDATE rules SET conditions = ? WHERE id = ?", dump(conditions), id)
        event = "group.user_membership.rule.add_exclusion"
        record(call.org, call.request, event, people.as_target(user), as_target(row), actor=OKTA_SYSTEM)


def refuse_role(org: Org, group_id: str) -> None:
    """Refuse administrators to a group that a rule leads to.

    Raises:
        OktaProblem: a rule does, active or not (Okta's error code E0000192).
    """
    for row in org.database.all("SELECT * FROM rules"):
        if group_id in json.loads(row["group_ids"]):
            summary = f"Roles cannot be granted to groups with group membership rules. {group_id}"
            raise OktaProblem(400, "E0000192", summary)


def _refuse_administrators(org: Org, ids: list[str], subject: str) -> None:
    if any(assigned(org, "group", id) for id in ids):
        raise invalid(subject, _NO_ADMINISTRATORS)


def _status(org: Org, row: Row) -> str:
    """A rule whose group was deleted is invalid for good."""
    return row["status"] if _groups_exist(org, json.loads(row["group_ids"])) else "INVALID"


def _groups_exist(org: Org, ids: list[str]) -> bool:
    return all(org.database.one("SELECT 1 FROM groups WHERE id = ?", id) for id in ids)


def _render(call: ApiCall, row: Row) -> dict[str, Any]:
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


def _checked(call: ApiCall, holder: str | None = None) -> tuple[str, dict[str, Any], list[str]]:
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
    taken = call.org.database.one("SELECT id FROM rules WHERE name = ?", name)
    if taken is not None and taken["id"] != holder:
        raise invalid("name", "name: Policy rule name already in use")  # okta-sdk-java#645
    given = sent["conditions"]
    expression = given.get("expression")
    text = expression.get("value") if isinstance(expression, dict) else None
    if not isinstance(text, str):
        raise invalid("conditions", "conditions.expression: The field cannot be left blank")
    try:
        check(text, attributes(call.org, "user"))
    except ExpressionError as error:
        raise invalid("validateRule", str(error)) from None
    conditions: dict[str, Any] = {"expression": {"value": text, "type": "urn:okta:expression:1.0"}}
    if isinstance(people := given.get("people"), dict):
        conditions["people"] = {
            kind: {"exclude": list((people.get(kind) or {}).get("exclude") or [])} for kind in ("users", "groups")
        }
    if len(_excluded(conditions)) > MOST_EXCLUDED:
        raise invalid("conditions", f"conditions.people.users.exclude: At most {MOST_EXCLUDED} users can be excluded")
    ids = ((sent.get("actions") or {}).get("assignUserToGroups") or {}).get("groupIds") or []
    if not ids or len(ids) > MOST_TARGETS or not _groups_exist(call.org, ids):
        raise invalid("actions", "actions.assignUserToGroups.groupIds: A group of the rule does not exist")
    if any(groups.find(call.org, id)["type"] == "BUILT_IN" for id in ids):
        raise invalid("actions", "actions.assignUserToGroups.groupIds: Nobody is assigned to a built-in group")
    _refuse_administrators(call.org, ids, "actions")
    return name, conditions, ids


def as_target(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "type": "GroupRule", "alternateId": "unknown", "displayName": row["name"]}


def create_rule(call: ApiCall) -> Response:
    name, conditions, ids = _checked(call)
    if (count := call.org.database.one("SELECT count(*) AS count FROM rules")) and count["count"] >= MOST_RULES:
        raise invalid("createRule", f"An org has at most {MOST_RULES} group rules.")
    id, now = new_id("0pr"), call.org.now()
    call.org.database.run(
        "INSERT INTO rules VALUES (?, ?, 'INACTIVE', ?, ?, ?, ?)", id, name, dump(conditions), dump(ids), now, now
    )
    row = find(call.org, id)
    record(call.org, call.request, "group.user_membership.rule.add", as_target(row))
    return ok(_render(call, row))


def get_rule(call: ApiCall) -> Response:
    return ok(_render(call, find(call.org, call.part("rule"))))


def list_rules(call: ApiCall) -> Response:
    listing = Listing("rules", default=50, most=200, keep=("search",))
    if word := call.query.get("search"):
        listing.require("instr(lower(name), lower(?)) > 0", word)
    return listing.answer(call, lambda row: _render(call, row))


def change_rule(call: ApiCall) -> Response:
    row = find(call.org, call.part("rule"))
    if (status := _status(call.org, row)) != "INACTIVE":
        raise invalid("updateRule", f"Cannot update a Group Rule with the status {status}.")
    name, conditions, ids = _checked(call, holder=row["id"])
    if ids != json.loads(row["group_ids"]):
        raise invalid("updateRule", "The actions of a Group Rule cannot be changed.")
    call.org.database.run(
        "UPDATE rules SET name = ?, conditions = ?, last_updated = ? WHERE id = ?",
        *(name, dump(conditions), call.org.now(), row["id"]),
    )
    changed = find(call.org, row["id"])
    record(call.org, call.request, "group.user_membership.rule.update", as_target(changed))
    return ok(_render(call, changed))


def _set_status(call: ApiCall, status: str) -> Row:
    row = find(call.org, call.part("rule"))
    if _status(call.org, row) == "INVALID":
        cause = "Cannot activate or deactivate a Group Rule with the status INVALID."
        raise invalid("updateRuleStatus", cause)
    call.org.database.run("UPDATE rules SET status = ? WHERE id = ?", status, row["id"])
    record(call.org, call.request, "group.user_membership.rule.update", as_target(row))
    return row


def activate_rule(call: ApiCall) -> Response:
    row = _set_status(call, "ACTIVE")
    _refuse_administrators(call.org, json.loads(row["group_ids"]), "updateRuleStatus")
    call.org.due |= {user["id"] for user in call.org.database.all("SELECT id FROM users")}
    return no_content()


def deactivate_rule(call: ApiCall) -> Response:
    """Whom it keeps stays, still under its name: the rule takes them out if it is changed and activated again."""
    _set_status(call, "INACTIVE")
    return no_content()


def delete_rule(call: ApiCall) -> Response:
    """Its members stay in the groups, by hand from now on, unless the caller asks for them to be removed."""
    row = find(call.org, call.part("rule"))
    call.org.database.run("DELETE FROM rules WHERE id = ?", row["id"])
    if call.flag("removeUsers", False):
        for kept in memberships.kept_by(call.org, row["id"]):
            group, user = groups.find(call.org, kept["group_id"]), people.find(call.org, kept["user_id"])
            memberships.remove(call, group, user)
    memberships.let_go(call.org, row["id"])
    record(call.org, call.request, "group.user_membership.rule.deleted", as_target(row))
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
