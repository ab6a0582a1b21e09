"""Names and descriptions of groups: what they may be, whether they are free, and what Okta says if they are not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from tools.contract.outcomes import Outcome
from tools.objects.groups import Group
from tools.objects.ids import GROUP_ID, USER_ID
from tools.objects.profile import ONE_LINE
from tools.okta.errors import InvalidInput, OktaError
from tools.text.likeness import folded
from tools.text.quoting import quote


def _no_id(name: str) -> str:
    if GROUP_ID.fullmatch(name) or USER_ID.fullmatch(name):
        raise ValueError("looks like an id; choose a name that does not")
    return name


GroupName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=255),
    ONE_LINE,
    AfterValidator(_no_id),
    Field(description="Must be unique in the org."),
]
Description = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024), ONE_LINE]
MOST_SHOWN = 5


class GroupChange(Outcome):
    id: str | None = Field(None, description="Of the group.")
    name: str | None = None
    description: str | None = None


def require_free(name: str, beginning: tuple[Group, ...], besides: str = "") -> None:
    """Accept a name that no other group has.

    Raises:
        InvalidInput: a group has it, perhaps in another case.
    """
    for group in beginning:
        if group.id != besides and folded(group.name) == folded(name):
            raise InvalidInput(
                f"The name {quote(name)} is taken by the group {group.label} (id {group.id}, {group.type}).",
                code="name_taken",
                next_step=f"Use the group {group.id} as it is, or choose another name.",
            )


def alike(beginning: tuple[Group, ...], besides: str = "") -> str:
    """Which other groups have names that begin in the same way, as a sentence; empty if none does."""
    others = [group.label for group in beginning if group.id != besides]
    if not others:
        return ""
    most = ", …" if len(others) > MOST_SHOWN else ""
    return f"Other names that begin like this: {', '.join(others[:MOST_SHOWN])}{most}."


@contextmanager
def explaining() -> Iterator[None]:
    """Say what to do where Okta refuses a name that was free a moment ago."""
    try:
        yield
    except OktaError as error:
        if error.code == "E0000001" and any("already exists" in cause for cause in error.causes):
            error.next_step = (
                "Somebody just took the name: look the group up with lookup_group, or choose another name."
            )
        raise
