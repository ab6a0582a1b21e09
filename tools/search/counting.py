"""Counting people: exactly where Okta's lists can be read to their end within one call, otherwise “at least”."""

from collections import Counter
from typing import Any

from pydantic import Field

from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.okta.client import OktaClient
from tools.search.cursors import Place
from tools.search.people import PeopleFilters, explaining, listed
from tools.search.rows import FieldName, held
from tools.search.walking import Bound, walk
from tools.text.lines import cut

MOST_VALUES = 20
LONGEST_VALUE = 60


class CountUsers(PeopleFilters):
    by: FieldName | None = Field(None, description="Also count by the values of this field, such as status.")


class Count(Output):
    """How many people have a value; without one, in how many the field is unset."""

    value: str | None = None
    count: int


class CountedUsers(Output):
    count: int
    at_least: bool | None = Field(None, description="There may be more, because not everybody was scanned.")
    looked_at: int | None = Field(None, description="Number of people scanned, if not everybody was.")
    by: list[Count] | None = None
    note: str | None = None


async def count_people(request: CountUsers, okta: OktaClient) -> CountedUsers:
    """The number of people whom a search would find.

    Raises:
        InvalidInput: see `listed`. RateLimited: Okta lets nothing be read now.
    """
    with explaining():
        listing = await listed(request, okta)
        restricted = sight().people is not None
        if request.group_id is not None and listing.fits is None and request.by is None and not restricted:
            return CountedUsers(count=await _members(okta, request.group_id))
        count, looked_at, values = 0, 0, Counter[str | None]()
        end: Place | None = Place()
        async for page in walk(okta, listing, Place(), Bound()):
            count += len(page.entries)
            looked_at += page.scanned
            end = page.end
            if request.by is not None:
                values.update(_shown(held(entry, request.by)) for entry in page.entries)
    return CountedUsers(
        count=count,
        at_least=True if end is not None else None,
        # A caller that may see only some people must not learn how many others there are.
        looked_at=looked_at if end is not None and not restricted else None,
        by=_most_common(values) if request.by is not None else None,
        note=_note(values, complete=end is None),
    )


async def _members(okta: OktaClient, group: str) -> int:
    """The number of a group's members, which Okta keeps."""
    found: dict[str, Any] = await okta.get("groups", group, expand="stats")
    return int(found["_embedded"]["stats"]["usersCount"])


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return cut(told, LONGEST_VALUE)


def _most_common(values: Counter[str | None]) -> list[Count]:
    return [Count(value=value, count=count) for value, count in values.most_common(MOST_VALUES)]


def _note(values: Counter[str | None], *, complete: bool) -> str | None:
    told = []
    if not complete:
        told.append("One call scans no more. For an exact number, narrow the filters, such as to one department.")
    if (others := len(values) - MOST_VALUES) > 0:
        rest = values.total() - sum(count for _, count in values.most_common(MOST_VALUES))
        told.append(f"{others} other values, with {rest} people, are left out.")
    return " ".join(told) or None
