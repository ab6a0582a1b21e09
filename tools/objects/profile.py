"""A person's attributes: those administrators use by name, and every other one of the org's schema."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from tools.contract.arguments import ActionInput, Exact
from tools.contract.outcomes import Outcome, Output
from tools.contract.pairs import by_name, schema
from tools.objects.attribute_names import CORE, FIELDS, FOLDED, NAMED, field_of, schema_name
from tools.objects.attributes import exact_names
from tools.objects.managers import ManagerAccount
from tools.objects.statuses import HELP, meaning
from tools.objects.users import NEVER, User
from tools.okta.errors import InvalidInput
from tools.text.characters import fault
from tools.text.lines import readable


def _one_line(text: str) -> str:
    if (found := fault(text)) == "control characters":
        raise ValueError("must be one line without control characters")
    if found:
        raise ValueError(f"contains {found}")
    return text


def _email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not (at and local and domain) or "@" in local or any(c.isspace() for c in text):
        raise ValueError("is not an e-mail address, such as jane.doe@example.com")
    return text


ONE_LINE = AfterValidator(_one_line)

# Lengths are those of Okta's default user schema.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024), ONE_LINE]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), ONE_LINE]
FirstName = Annotated[Name, Field(description="Given name.")]
LastName = Annotated[Name, Field(description="Family name.")]
Login = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=5, max_length=100),
    ONE_LINE,
    Field(description="Must be unique in the org; usually the e-mail address."),
]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE, AfterValidator(_email)
]
PrimaryEmail = Annotated[Email, Field(description="Primary e-mail address.")]
Value = str | bool | int | float | list[str] | list[int] | list[float]
Values = Annotated[
    dict[str, Value],
    Exact(exact_names),
    BeforeValidator(by_name),
    # Some clients refuse an array without a type for its items.
    WithJsonSchema(schema({"type": ["string", "boolean", "number", "array"], "items": {"type": ["string", "number"]}})),
]
"""Attributes of the org's schema, by their schema names."""

MOST_SHOWN = 8
"""Attributes that a question shows with their values."""


class Attributes(ActionInput):
    """The optional attributes of a person, under the names that `create_user` and `update_user_profile` share."""

    second_email: Email | None = Field(None, description="Secondary e-mail address, used for recovery.")
    mobile_phone: Text | None = Field(None, description="With country code.")
    display_name: Text | None = Field(None, description="Display name.")
    title: Text | None = Field(None, description="Job title.")
    department: Text | None = Field(None, description="Department.")
    division: Text | None = Field(None, description="Division.")
    organization: Text | None = Field(None, description="Organization.")
    cost_center: Text | None = Field(None, description="Cost center.")
    employee_number: Text | None = Field(None, description="Employee number.")
    user_type: Text | None = Field(None, description="Such as Employee or Contractor.")
    manager: Text | None = Field(None, description="Manager's name (free text).")
    manager_id: Text | None = Field(None, description="Manager's id or login.")
    attributes: Values = Field({}, description="Other attributes, by schema name, such as nickName.")

    def profile(self) -> dict[str, Any]:
        """What the caller sent, under the names of Okta's user schema.

        Raises:
            InvalidInput: an attribute is given twice or does not exist.
        """
        sent = {to_camel(name): getattr(self, name) for name in NAMED if getattr(self, name, None) is not None}
        for name, value in self.attributes.items():
            known = schema_name(name)
            value = _as_named(type(self), name, known, value)
            if known in sent:
                raise InvalidInput(f"{name} was sent twice: as {field_of(known)} and in attributes. Send it once.")
            if value == "" or (isinstance(value, str) and not value.strip()):
                raise InvalidInput(
                    f"attributes: {name} is empty. To clear it, list it in clear of update_user_profile."
                )
            sent[known] = value
        return sent


def _as_named(given: type[ActionInput], name: str, known: str, value: Any) -> Any:
    """A value of `attributes`, normalized like the argument for the same attribute, in any spelling.

    Raises:
        InvalidInput: that argument would refuse it, or it holds characters that no argument may.
    """
    texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    for text in texts:
        if found := fault(text):
            raise InvalidInput(f"attributes: {_shown(name)} contains {found}.", next_step="Send it without.")
    field = FOLDED.get(known.casefold())
    if field not in _CHECKED or (known not in FIELDS and not isinstance(value, str)):
        return value  # a custom attribute of the org
    try:
        checked = _checker(field).validate_python(value)
    except ValidationError as error:
        raise InvalidInput(
            f"attributes: {_shown(name)} {_why(error)}.", next_step=f"Send it as {field}, corrected."
        ) from None
    # In another case it may be a custom attribute of the org, which must not be trimmed.
    return checked if known in FIELDS else value


@cache
def _checker(field: str) -> TypeAdapter[Any]:
    return TypeAdapter(_CHECKED[field])


def _why(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)[0]
    match found["type"]:
        case "value_error":
            return str(found["ctx"]["error"])
        case "string_too_short":
            least = found["ctx"]["min_length"]
            return "is empty" if least == 1 else f"is shorter than {least} characters"
        case "string_too_long":
            return f"is longer than {found['ctx']['max_length']} characters"
        case _:
            return "must be text"


def _shown(name: str) -> str:
    return readable(name)[:60]


_CHECKED: dict[str | None, Any] = {
    "first_name": FirstName,
    "last_name": LastName,
    "login": Login,
    "email": PrimaryEmail,
    "second_email": Email,
    **{name: Text for name in NAMED if name not in (*CORE, "second_email")},
}
"""The type of each named field."""


ADDRESSED = ("email", "secondEmail")
"""The attributes that hold the addresses to which Okta mails links."""


def mailed_to(profile: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses to which Okta mails a link to activate an account or to reset its password: both of a person's.

    Sources: Okta's articles "How to send the activation email to user's personal email address" and "Allow End Users to
    Receive Password Reset or Activation Notifications on a Secondary Email Address".
    """
    return tuple(str(profile[name]) for name in ADDRESSED if profile.get(name))


def emptied(names: list[str]) -> dict[str, None]:
    """The attributes to empty, under the names of Okta's user schema.

    Raises:
        InvalidInput: one of them is an attribute that every person must have.
    """
    for name in names:
        if field_of(schema_name(name)) in CORE:
            raise InvalidInput(f"clear: {name} cannot be empty. Send its new value instead.")
    return {schema_name(name): None for name in names}


class AttributeChange(Output):
    attribute: str
    old: Any = None
    new: Any = None


class UserDetails(Output):
    """A person: the attributes that are set, those outside the common ones under `attributes`."""

    id: str
    status: str
    login: str
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    status_means: str
    second_email: str | None = None
    mobile_phone: str | None = None
    display_name: str | None = None
    title: str | None = None
    department: str | None = None
    division: str | None = None
    organization: str | None = None
    cost_center: str | None = None
    employee_number: str | None = None
    user_type: str | None = None
    manager: str | None = Field(None, description="Manager's name (free text).")
    manager_id: str | None = None
    manager_account: ManagerAccount | None = Field(
        None, description="Absent if the profile names no account, or several."
    )
    created: str | None = None
    status_changed: str | None = None
    last_login: str
    last_updated: str | None = None
    attributes: dict[str, Any] | None = Field(None, description="All other attributes that are set.")

    @classmethod
    def of(cls, user: User, manager: ManagerAccount | None = None) -> Self:
        told = f"{meaning(user.status)}. {HELP.get(user.status, '')}".strip()
        return cls(**shown(user), status_means=told, manager_account=manager)


class UserOutcome(Outcome):
    """How a write to a person went, and the person as `UserDetails` shows one."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str | None = Field(None, description="Of the person.")
    status: str | None = None
    login: str | None = None

    @classmethod
    def of(cls, user: User, *, changed: bool, **more: Any) -> Self:
        return cls(success=True, changed=changed, **shown(user), **more)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None


def shown(user: User) -> dict[str, Any]:
    """A person as Okta has them, under the names that our inputs use. Unset attributes are left out."""
    known = {field: user.profile[name] for name, field in FIELDS.items() if user.profile.get(name) is not None}
    others = {name: value for name, value in user.profile.items() if name not in FIELDS and value is not None}
    dates: dict[str, Any] = {name: _iso(getattr(user, name)) for name in ("created", "status_changed", "last_updated")}
    dates["last_login"] = _iso(user.last_login) or NEVER
    core = {"id": user.id, "status": user.status, "login": user.login, "email": user.email}
    return {**core, **known, **dates, "attributes": others or None}
