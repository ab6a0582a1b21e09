"""Searching the System Log."""

from typing import Annotated

from pydantic import Field

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.contract.targets import Pending
from tools.logs.events import EventRow
from tools.logs.filters import DEFAULT_SINCE, KEPT_DAYS, LogFilters
from tools.logs.reading import LogPage, newest
from tools.logs.seeing import hidden_note
from tools.okta.client import OktaClient
from tools.search.cursors import LONGEST
from tools.search.scanning import NextCursor, PagedInput

MOST_REQUESTS = 5
"""Requests for one page, where rules leave out some of what each finds."""


class SearchSystemLog(PagedInput, LogFilters):
    # A direct tool, whose definition models pay for on every request: it leaves out what names tell.
    limit: int = Field(20, ge=1, le=200, description="Limit.")
    cursor: Annotated[str, Field(max_length=LONGEST)] | None = Field(None, description="Cursor.")
    with_ids: bool = Field(False, description="With ids.")


class FoundEvents(Output):
    events: list[EventRow]
    next_cursor: NextCursor = None
    note: str | None = None


async def found_events(request: SearchSystemLog, okta: OktaClient, pending: Pending) -> LogPage:
    return await newest(okta, request, request.begin(okta), request.limit, requests=MOST_REQUESTS)


@reads(
    scopes={"okta.logs.read"},
    observe=found_events,
    words="audit log, failed logins, sign-in history, who logged in, events, event log, who changed, activity, log of "
    "Okta, last sign-ins, when did somebody sign in, what happened in Okta",
)
async def search_system_log(request: SearchSystemLog, okta: OktaClient, page: LogPage) -> FoundEvents:
    """Search Okta's System Log (sign-ins, all changes), newest first. by_user did it; about_* had it done to them."""
    return FoundEvents(
        events=[EventRow.of(event, with_ids=request.with_ids) for event in page.events],
        next_cursor=request.next_cursor(okta, page.end.place if page.end is not None else None),
        note=_note(request, page),
    )


def _note(request: SearchSystemLog, page: LogPage) -> str | None:
    return " ".join(filter(None, (_searched_as(request), _found(request, page), hidden_note()))) or None


def _searched_as(request: SearchSystemLog) -> str:
    types = request.kinds().types
    return "" if request.kind is None or request.kind in types else f"Searched as {', '.join(types)}." if types else ""


def _found(request: SearchSystemLog, page: LogPage) -> str:
    if page.end is not None and len(page.events) < request.limit:
        return "Not everything was looked at yet; continue with next_cursor."
    if page.events or page.end is not None or request.cursor is not None:
        return ""
    since, until = request.since or f"{DEFAULT_SINCE} ago", f" until {request.until}" if request.until else ""
    further = "" if request.since else f" Send an earlier since to look further back: Okta keeps {KEPT_DAYS} days."
    return f"No event was found since {since}{until}. New ones show up after some seconds.{further}"
