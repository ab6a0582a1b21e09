"""How the story is told: people by their accounts, moments by days before the org was opened."""

import json
import random
from datetime import datetime
from functools import cache
from sqlite3 import Row
from typing import Any

from server.sandbox import groups, people
from server.sandbox.applications.documents import as_target as app_target
from server.sandbox.log.events import BY_FACTOR, Target, event_of
from server.sandbox.log.places import Client
from server.sandbox.org import Org
from server.sandbox.policies import tables
from server.sandbox.policies.deciding import targets

DAY = 24 * 3600.0
HOUR, MINUTE = 3600.0, 60.0
DAYS = 14
STRANGER = "198.51.100.23"
"""The address from which the org is attacked."""

MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Safari/537.36"
)
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Safari/537.36 Edg/130.0.0.0"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
SCRIPT = "python-requests/2.32.3"
_AGENTS = (MAC, WINDOWS)
_OFFICES = {"Chicago": "192.0.2.", "Berlin": "192.0.2.", "Tokyo": "192.0.2.", "Dublin": "192.0.2."}
_FIRST = {"Chicago": 10, "Berlin": 74, "Tokyo": 138, "Dublin": 202}

SIGN_IN, APPLICATION = "/api/v1/authn", "/app/{name}/{id}/sso"
PUSH = {"factor": "OKTA_VERIFY_PUSH"}


class Story:
    """What was told so far, and the words to tell more."""

    def __init__(self, org: Org, opened: float, chance: random.Random) -> None:
        self.org, self.opened, self.chance = org, opened, chance
        self.events: list[dict[str, Any]] = []
        self.person = cache(self._person)
        self.policy = cache(self._policy)

    def _person(self, account: str) -> Row | None:
        """Somebody of the company, if they are still there."""
        return people.find_login(self.org, f"{account}@example.com")

    def before(self, days: float, hours: float = 0.0) -> float:
        """A moment so many days and hours before the org was opened."""
        return self.opened - days * DAY - hours * HOUR

    def at_office(self, user: Row, agent: str | None = None) -> Client:
        """The browser of somebody at work, always the same one."""
        place = json.loads(user["profile"])
        number = sum(user["login"].encode()) % 40
        city = place.get("city", "Chicago")
        address = f"{_OFFICES.get(city, '192.0.2.')}{_FIRST.get(city, 10) + number}"
        return self.client(address, agent or _AGENTS[number % len(_AGENTS)])

    def at_home(self, user: Row) -> Client:
        return self.client(f"203.0.113.{10 + sum(user['login'].encode()) % 200}", PHONE)

    def client(self, address: str, agent: str, zone: str | None = None) -> Client:
        return Client((address,), agent, zone)

    def happened(
        self,
        moment: float,
        event_type: str,
        actor: Target,
        client: Client,
        targets: tuple[Target, ...] = (),
        *,
        path: str = SIGN_IN,
        transaction: str | None = None,
        **more: Any,
    ) -> None:
        self.events.append(
            event_of(
                moment,
                event_type,
                actor,
                client,
                targets,
                path=path,
                transaction=transaction or self.request(),
                **more,
            )
        )

    def request(self) -> str:
        return f"{self.chance.getrandbits(128):032x}"

    def session(self) -> str:
        return f"102{self.chance.getrandbits(88):022x}"

    def signs_in(self, moment: float, user: Row, client: Client, *, push: bool = False) -> str:
        """Somebody signs in; the id of their session."""
        who, request = people.as_target(user), self.request()
        more: dict[str, Any] = {"session": self.session(), "transaction": request}
        if push:
            self.evaluated(moment - 9, user, client, "CHALLENGE", **more)
            self.happened(moment - 8, "system.push.send_factor_verify_push", who, client, (who,), **more)
            self.happened(
                moment - 1,
                "user.authentication.auth_via_mfa",
                who,
                client,
                (who,),
                context=BY_FACTOR,
                debug=PUSH,
                **more,
            )
        self.happened(moment, "user.session.start", who, client, **more)
        self.evaluated(moment + 0.05, user, client, "ALLOW", **more)
        return str(more["session"])

    def evaluated(
        self,
        moment: float,
        user: Row,
        client: Client,
        result: str,
        rule: tuple[str, str] = ("Default Policy", "Default Rule"),
        **more: Any,
    ) -> None:
        """A sign-on policy decides: `ALLOW`, `DENY`, or `CHALLENGE` for a factor."""
        reason = f"Sign-on policy evaluation resulted in {result}"
        self.happened(
            moment,
            "policy.evaluate_sign_on",
            people.as_target(user),
            client,
            self.policy(*rule),
            result=result,
            reason=reason,
            **more,
        )

    def fails(self, moment: float, user: Row | str, client: Client, reason: str = "INVALID_CREDENTIALS") -> None:
        """Somebody does not get in; a text is a login that nobody has."""
        who = (
            {"id": "unknown", "type": "User", "alternateId": user, "displayName": "unknown"}
            if isinstance(user, str)
            else people.as_target(user)
        )
        self.happened(moment, "user.session.start", who, client, result="FAILURE", reason=reason)

    def opens(self, moment: float, user: Row, client: Client, app: Row, session: str) -> None:
        """Somebody goes on to an application."""
        who = people.as_target(user)
        instance = {**app_target(app), "detailEntry": {"signOnModeType": app["sign_on_mode"]}}
        assigned = app["assignment_id"]
        targets = (instance, {**who, "id": assigned, "type": "AppUser"}) if assigned else (instance,)
        self.happened(
            moment,
            "user.authentication.sso",
            who,
            client,
            targets,
            session=session,
            path=APPLICATION.format(name=app["name"], id=app["id"]),
            debug={"initiationType": "OKTA_INITIATED", "signOnMode": app["sign_on_mode"]},
        )

    def applications(self, user: Row) -> list[Row]:
        """What somebody works with; the dashboard is everybody's."""
        return self.org.database.all(
            "SELECT apps.*, app_users.id AS assignment_id FROM apps "
            "LEFT JOIN app_users ON app_id = apps.id AND user_id = ? "
            "WHERE apps.status = 'ACTIVE' AND (app_users.id IS NOT NULL OR apps.name = 'okta_enduser') "
            "ORDER BY apps.created, apps.id",
            user["id"],
        )

    def group(self, name: str) -> Target | None:
        row = self.org.database.one("SELECT * FROM groups WHERE name = ?", name)
        return groups.as_target(row) if row else None

    def _policy(self, name: str, rule: str) -> tuple[Target, ...]:
        """The sign-on policy and the rule of it that decided, as targets, if they are still there."""
        for policy in tables.of_type(self.org, tables.SIGN_ON):
            for row in tables.rules_of(self.org, policy["id"]):
                if (policy["name"], row["name"]) == (name, rule):
                    return targets(policy, row)
        return ()


def moment_of(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
