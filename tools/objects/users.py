"""People: their model, how they are found, and what protects them.

Okta itself answers to more than a person's names: to `me`, and to the part of a login before its @. Okta's answer must
match the text that was sent, so that nobody acts on a person they did not name.

Okta's `search` lags seconds behind changes, both in matches and in misses; reads by id and login, and lists by
`filter`, do not (Okta's API reference, "List all users"). So a person found only by search is read again, and one not
found by search is looked for by filter before NotFound is raised.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from tools.contract.arguments import ActionInput, Named, Reference
from tools.contract.kinds import Identity, Kind, OktaObject, Protection, Standing, ambiguous
from tools.contract.outcomes import Observed
from tools.contract.sight import sight
from tools.objects.ids import GROUP_ID, USER_ID
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.okta.expressions import quoted
from tools.okta.refusals import unless_refused
from tools.okta.scopes import ROLES
from tools.text.characters import unescaped
from tools.text.likeness import folded, plain
from tools.text.lines import readable, short_name
from tools.text.quoting import quote, quote_address

NEVER = "never"
"""Shown as the last sign-in of people who never signed in."""

_AT_ONCE = 20
"""People that one request asks about, whose ids are part of the URL."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s][^@\s.]*\.[^@\s]+")
_LABEL = re.compile(r"(?P<name>.*)<(?P<login>[^<>]+)>", re.DOTALL)


class UserCredentials(Observed):
    """How somebody signs in: who keeps their password, and whether one is set. Okta shows no value."""

    provider: dict[str, Any] = Field(default_factory=dict)
    password: dict[str, Any] | None = None


class User(OktaObject):
    """A user as the Users API returns one. Unknown statuses and attributes are passed through."""

    status: str
    created: datetime | None = None
    activated: datetime | None = None
    status_changed: datetime | None = None
    # Signing in does not change what a person agreed to, so these are not sealed.
    last_login: datetime | None = None
    last_updated: datetime | None = None
    password_changed: datetime | None = None
    credentials: UserCredentials = Field(default_factory=UserCredentials)
    profile: dict[str, Any]

    def seal(self) -> str:
        return self.model_dump_json(exclude={"last_login", "last_updated", "password_changed", "credentials"})

    @property
    def login(self) -> str:
        return str(self.profile.get("login") or "")

    @property
    def email(self) -> str:
        return str(self.profile.get("email") or "")

    @property
    def name(self) -> str:
        """First and last name, as the directory has them."""
        names = (self.profile.get("firstName"), self.profile.get("lastName"))
        return " ".join(str(name) for name in names if name)

    @property
    def label(self) -> str:
        """How a person is shown to people: `Jane Doe <jane.doe@example.com>`."""
        # Nobody's name may look like a login.
        name = short_name(self.name.replace("<", "").replace(">", ""))
        return f"{name} <{readable(self.login)}>".lstrip()

    @property
    def address(self) -> str:
        """How a question names a person: by the login, which is unique in an org."""
        return quote_address(self.login) if self.login else self.id

    @property
    def described(self) -> str:
        """Who it is, from labelled values of the directory; with the id if these may deceive."""
        department = None if sight().hides("department") else self.profile.get("department")
        told = (
            f"name {quote(self.name)}" if self.name else "no name",
            f"status {self.status}",
            *([f"department {quote(str(department))}"] if department else []),
        )
        looks = plain(self.login, address=True) and plain(f"{self.name} {department or ''}")
        return ", ".join((*told, *([] if looks else [f"id {self.id}"])))


async def find_user(okta: OktaClient, text: str) -> User:
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
    if sight().hides("email"):
        # A caller that finds somebody by e-mail may have guessed the address.
        by_login = await find_login(okta, text)
        searched: list[User] = []
    else:
        by_login, searched = await asyncio.gather(find_login(okta, text), _searched(okta, "email", text))
    people = {by_login.id: by_login} if by_login is not None else {}
    unread = [user for user in searched if user.id not in people]
    people |= {user.id: user for user in await _reread(okta, unread) if _same(user.email, text)}
    if not people and not sight().hides("email"):
        people = {user.id: user for user in await _filtered(okta, "email", text)}
    if len(people) > 1:
        raise ambiguous("people", text, [f"{user.id} {user.label} {user.status}" for user in people.values()])
    for user in people.values():
        return user
    if (meant := unescaped(text)) != text:
        return await find_user(okta, meant)  # a login with invisible characters, as answers show it
    raise _no_user(text)


async def _labelled(okta: OktaClient, text: str, login: str) -> User:
    """The person whom answers and questions show as this text: `Jane Doe <jane.doe@example.com>`.

    Raises:
        NotFound: nobody has the login, or its owner has another name.
    """
    user = await find_user(okta, login)
    if readable(text).casefold() != user.label.casefold():
        raise NotFound(
            f"“{readable(text)}” matches nobody: the login belongs to {user.label}.",
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


async def people_with(okta: OktaClient, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The people with these ids, as Okta's lists show them; those who are gone or may not be seen are left out."""
    wanted = list(dict.fromkeys(ids))
    parts = (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE))
    conditions = (" or ".join(f"id eq {quoted(id)}" for id in part) for part in parts)
    listed = await asyncio.gather(*(okta.get("users", filter=condition, limit=_AT_ONCE) for condition in conditions))
    found = {str(one["id"]): one for entries in listed for one in entries}
    if (see := sight().people) is not None:
        seen = await see(list(found.values()))
        found = {id: one for id, one in found.items() if id in seen}
    return found


async def _reread(okta: OktaClient, users: list[User]) -> list[User]:
    """The same people as they are now, without those who no longer exist."""
    found = await asyncio.gather(*(_user_at(okta, user.id) for user in users))
    return [user for user in found if user is not None]


async def _searched(okta: OktaClient, attribute: str, text: str) -> list[User]:
    """The people who had this e-mail or login a few seconds ago, regardless of case."""
    return await _listed(okta, attribute, text, search=f"profile.{attribute} eq {quoted(text)}")


async def _filtered(okta: OktaClient, attribute: str, text: str) -> list[User]:
    """The people who have this e-mail or login now, as spelt or in lower case, since filters are case-sensitive."""
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
        return NotFound(f"“{text}” is the id of a group, not of a person.", next_step="Send a person's id.")
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


def _own(user: User, identity: Identity) -> str:
    same = user.id == identity.user_id or (folded(identity.login) == folded(user.login) != "")
    return f"this connection acts as {user.label}." if same else ""


def _names(user: User) -> tuple[str, ...]:
    return (user.id, user.login, user.email, str(user.profile.get("secondEmail") or ""))


async def _roles(okta: OktaClient, ids: tuple[str, ...]) -> Mapping[str, Any]:
    """The administrator roles of people, by their ids; None where this connection may not read them."""
    return dict(zip(ids, await asyncio.gather(*(_roles_of(okta, id) for id in ids)), strict=True))


async def _roles_of(okta: OktaClient, id: str) -> Any:
    return await unless_refused(okta.get("users", id, "roles"), NotFound)


def _standing(user: User, roles: Any) -> Standing:
    """Whether a person is an administrator: by the roles that Okta reports, or because Okta does not report any."""
    if roles is None:
        return Standing(f"Okta does not let this connection read whether {user.label} is an administrator.")
    if not isinstance(roles, list):
        return Standing(f"Okta does not report whether {user.label} is an administrator.")
    names = sorted({str(role.get("label") or role.get("type")) for role in roles})
    return Standing(f"{user.label} is an administrator ({', '.join(names)})." if names else "")


USER = Kind(
    type=User,
    find=find_user,
    id=USER_ID,
    name="user",
    lookup="lookup_user",
    protection=Protection(
        own=_own,
        names=_names,
        asked=_roles,
        standing=_standing,
        protected="protected_users",
        managed="managed_users",
        grants=False,
        scope=ROLES,
        found=True,
    ),
)
UserRef = Annotated[Named, Reference(USER), Field(description="Okta id, login or e-mail.")]


class OnePerson(ActionInput):
    """The arguments of an action that needs nothing but a person."""

    user_id: UserRef
