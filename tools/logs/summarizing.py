"""Counting what the System Log has, over as much of it as a call may read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.contract.targets import Pending
from tools.logs.events import SOMEBODY, Event
from tools.logs.filters import DEFAULT_SINCE, LogFilters
from tools.logs.reading import log_pages
from tools.logs.seeing import hidden_note
from tools.okta.client import OktaClient
from tools.okta.errors import RateLimited
from tools.search.matching import moment

MOST_REQUESTS = 10
"""Pages of a thousand events, of the fifty requests a minute that Okta allows."""
MOST_SHOWN = 10
"""Kinds, people and addresses of each count."""
MOST_HOURS = timedelta(hours=48)
"""For how long hours are counted; of longer times, days are."""


class SummarizeSystemLog(LogFilters):
    pass


class LogSummary(Output):
    """Each count has the largest first, and how many others there are as `others`; times are UTC."""

    events: int
    at_least: bool | None = None
    newest: str | None = None
    oldest: str | None = None
    types: dict[str, int]
    outcomes: dict[str, int]
    reasons: dict[str, int]
    actors: dict[str, int]
    ips: dict[str, int]
    times: dict[str, int]
    note: str | None = None


@dataclass
class Scan:
    """The events that a summary counts. `whole`: there are no more of them."""

    events: list[Event] = field(default_factory=list)
    whole: bool = False


async def scanned(request: SummarizeSystemLog, okta: OktaClient, pending: Pending) -> Scan:
    scan, requests = Scan(), 0
    try:
        async for page in log_pages(okta, request):
            scan.events += page.events
            scan.whole, requests = page.end is None, requests + 1
            if requests == MOST_REQUESTS:
                break
    except RateLimited:
        if not requests:
            raise
    return scan


@reads(
    scopes={"okta.logs.read"},
    observe=scanned,
    words="count events, how many sign-ins, how many failed logins, statistics of the log, log summary, event counts, "
    "most active, activity by hour, top failures, overview of the log, report on sign-ins",
)
async def summarize_system_log(request: SummarizeSystemLog, okta: OktaClient, scan: Scan) -> LogSummary:
    """Count System Log events by type, outcome, reason, actor, IP address and time.

    At most 10,000 events are scanned, newest first; at_least says that there are more. search_system_log shows events.
    """
    events = scan.events
    moments = [at for event in events if (at := moment(event.published)) is not None]
    return LogSummary(
        events=len(events),
        at_least=None if scan.whole else True,
        newest=events[0].published if events else None,
        oldest=events[-1].published if events else None,
        types=_most(event.type for event in events),
        outcomes=_most(event.result for event in events),
        reasons=_most(_reason(event) for event in events),
        actors=_most(SOMEBODY if event.masked else event.actor.label for event in events),
        ips=_most("" if event.masked else f"{event.ip} {event.place}".strip() for event in events),
        times=_by_time(moments),
        note=_note(request, scan),
    )


def _reason(event: Event) -> str:
    return event.shown_reason if event.result not in ("SUCCESS", "ALLOW") else ""


def _most(texts: Iterable[str]) -> dict[str, int]:
    counts = Counter(filter(None, texts))
    rest = sum(count for _, count in counts.most_common()[MOST_SHOWN:])
    return {**dict(counts.most_common(MOST_SHOWN)), **({"others": rest} if rest else {})}


def _by_time(moments: list[datetime]) -> dict[str, int]:
    """By hour, or by day if it is about more than two."""
    if not moments:
        return {}
    form = "%Y-%m-%d %H:00" if max(moments) - min(moments) <= MOST_HOURS else "%Y-%m-%d"
    return dict(sorted(Counter(f"{at:{form}}" for at in moments).items()))


def _note(request: SummarizeSystemLog, scan: Scan) -> str | None:
    since, until = request.since or f"{DEFAULT_SINCE} ago", f" until {request.until}" if request.until else ""
    parts = [
        "" if scan.events else f"No event was found since {since}{until}.",
        "" if scan.whole else "There are more events, older than oldest; narrow the search, or send oldest as until.",
        hidden_note(),
    ]
    return " ".join(filter(None, parts)) or None
