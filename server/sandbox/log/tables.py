"""How the System Log is kept, so that a page of a million events is found at once.

An event's sequence is the millisecond in which it was published and a number within that, so the order of the rows is
the order of time, a range of time is a range of rows, and every index goes on in the order of time. What is filtered by
most has columns of its own; indexes hold the others of these, so that no event is read only to be left out.
"""

import json
import re
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from server.sandbox.database import OrgDatabase, dump
from server.sandbox.org import Org

TABLES = """
CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY,
    published TEXT NOT NULL,
    event TEXT NOT NULL,
    type TEXT COLLATE NOCASE,
    result TEXT COLLATE NOCASE,
    actor TEXT COLLATE NOCASE,
    actor_name TEXT COLLATE NOCASE,
    address TEXT COLLATE NOCASE
);
CREATE TABLE IF NOT EXISTS event_targets (
    target TEXT NOT NULL COLLATE NOCASE,
    at INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
    target_name TEXT COLLATE NOCASE,
    PRIMARY KEY (target, at)
) WITHOUT ROWID;
DROP INDEX IF EXISTS events_by_time; -- of earlier versions
CREATE INDEX IF NOT EXISTS events_in_short ON events (sequence, type, result, actor, address);
CREATE INDEX IF NOT EXISTS events_by_type ON events (type, sequence, result, actor, address);
CREATE INDEX IF NOT EXISTS events_by_type_and_result ON events (type, result, sequence, actor, address);
CREATE INDEX IF NOT EXISTS events_by_result ON events (result, sequence, type, actor, address);
CREATE INDEX IF NOT EXISTS events_by_actor ON events (actor, sequence, type, result, address);
CREATE INDEX IF NOT EXISTS events_by_actor_name ON events (actor_name, sequence, type, result, address);
CREATE INDEX IF NOT EXISTS events_by_address ON events (address, sequence, type, result, actor);
CREATE INDEX IF NOT EXISTS event_targets_by_name ON event_targets (target_name, at);
CREATE INDEX IF NOT EXISTS event_targets_by_event ON event_targets (at);
"""
LATER = [("events", name, "TEXT COLLATE NOCASE") for name in ("type", "result", "actor", "actor_name", "address")]
"""Columns that files of earlier versions lack: table, name, kind."""

A_MILLISECOND = 10_000
"""So many events have a place in one millisecond; more of them take places of the next."""
UNSEARCHED = frozenset({"uuid", "published", "url", "requestUri", "rawUserAgent", "version"})
"""Parts of an event whose words are in no index."""

_WORDS = "CREATE VIRTUAL TABLE IF NOT EXISTS event_words USING fts5 (words, content = '', detail = none)"
_WORD = re.compile(r"[^\W_]+")


def prepare(org: Org) -> None:
    """What the statements above cannot do: words, where this SQLite has them, and what an earlier version kept."""
    try:
        org.database.run(_WORDS)
    except sqlite3.OperationalError:
        return  # SQLite without FTS5: words are looked for in one event after the other
    finally:
        older = org.database.all("SELECT sequence, event FROM events WHERE type IS NULL ORDER BY sequence")
        if older:
            with org.database.transaction():
                org.database.run("DELETE FROM events WHERE type IS NULL")
                insert(org.database, (json.loads(row["event"]) for row in older))


def has_words(database: OrgDatabase) -> bool:
    return database.one("SELECT 1 FROM sqlite_master WHERE name = 'event_words'") is not None


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def first_of(millisecond: int) -> int:
    """The first place of a millisecond since 1970."""
    return millisecond * A_MILLISECOND


def milliseconds(published: str) -> int:
    return round(datetime.fromisoformat(published).timestamp() * 1000)


def insert(database: OrgDatabase, events: Iterable[dict[str, Any]]) -> None:
    """Write events, each in its place in time."""
    run = database.connection.execute
    with_words = has_words(database)
    for event in events:
        first = first_of(milliseconds(event["published"]))
        beyond = first + A_MILLISECOND
        last = run("SELECT max(sequence) FROM events WHERE sequence BETWEEN ? AND ?", (first, beyond)).fetchone()[0]
        sequence = (last or first) + 1
        run(
            "INSERT INTO events (sequence, published, event, type, result, actor, actor_name, address) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                sequence,
                event["published"],
                dump(event),
                event["eventType"],
                event["outcome"]["result"],
                event["actor"]["id"],
                event["actor"]["alternateId"],
                event["client"]["ipAddress"],
            ),
        )
        for target in event["target"] or ():
            run("INSERT OR IGNORE INTO event_targets VALUES (?, ?, ?)", (target["id"], sequence, target["alternateId"]))
        if with_words:
            run("INSERT INTO event_words (rowid, words) VALUES (?, ?)", (sequence, " ".join(_words(event))))


def _words(event: dict[str, Any]) -> set[str]:
    texts: list[str] = []
    _collect(event, texts)
    return set(words_of(" ".join(texts)))


def _collect(part: Any, into: list[str]) -> None:
    """The texts of an event, for a million of which this must not take minutes."""
    if isinstance(part, str):
        into.append(part)
    elif isinstance(part, dict):
        for name, value in part.items():
            if value is not None and name not in UNSEARCHED:
                _collect(value, into)
    elif isinstance(part, list):
        for value in part:
            _collect(value, into)
