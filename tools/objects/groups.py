"""Groups: their model, how they are found, what they give their members, and what protects them.

Okta's search finds a group only seconds after it was created or renamed, so recent ones are listed separately.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from tools.contract.arguments import ActionInput, Named, Reference
from tools.contract.kinds import Identity, Kind, OktaObject, Protection, Standing, ambiguous
from tools.objects.ids import GROUP_ID, USER_ID, read_by_id
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.okta.expressions import quoted
from tools.okta.refusals import unless_refused
from tools.text.characters import fault, hidden, unescaped
from tools.text.counts import counted
from tools.text.likeness import as_latin, folded, plain
from tools.text.lines import LONGEST_NAME, cut, readable, short_name
from tools.text.quoting import quote

KEEPERS = {"BUILT_IN": "Okta itself", "APP_GROUP": "the application or directory that it is imported from"}
"""What keeps the members of groups of these types. Nobody adds or removes them by hand."""
_LABEL = re.compile(
    r"(?:“(?P<name>.+)”|(?P<bare>.+?))(?: \(id (?P<shown>00g[A-Za-z0-9]{17})\))?(?: \((?P<id>00g[A-Za-z0-9]{17})\))?"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ADMIN = re.compile(r"admin(?:s|istrators?|istration)?(?![a-z])")

_LATELY = 10
"""Minutes. This is much longer than the lag of Okta's search, as our clock may be wrong."""
_FEW = 10
"""Groups with longer names that are read to say which others there are."""
_AT_ONCE = 20
"""Maximum number of groups in one request, whose ids are part of the URL."""


class Group(OktaObject):
    """A group as the Groups API returns one."""

    type: str
    profile: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.profile.get("name") or "")

    @property
    def label(self) -> str:
        return quote(self.name) + ("" if plain(self.name) else f" (id {self.id})")


async def find_group(okta: OktaClient, text: str) -> Group:
    """The one group with this id or exactly this name, or else the one that answers show under this name.

    Raises:
        NotFound: no group has it; groups whose names differ only in case are suggested. Ambiguous: several have it.
    """
    if GROUP_ID.fullmatch(text):
        return await read_by_id(okta, "groups", text, Group, "a group")
    if USER_ID.fullmatch(text):
        raise NotFound(f"“{text}” is the id of a person, where a group is wanted.", next_step="Send a group's id.")
    if (labelled := await _group_labelled(okta, text)) is not None:
        return labelled
    known = await _with_name(okta, text)
    alike = [group for group in known if group.name.casefold() == text.casefold()]
    groups = [group for group in alike if group.name == text] or await _shown_as(okta, text, known)
    if len(groups) > 1:
        raise ambiguous("groups", text, [f"{group.id} {group.type}" for group in groups])
    if groups:
        return groups[0]
    hint = ", ".join(f"{group.label} ({group.id})" for group in alike[:5])
    raise NotFound(
        f"No group is named exactly “{readable(text)}”.",
        next_step=f"Did you mean {hint}?"
        if hint
        else "Send a group's exact name or its id; search_groups finds groups by words of their names.",
    )


async def groups_beginning(okta: OktaClient, name: str) -> tuple[Group, ...]:
    """The groups whose names begin with this one, whatever their case: first those that have just this name.

    Of those with longer names it knows the first few.
    """
    known, longer = await asyncio.gather(
        _with_name(okta, name), okta.get("groups", search=f"profile.name sw {quoted(name)}", limit=_FEW)
    )
    found = {group.id: group for group in (*known, *_groups(longer))}.values()
    beginning = [group for group in found if folded(group.name).startswith(folded(name))]
    return tuple(sorted(beginning, key=lambda one: (folded(one.name) != folded(name), one.name, one.id)))


async def _with_name(okta: OktaClient, name: str) -> list[Group]:
    """The groups that a search finds by this name, and all that were created or renamed in the last minutes."""
    searched, changed = await asyncio.gather(
        okta.get("groups", search=f"profile.name eq {quoted(name)}", limit=20), _changed_lately(okta)
    )
    return _groups([*searched, *changed])


async def _group_labelled(okta: OktaClient, text: str) -> Group | None:
    """The group whose label with its id is this text: `“Name” (id 00g…)`, `“Name” (00g…)`."""
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
    """The groups that answers show as this text although their names differ in blanks or invisible characters.

    A label counts too: in quotation marks, cut short, or followed by the id.
    """
    wanted = readable(text)
    if label := _LABEL.fullmatch(wanted):
        wanted = label["name"] or label["bare"]
    # Invisible characters may be anywhere in the name, but hardly in both halves of a word.
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
    shown_ids = set(label.group("shown", "id")) - {None} if label else set()
    found = [group for group in listed if shown_ids <= {group.id}]
    # An exact match with the shown text is meant; otherwise invisible characters were left out.
    shown = [group for group in found if wanted in (readable(group.name), short_name(group.name), _inside(group.label))]
    return shown or [group for group in found if wanted in (_seen(group.name), cut(_seen(group.name), LONGEST_NAME))]


def _inside(label: str) -> str:
    return label.partition("“")[2].rpartition("”")[0]


def _seen(text: str) -> str:
    """A text as one line without invisible characters."""
    places = set(hidden(text))
    seen = (c if at not in places else " " if c.isspace() else "" for at, c in enumerate(text))
    return " ".join("".join(seen).split())


async def _changed_lately(okta: OktaClient) -> list[Any]:
    """The groups created or renamed in the last minutes, which a search may not find yet."""
    since = datetime.now(UTC) - timedelta(minutes=_LATELY)
    # Whole minutes, so that the call which answers a question asks the same.
    listed: list[Any] = await okta.get("groups", filter=f'lastUpdated gt "{since:%Y-%m-%dT%H:%M:00.000Z}"', limit=200)
    return listed


async def groups_of(okta: OktaClient, user: str) -> tuple[Group, ...]:
    """The groups that a person is in, given their id."""
    pages = okta.pages("users", user, "groups")
    return tuple([Group.model_validate(group) async for page in pages for group in page])


@dataclass(frozen=True)
class Gives:
    """What a group gives its members, as far as Okta tells. None means unknown."""

    group: Group
    administration: bool | None
    applications: int | None
    members: int | None = None

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Gives":
        stats = (entry.get("_embedded") or {}).get("stats") or {}
        return cls(
            Group.model_validate(entry), stats.get("hasAdminPrivilege"), stats.get("appsCount"), stats.get("usersCount")
        )


async def read_gives(okta: OktaClient, ids: Iterable[str]) -> dict[str, Gives]:
    """What these groups give, by id. Groups that Okta does not list are left out.

    Raises:
        ActionError: Okta cannot be asked at all now.
    """
    wanted = list(dict.fromkeys(ids))
    parts = [wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE)]
    listed = await asyncio.gather(*(_listed(okta, part) for part in parts))
    return {entry["id"]: Gives.of(entry) for entries in listed for entry in entries if entry.get("id") in wanted}


async def _listed(okta: OktaClient, ids: list[str]) -> list[dict[str, Any]]:
    """These groups with their counts, as far as this connection may read them."""
    wanted = " or ".join(f'id eq "{id}"' for id in ids)
    found = await unless_refused(okta.get("groups", filter=wanted, expand="stats", limit=len(ids)), NotFound)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def named_like_administrators(name: str) -> bool:
    """Whether a word of it is, or ends in, admin or administrator: `IT Admins`, `okta_sysadmins`, `HelpdeskAdmin`."""
    return _ADMIN.search(folded(_CAMEL.sub(" ", as_latin(name)))) is not None


def granting(group: Group, gives: Gives | None) -> str:
    """Why a group counts as granting administration: by its name, or by what Okta says about it."""
    if named_like_administrators(group.name):
        return f"{group.label} is named like a group of administrators."
    if gives is None or gives.administration is None:
        return f"Okta does not report whether {group.label} grants administration."
    return f"{group.label} grants administration." if gives.administration else ""


def giving(gives: Gives | None) -> str:
    """How many applications a group gives, if any."""
    count = gives.applications if gives else None
    return f"{gives.group.label} gives {counted(count, 'application')}." if gives and count else ""


def _own(group: Group, identity: Identity) -> str:
    return ""


def _names(group: Group) -> tuple[str, ...]:
    return (group.id, group.name)


def _standing(group: Group, gives: Gives | None) -> Standing:
    return Standing(granting(group, gives), giving(gives))


GROUP = Kind(
    type=Group,
    find=find_group,
    id=GROUP_ID,
    name="group",
    lookup="lookup_group",
    protection=Protection(
        own=_own,
        names=_names,
        asked=read_gives,
        standing=_standing,
        protected="protected_groups",
        managed="managed_groups",
        grants=True,
    ),
)
GroupRef = Annotated[Named, Reference(GROUP), Field(description="Okta id or exact name.")]


class OneGroup(ActionInput):
    """The arguments of an action that needs nothing but a group."""

    group_id: GroupRef
