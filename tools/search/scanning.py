"""Lists, one page at a time: lists that Okta filters itself, and lists that we scan and filter."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field

from tools.contract.arguments import ActionInput
from tools.contract.sight import sight
from tools.okta.client import OktaClient
from tools.okta.errors import RateLimited
from tools.search.cursors import LONGEST, Place, cursor, place
from tools.text.lines import bounded
from tools.text.quoting import quote

MOST_SCANNED = 2_000
"""Maximum number of entries that one call scans: ten requests, which any org's rate limits allow."""

SCANNED_AT_ONCE = 200
"""Entries of the first page that is scanned. Most scans end with it."""
LARGEST = {"users": 200, "groups": 1_000, "members": 1_000, "apps": 200}
"""Entries of each further page. A page is only known by the one before it, so each is awaited: the larger, the fewer.

Okta sends no more than 200 people or applications, or 1,000 members. Of groups it would send 10,000, which takes it
long.
"""
MOST_REQUESTS = 2 * MOST_SCANNED // SCANNED_AT_ONCE
"""Twice the requests needed for full pages: Okta may send partial pages, even empty ones with a next page."""

Fits = Callable[[dict[str, Any]], bool]
"""Whether an entry of one of Okta's lists is wanted."""
NextCursor = Annotated[str | None, Field(description="There is more: send this as cursor with the same arguments.")]


class PagedInput(ActionInput):
    """The arguments of an action that lists."""

    limit: int = Field(20, ge=1, le=200, description="Maximum number of results.")
    cursor: Annotated[str, Field(max_length=LONGEST)] | None = Field(
        None, description="next_cursor of the previous page; send the same arguments."
    )

    def query(self, okta: OktaClient) -> tuple[str, ...]:
        """What a cursor is bound to: the org, and every argument that selects entries but not the page size."""
        listed = self.model_dump_json(exclude={"limit", "cursor", "fields"})
        return (type(self).__name__, okta.org_url, listed)

    def begin(self, okta: OktaClient) -> Place:
        """Where this page begins.

        Raises:
            InvalidInput: the cursor is invalid, or belongs to another call.
        """
        return place(self.cursor, *self.query(okta)) if self.cursor is not None else Place()

    def next_cursor(self, okta: OktaClient, end: Place | None) -> str | None:
        return cursor(end, *self.query(okta)) if end is not None else None


@dataclass(frozen=True)
class Page:
    """`end` is where the next page begins, None on the last page. `scanned` is the number of entries read for it."""

    entries: list[dict[str, Any]]
    end: Place | None
    scanned: int


def noted(request: PagedInput, page: Page, nothing: str, lookup: str = "") -> str | None:
    """The note for an empty first page: what was searched for, and that nothing matches.

    `nothing` is a word such as “Nobody”. Okta's search may not know yet what `lookup` finds at once.
    """
    if page.entries or page.end is not None or request.cursor is not None:
        return None
    asked = request.model_dump(mode="json", exclude_defaults=True, exclude={"limit", "cursor", "fields", "with_counts"})
    told = "; ".join(f"{name.replace('_', ' ')} {_told(value)}" for name, value in asked.items())
    found = f"{nothing} was found with {bounded(told)}." if told else f"{nothing} was found."
    lag = f" Okta's search lags a few seconds behind changes; {lookup} does not." if lookup else ""
    return found + lag


def _told(value: Any) -> str:
    if isinstance(value, list):
        return " or ".join(map(_told, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(inner)}" for name, inner in value.items())
    return quote(value) if isinstance(value, str) else json.dumps(value)


async def read(okta: OktaClient, *segments: str, begin: Place, limit: int, **query: Any) -> Page:
    """A page of a list that needs no filtering: one request."""
    if _of_people(segments) and sight().people is not None:
        return await scan(okta, *segments, begin=begin, limit=limit, fits=anything, **query)
    # What a cursor skips, Okta sends again.
    most = max(limit, min(SCANNED_AT_ONCE, begin.skip + limit))
    entries, after = await okta.page(*segments, after=begin.after, limit=most, **query)
    return _cut(entries, after, begin, limit, anything)


def anything(entry: dict[str, Any]) -> bool:
    """The filter of a list that is not filtered."""
    return True


def _itself(entry: dict[str, Any]) -> dict[str, Any]:
    return entry


async def scan(
    okta: OktaClient,
    *segments: str,
    begin: Place,
    limit: int,
    fits: Fits,
    requests: int = MOST_REQUESTS,
    at_once: int = SCANNED_AT_ONCE,
    person: Callable[[dict[str, Any]], dict[str, Any]] = _itself,
    **query: Any,
) -> Page:
    """A page of the matching entries of a list, read with as many requests as it takes, up to a limit.

    `at_once`: entries of the first request. People who may not be seen never match; `person` is the person that an
    entry of theirs, with the same id, is about. If the rate limit runs out, the page ends early.
    """
    found: list[dict[str, Any]] = []
    scanned, at = 0, begin
    people = sight().people if _of_people(segments) else None
    for number in range(requests):
        most = min(largest(segments, query), at.skip + at_once if number == 0 else MOST_SCANNED - scanned)
        try:
            entries, after = await okta.page(*segments, after=at.after, limit=most, **query)
        except RateLimited:
            if not scanned:
                raise
            return Page(found, at, scanned)
        looked_at = 0
        if people is not None:
            # A cursor does not count people who may not be seen: the number would reveal them, also in a forged one.
            looked_at, seen = len(entries), await people([person(entry) for entry in entries])
            entries = [entry for entry in entries if entry["id"] in seen]
        page = _cut(entries, after, at, limit - len(found), fits)
        found += page.entries
        scanned += max(page.scanned, looked_at)
        if page.end is None or len(found) == limit or scanned >= MOST_SCANNED:
            return Page(found, page.end, scanned)
        at = page.end
    return Page(found, at, scanned)


def largest(segments: tuple[str, ...], query: dict[str, Any]) -> int:
    """Entries that one request for a list may ask for."""
    if query.get("expand") is not None:
        return SCANNED_AT_ONCE  # what Okta adds to each entry costs more than the round trip
    return LARGEST["members" if segments[0] == "groups" and segments[-1] == "users" else segments[-1]]


def _of_people(segments: tuple[str, ...]) -> bool:
    return segments[-1] == "users"


def _cut(entries: list[dict[str, Any]], after: str | None, at: Place, limit: int, fits: Fits) -> Page:
    """The first matching entries after a position, and the position of the next one."""
    found: list[dict[str, Any]] = []
    for index in range(at.skip, len(entries)):
        if fits(entries[index]):
            if len(found) == limit:
                return Page(found, replace(at, skip=index), index - at.skip)
            found.append(entries[index])
    rest = replace(at, after=after, skip=0) if after is not None else None
    return Page(found, rest, max(0, len(entries) - at.skip))
