"""Exports: lists that were read from Okta, kept for a day to be read in parts.

They are sealed at rest with a key of their own, each part for its place, and belong to whoever made them through the
connection that they were read through. They are bounded in size and number.
"""

import json
import os
import secrets
import time
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from server.connection_names import Owner
from server.store.schema import StoreError
from server.store.sealing import seal, unseal

if TYPE_CHECKING:
    from server.store.database import Database

LIFETIME = 24 * 3600.0
"""Seconds until an export is deleted."""
MOST_EXPORTS = 20
"""Exports of one caller. The oldest is deleted for a further one."""
MOST_BYTES = 64 * 1024 * 1024
"""Size of an export at rest, which is some two million people with the default columns."""
_KEY_BYTES = 32


@dataclass(frozen=True)
class Belonging:
    """Whose an export is: who made it, and the connection and identity that it was read through."""

    owner: str
    connection: str
    identity: str


@dataclass(frozen=True)
class About:
    """What an export is. `rules` are those that decided what is in it; see `server.door.keeping`."""

    action: str
    format: str
    columns: tuple[str, ...]
    rules: tuple[str, ...] = ()
    sentences: bool = False


@dataclass(frozen=True)
class Export:
    """An export, without its rows."""

    id: str
    belonging: Belonging
    made_at: float
    expires_at: float
    rows: int
    parts: int
    bytes: int
    about: About


Rows = list[dict[str, Any]]


def begin(database: "Database", belonging: Belonging, about: About) -> tuple[Export, int]:
    """A new export without rows, and how many older ones of its owner were deleted to make room for it."""
    sweep(database)
    owned = (
        database.exports.select()
        .where(database.exports.c.owner == belonging.owner)
        .order_by(database.exports.c.made_at.desc())
    )
    outdated = database.execute(owned).all()[MOST_EXPORTS - 1 :]
    for row in outdated:
        delete(database, row.id)
    id, now = secrets.token_hex(8), time.time()
    told = seal(_key(database), f"export {id}", json.dumps(asdict(about)).encode())
    row = {
        "id": id,
        **asdict(belonging),
        "made_at": now,
        "expires_at": now + LIFETIME,
        **dict.fromkeys(("rows", "parts", "bytes"), 0),
        "about": told,
    }
    database.execute(database.exports.insert().values(row))
    return Export(id, belonging, now, now + LIFETIME, 0, 0, 0, about), len(outdated)


def add(database: "Database", export: Export, parts: Sequence[Rows]) -> Export:
    """The export with further parts.

    Raises:
        StoreError: it would be larger than an export may be.
    """
    key, number, size = _key(database), export.parts, export.bytes
    for rows in parts:
        number += 1
        sealed = seal(key, _place(export.id, number), zlib.compress(json.dumps(rows).encode(), 1))
        size += len(sealed)
        database.execute(database.export_parts.insert().values(export=export.id, part=number, sealed=sealed))
    if size > MOST_BYTES:
        raise StoreError(
            f"The export {export.id} would be larger than {MOST_BYTES >> 20} MiB; nothing was added to it.",
            code="export_too_large",
            next_step="Read what it has, and begin another one with narrower filters.",
        )
    now = {"rows": export.rows + sum(map(len, parts)), "parts": number, "bytes": size}
    database.execute(database.exports.update().where(database.exports.c.id == export.id).values(now))
    return Export(
        export.id, export.belonging, export.made_at, export.expires_at, now["rows"], number, size, export.about
    )


def cut(database: "Database", export: Export, parts: int) -> Export:
    """The export with only its first parts."""
    rows, size = export.rows, export.bytes
    for number in range(parts + 1, export.parts + 1):
        here = (database.export_parts.c.export == export.id) & (database.export_parts.c.part == number)
        size -= len(database.execute(database.export_parts.select().where(here)).one().sealed)
        rows -= len(part(database, export, number) or ())
        database.execute(database.export_parts.delete().where(here))
    now = {"rows": rows, "parts": parts, "bytes": size}
    if parts < export.parts:
        database.execute(database.exports.update().where(database.exports.c.id == export.id).values(now))
    return replace(export, rows=rows, parts=parts, bytes=size)


def find(database: "Database", id: str, belonging: Belonging | None) -> Export | None:
    """The export with this id, if it is still there and belongs to them; to whomever, if that is None."""
    row = database.execute(database.exports.select().where(database.exports.c.id == id)).one_or_none()
    found = _export(database, row) if row is not None and row.expires_at > time.time() else None
    return found if found is not None and belonging in (None, found.belonging) else None


def owned(database: "Database", belonging: Belonging | None) -> list[Export]:
    """The exports that belong to them, the newest first; all of them, if that is None."""
    found = database.execute(database.exports.select().order_by(database.exports.c.made_at.desc())).all()
    alive = [row for row in found if row.expires_at > time.time()]
    return [_export(database, row) for row in alive if belonging in (None, _belonging(row))]


def part(database: "Database", export: Export, number: int) -> Rows | None:
    """The rows of a part; None if there is no such part."""
    here = (database.export_parts.c.export == export.id) & (database.export_parts.c.part == number)
    row = database.execute(database.export_parts.select().where(here)).one_or_none()
    if row is None:
        return None
    rows: Rows = json.loads(zlib.decompress(unseal(_key(database), _place(export.id, number), row.sealed)))
    return rows


def delete(database: "Database", id: str) -> bool:
    """Delete an export with its parts. Returns whether there was one."""
    database.execute(database.export_parts.delete().where(database.export_parts.c.export == id))
    return bool(database.execute(database.exports.delete().where(database.exports.c.id == id)).rowcount)


def sweep(database: "Database") -> int:
    """Delete the exports whose time is over. Returns how many there were."""
    over = database.execute(database.exports.select().where(database.exports.c.expires_at <= time.time())).all()
    for row in over:
        delete(database, row.id)
    return len(over)


def forget(database: "Database", connection: str) -> None:
    """Delete what was exported through a connection."""
    for row in database.execute(database.exports.select().where(database.exports.c.connection == connection)).all():
        delete(database, row.id)


def _place(id: str, number: int) -> str:
    return f"export {id} part {number}"


def _belonging(row: Any) -> Belonging:
    return Belonging(row.owner, row.connection, row.identity)


def _export(database: "Database", row: Any) -> Export:
    told = json.loads(unseal(_key(database), f"export {row.id}", row.about))
    about = About(told["action"], told["format"], tuple(told["columns"]), tuple(told["rules"]), told["sentences"])
    return Export(row.id, _belonging(row), row.made_at, row.expires_at, row.rows, row.parts, row.bytes, about)


def _key(database: "Database") -> bytes:
    kept = database.vault.get(Owner.EXPORTS, "key")
    if kept is None:
        kept = os.urandom(_KEY_BYTES)
        database.vault.put(Owner.EXPORTS, "key", kept)
    return kept
