"""Lists: pages by keyset, and the two `Link` headers that lead through them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from server.sandbox.endpoints import Call
from server.sandbox.problems import OktaProblem, invalid_cursor, invalid_search
from server.sandbox.scim import DateError, Dialect, FilterError, parse, to_sql

_CURSOR = re.compile(r"\d*([A-Za-z0-9]{20})")


@dataclass
class Listing:
    """A list over one table: which rows, in which order, how many a page."""

    table: str
    default: int
    most: int
    where: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    order: str | None = None
    descending: bool = False
    keep: Sequence[str] = ("q", "filter", "search")
    cursor_prefix: str = ""
    paged: bool = True

    def require(self, condition: str, *values: Any) -> None:
        self.where.append(condition)
        self.values.extend(values)

    def require_filter(self, text: str, dialect: Dialect) -> None:
        """Narrow by a filter or search expression.

        Raises:
            OktaProblem: it is not one, or asks for what is not offered.
        """
        try:
            condition, values = to_sql(parse(text), dialect)
        except DateError:
            raise bad_date() from None
        except FilterError:
            raise invalid_search() from None
        self.require(condition, *values)

    def answer(self, call: Call, render: Callable[[Row], Any]) -> Response:
        """One page, with its `Link` headers."""
        limit = self._limit(call)
        rows = self._rows(call, limit)
        response = JSONResponse([render(row) for row in rows[:limit]])
        if self.paged:
            kept = [(name, call.query[name]) for name in self.keep if name in call.query]
            url = f"{call.base}{call.request.url.path}"
            response.headers.append("link", f'<{url}?{urlencode([("limit", limit), *kept])}>; rel="self"')
            if len(rows) > limit:
                after = self.cursor_prefix + rows[limit - 1]["id"]
                query = urlencode([("after", after), ("limit", limit), *kept, *self._unlisted(call)])
                response.headers.append("link", f'<{url}?{query}>; rel="next"')
        return response

    def _unlisted(self, call: Call) -> list[tuple[str, str]]:
        """Parameters that Okta leaves out of its links, but without which the next page would be another one."""
        return [(name, call.query[name]) for name in ("sortBy", "sortOrder", "expand") if name in call.query]

    def _limit(self, call: Call) -> int:
        given = call.query.get("limit", "")
        return min(int(given), self.most) if given.isdecimal() and int(given) > 0 else self.default

    def _rows(self, call: Call, limit: int) -> list[Row]:
        conditions, values = list(self.where), list(self.values)
        key = f"({self.order}, id)" if self.order else "id"
        if (after := call.query.get("after")) is not None:
            last = _CURSOR.fullmatch(after)
            if last is None:
                raise invalid_cursor()
            comparison = "<" if self.descending else ">"
            place = f"(SELECT {self.order}, id FROM {self.table} WHERE id = ?)" if self.order else "?"
            conditions.append(f"{key} {comparison} {place}")
            values.append(last.group(1))
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        direction = " DESC" if self.descending else ""
        order = f"{self.order}{direction}, id{direction}" if self.order else "id"
        # Conditions and order come from our own tables of columns; what callers send is bound as values.
        statement = f"SELECT * FROM {self.table} {where} ORDER BY {order} LIMIT {limit + 1}"
        return call.org.database.all(statement, *values)


def bad_date() -> OktaProblem:
    return OktaProblem(
        400,
        "E0000030",
        "Bad request. Invalid date. Dates must be of the form yyyy-MM-dd'T'HH:mm:ss.SSSZZ, "
        "e.g. 2013-01-01T12:00:00.000-07:00.",
    )
