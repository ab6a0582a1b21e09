"""What a search of the System Log asks for: plain arguments, and the expression of Okta's that they stand for."""

import re
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tools.contract.arguments import ActionInput
from tools.logs.kinds import OUTCOMES, EventKinds, event_kinds
from tools.objects.applications import ApplicationRef
from tools.objects.groups import GroupRef
from tools.objects.users import UserRef
from tools.okta.errors import InvalidInput, OktaError
from tools.okta.expressions import Compare, Either, Expression, require_whole, written
from tools.search.filters import Line
from tools.search.matching import moment
from tools.text.lines import readable

KEPT_DAYS = 90
"""How long Okta keeps events."""
REFUSED_DAYS = 180
"""Okta refuses to look for older ones."""
DEFAULT_SINCE = "7d"
LONGEST_WORD = 40

_AGO = re.compile(r"(\d{1,4}) ?([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_ATTRIBUTES = (
    *("actor", "client", "authenticationContext", "displayMessage", "eventType", "outcome", "published"),
    *("securityContext", "severity", "debugContext", "legacyEventType", "transaction", "uuid", "version", "request"),
    "target",
)
_SHOWN = (
    *("published", "eventType", "displayMessage", "severity", "uuid", "outcome.result", "outcome.reason"),
    *("actor.id", "actor.type", "actor.alternateId", "actor.displayName", "target.id", "target.type"),
    *("client.ipAddress", "client.device", "client.userAgent.os", "client.userAgent.browser"),
    *("client.geographicalContext.country", "client.geographicalContext.city"),
)
"""What a filter may use where rules hide something: answers show all of it."""
_FOLDED = frozenset(map(str.casefold, _ATTRIBUTES))
_FOLDED_SHOWN = frozenset(map(str.casefold, _SHOWN))
OPERATORS = ("eq", "co", "sw", "pr", "gt", "ge", "lt", "le")
_TOKEN = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*+"?)|(?P<mark>[()])|(?P<word>[^\s()"]+)')


def _time(text: str) -> str:
    if _AGO.fullmatch(text) is None and moment(text) is None:
        raise ValueError("must be a date, a date-time, or how long ago, such as 24h or 7d")
    return text


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("must be one IP address, such as 203.0.113.7") from None


def _words(text: str) -> str:
    words = text.split()
    if len(words) > 10 or any(len(word) > LONGEST_WORD for word in words):
        raise ValueError(f"may have 10 words of {LONGEST_WORD} characters")
    return text


Time = Annotated[Line, AfterValidator(_time)]


class LogFilters(ActionInput):
    """All of them must match."""

    kind: Line | None = Field(None, description="In words, such as failed sign-ins.")
    by_user: UserRef | None = Field(None, description="By user.")
    about_user: UserRef | None = Field(None, description="About user.")
    about_group: GroupRef | None = Field(None, description="About group.")
    about_application: ApplicationRef | None = Field(None, description="About application.")
    outcome: Literal["SUCCESS", "FAILURE"] | None = Field(None, description="Outcome.")
    ip: Annotated[Line, AfterValidator(_address)] | None = Field(None, description="Ip.")
    since: Time | None = Field(None, description="Date, or 24h, 7d (default) ago.")
    until: Time | None = Field(None, description="Until.")
    text: Annotated[Line, AfterValidator(_words)] | None = Field(None, description="Text.")
    filter: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None, description="Okta's filter expression."
    )

    def kinds(self) -> EventKinds:
        """The types of events that `kind` stands for.

        Raises:
            InvalidInput: it is no kind of event.
        """
        return event_kinds(self.kind) if self.kind is not None else EventKinds()

    def expression(self) -> str | None:
        """Okta's expression for all but the times and the words.

        Raises:
            InvalidInput: `kind` is no kind of event, or `filter` cannot be an expression.
        """
        kinds = self.kinds()
        outcome = self.outcome or kinds.outcome
        targets = (self.about_user, self.about_group, self.about_application)
        wanted: list[Expression] = [
            *kinds.expressions(),
            *([Compare("actor.id", "eq", self.by_user)] if self.by_user else []),
            *(_targeted(one) for one in targets if one),
            *([_ended(outcome)] if outcome else []),
            *([Compare("client.ipAddress", "eq", self.ip)] if self.ip else []),
        ]
        raw = []
        if self.filter is not None:
            require_sense(self.filter)
            raw = [f"({self.filter})"]
        return " and ".join([*(written(one) for one in wanted), *raw]) or None

    def span(self, now: datetime) -> tuple[datetime, datetime | None]:
        """From when until when, in UTC.

        Raises:
            InvalidInput: it ends before it begins, or begins before Okta's log does.
        """
        since, until = _at(self.since or DEFAULT_SINCE, now), _at(self.until, now) if self.until is not None else None
        if until is not None and until <= since:
            raise InvalidInput("until is not after since.", next_step="Send a later until, or an earlier since.")
        if since < now - timedelta(days=REFUSED_DAYS):
            raise InvalidInput(
                f"since is more than {REFUSED_DAYS} days ago; Okta keeps events for {KEPT_DAYS} days.",
                code="log_too_old",
                next_step=f"Send since={KEPT_DAYS}d, or look in what your org exports its log to.",
            )
        return since, until


def _targeted(id: str) -> Expression:
    return Compare("target.id", "eq", id)


def _ended(outcome: str) -> Expression:
    return Either(tuple(Compare("outcome.result", "eq", result) for result in OUTCOMES[outcome]))


def _at(text: str, now: datetime) -> datetime:
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNITS[ago[2]]
    at = moment(text)
    assert at is not None  # as validated
    return at


def as_sent(at: datetime) -> str:
    """A moment as Okta takes it."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def require_sense(text: str) -> None:
    """Refuse a filter that Okta would refuse, or that means something else than it says.

    Raises:
        InvalidInput: says what to write instead.
    """
    try:
        require_whole(text)
    except InvalidInput:
        raise _wrong("its parentheses or quotes do not match") from None
    if set(text) & set("“”„‘’"):
        raise _wrong('it has typographic quotes; values stand in straight ones, as in "SUCCESS"')
    compares: list[str] = []
    for found in _TOKEN.finditer(text):
        kind, token = str(found.lastgroup), found[str(found.lastgroup)]
        if kind == "mark" or (kind == "word" and not compares and token.lower() in ("and", "or", "not")):
            compares = []
            continue
        compares.append(token)
        _require_part(compares, kind)
        if len(compares) == 3 or (len(compares) == 2 and token.lower() == "pr"):
            compares = []
    if compares:
        raise _wrong(f"“{readable(' '.join(compares))[:60]}” is not complete")


def _require_part(compares: list[str], kind: str) -> None:
    token = compares[-1]
    if len(compares) == 1:
        if kind == "text" or token.partition(".")[0].casefold() not in _FOLDED:
            near = get_close_matches(token.partition(".")[0], _ATTRIBUTES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_ATTRIBUTES)}"
            raise _wrong(f"“{readable(token)[:60]}” is no attribute of an event; {hint}")
    elif len(compares) == 2:
        if token.lower() not in OPERATORS:
            hint = "eq" if token in ("=", "==", "is", "equals") else f"one of {', '.join(OPERATORS)}"
            raise _wrong(f"“{readable(token)[:60]}” is no operator; write {hint}")
    elif kind == "word" and token.startswith("'"):
        raise _wrong('values stand in double quotes, as in "SUCCESS"')
    elif (
        kind == "word"
        and token.lower() not in ("true", "false", "null")
        and not token.removeprefix("-").replace(".", "", 1).isdecimal()
    ):
        raise _wrong(f"the value {readable(token)[:60]} must stand in double quotes")


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(
        f"filter: {what}.",
        code="invalid_filter",
        next_step='Example: eventType eq "user.session.start" and outcome.result eq "FAILURE". Operators: '
        f"{', '.join(OPERATORS)}; combine with and, or, not.",
    )


def require_shown(text: str) -> None:
    """Refuse a filter by what answers do not show: where rules hide something, it would tell a guess from the truth.

    Raises:
        InvalidInput: it uses such an attribute.
    """
    for found in _TOKEN.finditer(text):
        word = found["word"] or ""
        if word.partition(".")[0].casefold() in _FOLDED and word.casefold() not in _FOLDED_SHOWN:
            raise InvalidInput(
                f"filter: the rules of this server hide parts of events, so {readable(word)[:60]} cannot be used.",
                code="hidden_attribute",
                next_step=f"Use the other arguments, or only {', '.join(_SHOWN)}.",
            )


def explained(error: OktaError) -> OktaError:
    """Okta's refusal of a search, with what to do about it."""
    if error.code in ("E0000053", "E0000031"):
        error.next_step = (
            "Correct filter: attributes are named as in an event, such as outcome.result or target.id, and compared "
            "with eq, sw, co, gt, ge, lt, le or pr; some attributes take only eq. since is at most 180 days ago."
        )
    elif error.code == "E0000001":
        error.next_step = "Correct since, until or text as Okta says."
    elif error.code == "E0000029":
        error.next_step = "Leave cursor out to begin at the newest event again."
    return error
