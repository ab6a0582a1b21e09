"""OAuth scopes of Okta's API (https://developer.okta.com/docs/api/oauth2/)."""

from collections.abc import Iterable

ROLES = "okta.roles.read"
"""The scope by which Okta tells who is an administrator."""


def uncovered(needed: Iterable[str], granted: Iterable[str]) -> list[str]:
    """The scopes that are needed and not granted; a manage scope covers the read scope beside it."""
    held = set(granted)
    held |= {scope.removesuffix(".manage") + ".read" for scope in held if scope.endswith(".manage")}
    return sorted(set(needed) - held)
