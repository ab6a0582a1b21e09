"""What an application knows of a person: a profile that is made from their own."""

from collections.abc import Mapping
from sqlite3 import Row
from typing import Any

_CLAIMS = {
    # Attribute of an OpenID Connect client's user: the attribute of the person that it is made from.
    "name": None,
    "given_name": "firstName",
    "middle_name": "middleName",
    "family_name": "lastName",
    "nickname": "nickName",
    "email": "email",
    "profile": "profileUrl",
    "picture": None,
    "website": None,
    "gender": None,
    "birthdate": None,
    "zoneinfo": "timezone",
    "locale": "locale",
    "phone_number": "primaryPhone",
    "formatted": None,
    "street_address": "streetAddress",
    "locality": "city",
    "region": "state",
    "postal_code": "zipCode",
    "country": "countryCode",
}
_ORGS = {"zoneinfo": "America/Los_Angeles", "locale": "en_US"}
"""What an org says of people who say nothing else (TestAccResourceOktaAppUser_crud)."""


def profile_for(app: Row, person: Mapping[str, Any]) -> dict[str, Any]:
    """The profile of a new assignment, from the person's own."""
    if app["name"] != "oidc_client":
        return {}
    claims = {claim: person.get(attribute) if attribute else None for claim, attribute in _CLAIMS.items()}
    claims["name"] = person.get("displayName") or f"{person['firstName']} {person['lastName']}"
    return {**claims, **{claim: claims[claim] or usual for claim, usual in _ORGS.items()}}
