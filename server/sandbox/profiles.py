"""What a person's profile says of who they are. An org's schema may do without a first or a last name."""

import unicodedata
from collections.abc import Mapping
from typing import Any


def full_name(profile: Mapping[str, Any]) -> str:
    """First and last name as far as there are any, or else the login."""
    names = [str(profile[name]) for name in ("firstName", "lastName") if profile.get(name)]
    return " ".join(names) or str(profile["login"])


def login_key(login: str) -> str:
    """What is the same for two logins of which an org takes only one: they differ in case and diacritical marks alone.

    Source: Okta's OpenAPI description, user profile: `isáàc.bröck@example.com` is `Isaac.Brock@example.com`.
    """
    if login.isascii():
        return login.lower()
    plain = unicodedata.normalize("NFKD", login.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold()
