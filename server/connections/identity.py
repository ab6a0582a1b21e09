"""The identity that Okta records for a connection's actions, and what it may do."""

import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from tools.okta.client import OktaClient
from tools.okta.errors import ActionError

_SERVICE = re.compile(
    r"(?<![a-z])(service|svc|bot|robot|automation|integration|api|system|daemon|ci|okta-actions|oktaactions)(?![a-z])"
)


@dataclass(frozen=True)
class SignedIn:
    """The identity. Values that Okta does not tell the connection are None."""

    login: str | None = None
    person: str | None = None
    service_account: bool = False
    roles: tuple[str, ...] | None = None


async def read_identity(okta: OktaClient, id: str, *, service: bool = False) -> SignedIn:
    """Login, name, administrator roles, and whether it looks like a service account; for an app, with `service`."""
    if service:
        return SignedIn(service_account=True, roles=await _roles(okta.get_of_oauth("clients", id, "roles")))
    try:
        user = await okta.get("users", id)
    except ActionError:
        return SignedIn()
    profile: dict[str, Any] = user.get("profile") or {}
    name = " ".join(str(part) for part in (profile.get("firstName"), profile.get("lastName")) if part)
    roles = await _roles(okta.get("users", id, "roles"))
    return SignedIn(profile.get("login"), name or None, looks_like_a_service(profile), roles)


async def owner_of_token(okta: OktaClient) -> str | None:
    """The id of the person who created an API token; None if Okta does not tell.

    Raises:
        ActionError: Okta does not accept the token.
    """
    try:
        told = await okta.get("users", "me")
    except ActionError:
        await okta.get("users", limit=1)  # whether Okta refuses the token or only this request
        return None
    id = told.get("id") if isinstance(told, dict) else None
    return id if isinstance(id, str) and id else None


async def _roles(listing: Awaitable[Any]) -> tuple[str, ...] | None:
    """The types of the roles; None if the connection may not read them (okta.roles.read)."""
    try:
        listed = await listing
    except ActionError:
        return None
    return tuple(str(role.get("type")) for role in listed or () if isinstance(role, dict) and role.get("type"))


def looks_like_a_service(profile: dict[str, Any]) -> bool:
    """Whether login, name, title or user type hold a word that administrators mark service accounts with."""
    marked = [str(profile.get(name) or "") for name in ("login", "firstName", "lastName", "title", "userType")]
    marked[0] = marked[0].partition("@")[0]
    return any(_SERVICE.search(re.sub(r"[_.\s]+", "-", text.lower())) for text in marked)
