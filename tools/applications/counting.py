"""Numbers about applications, from one request for each list: where a list goes on they are bounds, and say so."""

from dataclasses import dataclass

from tools.objects.applications import giver
from tools.search.first_pages import FirstPage


@dataclass(frozen=True)
class Bounds:
    """A number of people, as far as it was counted."""

    least: int
    most: int

    @classmethod
    def of(cls, least: int, most: int) -> "Bounds":
        return cls(max(0, least), max(0, least, most))

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        if self.least == 0:
            return f"at most {self.most}"
        return f"at least {self.least}"


def newcomers(size: int, members: FirstPage | None, users: FirstPage) -> Bounds:
    """How many of a group's members do not have an application yet that others have."""
    seen = members.ids if members else frozenset()
    have = len(seen & users.ids)
    if not users.whole:
        return Bounds.of(0, size - have)
    if members is not None and members.whole:
        return Bounds.of(len(seen) - have, len(seen) - have)
    return Bounds.of(max(size - len(users.entries), len(seen) - have), size - have)


def losers(size: int, group: str, users: FirstPage, groups: FirstPage) -> Bounds:
    """How many people have an application through this group and in no other way."""
    through = [giver(entry)[0] for entry in users.entries if entry.get("scope") == "GROUP"]
    if groups.whole and groups.ids <= {group}:
        sure, maybe = len(through), 0
    else:
        # Okta names one group of several that give it: whoever has it through another one keeps it.
        sure, maybe = 0, sum(id in ("", group) for id in through)
    return Bounds.of(sure, sure + maybe if users.whole else size)
