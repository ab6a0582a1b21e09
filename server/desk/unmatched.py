"""Finds entries of the rules that match nobody and nothing in the org: a misspelt protection protects nobody."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.policy.rules import Rules
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound

MOST_ENTRIES = 100
"""Limit on the entries that are looked up: each costs a request, and Okta counts them."""
_PEOPLE = ("protected_users",)
_GROUPS = ("protected_groups", "managed_groups")
_APPLICATIONS = ("protected_applications",)


@dataclass(frozen=True)
class Unmatched:
    """A rule's entry that matches nothing in the org."""

    rule: str
    entry: str

    def __str__(self) -> str:
        kind = "nobody" if self.rule in _PEOPLE else "no group" if self.rule in _GROUPS else "no application"
        return f"{self.rule}: “{self.entry}” is {kind} in this org."


async def unmatched(rules: Rules, okta: OktaClient) -> list[Unmatched]:
    """Every entry without a star that matches nothing. Patterns may be meant for people still to come.

    Raises:
        ActionError: Okta cannot be asked, or does not let this connection look.
    """
    entries = [(rule, entry) for rule in _LOOKED_UP for entry in getattr(rules, rule) if entry and "*" not in entry][
        :MOST_ENTRIES
    ]
    return [Unmatched(rule, entry) for rule, entry in entries if not await _LOOKED_UP[rule](okta, entry)]


async def _is_person(okta: OktaClient, entry: str) -> bool:
    """Whether somebody has this id or login. Okta would also accept half a login, which protects nobody here."""
    try:
        user = await okta.get("users", entry)
    except NotFound:
        return False
    login = str((user.get("profile") or {}).get("login", ""))
    return entry == user.get("id") or entry.casefold() == login.casefold()


async def _is_group(okta: OktaClient, entry: str) -> bool:
    """Whether a group has this id or name."""
    async for page in okta.pages("groups", q=entry, limit=200):
        if _named(entry, (str((group.get("profile") or {}).get("name", "")) for group in page)):
            return True
    return await _has_id(okta, "groups", entry)


async def _is_application(okta: OktaClient, entry: str) -> bool:
    """Whether an application has this id or name. Okta finds names by their beginning, case included: all are read."""
    async for page in okta.pages("apps", limit=200):
        if _named(entry, (str(application.get("label", "")) for application in page)):
            return True
    return await _has_id(okta, "apps", entry)


def _named(entry: str, names: Iterable[str]) -> bool:
    return any(entry.casefold() == name.casefold() for name in names)


async def _has_id(okta: OktaClient, collection: str, entry: str) -> bool:
    """Whether an object of the collection has this id."""
    if " " in entry or not entry.isascii():
        return False
    try:
        return bool((await okta.get(collection, entry)).get("id") == entry)
    except NotFound:
        return False


_LOOKED_UP = {
    **dict.fromkeys(_PEOPLE, _is_person),
    **dict.fromkeys(_GROUPS, _is_group),
    **dict.fromkeys(_APPLICATIONS, _is_application),
}
