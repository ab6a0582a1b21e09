"""How a search finds its page: by the index that leaves the fewest events to be looked at.

What must all hold is taken apart. A part that an index answers alone is an anchor: who did it, to what, which kind of
event, a word. The anchor with the fewest events in the range of time leads the way, in the order of time, and the other
parts are asked of each event that it comes to. Where no part is an anchor the way is time itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from sqlite3 import Row
from typing import Any

from server.sandbox.database import OrgDatabase, dump
from server.sandbox.log import filters
from server.sandbox.log.tables import A_MILLISECOND, UNSEARCHED, first_of, has_words, milliseconds, words_of
from server.sandbox.scim import AnyOf, Both, Comparison, Dialect, Filter, SqlColumn, to_sql

_FEW = 2_000
"""So many events are sorted."""
_MANY = 20_000
"""Nothing is counted beyond these."""
_FIRST, _LAST = 0, 1 << 62
_RESULT_OF_TYPE = "events_by_type_and_result"
_FROM_TIME = "events INDEXED BY events_in_short"


@dataclass(frozen=True)
class Anchor:
    """A condition with the tables that answer it in the order of time; `asked` is the condition put to an event."""

    source: str
    where: str
    values: list[Any]
    asked: tuple[str, list[Any]] | None = None
    """None: whoever comes this way has it already, and it need not be asked where another leads: it does not narrow."""
    key: str = "sequence"
    ordered: bool = True
    leads: bool = False


@dataclass
class Plan:
    low: int = _FIRST
    high: int = _LAST
    """The range of sequences; `high` is the first one beyond."""
    anchors: list[Anchor] = field(default_factory=list)
    others: list[tuple[str, list[Any]]] = field(default_factory=list)

    def since(self, millisecond: int) -> None:
        self.low = max(self.low, first_of(millisecond))

    def until(self, millisecond: int) -> None:
        self.high = min(self.high, first_of(millisecond))

    def filter(self, database: OrgDatabase, tree: Filter) -> None:
        parts = list(_together(tree))
        exact = {part.attribute: part for part in parts if isinstance(part, Comparison) and part.operator == "eq"}
        for part in parts:
            if not self._bounded(part) and not self._anchored(part, exact):
                self.others.append(filters.condition(part))
                if has_words(database) and (words := _words_of(part)):
                    self._lead_by_words(words)

    def words(self, database: OrgDatabase, sent: Sequence[str]) -> None:
        """Every one of these must be in the event."""
        if has_words(database) and (asked := [part for word in sent for part in words_of(word)]):
            self._lead_by_words(asked, must=True)
        for word in sent:
            found = words_of(word)
            if found != [word.casefold()] or not has_words(database):
                self.others.append(("instr(lower(event), lower(?)) > 0", [word]))

    def rows(self, database: OrgDatabase, descending: bool, limit: int) -> list[Row]:
        """The first events of all that fit."""
        lead = self._leading(database)
        ids = self._sequences(database, lead, descending, limit)
        way = "DESC" if descending else "ASC"
        return database.all(
            "SELECT sequence, event FROM events WHERE sequence IN (SELECT value FROM json_each(?)) "
            f"ORDER BY sequence {way}",
            dump(ids),
        )

    def _bounded(self, part: Filter) -> bool:
        """Whether a part is a bound of time."""
        match part:
            case Comparison("published", "ge", str(value)):
                self.since(_instant(value))
            case Comparison("published", "gt", str(value)):
                self.since(_instant(value) + 1)
            case Comparison("published", "lt", str(value)):
                self.until(_instant(value))
            case Comparison("published", "le", str(value)):
                self.until(_instant(value) + 1)
            case _:
                return False
        return True

    def _anchored(self, part: Filter, exact: dict[str, Comparison]) -> bool:
        condition = to_sql(part, _DIALECT) if _is_indexed(part) else None
        match part:
            case Comparison("eventType", "eq", str(kind)) if "outcome.result" in exact:
                # Neither may be rare where both together are.
                result = exact["outcome.result"].value
                both = "type = ? COLLATE NOCASE AND result = ? COLLATE NOCASE"
                self._anchor(f"events INDEXED BY {_RESULT_OF_TYPE}", both, [kind, result])
            case Comparison(attribute, "eq", str(value)) if attribute in filters.COLUMNS:
                column = filters.COLUMNS[attribute]
                self._anchor(f"events INDEXED BY events_by_{column}", f"{column} = ? COLLATE NOCASE", [value])
            case Comparison(attribute, "eq", str(value)) if attribute in filters.TARGETS:
                column = filters.TARGETS[attribute]
                source = f"event_targets CROSS JOIN {_FROM_TIME} ON sequence = at"
                there = f"EXISTS (SELECT 1 FROM event_targets WHERE {column} = ? AND at = sequence)"
                self.anchors.append(Anchor(source, f"{column} = ?", [value], (there, [value]), "at"))
            case _ if condition is not None and (index := _index_of(part)) is not None:
                where, values = condition
                self.anchors.append(Anchor(f"events INDEXED BY {index}", where, values, (where, values), ordered=False))
            case _:
                return False
        return True

    def _anchor(self, source: str, where: str, values: list[Any]) -> None:
        self.anchors.append(Anchor(source, where, values, (where, values)))

    def _lead_by_words(self, words: Iterable[str], *, must: bool = False) -> None:
        """All words in one question, for one event after the other they take long to ask. Those that must be there
        lead, whatever else is sought; others only narrow what is asked of the event itself.
        """
        query = " AND ".join(f'"{word}"' for word in words)
        source = f"event_words CROSS JOIN {_FROM_TIME} ON sequence = event_words.rowid"
        self.anchors.append(Anchor(source, "event_words MATCH ?", [query], None, "event_words.rowid", leads=must))

    def _leading(self, database: OrgDatabase) -> Anchor | None:
        if (leading := next((anchor for anchor in self.anchors if anchor.leads), None)) is not None:
            return leading
        if len(self.anchors) == 1 and self.anchors[0].ordered:
            return self.anchors[0]
        counted = [(self._count(database, anchor), place) for place, anchor in enumerate(self.anchors)]
        for count, place in sorted(counted):
            anchor = self.anchors[place]
            if anchor.ordered or count <= _FEW:
                return anchor
        return None

    def _count(self, database: OrgDatabase, anchor: Anchor) -> int:
        most = _MANY if anchor.ordered else _FEW + 1
        row = database.one(
            f"SELECT count(*) AS found FROM (SELECT 1 FROM {anchor.source} "
            f"WHERE {anchor.where} AND {anchor.key} >= ? AND {anchor.key} < ? LIMIT {most})",
            *(*anchor.values, self.low, self.high),
        )
        assert row is not None  # it counts
        return int(row["found"])

    def _sequences(self, database: OrgDatabase, lead: Anchor | None, descending: bool, limit: int) -> list[int]:
        source, key = (lead.source, lead.key) if lead else (_FROM_TIME, "sequence")
        conditions = [(lead.where, lead.values)] if lead else []
        conditions += [anchor.asked for anchor in self.anchors if anchor is not lead and anchor.asked is not None]
        conditions += [(f"{key} >= ? AND {key} < ?", [self.low, self.high]), *self.others]
        rows = database.all(
            f"SELECT DISTINCT {key} AS found FROM {source} "
            f"WHERE {' AND '.join(f'({where})' for where, _ in conditions)} "
            f"ORDER BY {key} {'DESC' if descending else 'ASC'} LIMIT {limit}",
            *(value for _, values in conditions for value in values),
        )
        return [row["found"] for row in rows]


def _together(tree: Filter) -> Iterator[Filter]:
    """What must all hold."""
    if isinstance(tree, Both):
        yield from _together(tree.left)
        yield from _together(tree.right)
    else:
        yield tree


def _is_indexed(part: Filter) -> bool:
    match part:
        case AnyOf(left, right):
            return _is_indexed(left) and _is_indexed(right)
        case Comparison(attribute, "eq" | "sw", str()):
            return attribute in filters.COLUMNS
        case _:
            return False


def _index_of(part: Filter) -> str | None:
    """The index that answers all of a part, if one does."""
    match part:
        case AnyOf(left, right):
            first = _index_of(left)
            return first if first == _index_of(right) else None
        case Comparison(attribute, _, _) if attribute in filters.COLUMNS:
            return f"events_by_{filters.COLUMNS[attribute]}"
        case _:
            return None


def _words_of(part: Filter) -> list[str]:
    """The words that an event must have in which an attribute has a value."""
    match part:
        case Comparison(attribute, "eq", str(value)) if attribute.rpartition(".")[2] not in UNSEARCHED:
            return words_of(value)
        case _:
            return []


def _instant(text: str) -> int:
    _, values = filters.condition(Comparison("published", "ge", text))
    return milliseconds(str(values[0]))


def cursor_of(sequence: int) -> str:
    """Where a page ends, in Okta's words: the millisecond and the place in it."""
    return f"{sequence // A_MILLISECOND}_{sequence % A_MILLISECOND}"


def sequence_of(cursor: str) -> int | None:
    millisecond, _, place = cursor.partition("_")
    if not millisecond.isdecimal() or not place.isdecimal() or len(millisecond) > 14:
        return None
    return first_of(int(millisecond)) + int(place)


_DIALECT = Dialect(lambda name: SqlColumn(filters.COLUMNS[name]) if name in filters.COLUMNS else None)
