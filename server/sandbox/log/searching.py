"""The API that reads the System Log."""

from urllib.parse import urlencode

from starlette.responses import Response

from server.sandbox.endpoints import ApiCall
from server.sandbox.log import filters
from server.sandbox.log.filters import LogProblem
from server.sandbox.log.plan import Plan, cursor_of, sequence_of
from server.sandbox.log.tables import milliseconds
from server.sandbox.problems import OktaProblem, invalid
from server.sandbox.scim import Comparison, FilterError

DAY = 24 * 3600 * 1000
"""Milliseconds."""
DEFAULT_DAYS, KEPT_DAYS, REFUSED_DAYS = 7, 90, 180
"""How far back a search goes that does not say, for how long events are there, and what is too long ago to ask for."""
_SHOWN = ("since", "until", "filter", "q", "limit", "sortOrder")
_MOST_WORDS, _LONGEST_WORD = 10, 40


def list_events(call: ApiCall) -> Response:
    """Bounded by since and until it is a list that ends; without until it is polled, and always goes on."""
    descending = call.query.get("sortOrder", "").upper() == "DESCENDING"
    now = round(call.org.clock() * 1000)
    plan = Plan()
    plan.since(max(_since(call, now), now - KEPT_DAYS * DAY))
    if "until" in call.query:
        plan.until(_date("until", call.query["until"]))
    database = call.org.database
    if text := call.query.get("filter"):
        plan.filter(database, filters.read(text))
    plan.words(database, _words(call.query.get("q", "")))
    given = call.query.get("limit", "")
    limit = min(int(given), 1000) if given.isdecimal() else 100
    if after := call.query.get("after"):
        _go_on(plan, after, descending)
    rows = plan.rows(database, descending, limit + 1)
    # Events are kept as they are answered: a page of a thousand need not be read to be written again.
    body = f"[{','.join(row['event'] for row in rows[:limit])}]"
    response = Response(body, media_type="application/json")
    bounded = "until" in call.query or descending
    if len(rows) > limit or not bounded:
        last = rows[: limit or None][-1:] if limit else []
        _link(call, response, "next", cursor_of(last[0]["sequence"]) if last else after or f"{now}_0")
    _link(call, response, "self")
    return response


def _since(call: ApiCall, now: int) -> int:
    """The millisecond from which on events are asked for.

    Of what is older than the org nothing is refused: conversations that were recorded years ago ask for their own day.

    Raises:
        LogProblem: it is too long ago.
    """
    if "since" not in call.query:
        return now - DEFAULT_DAYS * DAY
    since = _date("since", call.query["since"])
    if now - _OLDEST_ORG_DAYS * DAY < since < now - REFUSED_DAYS * DAY:
        told = "The since parameter is over 180 days prior to the current day."
        raise LogProblem(400, "E0000053", f"Invalid parameter: {told}")
    return since


_OLDEST_ORG_DAYS = 500
"""The age of the demo org."""


def _words(text: str) -> list[str]:
    words = text.split()[:_MOST_WORDS]
    if any(len(word) > _LONGEST_WORD for word in words):
        raise invalid(
            "'q': Freeform search cannot contain items longer than 40 characters. Please shorten the items in "
            "your search or use an advanced filter to query by specific fields."
        )
    return words


def _go_on(plan: Plan, after: str, descending: bool) -> None:
    sequence = sequence_of(after)
    if sequence is None:
        raise OktaProblem(400, "E0000029", "Invalid paging request.", ["Invalid cursor."])
    if descending:
        plan.high = min(plan.high, sequence)
    else:
        plan.low = max(plan.low, sequence + 1)


def _link(call: ApiCall, response: Response, relation: str, after: str | None = None) -> None:
    """Parameters are told as they were sent, none that was not."""
    sent = [(name, call.query[name]) for name in _SHOWN if name in call.query]
    query = urlencode([*sent, *([("after", after)] if after is not None else [])])
    url = f"{call.base}{call.request.url.path}{'?' if query else ''}{query}"
    response.headers.append("link", f'<{url}>; rel="{relation}"')


def _date(name: str, text: str) -> int:
    try:
        _, values = filters.condition(Comparison("published", "ge", text))
    except FilterError:
        told = "The date format in your query is not recognized. Please enter dates using ISO8601 string format."
        raise invalid(
            f"'{name}': {told}. '{name}': must be a valid date-time or empty.",
            f"{name}: {told}",
            f"{name}: must be a valid date-time or empty.",
        ) from None
    return milliseconds(str(values[0]))
