"""What is known of somebody who cannot sign in: all of it asked at once, and what could not be read told.

Of the System Log, what they did and what was done to them lately; of policies, those that speak of them.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from tools.contract.targets import Pending
from tools.logs.events import Event
from tools.logs.filters import LogFilters, as_sent
from tools.logs.seeing import seen
from tools.objects.factors import Factor
from tools.objects.users import OnePerson, User
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, NotFound
from tools.okta.expressions import All, Compare, Either, Expression, written
from tools.search.matching import moment

FAILED_DAYS, CHANGED_DAYS = 7, 90
"""How far back attempts are looked for, and what was done to the person."""
MOST_EVENTS, MOST_CHANGES = 200, 50
NO_FEATURE = "E0000015"
"""What Okta answers where an org does not have a feature, with status 401."""
T = TypeVar("T")


@dataclass
class Situation:
    """`None` where this connection may not read something; `unread` says what and why."""

    user: User
    now: datetime
    blocks: list[Any] | None
    factors: tuple[Factor, ...] | None
    groups: frozenset[str] | None
    sign_on: list[Any] | None
    password: list[Any] | None
    attempts: tuple[Event, ...]
    """Newest first."""
    changes: tuple[Event, ...]
    """What was done to them, newest first."""
    more: bool
    """Whether there were more attempts than were read."""
    unread: list[str] = field(default_factory=list)

    def speaking(self, policies: list[Any] | None) -> list[dict[str, Any]]:
        """Those of these policies of Okta's that speak of the person, in their order."""
        return in_order(one for one in policies or () if self._speaks_of_them(one))

    def _speaks_of_them(self, policy: Any) -> bool:
        if not isinstance(policy, dict) or policy.get("status") != "ACTIVE":
            return False
        included = inside(policy, "conditions", "people", "groups", "include")
        return bool(policy.get("system")) or bool(self.groups and self.groups & set(_texts(included)))


async def situation(request: OnePerson, okta: OktaClient, pending: Pending) -> Situation:
    """Everything that is asked about somebody, in one round trip.

    Raises:
        ActionError: the person or the System Log cannot be read.
    """
    user_id, unread = request.user_id, list[str]()
    now = datetime.now(UTC)

    async def perhaps(what: str, reading: Awaitable[T]) -> T | None:
        try:
            return await reading
        except NotFound:
            return None  # the person is looked up beside this, which tells it better
        except ActionError as error:
            if error.code == NO_FEATURE:
                return None  # there is nothing of it that could stand in anybody's way
            unread.append(f"{what}: {error.summary}")
            return None

    user, theirs, policies, (attempts, changes) = await asyncio.gather(
        pending.the(User),
        asyncio.gather(
            perhaps("Blocks of devices", _list(okta, "users", user_id, "blocks")),
            perhaps("Factors", _list(okta, "users", user_id, "factors")),
            perhaps("Groups", _list(okta, "users", user_id, "groups")),
        ),
        asyncio.gather(
            perhaps("Sign-on policies", _list(okta, "policies", type="OKTA_SIGN_ON", expand="rules")),
            perhaps("Password policies", _list(okta, "policies", type="PASSWORD")),
        ),
        asyncio.gather(
            _events(okta, _attempts(user_id), now - timedelta(days=FAILED_DAYS), MOST_EVENTS),
            _events(okta, _changes(user_id), now - timedelta(days=CHANGED_DAYS), MOST_CHANGES),
        ),
    )
    blocks, factors, groups = theirs
    sign_on, password = policies
    shown, done = await asyncio.gather(*(seen(okta, LogFilters(), one) for one in (attempts, changes)))
    return Situation(
        user=user,
        now=now,
        blocks=blocks,
        factors=None if factors is None else tuple(map(Factor.model_validate, factors)),
        groups=None if groups is None else frozenset(str(one.get("id")) for one in groups),
        sign_on=sign_on,
        password=password,
        attempts=shown,
        changes=done,
        more=len(attempts) >= MOST_EVENTS,
        unread=unread,
    )


async def _list(okta: OktaClient, *segments: str, **query: str) -> list[Any]:
    return [one async for page in okta.pages(*segments, **query) for one in page if isinstance(one, dict)]


async def _events(okta: OktaClient, wanted: Expression, since: datetime, most: int) -> tuple[Event, ...]:
    entries, _ = await okta.page(
        "logs", since=as_sent(since), filter=written(wanted), sortOrder="DESCENDING", limit=most
    )
    return tuple(map(Event, entries))


def _attempts(user: str) -> Expression:
    """Their sign-ins, and whatever else they did that failed."""
    kinds = (
        Compare("eventType", "eq", "user.session.start"),
        Compare("eventType", "sw", "user.authentication.auth"),
        Compare("eventType", "sw", "user.mfa.okta_verify"),
        Compare("outcome.result", "eq", "FAILURE"),
        Compare("outcome.result", "eq", "DENY"),
    )
    return All((Compare("actor.id", "eq", user), Either(kinds)))


def _changes(user: str) -> Expression:
    """What others, or they themselves, did to their account."""
    kinds = (
        Compare("eventType", "sw", "user.lifecycle."),
        Compare("eventType", "sw", "user.account."),
        Compare("eventType", "sw", "user.mfa.factor."),
    )
    return All((Compare("target.id", "eq", user), Either(kinds)))


def inside(entry: Any, *keys: str) -> Any:
    for key in keys:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry


def in_order(listed: Iterable[Any]) -> list[dict[str, Any]]:
    """Policies or rules by their priority."""
    return sorted((one for one in listed if isinstance(one, dict)), key=lambda one: _number(one.get("priority")) or 1e9)


def _texts(value: Any) -> Iterable[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def days_since(text: Any, now: datetime) -> int | None:
    at = text if isinstance(text, datetime) else moment(text)
    return (now - at).days if at is not None else None


def most_days(policy: dict[str, Any] | None) -> int:
    """How old a password may become by a password policy; 0 if any age will do, or nobody knows."""
    return int(_number(inside(policy, "settings", "password", "age", "maxAgeDays")))
