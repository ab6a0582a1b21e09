"""The entries of the rule `managed_users`, and the people they stand for."""

from dataclasses import dataclass
from typing import Literal, Self

_GROUP = "group:"


@dataclass(frozen=True)
class ManagedEntry:
    """People by a pattern of their ids, logins and e-mails, by a group, or by an attribute's value.

    `name` is that of the attribute; `text` is the pattern, or the group's id or exact name.
    """

    by: Literal["name", "group", "attribute"]
    text: str
    name: str = ""

    @classmethod
    def parse(cls, entry: str) -> Self:
        """Parse an entry: `*@example.com`, `group:Sales` or `department=Sales*`.

        Raises:
            ValueError: it names no group, no attribute or no value.
        """
        if entry.casefold().startswith(_GROUP):
            group = entry[len(_GROUP) :].strip()
            if not group:
                raise ValueError(f"“{entry}” does not name a group")
            return cls("group", group)
        name, equals, value = (part.strip() for part in entry.partition("="))
        if not equals:
            return cls("name", entry)
        exact = name.removeprefix("profile.")
        if not exact.isascii() or not exact.isidentifier() or not value:
            raise ValueError(f"“{entry}” is not an attribute and value, such as department=Sales")
        return cls("attribute", value, name)


def checked(entries: tuple[str, ...]) -> tuple[str, ...]:
    """Raises: ValueError: one of the entries stands for nobody."""
    for entry in entries:
        ManagedEntry.parse(entry)
    return entries
