"""What the guard knows of an org beyond a call's targets: group rules, what groups grant, mail domains.

It is kept for a minute. What a person's yes rested on is read again when the yes comes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from server.connections.models import Connection
from tools.objects.applications import Application
from tools.objects.group_rules import GroupRule, active_rules
from tools.objects.groups import Gives, Group, find_group, read_gives
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, RateLimited, Unauthorized, Unreachable
from tools.okta.expressions import quoted
from tools.okta.reads import apart, earliest
from tools.text.likeness import domain_as_shown

HELD_SECONDS = 60.0
_RULES_SCOPES = ("okta.groups.read", "okta.groups.manage")
_SIGNING_IN = ("ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY", "SUSPENDED")
"""Statuses of people who have had a password: an account that was only created proves nothing about a domain."""
NOT_READ = (Unreachable, RateLimited, Unauthorized)
"""Errors that say nothing about permissions: Okta cannot be asked at all now."""


Fact = tuple[str, ...]
"""Something to know of an org: its kind, and what it is about."""
RULES: Fact = ("rules",)
OF_MANY = ("rules", "domain")
"""The kinds of facts that calls about different people are likely to share."""

_CONSULTED: ContextVar[set[Fact] | None] = ContextVar("consulted", default=None)


@contextmanager
def consulting() -> Iterator[set[Fact]]:
    """Collect the facts that are wanted meanwhile, known already or not."""
    facts: set[Fact] = set()
    before = _CONSULTED.set(facts)
    try:
        yield facts
    finally:
        _CONSULTED.reset(before)


class Knowledge:
    """What is known through one process's connections, and when it was asked for.

    `since` is the earliest moment (`time.monotonic()`) at which it may have been asked for: what was asked for later
    is waited for or given again, all else is asked for now.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[str, ...], tuple[float, asyncio.Future[Any]]] = {}
        self._asking: set[asyncio.Future[Any]] = set()

    async def rules(self, okta: OktaClient, connection: Connection, *, since: float) -> tuple[GroupRule, ...] | None:
        """The active group rules; None if Okta does not let this connection read them.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        if connection.limited and not set(_RULES_SCOPES) & set(connection.scopes_granted):
            return None
        found: tuple[GroupRule, ...] | None = await self._known(connection, RULES, since, lambda: active_rules(okta))
        return found

    async def groups(
        self, okta: OktaClient, connection: Connection, ids: Iterable[str], *, since: float
    ) -> dict[str, Gives]:
        """What these groups grant, by id; groups that Okta does not list are left out.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        wanted = tuple(sorted(set(ids)))
        for id in wanted:
            _note(("group", id))
        held = {id: self._asked(_group(connection, id), since) for id in wanted}
        if unknown := [id for id, asked in held.items() if asked is None]:
            reading = _begun(read_gives(okta, unknown))
            for id in unknown:
                held[id] = self._put(_group(connection, id), asyncio.ensure_future(_one_of(reading, id)))
        told = await asyncio.gather(*(asyncio.shield(asked) for asked in held.values() if asked is not None))
        return {id: gives for id, gives in zip(wanted, told, strict=True) if gives is not None}

    async def applications(
        self, okta: OktaClient, connection: Connection, group: str, *, since: float
    ) -> tuple[Application, ...] | None:
        """All applications that a group gives, by its id; None if Okta does not let this connection read them.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """

        async def read() -> tuple[Application, ...] | None:
            try:
                pages = okta.pages("groups", group, "apps", limit=200)
                return tuple([Application.model_validate(one) async for page in pages for one in page])
            except NOT_READ:
                raise
            except ActionError:
                return None

        found: tuple[Application, ...] | None = await self._known(connection, ("applications", group), since, read)
        return found

    async def groups_of(
        self, okta: OktaClient, connection: Connection, person: str, *, since: float
    ) -> tuple[Group, ...]:
        """The groups that somebody is in; empty if Okta does not let this connection read them.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """

        async def read() -> tuple[Group, ...]:
            return tuple([Group.model_validate(one) for one in await _listed(okta, "users", person, "groups")])

        found: tuple[Group, ...] = await self._known(connection, ("groups of", person), since, read)
        return found

    async def members(self, okta: OktaClient, connection: Connection, group: str, *, since: float) -> frozenset[str]:
        """The ids of a group's members, by its id or exact name; empty if it cannot be read or does not exist.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """

        async def read() -> frozenset[str]:
            try:
                id = (await find_group(okta, group)).id
            except NOT_READ:
                raise
            except ActionError:
                return frozenset()
            return frozenset([str(one["id"]) for one in await _listed(okta, "groups", id, "users")])

        found: frozenset[str] = await self._known(connection, ("members", group), since, read)
        return found

    async def has_people_at(
        self, okta: OktaClient, connection: Connection, domain: str, besides: str | None, *, since: float
    ) -> bool:
        """Whether somebody who has signed in to this org has an address in that mail domain.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """

        async def read() -> frozenset[str]:
            statuses = " or ".join(f"status eq {quoted(status)}" for status in _SIGNING_IN)
            people = await _people(okta, f"profile.email co {quoted(f'@{domain}')} and ({statuses})")
            return frozenset([str(one.get("id")) for one in people if _is_at(one, domain)])

        people: frozenset[str] = await self._known(connection, ("domain", domain), since, read)
        return bool(people - {besides})

    def ahead(self, okta: OktaClient, connection: Connection, facts: Iterable[Fact], *, since: float) -> None:
        """Ask for these facts now, without waiting: whoever wants them waits less."""
        wanted = list(facts)
        groups = [about[0] for kind, *about in wanted if kind == "group"]
        reads: list[Awaitable[Any]] = [self.groups(okta, connection, groups, since=since)] if groups else []
        for kind, *about in wanted:
            if kind == "rules":
                reads.append(self.rules(okta, connection, since=since))
            elif kind == "applications":
                reads.append(self.applications(okta, connection, about[0], since=since))
            elif kind == "groups of":
                reads.append(self.groups_of(okta, connection, about[0], since=since))
            elif kind == "members":
                reads.append(self.members(okta, connection, about[0], since=since))
            elif kind == "domain":
                reads.append(self.has_people_at(okta, connection, about[0], None, since=since))
        if reads:
            # Whether anybody wants them will be seen: until then they are not among the facts that the call consulted.
            with consulting():
                asking = asyncio.ensure_future(asyncio.gather(*reads, return_exceptions=True))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    async def _known(
        self, connection: Connection, fact: Fact, since: float, read: Callable[[], Coroutine[Any, Any, Any]]
    ) -> Any:
        _note(fact)
        key = (*_of(connection), *fact)
        asked = self._asked(key, since)
        if asked is None:
            asked = self._put(key, _begun(read()))
        return await asyncio.shield(asked)

    def _asked(self, key: tuple[str, ...], since: float) -> "asyncio.Future[Any] | None":
        at, asked = self._held.get(key, (0.0, None))
        return asked if asked is not None and at >= max(since, time.monotonic() - HELD_SECONDS) else None

    def _put(self, key: tuple[str, ...], asked: "asyncio.Future[Any]") -> "asyncio.Future[Any]":
        now = time.monotonic()
        self._held = {one: held for one, held in self._held.items() if now - held[0] < HELD_SECONDS}
        # Its pass may have sent the same read before, for something else.
        self._held[key] = (earliest(), asked)

        def forget_a_failure(done: "asyncio.Future[Any]") -> None:
            # What could not be read is not known, nor what Okta did not show.
            failed = done.cancelled() or done.exception() is not None or done.result() is None
            if failed and self._held.get(key, (0.0, None))[1] is done:
                del self._held[key]

        asked.add_done_callback(forget_a_failure)
        return asked


def _begun(read: Coroutine[Any, Any, Any]) -> "asyncio.Future[Any]":
    # Other calls may get it too, or get it for this one: a call notes the fact, not the reads behind it.
    with apart():
        return asyncio.ensure_future(read)


async def _one_of(reading: "asyncio.Future[dict[str, Gives]]", id: str) -> Gives | None:
    return (await reading).get(id)


def _note(fact: Fact) -> None:
    if (facts := _CONSULTED.get()) is not None:
        facts.add(fact)


def _group(connection: Connection, id: str) -> tuple[str, ...]:
    return (*_of(connection), "group", id)


def _of(connection: Connection) -> tuple[str, ...]:
    return (connection.name, connection.org_url, connection.identity, str(connection.connected_at))


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


def _is_at(person: dict[str, Any], domain: str) -> bool:
    return domain_of(str((person.get("profile") or {}).get("email") or "")) == domain


def domain_of(address: str) -> str:
    """The mail domain of an address, normalized as mail servers compare it."""
    return domain_as_shown(address.rpartition("@")[2].strip()).casefold()
