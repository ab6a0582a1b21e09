"""Lists: pages by keyset, and the two `Link` headers that lead through them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from server.sandbox.database import OrgDatabase, dump
from server.sandbox.endpoints import ApiCall
from server.sandbox.problems import OktaProblem, invalid_cursor, invalid_search
from server.sandbox.scim import DateError, Dialect, FilterError, SqlColumn, anchors, parse, to_sql

FEW = 2000
"""So many are sorted; more are so dense that a walk in the order of the list soon meets a page of them."""

_CURSOR = re.compile(r"\d*([A-Za-z0-9]{20})")


@dataclass
class Listing:
    """A list over one table: which rows, in which order, how many a page.

    `source` and `key` are where the ids of rows come from if not from the table itself; `walk` is the index of the
    table in the order of ids. `anchors` are conditions that all rows of the list fulfil and that indexes alone answer.
    """

    table: str
    default: int
    most: int
    source: str = ""
    key: str = "id"
    walk: str | None = None
    anchors: list[tuple[str, list[Any]]] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    order: SqlColumn | None = None
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
            tree = parse(text)
            condition, values = to_sql(tree, dialect)
        except DateError:
            raise bad_date() from None
        except FilterError:
            raise invalid_search() from None
        self.require(condition, *values)
        self.anchors += [to_sql(anchor, dialect) for anchor in anchors(tree, dialect)]

    def answer(self, call: ApiCall, render: Callable[[Row], Any]) -> Response:
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

    def _unlisted(self, call: ApiCall) -> list[tuple[str, str]]:
        """Parameters that Okta leaves out of its links, but without which the next page would be another one."""
        return [(name, call.query[name]) for name in ("sortBy", "sortOrder", "expand") if name in call.query]

    def _limit(self, call: ApiCall) -> int:
        given = call.query.get("limit", "")
        return min(int(given), self.most) if given.isdecimal() and int(given) > 0 else self.default

    def _rows(self, call: ApiCall, limit: int) -> list[Row]:
        """First the ids, mostly from an index alone, then the rows of this page."""
        # Conditions and order come from our own tables of columns; what callers send is bound as values.
        database, walk = call.org.database, self.order.index if self.order else self.walk
        conditions, values = list(self.where), list(self.values)
        if (few := self._few(database)) is not None:
            conditions.append(f"{self.key} IN (SELECT value FROM json_each(?))")
            values.append(dump(few))
            walk = None
        if (after := call.query.get("after")) is not None:
            condition, place = self._beyond(database, after)
            conditions.append(condition)
            values.extend(place)
        source = self.source or (f"{self.table} INDEXED BY {walk}" if walk else self.table)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        ids = f"SELECT {self.key} FROM {source} {where} ORDER BY {self._order(self.key)} LIMIT {limit + 1}"
        return database.all(f"SELECT * FROM {self.table} WHERE id IN ({ids}) ORDER BY {self._order('id')}", *values)

    def _few(self, database: OrgDatabase) -> list[str] | None:
        """The ids of some rows, in no order, among which all of the list are, or None if they would be many."""
        for condition, values in self.anchors:
            found = database.all(f"SELECT id FROM {self.table} WHERE {condition} LIMIT {FEW + 1}", *values)
            if len(found) <= FEW:
                return [row["id"] for row in found]
        return None

    def _order(self, key: str) -> str:
        direction = " DESC" if self.descending else ""
        return f"{self.order.ordered}{direction}, {key}{direction}" if self.order else key

    def _beyond(self, database: OrgDatabase, after: str) -> tuple[str, list[Any]]:
        """The condition that leaves what comes after the row of a cursor, and its values. Unset comes before all else.

        Raises:
            OktaProblem: it is no cursor, or the row that gives the place of it in the order is gone.
        """
        cursor = _CURSOR.fullmatch(after)
        if cursor is None:
            raise invalid_cursor()
        id = cursor.group(1)
        if self.order is None:
            return f"{self.key} > ?", [id]
        by = self.order.ordered
        last = database.one(f"SELECT {by} AS place FROM {self.table} WHERE id = ?", id)
        if last is None:
            raise invalid_cursor()
        if last["place"] is None:
            return (f"{by} IS NULL AND id < ?" if self.descending else f"({by} IS NOT NULL OR id > ?)"), [id]
        if self.descending:
            return f"(({by}, id) < (?, ?) OR {by} IS NULL)", [last["place"], id]
        return f"({by}, id) > (?, ?)", [last["place"], id]


def bad_date() -> OktaProblem:
    return OktaProblem(
        400,
        "E0000030",
        "Bad request. Invalid date. Dates must be of the form yyyy-MM-dd'T'HH:mm:ss.SSSZZ, "
        "e.g. 2013-01-01T12:00:00.000-07:00.",
    )
