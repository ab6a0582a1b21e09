"""The attributes that people in the org can have."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.objects.attribute_names import ALIASES, OWN
from tools.okta.client import OktaClient
from tools.search.cursors import Place
from tools.search.filters import Words
from tools.search.scanning import NextCursor, PagedInput

ORDINARY_MASTER = "PROFILE_MASTER"
"""The master of nearly every attribute: the source of the whole profile."""


class GetUserSchema(PagedInput):
    words: Words | None = Field(None, description="Words in the name, label or description of an attribute.")
    custom: bool = Field(False, description="Only attributes that the org added.")
    limit: int = Field(100, ge=1, le=200, description="Maximum number of results.")


class SchemaAttribute(Output):
    """`self_may` is what people may do with their own value; `master` is told where it is not the profile's source."""

    name: str
    label: str | None = None
    description: str | None = None
    type: str
    items: str | None = None
    format: str | None = None
    required: bool | None = None
    unique: bool | None = None
    custom: bool | None = None
    enum: list[Any] | None = None
    min_length: int | None = None
    max_length: int | None = None
    self_may: str | None = None
    master: str | None = None

    @classmethod
    def of(cls, name: str, told: Mapping[str, Any], *, custom: bool, required: bool) -> "SchemaAttribute":
        items = told.get("items") or {}
        permissions = {one.get("principal"): one.get("action") for one in told.get("permissions") or ()}
        master = (told.get("master") or {}).get("type")
        return cls(
            # Our own spelling of an attribute of Okta's would mean that one.
            name=f"{OWN}{name}" if name in ALIASES else name,
            label=told.get("title"),
            description=told.get("description") if told.get("description") != told.get("title") else None,
            type=str(told.get("type") or "string"),
            items=items.get("type"),
            format=told.get("format"),
            required=required or None,
            unique=True if told.get("unique") in (True, "UNIQUE_VALIDATED") else None,
            custom=custom or None,
            enum=told.get("enum") or items.get("enum"),
            min_length=told.get("minLength"),
            max_length=told.get("maxLength"),
            self_may=permissions.get("SELF"),
            master=master if master != ORDINARY_MASTER else None,
        )

    def has(self, words: Iterable[str]) -> bool:
        text = f"{self.name} {self.label or ''} {self.description or ''}".casefold()
        return all(word in text for word in words)


class UserSchema(Output):
    attributes: list[SchemaAttribute]
    total: int
    next_cursor: NextCursor = None
    note: str | None = None


@reads(
    scopes={"okta.schemas.read"},
    words="attributes of people, custom fields, profile schema, allowed values, required attributes, user schema",
)
async def get_user_schema(request: GetUserSchema, okta: OktaClient) -> UserSchema:
    """List the attributes that people in the org can have: exact names, types, allowed values, which are required.

    update_user_profile, create_user and search_users take these names in attributes. self_may is what people may do
    with their own value. People of another user type than the default one may have other custom attributes.
    """
    document: dict[str, Any] = await okta.get("meta", "schemas", "user", "default")
    found = [one for one in _attributes(document) if one.has((request.words or "").casefold().split())]
    found = [one for one in found if one.custom or not request.custom]
    begin = request.begin(okta).skip
    end = begin + request.limit
    return UserSchema(
        attributes=found[begin:end],
        total=len(found),
        next_cursor=request.next_cursor(okta, Place(skip=end) if end < len(found) else None),
        note="No attribute of the org's schema matches." if not found else None,
    )


def _attributes(document: Mapping[str, Any]) -> Iterable[SchemaAttribute]:
    """Okta's own attributes, then those that the org added."""
    for part in ("base", "custom"):
        told = (document.get("definitions") or {}).get(part) or {}
        required = frozenset(told.get("required") or ())
        for name, one in (told.get("properties") or {}).items():
            yield SchemaAttribute.of(
                name, one, custom=part == "custom", required=name in required or one.get("required") is True
            )
