"""All that an administrator can change in an org, as flat facts: what differs between two moments was changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.sandbox.org import Org

Key = tuple[str, str, str]
"""What a fact is about: `("person", ID, ATTRIBUTE)`, `("group", ID, ATTRIBUTE)`, `("member", GROUP, PERSON)`,
`("role", HOLDER, TYPE)`, `("rule", ID, PART)`, `("target", HOLDER, WHAT)`, `("owner", GROUP, OWNER)`,
`("link", RELATION, PERSON)`, `("relation", NAME, PART)`, `("schema", KIND, PART)`, `("custom role", ID, PART)`,
`("resource set", ID, PART)`, `("user type", ID, PART)`, `("risk", PERSON, "level")`, `("app", ID, PART)`,
`("app group", APP, GROUP)`, `("app user", APP, PERSON)`, `("factor", PERSON, FACTOR)`,
`("grant", PERSON, CLIENT AND SCOPE)`, `("session", PERSON, SESSION)`, `("zone", ID, "ranges")`, `("policy", ID, PART)`;
who has an application through a group follows from these."""


_DECIDES = "name || ' ' || status || ' ' || priority || ' ' || document"
_SMALL = {
    # What is one value for two names.
    "target": "SELECT coalesce(user_id, group_id) AS one, type || ' ' || coalesce(target_group_id, app) AS other, "
    "1 AS value FROM role_targets",
    "owner": "SELECT group_id AS one, id AS other, 1 AS value FROM group_owners",
    "link": "SELECT name AS one, associated_id AS other, primary_id AS value FROM links",
    "relation": "SELECT name AS one, 'definition' AS other, definition AS value FROM linked_objects",
    "schema": "SELECT kind AS one, 'custom' AS other, custom AS value FROM schemas "
    "UNION SELECT kind, 'base', base FROM schemas",
    "user type": "SELECT id AS one, 'display_name' AS other, display_name AS value FROM user_types "
    "WHERE made_by <> 'sprz0000000000000001'",
    "custom role": "SELECT id AS one, 'label' AS other, label AS value FROM custom_roles "
    "UNION SELECT role_id, label, 1 FROM custom_permissions",
    "resource set": "SELECT id AS one, 'label' AS other, label AS value FROM resource_sets "
    "UNION SELECT set_id, path, 1 FROM resources",
    "app group": "SELECT app_id AS one, group_id AS other, coalesce(priority || ' ' || profile, '') AS value "
    "FROM group_apps LEFT JOIN group_app_details USING (app_id, group_id)",
    "app user": "SELECT app_id AS one, user_id AS other, user_name || ' ' || profile AS value FROM app_users "
    "WHERE scope = 'USER'",
    "factor": "SELECT user_id AS one, id AS other, type || ' ' || provider || ' ' || status || ' ' || profile AS value "
    "FROM factors",
    "grant": "SELECT user_id AS one, client_id || ' ' || scope AS other, 1 AS value FROM consents",
    "session": "SELECT user_id AS one, id AS other, 1 AS value FROM sessions",
    "risk": "SELECT user_id AS one, 'level' AS other, level AS value FROM risks",
    "zone": "SELECT id AS one, 'ranges' AS other, name || ' ' || status || ' ' || document AS value FROM zones",
    "policy": f"SELECT id AS one, 'document' AS other, {_DECIDES} AS value FROM policies "
    f"UNION SELECT policy_id, id, {_DECIDES} FROM policy_rules",
}


@dataclass(frozen=True)
class State:
    """`names` are the logins of people, the names of groups and rules and the labels of applications, by id."""

    facts: Mapping[Key, Any]
    names: Mapping[str, str]


def state(org: Org) -> State:
    """The org as it is now. Who is in Everyone is left out, for everybody is."""
    facts: dict[Key, Any] = {}
    names: dict[str, str] = {}
    with org.database.transaction():
        for row in org.database.all("SELECT id, login, status, profile, password, question, answer FROM users"):
            names[row["id"]] = row["login"]
            known = {name: row[name] for name in ("status", "password", "question", "answer")}
            _add(facts, "person", row["id"], {**known, **json.loads(row["profile"])})
        for row in org.database.all("SELECT id, name, type, profile FROM groups"):
            names[row["id"]] = row["name"]
            _add(facts, "group", row["id"], {"type": row["type"], **json.loads(row["profile"])})
        for row in org.database.all("SELECT id, name, status, conditions, group_ids FROM rules"):
            names[row["id"]] = row["name"]
            _add(facts, "rule", row["id"], {name: row[name] for name in row.keys() if name != "id"})  # noqa: SIM118
        for row in org.database.all("SELECT id, label, status, document, policy_id FROM apps"):
            names[row["id"]] = row["label"]
            _add(facts, "app", row["id"], {name: row[name] for name in ("label", "status", "document", "policy_id")})
        for row in org.database.all(
            "SELECT group_id, user_id FROM memberships JOIN groups ON groups.id = group_id WHERE type <> 'BUILT_IN'"
        ):
            facts["member", row["group_id"], row["user_id"]] = True
        for row in org.database.all("SELECT coalesce(user_id, group_id) AS holder, type FROM role_assignments"):
            facts["role", row["holder"], row["type"]] = True
        for kind, query in _SMALL.items():
            for row in org.database.all(query):
                facts[kind, row["one"], row["other"]] = row["value"]
    return State(facts, names)


def _add(facts: dict[Key, Any], kind: str, id: str, values: Mapping[str, Any]) -> None:
    facts.update({(kind, id, name): value for name, value in values.items() if value is not None})
