"""The rule `managed_users`: the only people who may be looked up, listed and changed.

Anybody else is refused like a person who does not exist: in the same words, built from what was sent.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from server.connections.models import Connection
from server.door.knowledge import Knowledge
from server.door.patterns import matching
from server.policy.managed import ManagedEntry
from server.policy.rules import PolicyRefusal
from tools.contract.kinds import Kind
from tools.contract.preview import Preview
from tools.objects.attribute_names import schema_name
from tools.objects.groups import Group
from tools.objects.side_effects import Joins, Profiles
from tools.objects.users import USER, User
from tools.okta.client import OktaClient
from tools.okta.errors import Ambiguous, NotFound
from tools.text.lines import readable

RULE = "managed_users"
T = TypeVar("T")


class ManagedPeople:
    """The rule's people in one org, for one call. `since`: how old what is known of memberships may be."""

    def __init__(
        self, entries: Sequence[str], knowledge: Knowledge, okta: OktaClient, connection: Connection, *, since: float
    ) -> None:
        self._entries = [ManagedEntry.parse(entry) for entry in entries]
        self._groups = [entry.text for entry in self._entries if entry.by == "group"]
        self._knowledge = knowledge
        self._okta = okta
        self._connection = connection
        self._since = since

    async def found(self, kind: Kind[Any], text: str, lookup: Awaitable[T]) -> T:
        """What a text of a call names, if the rule allows it to be named.

        Raises:
            PolicyRefusal: it names none of them. ActionError: Okta cannot be asked now, or it is not a person.
        """
        if kind is not USER:
            return await lookup
        try:
            one = await lookup
        except (NotFound, Ambiguous):
            raise self._nobody(text) from None
        assert isinstance(one, User)
        if not await self._is_one(one):
            raise self._nobody(text)
        return one

    async def ids(self, people: Sequence[Mapping[str, Any]]) -> frozenset[str]:
        """Those of these people, as Okta's lists show them, that the rule covers."""
        told = {str(one["id"]) for one in people if self._by_themselves(str(one["id"]), one.get("profile") or {})}
        if len(told) < len(people) and self._groups:
            wanted = (
                self._knowledge.members(self._okta, self._connection, group, since=self._since)
                for group in self._groups
            )
            members = frozenset[str]().union(*await asyncio.gather(*wanted))
            told |= {str(one["id"]) for one in people} & members
        return frozenset(told)

    def require_newcomer(self, preview: Preview) -> None:
        """Accept a write that creates somebody whom the rule will cover.

        Raises:
            PolicyRefusal: the rule will not cover them.
        """
        joins = {text.casefold() for one in preview.all(Joins) for text in (one.group.id, one.group.name)}
        for profiles in preview.all(Profiles):
            if profiles.before is not None or profiles.id is not None:
                continue
            by_group = any(group.casefold() in joins for group in self._groups)
            if not by_group and not self._by_themselves("", profiles.after):
                raise PolicyRefusal(RULE, "the new person would not be among the people whom this server manages.")

    def _nobody(self, text: str) -> PolicyRefusal:
        return PolicyRefusal(RULE, f"“{readable(text)}” is not among the people whom this server manages.")

    async def _is_one(self, user: User) -> bool:
        if self._by_themselves(user.id, user.profile):
            return True
        if not self._groups:
            return False
        groups = await self._knowledge.groups_of(self._okta, self._connection, user.id, since=self._since)
        return any(_is(group, text) for group in groups for text in self._groups)

    def _by_themselves(self, id: str, profile: Mapping[str, Any]) -> bool:
        """Whether the rule covers somebody by their names or attributes."""
        # A second e-mail does not count as a name here: people set it themselves.
        names = (id, str(profile.get("login") or ""), str(profile.get("email") or ""))
        for entry in self._entries:
            if entry.by == "name" and matching((entry.text,), *names):
                return True
            if entry.by == "attribute" and matching((entry.text,), *_values(profile, entry.name)):
                return True
        return False


def _is(group: Group, text: str) -> bool:
    return text in (group.id, group.name) or text.casefold() == group.name.casefold()


def _values(profile: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Somebody's value of an attribute, however its name is spelt."""
    wanted = {schema_name(name).casefold(), name.removeprefix("profile.").casefold()}
    held = [value for attribute, value in profile.items() if attribute.casefold() in wanted]
    values = [one for value in held for one in (value if isinstance(value, list) else [value])]
    return tuple(_text(value) for value in values if value is not None)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
