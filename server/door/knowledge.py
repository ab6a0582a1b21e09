"""What the guard knows of an org beyond a call's targets: group rules, what groups grant, mail domains.

It may be cached for a minute. Facts that a person's yes rested on are read again when the yes comes.
"""

import time
from collections.abc import Iterable
from typing import Any

from server.connections.models import Connection
from tools.objects.group_rules import GroupRule, active_rules
from tools.objects.groups import Gives, Group, find_group, read_gives
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, RateLimited, Unauthorized, Unreachable
from tools.okta.expressions import quoted
from tools.text.likeness import domain_as_shown

HELD_SECONDS = 60.0
_RULES_SCOPES = ("okta.groups.read", "okta.groups.manage")
_SIGNING_IN = ("ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY", "SUSPENDED")
"""Statuses of people who have had a password: an account that was only created proves nothing about a domain."""
NOT_READ = (Unreachable, RateLimited, Unauthorized)
"""Errors that say nothing about permissions: Okta cannot be asked at all now."""


class Knowledge:
    """Caches what is known through one process's connections."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, ...], tuple[float, Any]] = {}

    async def rules(self, okta: OktaClient, connection: Connection, *, fresh: bool) -> tuple[GroupRule, ...] | None:
        """The active group rules; None if Okta does not let this connection read them.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        if connection.limited and not set(_RULES_SCOPES) & set(connection.scopes_granted):
            return None
        key = (*_of(connection), "rules")
        if not fresh and (held := self._get(key)) is not None:
            found: tuple[GroupRule, ...] = held
            return found
        read = await active_rules(okta)
        if read is not None:
            self._put(key, read)
        return read

    async def groups(
        self, okta: OktaClient, connection: Connection, ids: Iterable[str], *, fresh: bool
    ) -> dict[str, Gives]:
        """What these groups grant, by id; groups that Okta does not list are left out.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        found: dict[str, Gives] = {}
        unread: list[str] = []
        for id in dict.fromkeys(ids):
            held = None if fresh else self._get((*_of(connection), "group", id))
            if held is None:
                unread.append(id)
            else:
                found[id] = held
        for id, gives in (await read_gives(okta, unread)).items():
            found[id] = gives
            self._put((*_of(connection), "group", id), gives)
        return found

    async def groups_of(
        self, okta: OktaClient, connection: Connection, person: str, *, fresh: bool
    ) -> tuple[Group, ...]:
        """The groups that somebody is in; empty if Okta does not let this connection read them.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        key = (*_of(connection), "groups of", person)
        if not fresh and (held := self._get(key)) is not None:
            found: tuple[Group, ...] = held
            return found
        groups = [Group.model_validate(one) for one in await _listed(okta, "users", person, "groups")]
        self._put(key, tuple(groups))
        return tuple(groups)

    async def members(self, okta: OktaClient, connection: Connection, group: str, *, fresh: bool) -> frozenset[str]:
        """The ids of a group's members, by its id or exact name; empty if it cannot be read or does not exist.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        key = (*_of(connection), "members", group)
        if not fresh and (held := self._get(key)) is not None:
            found: frozenset[str] = held
            return found
        try:
            id = (await find_group(okta, group)).id
        except NOT_READ:
            raise
        except ActionError:
            return frozenset()
        members = frozenset(str(one["id"]) for one in await _listed(okta, "groups", id, "users"))
        self._put(key, members)
        return members

    async def has_people_at(
        self, okta: OktaClient, connection: Connection, domain: str, besides: str | None, *, fresh: bool
    ) -> bool:
        """Whether somebody who has signed in to this org has an address in that mail domain.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        key = (*_of(connection), "domain", domain)
        if not fresh and self._get(key):
            return True
        statuses = " or ".join(f"status eq {quoted(status)}" for status in _SIGNING_IN)
        people = await _people(okta, f"profile.email co {quoted(f'@{domain}')} and ({statuses})")
        if not any(_is_at(person, domain, besides) for person in people):
            return False
        self._put(key, True)
        return True

    def _get(self, key: tuple[str, ...]) -> Any:
        at, value = self._held.get(key, (0.0, None))
        return value if value is not None and time.monotonic() - at < HELD_SECONDS else None

    def _put(self, key: tuple[str, ...], value: Any) -> None:
        now = time.monotonic()
        self._held = {one: held for one, held in self._held.items() if now - held[0] < HELD_SECONDS}
        self._held[key] = (now, value)


def _of(connection: Connection) -> tuple[str, ...]:
    return (connection.name, connection.org_url, connection.identity)


async def _listed(okta: OktaClient, *segments: str) -> list[dict[str, Any]]:
    """The whole list, or nothing if Okta does not let this connection read it."""
    try:
        return [one async for page in okta.pages(*segments) for one in page]
    except NOT_READ:
        raise
    except ActionError:
        return []


async def _people(okta: OktaClient, search: str) -> list[dict[str, Any]]:
    try:
        found = await okta.get("users", search=search, limit=200)
    except NOT_READ:
        raise
    except ActionError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_at(person: dict[str, Any], domain: str, besides: str | None) -> bool:
    email = str((person.get("profile") or {}).get("email") or "")
    return person.get("id") != besides and domain_of(email) == domain


def domain_of(address: str) -> str:
    """The mail domain of an address, normalized as mail servers compare it."""
    return domain_as_shown(address.rpartition("@")[2].strip()).casefold()
