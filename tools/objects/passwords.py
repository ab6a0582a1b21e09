"""Who keeps a person's password: Okta, or another system that Okta asks."""

from tools.objects.users import User
from tools.okta.errors import InvalidInput
from tools.text.lines import short_name

_OWN = ("OKTA", "IMPORT")
"""The providers of passwords that Okta keeps: set there, or imported as a hash."""
_OTHERS = {
    "ACTIVE_DIRECTORY": ("Active Directory", "in Active Directory"),
    "LDAP": ("an LDAP directory", "in that directory"),
    "FEDERATION": ("the identity provider that they sign in by", "at that identity provider"),
    "SOCIAL": ("the social account that they sign in by", "at that provider"),
}
"""Who keeps the password instead, and where it is changed."""


def is_kept_elsewhere(user: User) -> bool:
    return user.credentials.provider.get("type", "OKTA") not in _OWN


def keeper(user: User) -> tuple[str, str] | None:
    """Who keeps the password instead of Okta, and where it is changed; None if Okta keeps it."""
    if not is_kept_elsewhere(user):
        return None
    kind = short_name(str(user.credentials.provider.get("type")))
    return _OTHERS.get(kind, (f"another system ({kind})", "there"))


def unless_kept_elsewhere(user: User, why: str) -> None:
    """Accept a person whose password Okta keeps. `why` is a sentence on what Okta cannot do.

    Raises:
        InvalidInput: another system keeps it.
    """
    if (other := keeper(user)) is None:
        return
    raise InvalidInput(
        f"The password of {user.label} is kept by {other[0]}, not by Okta. {why}",
        code="password_kept_elsewhere",
        next_step=f"Somebody who administers it does this {other[1]}.",
    )
