"""What the people of the demo org work with.

Nobody is added to a group that gives an application without a question, so most people have theirs directly. One group
that is kept by a group rule gives one.
"""

import itertools
from sqlite3 import Row
from typing import Any

from server.sandbox.applications.documents import BUILT_IN
from server.sandbox.applications.endpoints import insert
from server.sandbox.applications.entitlements import assign
from server.sandbox.database import dump
from server.sandbox.identifiers import okta_time
from server.sandbox.org import Org
from server.sandbox.people import find_login

_BUILT_IN = dict(zip(BUILT_IN, ("Okta Admin Console", "Okta Dashboard", "Okta Browser Plugin"), strict=True))
_SLACK = {
    "application_type": "web",
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "redirect_uris": ["https://slack.example.com/callback"],
}
_APPLICATIONS: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    # What is made, its status, and who has it.
    (
        {
            "label": "Salesforce",
            "name": "salesforce",
            "signOnMode": "SAML_2_0",
            "settings": {"app": {"instanceType": "PRODUCTION", "integrationType": "STANDARD"}},
        },
        "ACTIVE",
        ("chloe.laurent", "zoe.papadakis", "leila.hosseini"),
    ),
    (
        {"label": "Slack", "name": "oidc_client", "signOnMode": "OPENID_CONNECT", "settings": {"oauthClient": _SLACK}},
        "ACTIVE",
        ("wei.zhang", "amara.diallo", "leila.hosseini", "chloe.laurent"),
    ),
    (
        {
            "label": "Intranet",
            "name": "bookmark",
            "signOnMode": "BOOKMARK",
            "settings": {"app": {"requestIntegration": False, "url": "https://intranet.example.com/"}},
        },
        "ACTIVE",
        ("wei.zhang", "chloe.laurent", "leila.hosseini"),
    ),
    (
        {
            "label": "Payroll",
            "name": "template_swa",
            "signOnMode": "BROWSER_PLUGIN",
            "settings": {
                "app": {
                    "url": "https://payroll.example.com/login",
                    "usernameField": "user",
                    "passwordField": "password",
                    "buttonField": "sign-in",
                }
            },
        },
        "ACTIVE",
        ("lucia.ferrari",),
    ),
    (
        {"label": "Zendesk (old)", "name": "zendesk", "signOnMode": "SAML_2_0"},
        "INACTIVE",
        ("leila.hosseini",),
    ),
]


_OF_A_GROUP = (
    {"label": "Help Center", "name": "zendesk", "signOnMode": "SAML_2_0"},
    "Customer Desk",
    {"role": "agent"},
)


def prepare(org: Org) -> None:
    """The first of them are as old as the org, the others were made a day apart."""
    days = itertools.count(-500)
    for name, label in _BUILT_IN.items():
        insert(org, {"label": label, "name": name, "signOnMode": "OPENID_CONNECT"}, created=_day(org, next(days)))
    for sent, status, accounts in _APPLICATIONS:
        app = insert(org, sent, status=status, created=_day(org, next(days)))
        for account in accounts:
            user = find_login(org, f"{account}@example.com")
            assert user is not None  # one of the company
            assign(org, app, user, "USER")
    sent, group, profile = _OF_A_GROUP
    _give(org, insert(org, sent, created=_day(org, next(days))), group, profile)


def _give(org: Org, app: Row, name: str, profile: dict[str, Any]) -> None:
    """Have a group give an application to its members."""
    group = org.database.one("SELECT id FROM groups WHERE name = ?", name)
    assert group is not None  # one of the company's
    org.database.run("INSERT INTO group_apps VALUES (?, ?)", group["id"], app["id"])
    org.database.run(
        "INSERT INTO group_app_details VALUES (?, ?, 0, ?, ?)", group["id"], app["id"], dump(profile), org.now()
    )
    members = "SELECT users.* FROM memberships JOIN users ON users.id = user_id WHERE group_id = ? AND status <> ?"
    for user in org.database.all(members, group["id"], "DEPROVISIONED"):
        assign(org, app, user, "GROUP")


def _day(org: Org, number: int) -> str:
    return okta_time(org.clock() + number * 24 * 3600.0)
