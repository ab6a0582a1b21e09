"""The names of people's attributes in the org's schema, and in our inputs and answers."""

from pydantic.alias_generators import to_camel

from tools.okta.errors import InvalidInput

CORE = ("first_name", "last_name", "login", "email")
OPTIONAL = (
    *("second_email", "mobile_phone", "display_name", "title", "department", "division", "organization"),
    *("cost_center", "employee_number", "user_type", "manager", "manager_id"),
)
NAMED = (*CORE, *OPTIONAL)
"""The attributes that our inputs and answers have by name; `profile.Attributes` has a field for each optional one."""
OTHERS = (
    *("middleName", "honorificPrefix", "honorificSuffix", "nickName", "profileUrl", "primaryPhone", "streetAddress"),
    *("city", "state", "zipCode", "countryCode", "postalAddress", "preferredLanguage", "locale", "timezone"),
)
"""Rarely used attributes of every org's schema, which keep Okta's names here."""

OWN = "profile."
"""Prefix of an attribute's exact name in the org's schema."""

FIELDS = {to_camel(name): name for name in NAMED}
FOLDED = {name.casefold(): field for name, field in FIELDS.items()}
OF_OKTA = frozenset((*FIELDS, *OTHERS))
"""The attributes of every org's schema, all of them text."""

ALIASES = frozenset(name for name in NAMED if name not in OF_OKTA)
"""Our spellings of Okta's names. An org may have a custom attribute with the same spelling."""


def schema_name(name: str) -> str:
    """An attribute's name in the org's schema: exact after `profile.`, otherwise in Okta's spelling or in ours.

    Raises:
        InvalidInput: it cannot be the name of an attribute.
    """
    exact = name.removeprefix(OWN)
    if not exact.isascii() or not exact.isidentifier():
        raise InvalidInput(f"{name[:60]!r} is not the name of an attribute, such as nickName.")
    return to_camel(name) if name in ALIASES else exact


def field_of(name: str) -> str:
    """The name that our inputs and answers use for an attribute of the org's schema."""
    return f"{OWN}{name}" if name in ALIASES else FIELDS.get(name, name)
