"""Filters of the System Log: what may be compared, and how Okta refuses the rest."""

import re

from starlette.responses import JSONResponse, Response

from server.sandbox.problems import OktaProblem
from server.sandbox.scim import (
    AnyOf,
    Both,
    Comparison,
    DateError,
    Dialect,
    Filter,
    FilterError,
    Negation,
    SqlColumn,
    UnknownOperator,
    parse,
    to_sql,
)

_WORD = re.compile(r"[\w.]+")
OPERATORS = ("eq", "co", "sw", "pr", "gt", "ge", "lt", "le")
COLUMNS = {
    "eventType": "type",
    "outcome.result": "result",
    "actor.id": "actor",
    "actor.alternateId": "actor_name",
    "client.ipAddress": "address",
}
"""What has a column, and indexes, of its own."""
TARGETS = {"target.id": "target", "target.alternateId": "target_name"}
_KNOWN = frozenset(
    {
        *("displayMessage", "eventType", "legacyEventType", "published", "severity", "uuid", "version"),
        *(f"actor.{name}" for name in ("id", "type", "alternateId", "displayName")),
        *(f"target.{name}" for name in ("id", "type", "alternateId", "displayName")),
        *("outcome.result", "outcome.reason", "transaction.id", "transaction.type"),
        *(f"client.{name}" for name in ("zone", "device", "id", "ipAddress")),
        *(f"client.userAgent.{name}" for name in ("rawUserAgent", "os", "browser")),
        *(f"client.geographicalContext.{name}" for name in ("city", "state", "country", "postalCode")),
        *(f"client.geographicalContext.geolocation.{name}" for name in ("lat", "lon")),
        *(f"securityContext.{name}" for name in ("asNumber", "asOrg", "isp", "domain", "isProxy")),
        *(
            f"authenticationContext.{name}"
            for name in (
                *("authenticationProvider", "credentialProvider", "credentialType", "issuer", "interface"),
                *("issuer.id", "issuer.type", "authenticationStep", "externalSessionId"),
            )
        ),
        *(f"request.ipChain.{name}" for name in ("ip", "version", "source")),
    }
)
_OPEN = ("debugContext.debugData.", "transaction.detail.", "actor.detailEntry.", "target.detailEntry.")
_ARRAYS = ("target", "request.ipChain")
_PART = re.compile(r"[A-Za-z_]\w*")


class LogProblem(OktaProblem):
    """The System Log refuses with fewer keys than the rest of the API does."""

    def response(self) -> Response:
        return JSONResponse({"errorCode": self.code, "errorSummary": self.summary}, self.status)


def read(text: str) -> Filter:
    """The tree of a filter in which everything may be asked.

    Raises:
        LogProblem: it is no filter, or compares what cannot be compared.
    """
    try:
        tree = parse(text)
        _check(tree, text)
        condition(tree)
    except UnknownOperator as error:
        raise _no_operator(text, error.operator) from None
    except (FilterError, DateError) as error:
        raise LogProblem(400, "E0000053", f"Invalid filter '{text[:200]}': {error}") from None
    return tree


def condition(tree: Filter) -> tuple[str, list[object]]:
    """A condition on a row of `events`, and its values."""
    return to_sql(tree, _DIALECT)


def _no_operator(text: str, operator: str) -> LogProblem:
    places = (word.start() for word in _WORD.finditer(text) if word[0].casefold() == operator.casefold())
    told = f"Unrecognized attribute operator '{operator}' at position {next(places, 0)}."
    return LogProblem(400, "E0000053", f"Invalid filter '{text[:200]}': {told} Expected: {','.join(OPERATORS)}")


def _check(tree: Filter, text: str) -> None:
    match tree:
        case Both(left, right) | AnyOf(left, right):
            _check(left, text)
            _check(right, text)
        case Negation(inner):
            _check(inner, text)
        case Comparison(attribute, operator, _):
            if _column(attribute) is None:
                raise LogProblem(400, "E0000053", f"field is not valid: {attribute}")
            if operator not in OPERATORS:
                raise _no_operator(text, operator)
            if (operator, attribute) == ("co", "debugContext.debugData.url"):
                told = "The supplied combination of operator and field is not currently supported."
                raise LogProblem(400, "E0000031", f"{told} Operator: {operator}, Field: {attribute}")


def _column(attribute: str) -> SqlColumn | None:
    if not all(_PART.fullmatch(part) for part in attribute.split(".")):
        return None
    if attribute not in _KNOWN and not attribute.startswith(_OPEN):
        return None
    if attribute == "published":
        return SqlColumn("published", "date")
    if attribute in COLUMNS:
        return SqlColumn(COLUMNS[attribute])
    for array in _ARRAYS:
        if attribute.startswith(f"{array}."):
            rest = attribute.removeprefix(f"{array}.")
            each = f"FROM json_each(event, '$.{array}')"
            return SqlColumn(f"(SELECT json_group_array(json_extract(value, '$.{rest}')) {each})", "array")
    return SqlColumn(f"json_extract(event, '$.{attribute}')")


_DIALECT = Dialect(_column, negation=True)
