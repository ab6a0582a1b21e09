"""Exporting the System Log, to be read part by part or written to a file."""

from typing import Any

from tools.contract.action import reads
from tools.contract.exported import ExportMade
from tools.contract.targets import Pending
from tools.logs.events import EventRow
from tools.logs.filters import LogFilters
from tools.logs.reading import LogPlace, log_pages
from tools.okta.client import OktaClient
from tools.okta.errors import RateLimited
from tools.search.exporting import MOST_ROWS, ExportInput
from tools.search.walking import Bound

COLUMNS = ("time", "type", "message", "outcome", "reason", "actor", "targets", "ip", "place", "device", "uuid")


class ExportSystemLog(ExportInput, LogFilters):
    pass


async def exported_events(request: ExportSystemLog, okta: OktaClient, pending: Pending) -> ExportMade:
    """The events that a search finds, from the cursor on, as far as one call goes.

    Raises:
        InvalidInput: the cursor or an argument is invalid. RateLimited: Okta lets nothing be read now.
    """
    bound, requests = Bound(), 0
    rows: list[dict[str, Any]] = []
    begin = request.begin(okta)
    end: LogPlace | None = None
    try:
        async for page in log_pages(okta, request, begin):
            requests += 1
            rows += [_row(EventRow.of(event, with_ids=True)) for event in page.events]
            end = page.end
            if len(rows) >= MOST_ROWS or bound.reached(okta, ("logs",), requests):
                break
    except RateLimited:
        if not requests:
            raise
    cursor = request.next_cursor(okta, end.place if end is not None else None)
    return ExportMade.of(rows, COLUMNS, request.format, request.into, cursor, sentences=True)


def _row(row: EventRow) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude_none=True)


@reads(
    scopes={"okta.logs.read"},
    observe=exported_events,
    words="CSV of the audit log, download events, events to a file, log for an auditor, SIEM",
)
async def export_system_log(request: ExportSystemLog, okta: OktaClient, exported: ExportMade) -> ExportMade:
    """Export events of the System Log as CSV or JSON Lines, newest first, with the filters of search_system_log.

    It returns no events but keeps them for a day, and read_export reads them in parts. One call exports about 10,000
    events; continue with next_cursor. For counts, use summarize_system_log.
    """
    return exported
