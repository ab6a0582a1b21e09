"""From the texts that people use, an id, a login, an e-mail, a group's name, to the one object that is meant.

Okta itself answers to more: to `me`, and to the part of a login before its @. Whatever Okta answers must match what was
sent, so that nobody acts on a person they did not name.

Okta's `search` lags seconds behind changes, in what it finds and in what it misses; reads by id and login, and lists by
`filter`, do not (Okta's API reference, "List all users"). So what only a search found is read again, and what it did
not find is looked for by filter before nobody has it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from tools.contract.action import Action, ActionInput, Targets
from tools.contract.record import Change, Changes
from tools.objects.attributes import as_the_org_names_them
from tools.objects.models import Group, User
from tools.okta.client import OktaClient
from tools.okta.errors import Ambiguous, NotFound
from tools.okta.expressions import quoted
from tools.text.characters import fault, hidden, unescaped
from tools.text.lines import LONGEST_NAME, cut, readable, short_name

USER_ID = re.compile(r"00u[A-Za-z0-9]{17}")
GROUP_ID = re.compile(r"00g[A-Za-z0-9]{17}")

_ADDRESS = re.compile(r"[^@\s]+@[^@\s][^@\s.]*\.[^@\s]+")
_LABEL = re.compile(r"(?P<name>.*)<(?P<login>[^<>]+)>", re.DOTALL)

_GROUP_LABEL = re.compile(
    r"(?:“(?P<name>.+)”|(?P<bare>.+?))(?: \(id (?P<shown>00g[A-Za-z0-9]{17})\))?(?: \((?P<id>00g[A-Za-z0-9]{17})\))?"
)

_LATELY = 10
"""Minutes: much longer than Okta's search lags, for our clock may be wrong."""

Input = TypeVar("Input", bound=ActionInput)


async def resolve(
    action: Action, request: Input, okta: OktaClient, record: Changes | None = None
) -> tuple[Input, Targets]:
    """Replace what the request names, people, groups and changes by their ids, and attributes by their exact names.

    Also gives what is known of those people, groups and changes.

    Raises:
        NotFound, Ambiguous, InvalidInput: by the first name, in the order of the input, that is not exactly one object.
    """
    wanted = [
        (field, kind, text) for field, kind in action.references.items() for text in _texts(getattr(request, field))
    ]
    found = await _all(_FINDERS[kind](text, okta, record) for _, kind, text in wanted)
    ids: dict[str, Any] = {}
    for (field, _, _), one in zip(wanted, found, strict=True):
        if isinstance(getattr(request, field), list):
            ids.setdefault(field, []).append(one.id)
        else:
            ids[field] = one.id
    ids |= await as_the_org_names_them(action, request, okta)
    targets = Targets(
        users=tuple(one for one in found if isinstance(one, User)),
        groups=tuple(one for one in found if isinstance(one, Group)),
        changes=tuple(one for one in found if isinstance(one, Change)),
        record=record,
    )
    return request.model_copy(update=ids), targets


async def _find_user(text: str, okta: OktaClient, record: Changes | None) -> User:
    return await resolve_user(okta, text)


async def _find_group(text: str, okta: OktaClient, record: Changes | None) -> Group:
    return await resolve_group(okta, text)


async def _find_change(text: str, okta: OktaClient, record: Changes | None) -> Change:
    if record is None:
        raise NotFound("Nothing is recorded here.")
    return await record.find(text)


_FINDERS: Mapping[Any, Callable[[str, OktaClient, Changes | None], Awaitable[User | Group | Change]]] = {
    User: _find_user,
    Group: _find_group,
    Change: _find_change,
}


def require_finders(action: Action) -> None:
    """Refuse an action that names what nobody here can find.

    Raises:
        TypeError: a field names another kind of thing.
    """
    for field, kind in action.references.items():
        if kind not in _FINDERS:
            raise TypeError(f"{action.name}: {field} names a {kind.__name__}, which nothing finds.")


async def _all(lookups: Iterable[Awaitable[User | Group | Change]]) -> list[User | Group | Change]:
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
    if label := _LABEL.fullmatch(text):
        return await _labelled(okta, text, label["login"])
    # Only lists know e-mails, and a text may be one person's login and another one's e-mail.
    by_login, searched = await asyncio.gather(find_login(okta, text), _searched(okta, "email", text))
    people = {by_login.id: by_login} if by_login is not None else {}
    unread = [user for user in searched if user.id not in people]
    people |= {user.id: user for user in await _reread(okta, unread) if _same(user.email, text)}
    if not people:
        people = {user.id: user for user in await _filtered(okta, "email", text)}
    if len(people) > 1:
        raise _ambiguous("people", text, [f"{user.id} {user.label} {user.status}" for user in people.values()])
    for user in people.values():
        return user
    if (meant := unescaped(text)) != text:
        return await resolve_user(okta, meant)  # as answers show a login with characters that do not show
    raise _no_user(text)


async def _labelled(okta: OktaClient, text: str, login: str) -> User:
    """The person whom answers and questions name so: `Jane Doe <jane.doe@example.com>`.

    Raises:
        NotFound: nobody has the login, or who has it is called otherwise.
    """
    user = await resolve_user(okta, login)
    if readable(text).casefold() != user.label.casefold():
        raise NotFound(
            f"“{readable(text)}” is nobody: the login is that of {user.label}.",
            next_step=f"Ask which one is meant, and send the id or login alone; this one's id is {user.id}.",
        )
    return user


async def find_login(okta: OktaClient, login: str) -> User | None:
    """The person who has exactly this login now, whatever its case."""
    if "/" not in login:
        user = await _user_at(okta, login)
        return user if user is not None and _same(user.login, login) else None
    # Okta takes no path with a slash in it, encoded or not ("Retrieve a user").
    found = await _filtered(okta, "login", login)
    if not found:
        searched = await _reread(okta, await _searched(okta, "login", login))
        found = [user for user in searched if _same(user.login, login)]
    return found[0] if found else None


async def _user_at(okta: OktaClient, text: str) -> User | None:
    try:
        return User.model_validate(await okta.get("users", text))
    except NotFound:
        return None


async def _reread(okta: OktaClient, users: list[User]) -> list[User]:
    """The same people as they are now, without those who are nobody any more."""
    found = await asyncio.gather(*(_user_at(okta, user.id) for user in users))
    return [user for user in found if user is not None]


async def _searched(okta: OktaClient, attribute: str, text: str) -> list[User]:
    """Who had this e-mail or login a few seconds ago, whatever its case."""
    return await _listed(okta, attribute, text, search=f"profile.{attribute} eq {quoted(text)}")


async def _filtered(okta: OktaClient, attribute: str, text: str) -> list[User]:
    """Who has this e-mail or login now, spelt so or in small letters, as filters tell cases apart."""
    spellings = dict.fromkeys((text, text.lower()))
    condition = " or ".join(f"profile.{attribute} eq {quoted(one)}" for one in spellings)
    return await _listed(okta, attribute, text, filter=condition)


async def _listed(okta: OktaClient, attribute: str, text: str, **query: str) -> list[User]:
    if "@" not in text and attribute == "email":
        return []
    users = [User.model_validate(user) for user in await okta.get("users", **query, limit=10)]
    return [user for user in users if _same(user.profile.get(attribute), text)]


def _same(value: object, text: str) -> bool:
    return isinstance(value, str) and value.casefold() == text.casefold()


def _no_user(text: str) -> NotFound:
    if GROUP_ID.fullmatch(text):
        return NotFound(f"“{text}” is the id of a group, where a person is wanted.", next_step="Send a person's id.")
    if USER_ID.fullmatch(text):
        return NotFound(
            f"No person has the id {text}.", next_step="Find them with search_users: the person may have been deleted."
        )
    if _ADDRESS.fullmatch(text):
        return NotFound(
            f"Nobody has the login or e-mail “{readable(text)}”.",
            next_step="Check the spelling, or find them by their name with search_users.",
        )
    return NotFound(
        f"No person has the id, login or e-mail “{readable(text)}”.",
        next_step="Send a full login, e-mail address or Okta user id; short names and “me” are not accepted. "
        "search_users finds people by name.",
    )


async def resolve_group(okta: OktaClient, text: str) -> Group:
    """The one group with this id or exactly this name; or else the one that answers show by this name.

    Raises:
        NotFound: no group has it; groups whose names differ only in case are suggested. Ambiguous: several have it.
    """
    if GROUP_ID.fullmatch(text):
        try:
            group = Group.model_validate(await okta.get("groups", text))
        except NotFound:
            raise NotFound(f"No group has the id {text}.", next_step="Send a group's id or exact name.") from None
        return group
    if USER_ID.fullmatch(text):
        raise NotFound(f"“{text}” is the id of a person, where a group is wanted.", next_step="Send a group's id.")
    if (labelled := await _group_labelled(okta, text)) is not None:
        return labelled
    searched, changed = await asyncio.gather(
        okta.get("groups", search=f"profile.name eq {quoted(text)}", limit=20), _changed_lately(okta)
    )
    known = _groups([*searched, *changed])
    alike = [group for group in known if _same(group.name, text)]
    groups = [group for group in alike if group.name == text] or await _shown_as(okta, text, known)
    if len(groups) > 1:
        raise _ambiguous("groups", text, [f"{group.id} {group.type}" for group in groups])
    if groups:
        return groups[0]
    hint = ", ".join(f"{group.label} ({group.id})" for group in alike[:5])
    raise NotFound(
        f"No group is named exactly “{readable(text)}”.",
        next_step=f"Did you mean {hint}?"
        if hint
        else "Send a group's exact name or its id; search_groups finds groups by words of their names.",
    )


async def _group_labelled(okta: OktaClient, text: str) -> Group | None:
    """The group whose label the text is, where the id stands behind it: `“Name” (id 00g…)`, `“Name” (00g…)`."""
    id = text.removesuffix(")")[-20:]
    if not GROUP_ID.fullmatch(id):
        return None
    try:
        group = Group.model_validate(await okta.get("groups", id))
    except NotFound:
        return None
    return group if text in (group.label, f"{group.label} ({id})") else None


def _groups(entries: Iterable[Any]) -> list[Group]:
    known = (Group.model_validate(entry) for entry in entries)
    return list({group.id: group for group in known}.values())


async def _shown_as(okta: OktaClient, text: str, known: list[Group]) -> list[Group]:
    """The groups that answers show by this text although their names differ: by blanks and by what nobody sees.

    A label is such a text as well, in its quotation marks, cut short, or with the id behind it.
    """
    wanted = readable(text)
    if label := _GROUP_LABEL.fullmatch(wanted):
        wanted = label["name"] or label["bare"]
    # What is not seen may be anywhere in the name, but hardly on both sides of a word's middle.
    words = sorted(_seen(unescaped(wanted)).rstrip("…").split(), key=len)
    if not words:
        return []
    longest = words.pop()
    middle = len(longest) // 2
    parts = dict.fromkeys((longest[:middle], longest[middle:], *words[-3:]))
    condition = " or ".join(f"profile.name co {quoted(part)}" for part in parts if part and not fault(part))
    if not condition:
        return []
    listed = _groups([*await okta.get("groups", search=condition, limit=200), *known])
    ids = set(label.group("shown", "id")) - {None} if label else set()
    found = [group for group in listed if ids <= {group.id}]
    # Who sends what is shown means it; others leave out what they do not see.
    shown = [group for group in found if wanted in (readable(group.name), short_name(group.name), _inside(group.label))]
    return shown or [group for group in found if wanted in (_seen(group.name), cut(_seen(group.name), LONGEST_NAME))]


def _inside(label: str) -> str:
    return label.partition("“")[2].rpartition("”")[0]


def _seen(text: str) -> str:
    """A text as one line without what does not show."""
    places = set(hidden(text))
    seen = (c if at not in places else " " if c.isspace() else "" for at, c in enumerate(text))
    return " ".join("".join(seen).split())


async def _changed_lately(okta: OktaClient) -> list[Any]:
    """The groups that were made or renamed in the last minutes, of which a search may not know yet."""
    since = datetime.now(UTC) - timedelta(minutes=_LATELY)
    listed: list[Any] = await okta.get("groups", filter=f'lastUpdated gt "{since:%Y-%m-%dT%H:%M:%S.000Z}"', limit=200)
    return listed


def _ambiguous(kind: str, text: str, candidates: list[str]) -> Ambiguous:
    return Ambiguous(
        f"{len(candidates)} {kind} match “{readable(text)}”: {'; '.join(candidates)}.",
        next_step="Nothing was changed. Ask which one is meant and send that id.",
    )
