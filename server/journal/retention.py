"""Removes old segments that were exported, and personal data, while the chain stays whole."""

import json
import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.journal import targets
from server.journal.chain import Chain, Head, Row, dumped, rows
from server.journal.recording import event
from server.journal.tickets import forget
from server.journal.verifying import sealed_until, verify
from server.policy.caller import Caller
from tools.okta.errors import InvalidInput

if TYPE_CHECKING:
    from server.store.database import Database


@dataclass(frozen=True)
class Segment:
    """The oldest entries: what comes before the first of them, the last one, and how many still have details."""

    base: Head
    until: Head
    detailed: int

    @property
    def entries(self) -> int:
        return self.until.sequence - self.base.sequence


def segment(database: "Database", chain: Chain, before: float) -> Segment | None:
    """The entries older than `before` that can be sealed, if there are any. Reads only, for it takes long.

    What belongs together goes together: the segment ends before the first change that is not settled, or that a
    younger entry belongs to.

    Raises:
        InvalidInput: the journal is not whole, and sealing would hide that.
    """
    if verify(database, chain).problems:
        raise InvalidInput(
            "The journal is not intact, so nothing was sealed.", next_step="See: okta-actions journal verify"
        )
    last = next(rows(database, _SEALABLE, (before, before, before), "DESC"), None)
    if last is None:
        return None
    return Segment(sealed_until(database), Head(last.sequence, last.mac), _detailed(database, last.sequence))


def seal(database: "Database", chain: Chain, segment: Segment, who: Caller, file: Path, digest: str) -> None:
    """Remove a segment that was put into a file. An entry of the chain keeps where it began and ended, and the file.

    `digest` is the file's SHA-256 in hexadecimal.

    Raises:
        InvalidInput: the segment is no longer as it was exported.
    """
    until = segment.until
    if (sealed_until(database), _detailed(database, until.sequence)) != (segment.base, segment.detailed):
        raise InvalidInput(
            "Somebody else sealed or erased at the same time, so nothing was sealed.",
            next_step="Delete the file, and run it again.",
        )
    # The entry about an earlier segment may go with this one, so that this one has it too.
    earlier = [one.told() for one in sealed(database)]
    newest = Sealed(segment.base, until, file, digest).told()
    chain.append(database, event("sealed", who, details=None, earlier=earlier, **newest))
    database.driver.execute("DELETE FROM journal WHERE sequence <= ?", (until.sequence,))
    targets.forget(database.driver, until.sequence)


@dataclass(frozen=True)
class Sealed:
    """A segment that was sealed, and the file that it went to; seals of earlier versions do not name theirs."""

    after: Head
    until: Head
    file: Path | None
    sha256: str | None

    @property
    def entries(self) -> str:
        return f"Entries {self.after.sequence + 1} to {self.until.sequence}"

    def told(self) -> dict[str, Any]:
        file = str(self.file) if self.file else None
        return {"after": str(self.after), "until": str(self.until), "file": file, "sha256": self.sha256}

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Sealed":
        file = told.get("file")
        return cls(Head.of(told["after"]), Head.of(told["until"]), Path(file) if file else None, told.get("sha256"))


def sealed(database: "Database") -> list[Sealed]:
    """The segments that were sealed, the newest first."""
    found: dict[Head, Sealed] = {}
    for row in rows(database, "kind = 'sealed'", order="DESC"):
        try:
            body = json.loads(row.body)
            segments = [Sealed.of(told) for told in (body, *body.get("earlier", ()))]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            break  # altered, which following the chain from its beginning shows
        for segment in segments:
            found.setdefault(segment.until, segment)
    return list(found.values())


def _detailed(database: "Database", until: int) -> int:
    """How many entries up to that one still have their details."""
    (count,) = database.driver.execute("SELECT count(details) FROM journal WHERE sequence <= ?", (until,)).fetchone()
    return int(count)


_SEALABLE = """at < ? AND sequence < coalesce((
    SELECT min(sequence) FROM journal AS one WHERE kind = 'intent' AND (
        NOT EXISTS (SELECT 1 FROM journal AS later WHERE later.change = one.sequence
                    AND later.kind IN ('done', 'failed', 'partly', 'settled'))
        OR EXISTS (SELECT 1 FROM journal AS later WHERE later.change = one.sequence AND later.at >= ?)
    ) OR details IS NULL AND EXISTS (
        SELECT 1 FROM journal AS later, json_each(later.body, '$.entries') AS erased
        WHERE later.kind = 'erased' AND later.at >= ? AND erased.value = one.sequence
    )), 9223372036854775807)"""


@dataclass(frozen=True)
class Traces:
    """How the journal names a person, and the entries that tell of them, up to the one that was read last."""

    names: set[str]
    entries: set[int]
    until: int


def traces(database: "Database", chain: Chain, person: str) -> Traces:
    """What tells of a person: the details of every entry about or with them. Reads only, for it takes long.

    `person` is an Okta id or a login.

    Raises:
        InvalidInput: the login was that of several people, one after the other.
    """
    names = _names(database, chain, person)
    return Traces(names, _telling(database, chain, names), chain.head(database).sequence)


def erase(database: "Database", chain: Chain, traces: Traces, who: Caller) -> list[int]:
    """Erase a person's data, including what was written since. Returns the sequences of the entries.

    Their Okta id stays, so that the record still says that something was done.
    """
    entries = sorted(traces.entries | _telling(database, chain, traces.names, traces.entries, traces.until))
    forget(database, chain, lambda matter: _named_in(matter.dumped(), traces.names))
    if entries:
        chain.append(database, event("erased", who, entries=entries))
    for sequence in entries:
        database.driver.execute("UPDATE journal SET details = NULL, sealed = NULL WHERE sequence = ?", (sequence,))
    return entries


def _telling(
    database: "Database", chain: Chain, names: set[str], known: Set[int] = frozenset(), after: int = 0
) -> set[int]:
    """The entries after that one whose details tell of a person, and those that belong to `known` ones."""
    found, bare, belonging = set[int](), set[int](), list[tuple[int, int]]()
    for row in rows(database, "sequence > ?", (after,)):
        if row.details is None:
            bare.add(row.sequence)
        if row.change is not None:
            belonging.append((row.sequence, row.change))
        if names & {id.casefold() for id in row.target_ids} or _named_in(_told(chain, row), names):
            found.add(row.sequence)
    # An intent to create somebody does not know their id, and an error may name them otherwise.
    found |= {change for entry, change in belonging if entry in found}
    found |= {entry for entry, change in belonging if change in found | known}
    return found - bare


def _told(chain: Chain, row: Row) -> str:
    """All details of an entry as text, those under seal included."""
    return row.details or "" if row.sealed is None else dumped(chain.whole(row))


def _names(database: "Database", chain: Chain, person: str) -> set[str]:
    """The person's id and all logins and addresses that the journal has of them, except those that others had too."""
    logins: dict[str, set[str]] = {}
    for row in rows(database, "details IS NOT NULL"):
        details = chain.whole(row)
        people = {id: name for id, name in (details.get("targets") or {}).items() if id.startswith("00u")}
        for id, name in people.items():
            known = logins.setdefault(id, set())
            known.add(name.rpartition("<")[2].rstrip(">").casefold())
            if len(people) == 1:
                known |= _addresses(details)
    given = person.casefold()
    ids = {id for id, known in logins.items() if given in (id.casefold(), *known)}
    if len(ids) > 1:
        raise InvalidInput(
            f"{person} has been the login of several people; nothing was erased.",
            code="ambiguous",
            next_step=f"Use the id of one: {', '.join(sorted(ids))}.",
        )
    others = {login for id, known in logins.items() if id not in ids for login in known}
    own = {login for id in ids for login in logins[id] if login and login not in others}
    return {given, *own, *(id.casefold() for id in ids)}


def _addresses(details: dict[str, Any]) -> set[str]:
    """The addresses that somebody had or got by a change."""
    values = (
        (details.get(part) or {}).get(name)
        for part in ("before", "wanted", "arguments")
        for name in ("login", "email", "secondEmail", "second_email")
    )
    return {value.casefold() for value in values if isinstance(value, str)}


_ADDRESS = r"\w.+'!#$%&*/=?^`{|}~@-"


def _named_in(text: str, names: set[str]) -> bool:
    """Whether one of the names is in the text, and not only as a part of a longer one."""
    folded = text.casefold()
    return any(
        name in folded and re.search(rf"(?<![{_ADDRESS}]){re.escape(name)}(?![\w@-]|\.\w)", folded) for name in names
    )
