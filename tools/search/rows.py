"""People and groups as lists show them: one row each, with the requested fields."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tools.contract.outcomes import Output
from tools.objects.attribute_names import ALIASES, NAMED, OF_OKTA, OTHERS, OWN
from tools.objects.groups import Group
from tools.objects.users import NEVER, User
from tools.search.scanning import NextCursor, PagedInput
from tools.text.lines import readable

DEFAULT = ("status", "login", "name", "department", "title")
DATES = ("created", "activated", "status_changed", "last_login", "last_updated")
_IN_OKTA = {field: to_camel(field) for field in NAMED}
_OF_A_PROFILE = {spelling: field for field in (*NAMED, *OTHERS) for spelling in (field, to_camel(field))}
_OF_A_USER = {spelling: field for field in ("id", "status", "name", *DATES) for spelling in (field, to_camel(field))}


def _known(fields: list[str]) -> list[str]:
    """The fields in our spelling.

    Raises:
        ValueError: one of them is not a field.
    """
    return [_field(name) for name in fields]


def _field(name: str) -> str:
    exact = name.removeprefix(OWN)
    if name.startswith(OWN) and exact not in OF_OKTA:
        return name
    if field := _OF_A_PROFILE.get(exact) or _OF_A_USER.get(name):
        return field
    line = readable(name)[:60]
    near = get_close_matches(name, (*_OF_A_PROFILE, *_OF_A_USER), n=1)
    hint = f"did you mean {near[0]}?" if near else f"for an attribute that your org added, use {OWN}{line}"
    raise ValueError(f"has no field “{line}”; {hint}")


FieldName = Annotated[str, Field(max_length=100), AfterValidator(_field)]
"""The name of a field of people, in our spelling or in Okta's."""


class PeopleInput(PagedInput):
    """The arguments of an action that lists people.

    What the rules hide, in lists or everywhere, is left out although `fields` asks for it, and a note says so.
    """

    fields: Annotated[list[Annotated[str, Field(max_length=100)]], AfterValidator(_known)] = Field(
        [],
        description="Fields to return instead of the default, such as email, manager_id, last_login or city; custom "
        "attributes as profile.NAME.",
    )


class PersonRow(Output):
    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    attributes: dict[str, Any] | None = None

    @classmethod
    def of(cls, entry: Mapping[str, Any], fields: Iterable[str]) -> Self:
        """A person from one of Okta's lists, without unset fields."""
        user = User.model_validate(entry)
        shown: dict[str, Any] = {"id": user.id}
        others: dict[str, Any] = {}
        for field in fields:
            if field in _OF_A_USER:
                shown[field] = getattr(user, field) or (NEVER if field == "last_login" else None)
            elif field in NAMED:
                shown[field] = user.profile.get(_IN_OKTA[field])
                if field in ALIASES and user.profile.get(field) is not None:
                    # The org has a custom attribute with this name beside Okta's.
                    others[field] = user.profile[field]
            elif (value := user.profile.get(name := field.removeprefix(OWN))) is not None:
                others[name] = value
        return cls(**shown, attributes=others or None)


def held(entry: Mapping[str, Any], field: str) -> Any:
    """What a person from one of Okta's lists has in a field; None if it is unset."""
    shown = PersonRow.of(entry, (field,)).model_dump(mode="json", exclude={"id"}, exclude_none=True)
    own = shown.pop("attributes", {})
    return next(iter((*shown.values(), *own.values())), None)


class PeoplePage(Output):
    users: list[PersonRow]
    next_cursor: NextCursor = None
    note: str | None = None


class GroupRow(Output):
    id: str
    name: str
    description: str | None = None
    type: str
    member_count: int | None = None

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Self:
        """A group from one of Okta's lists, with the number of its members if requested."""
        group = Group.model_validate(entry)
        return cls(
            id=group.id,
            name=group.name,
            description=group.profile.get("description"),
            type=group.type,
            member_count=entry.get("_embedded", {}).get("stats", {}).get("usersCount"),
        )


class GroupPage(Output):
    groups: list[GroupRow]
    next_cursor: NextCursor = None
