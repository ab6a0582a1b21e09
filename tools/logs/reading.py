"""Reading the System Log, newest event first: pages of it, as far as the rules let a caller see them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tools.logs.events import Event
from tools.logs.filters import LogFilters, as_sent, explained, require_shown
from tools.logs.seeing import guesses, restricted, seen
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput, OktaError
from tools.search.cursors import Place
from tools.search.matching import moment

LARGEST = 1_000
"""Events of one page at most, as Okta sends them."""
_BEGINNING = Place()


@dataclass(frozen=True)
class LogPlace:
    """A position in the log, and between which moments a search that began there looks.

    They are fixed when it begins: what “24h ago” means would move them from page to page.
    """

    since: str
    until: str = ""
    after: str | None = None
    skip: int = 0

    @classmethod
    def of(cls, request: LogFilters, begin: Place) -> "LogPlace":
        """Where a search begins, or goes on.

        Raises:
            InvalidInput: its times make no sense, or its cursor holds none.
        """
        if begin.after is None:
            since, until = request.span(datetime.now(UTC))
            return cls(as_sent(since), as_sent(until) if until is not None else "")
        since_text, _, rest = begin.after.partition("|")
        until_text, _, after = rest.partition("|")
        if moment(since_text) is None or (until_text and moment(until_text) is None):
            raise InvalidInput("cursor did not come from an earlier page; omit it to start at the first page.")
        return cls(since_text, until_text, after or None, begin.skip)

    @property
    def place(self) -> Place:
        return Place("|".join((self.since, self.until, self.after or "")), self.skip)


@dataclass(frozen=True)
class LogPage:
    """`end` is where the next page begins, None on the last one. `read` is how many events were looked at for it.

    `first` and `last` are when the newest and the oldest of these happened.
    """

    events: tuple[Event, ...]
    end: LogPlace | None
    read: int
    first: str = ""
    last: str = ""


async def read_page(okta: OktaClient, request: LogFilters, at: LogPlace, limit: int) -> LogPage:
    """One request: the events from a position on that the caller may see.

    Raises:
        InvalidInput: an argument makes no sense. OktaError: Okta refuses the filter.
    """
    if request.filter is not None and restricted():
        require_shown(request.filter)
    try:
        entries, after = await okta.page(
            "logs",
            after=at.after,
            since=at.since,
            until=at.until or None,
            filter=request.expression(),
            q=request.text,
            sortOrder="DESCENDING",
            limit=limit,
        )
    except OktaError as error:
        raise explained(error) from None
    events = tuple(Event(entry) for entry in entries)
    end = replace(at, after=after, skip=0) if after is not None and entries else None
    first, last = (events[0].published, events[-1].published) if events else ("", "")
    return LogPage(await seen(okta, request, events), end, len(entries), first, last)


async def log_pages(
    okta: OktaClient, request: LogFilters, begin: Place = _BEGINNING, *, size: int | None = None
) -> AsyncIterator[LogPage]:
    """The pages of a search, newest event first. Whoever reads them says when it is enough."""
    at: LogPlace | None = LogPlace.of(request, begin)
    while at is not None:
        page = await read_page(okta, request, at, size or LARGEST)
        yield page
        at = page.end


async def newest(okta: OktaClient, request: LogFilters, begin: Place, limit: int, *, requests: int) -> LogPage:
    """The first `limit` events from a position on, read with as many requests as that takes, up to a limit."""
    at = LogPlace.of(request, begin)
    if not restricted():
        return await read_page(okta, request, at, limit)
    found: list[Event] = []
    read, last = 0, ""
    # A cursor behind few events that are all hidden would tell that there are any.
    size = LARGEST if guesses(request) else min(LARGEST, 10 * limit)
    for _ in range(requests):
        page = await read_page(okta, request, at, size)
        read, last = read + page.read, page.last or last
        rest = page.events[at.skip :]
        room = limit - len(found)
        found += rest[:room]
        if len(rest) > room:
            # What happens meanwhile would shift the rest of the first page.
            fixed = at if at.until or at.after else replace(at, until=_just_after(page.first))
            return LogPage(tuple(found), replace(fixed, skip=at.skip + room), read, last=last)
        if page.end is None or len(found) == limit:
            return LogPage(tuple(found), page.end, read, last=last)
        # A cursor of a search with a larger limit may skip more than this page has.
        at = replace(page.end, skip=max(0, at.skip - len(page.events)))
    return LogPage(tuple(found), at, read, last=last)


def _just_after(published: str) -> str:
    at = moment(published)
    return as_sent(at + timedelta(milliseconds=1)) if at is not None else ""
