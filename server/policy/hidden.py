"""The rules `hidden_attributes` and `hidden_in_lists`: which attributes of people are not shown."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

NAMES_OF_PEOPLE = ("id", "login", "firstName", "lastName")
"""The attributes that name people in every answer, question and record. They are never hidden."""
_NEVER = frozenset((*map(str.casefold, NAMES_OF_PEOPLE), "name", "status"))


class Hidden:
    """The attributes that match one of the patterns, in Okta's spelling or in ours, regardless of case and _."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(_plain(pattern).replace("[", "[[]").replace("?", "[?]") for pattern in patterns)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def __call__(self, attribute: str) -> bool:
        plain = _plain(attribute)
        return plain not in _NEVER and any(fnmatchcase(plain, pattern) for pattern in self._patterns)


def _plain(name: str) -> str:
    return name.strip().casefold().removeprefix("profile.").replace("_", "")


def checked(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Raises: ValueError: one of them names an attribute that is never hidden."""
    for pattern in patterns:
        if _plain(pattern) in _NEVER:
            raise ValueError(f"{pattern} cannot be hidden: it identifies people")
    return patterns
