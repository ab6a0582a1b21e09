"""Whom Okta records as having done what goes through a connection."""

import re
from typing import Any

from tools.okta.client import OktaClient

_SERVICE = re.compile(
    r"(?<![a-z])(service|svc|bot|robot|automation|integration|api|system|daemon|ci|okta-actions|oktaactions)(?![a-z])"
)


async def read_identity(okta: OktaClient, user_id: str) -> tuple[str | None, str | None, bool]:
    """Login, name, and whether it looks like a service account, of who signed in.

    Raises:
        ActionError: Okta did not say.
    """
    user = await okta.get("users", user_id)
    profile: dict[str, Any] = user.get("profile") or {}
    name = " ".join(str(part) for part in (profile.get("firstName"), profile.get("lastName")) if part)
    return profile.get("login"), name or None, looks_like_a_service(profile)


def looks_like_a_service(profile: dict[str, Any]) -> bool:
    """By the words that administrators mark service accounts with: in login, name, title or user type."""
    marked = [str(profile.get(name) or "") for name in ("login", "firstName", "lastName", "title", "userType")]
    marked[0] = marked[0].partition("@")[0]
    return any(_SERVICE.search(re.sub(r"[_.\s]+", "-", text.lower())) for text in marked)
