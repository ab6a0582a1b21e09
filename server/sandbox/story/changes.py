"""What administrators changed, so that the org is as it is: a group with its rule and its application, memberships, two
people suspended, a network shut out."""

from sqlite3 import Row
from typing import Any

from server.sandbox import networks, people, rules
from server.sandbox.applications.documents import as_target as app_target
from server.sandbox.log.events import OKTA_SYSTEM, Target
from server.sandbox.policies import demo
from server.sandbox.story.telling import MAC, MINUTE, Story

DESK_MADE, SUSPENDED = 12.0, 4.9
"""Days since the customer desk was made, and since two people were suspended."""
_JOINED = (
    # Days ago, by whom, who, and into which group.
    (11.2, "samir.patel", "anja.kowalska", "Night Desk"),
    (9.1, "samir.patel", "wei.zhang", "VPN Users"),
    (8.4, "tess.nguyen", "fatima.al.sayed", "VPN Users"),
    (6.9, "samir.patel", "jane.doe", "VPN Users"),
    (5.6, "samir.patel", "freya.olsen", "VPN Users"),
    (3.3, "tess.nguyen", "leila.hosseini", "VPN Users"),
)
_DESK, _CENTER = "Customer Desk", "Help Center"


def tell(story: Story) -> None:
    for days, by, account, group in _JOINED:
        _joined(story, story.before(days), by, account, group)
    _desk(story)
    for number, account in enumerate(("oscar.lind", "kofi.mensah")):
        user = story.person(account)
        if user is not None and user["status"] == "SUSPENDED":
            moment = story.before(SUSPENDED) + number * MINUTE
            path = f"/api/v1/users/{user['id']}/lifecycle/suspend"
            _did(story, moment, "samir.patel", "user.lifecycle.suspend", path, people.as_target(user))
    _shut_out(story)


def _did(story: Story, moment: float, by: str, event: str, path: str, *targets: Target) -> None:
    """An administrator did something at their desk."""
    if (who := story.person(by)) is not None:
        story.happened(moment, event, people.as_target(who), story.at_office(who, MAC), targets, path=path)


def _joined(story: Story, moment: float, by: str, account: str, name: str) -> None:
    """Somebody is put into a group; only what is so still is told."""
    user, group = story.person(account), story.group(name)
    if user is not None and group is not None and user["id"] in _members(story, group):
        path = f"/api/v1/groups/{group['id']}/users/{user['id']}"
        _did(story, moment, by, "group.user_membership.add", path, people.as_target(user), group)


def _members(story: Story, group: Target) -> dict[str, str | None]:
    """Who is in a group, and the rule that keeps each."""
    rows = story.org.database.all("SELECT user_id, rule_id FROM memberships WHERE group_id = ?", group["id"])
    return {row["user_id"]: row["rule_id"] for row in rows}


def _desk(story: Story) -> None:
    """A group, a rule that fills it, an application that it gives: each member has it from then on."""
    database, by, moment = story.org.database, "samir.patel", story.before(DESK_MADE)
    group = story.group(_DESK)
    app = database.one("SELECT * FROM apps WHERE label = ?", _CENTER)
    if group is None or app is None:
        return
    _did(story, moment, by, "group.lifecycle.create", "/api/v1/groups", group)
    for number, step in enumerate(("create", "activate")):
        event = f"application.lifecycle.{step}"
        _did(story, moment + 2 * MINUTE + number, by, event, "/api/v1/apps", app_target(app))
    path = f"/api/v1/apps/{app['id']}/groups/{group['id']}"
    _did(story, moment + 4 * MINUTE, by, "group.application_assignment.add", path, group, app_target(app))
    rule = _rule(story, group)
    if rule is None:
        return
    path = f"/api/v1/groups/rules/{rule['id']}/lifecycle/activate"
    _did(
        story, moment + 6 * MINUTE, by, "group.user_membership.rule.add", "/api/v1/groups/rules", rules.as_target(rule)
    )
    _did(story, moment + 7 * MINUTE, by, "group.user_membership.rule.update", path, rules.as_target(rule))
    for number, id in enumerate(_members(story, group)):
        _kept(story, moment + 7.1 * MINUTE + number, people.find(story.org, id), group, app, rule, path)


def _kept(story: Story, moment: float, user: Row, group: Target, app: Row, rule: Row, path: str) -> None:
    """The rule puts somebody in, and so they have the application; the administrator who ran it is on the wire."""
    by = story.person("samir.patel")
    held = "SELECT * FROM app_users WHERE app_id = ? AND user_id = ?"
    assignment = story.org.database.one(held, app["id"], user["id"])
    if by is None or assignment is None:
        return
    who, client = people.as_target(user), story.at_office(by, MAC)
    more: dict[str, Any] = {"path": path, "debug": {"triggeredByGroupRuleId": rule["id"]}}
    story.happened(moment, "group.user_membership.add", OKTA_SYSTEM, client, (who, group), **more)
    given = {**who, "id": assignment["id"], "type": "AppUser"}
    targets = (given, app_target(app), who)
    story.happened(moment + 0.3, "application.user_membership.add", people.as_target(by), client, targets, path=path)


def _rule(story: Story, group: Target) -> Row | None:
    return story.org.database.one("SELECT * FROM rules WHERE group_ids LIKE ?", f"%{group['id']}%")


def _shut_out(story: Story) -> None:
    """After the attack its network is made a zone that no one signs in from."""
    moment, by = story.before(demo.BLOCKED), "samir.patel"
    zone = story.org.database.one("SELECT * FROM zones WHERE name = ?", demo.NETWORK)
    denied = story.policy(demo.NETWORK, demo.RULE)
    if zone is None or not denied:
        return
    policy, rule = denied
    _did(story, moment, by, "zone.create", "/api/v1/zones", networks.as_target(zone))
    _did(story, moment + MINUTE, by, "policy.lifecycle.create", "/api/v1/policies", policy)
    _did(story, moment + 2 * MINUTE, by, "policy.rule.add", f"/api/v1/policies/{policy['id']}/rules", rule)
