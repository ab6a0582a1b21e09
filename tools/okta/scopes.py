"""OAuth scopes of Okta's API (https://developer.okta.com/docs/api/oauth2/)."""

from collections.abc import Iterable

ROLES = "okta.roles.read"
"""The scope for reading who is an administrator."""


def uncovered(needed: Iterable[str], granted: Iterable[str]) -> list[str]:
    """The scopes that are needed but not granted. A manage scope covers its read scope."""
    held = set(granted)
    held |= {scope.removesuffix(".manage") + ".read" for scope in held if scope.endswith(".manage")}
    return sorted(set(needed) - held)
