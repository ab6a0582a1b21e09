"""From the texts that people use, an id, a login, an e-mail, a group's name, to the one object that is meant.

Okta itself answers to more: to `me`, and to the part of a login before its @. Whatever Okta answers must match what was
sent, so that nobody acts on a person they did not name.
"""

import asyncio
import re
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from tools.action import Action, ActionInput, Targets
from tools.expressions import quoted
from tools.models import Group, User
from tools.okta.client import OktaClient
from tools.okta.errors import Ambiguous, NotFound
from tools.record import Change, Changes
from tools.text import readable

USER_ID = re.compile(r"00u[A-Za-z0-9]{17}")
GROUP_ID = re.compile(r"00g[A-Za-z0-9]{17}")

Input = TypeVar("Input", bound=ActionInput)
Kind = type[User] | type[Group] | type[Change]


async def resolve(
    action: Action, request: Input, okta: OktaClient, record: Changes | None = None
) -> tuple[Input, Targets]:
    """Replace every person, group and change that the request names by its id, and give what is known of them.

    Raises:
        NotFound, Ambiguous, InvalidInput: by the first name, in the order of the input, that is not exactly one object.
    """
    wanted = [
        (field, kind, text) for field, kind in action.references.items() for text in _texts(getattr(request, field))
    ]
    found = await _all(_resolved(kind, text, okta, record) for _, kind, text in wanted)
    ids: dict[str, Any] = {}
    for (field, _, _), one in zip(wanted, found, strict=True):
        if isinstance(getattr(request, field), list):
            ids.setdefault(field, []).append(one.id)
        else:
            ids[field] = one.id
    targets = Targets(
        users=tuple(one for one in found if isinstance(one, User)),
        groups=tuple(one for one in found if isinstance(one, Group)),
        changes=tuple(one for one in found if isinstance(one, Change)),
        record=record,
    )
    return request.model_copy(update=ids), targets


async def _resolved(kind: Kind, text: str, okta: OktaClient, record: Changes | None) -> User | Group | Change:
    if kind is User:
        return await resolve_user(okta, text)
    if kind is Group:
        return await resolve_group(okta, text)
    if record is None:
        raise NotFound("Nothing is recorded here.")
    return await record.find(text)


async def _all(lookups: Iterable[Coroutine[Any, Any, User | Group | Change]]) -> list[User | Group | Change]:
    """What all of them find, looked up at once. Every one is awaited, and the first failure in their order reported."""
    waiting = list(lookups)
    if len(waiting) == 1:
        return [await waiting[0]]
    found = await asyncio.gather(*waiting, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return [one for one in found if not isinstance(one, BaseException)]


def _texts(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


async def resolve_user(okta: OktaClient, text: str) -> User:
    """The one person with this id, login or e-mail.

    Raises:
        NotFound: nobody has it. Ambiguous: several people have it.
    """
    if USER_ID.fullmatch(text):
        user = await _user_at(okta, text)
        if user is not None and user.id == text:
            return user
        raise _no_user(text)
    # Reading by login is exact and at once up to date; only the search index knows e-mails. A text may be both.
    by_login, by_email = await asyncio.gather(_user_at(okta, text), _users_by_email(okta, text))
    people = {user.id: user for user in by_email}
    if by_login is not None and by_login.login.casefold() == text.casefold():
        people[by_login.id] = by_login
    if len(people) > 1:
        raise _ambiguous("people", text, [f"{user.id} {user.label} {user.status}" for user in people.values()])
    for user in people.values():
        return user
    raise _no_user(text)


async def _user_at(okta: OktaClient, text: str) -> User | None:
    try:
        return User.model_validate(await okta.get("users", text))
    except NotFound:
        return None


async def _users_by_email(okta: OktaClient, text: str) -> list[User]:
    if "@" not in text:
        return []
    listed = await okta.get("users", search=f"profile.email eq {quoted(text)}", limit=10)
    users = [User.model_validate(user) for user in listed]
    return [user for user in users if user.email.casefold() == text.casefold()]


def _no_user(text: str) -> NotFound:
    return NotFound(
        f"No person has the id, login or e-mail “{readable(text)}”.",
        next_step="Send a full login, e-mail address or Okta user id; short names and “me” are not accepted.",
    )


async def resolve_group(okta: OktaClient, text: str) -> Group:
    """The one group with this id or exactly this name.

    Raises:
        NotFound: no group has it; groups whose names differ only in case are suggested. Ambiguous: several have it.
    """
    if GROUP_ID.fullmatch(text):
        try:
            group = Group.model_validate(await okta.get("groups", text))
        except NotFound:
            raise NotFound(f"No group has the id {text}.", next_step="Send a group's id or exact name.") from None
        return group
    listed = await okta.get("groups", search=f"profile.name eq {quoted(text)}", limit=20)
    alike = [Group.model_validate(group) for group in listed]
    groups = [group for group in alike if group.name == text]
    if len(groups) > 1:
        raise _ambiguous("groups", text, [f"{group.id} {group.type}" for group in groups])
    if groups:
        return groups[0]
    hint = ", ".join(f"{group.label} ({group.id})" for group in alike[:5])
    raise NotFound(
        f"No group is named exactly “{readable(text)}”.",
        next_step=f"Did you mean {hint}?" if hint else "Send a group's exact name or its id.",
    )


def _ambiguous(kind: str, text: str, candidates: list[str]) -> Ambiguous:
    return Ambiguous(
        f"{len(candidates)} {kind} match “{readable(text)}”: {'; '.join(candidates)}.",
        next_step="Nothing was changed. Ask which one is meant and send that id.",
    )
