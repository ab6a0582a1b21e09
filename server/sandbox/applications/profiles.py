"""What an application knows of a person: a profile that is made from their own."""

from collections.abc import Mapping
from sqlite3 import Row
from typing import Any

CLAIMS: dict[str, tuple[str, str | None]] = {
    # Attribute of an OpenID Connect client's user: its title, and the attribute of the person that it is made from.
    "name": ("Name", "displayName"),
    "nickname": ("Nickname", "nickName"),
    "given_name": ("Given Name", "firstName"),
    "middle_name": ("Middle Name", "middleName"),
    "family_name": ("Family Name", "lastName"),
    "email": ("Email", "email"),
    "profile": ("Profile URL", "profileUrl"),
    "picture": ("Picture URL", None),
    "website": ("Website", None),
    "gender": ("Gender", None),
    "birthdate": ("Birthdate", None),
    "zoneinfo": ("Time Zone", "timezone"),
    "locale": ("Locale Name", "locale"),
    "phone_number": ("Phone Number", "primaryPhone"),
    "street_address": ("Street Address", "streetAddress"),
    "locality": ("Locality", "city"),
    "region": ("Region", "state"),
    "postal_code": ("Postal Code", "zipCode"),
    "country": ("Country", "countryCode"),
    "formatted": ("Formatted", None),
}
ADDRESS = frozenset({"street_address", "locality", "region", "postal_code", "country", "formatted"})
"""Claims that are parts of one (OpenID Connect Core, section 5.1.1)."""

_ORGS = {"zoneinfo": "America/Los_Angeles", "locale": "en_US"}
"""What an org says of people who say nothing else (TestAccResourceOktaAppUser_crud)."""


def profile_for(app: Row, person: Mapping[str, Any]) -> dict[str, Any]:
    """The profile of a new assignment, from the person's own."""
    if app["client_id"] is None:
        return {}
    claims = {claim: person.get(source) if source else None for claim, (_, source) in CLAIMS.items()}
    claims["name"] = claims["name"] or f"{person['firstName']} {person['lastName']}"
    return {**claims, **{claim: claims[claim] or usual for claim, usual in _ORGS.items()}}
