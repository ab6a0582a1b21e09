"""The journal: lists what was done, shows all that is recorded of an entry, and settles unknown outcomes."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import Field

from server.desk.shown import Shown, Time, Who, at
from server.journal import reconciling
from server.journal.chain import INTENT, Chain
from server.journal.history import EVENTS, Recorded, newest, read, read_entry
from server.journal.recording import event
from server.journal.tickets import sweep
from server.policy.caller import Caller
from server.program import Program
from server.settings import Settings
from server.store.marker import ACCEPT, gap_at_start
from server.store.schema import StoreError
from tools.okta.errors import InvalidInput, NotFound
from tools.text.lines import readable

if TYPE_CHECKING:
    from server.store.database import Database

T = TypeVar("T")
LIST = "See: okta-actions journal list"


class EntryShown(Shown):
    """A change, a question that was not accepted, a refusal, or an operation on this server."""

    id: str = Field(description="A change's number; of anything else, e and the entry's number.")
    entry: int = Field(description="Its place in the journal.")
    kind: str = Field(description="change, refused, how a question ended, or what was done with this server.")
    time: Time
    action: str | None
    summary: str
    outcome: str
    by: Who
    connection: str | None
    org_url: str | None
    undoable: bool
    why_not: str | None
    undone_by: str | None
    undoes: str | None
    reason: str | None


class Later(Shown):
    """A later record about an entry: how it ended, or what was found out."""

    entry: int
    time: Time
    kind: str
    recorded: dict[str, Any]
    details: dict[str, Any]


class Record(EntryShown):
    """Everything recorded of an entry. `recorded` stays for ever; `details` are about people and can be erased."""

    recorded: dict[str, Any]
    details: dict[str, Any]
    erased: bool
    hidden_values: bool = Field(description="Whether values that look like secrets were left out.")
    entries: list[Later]


class Reconciled(Shown):
    """What became of a change whose outcome was unknown; without a verdict it is still unknown."""

    change_id: str
    summary: str
    verdict: Literal["done", "not_done", "partly", "unknowable"] | None
    reason: str


async def swept(program: Program, work: "Callable[[Database, Chain], T]") -> T:
    """Read the journal, after recording the calls that nobody came back for."""
    with suppress(StoreError):  # reading the journal reports its problems better
        await program.recorder.run(sweep)
    return await program.recorder.read(work)


async def entries(program: Program, limit: int | None = None) -> list[EntryShown]:
    """The newest entries about a call or an operation on this server, newest first; None: no limit."""
    return [
        EntryShown(**_listed(one))
        for one in await swept(program, lambda database, chain: newest(database, chain, limit))
    ]


def _listed(recorded: Recorded) -> dict[str, Any]:
    listed, row = recorded.listed(), recorded.row
    told: dict[str, Any] = {
        **listed.model_dump(exclude={"time", "by"}),
        "entry": row.sequence,
        "kind": "change" if row.kind == INTENT else row.kind,
        "time": at(row.at),
        "by": Who.of(recorded.caller),
        "action": row.action or None,
        "connection": row.connection or None,
        "org_url": row.org or None,
    }
    if row.kind in EVENTS:
        told |= {"summary": row.kind.replace("_", " "), "why_not": None, "outcome": "done"}
    return told


async def show(program: Program, id: str, *, reveal: Caller | None = None) -> Record:
    """Everything recorded of a change, or, by `e` and its number, of another entry.

    `reveal`: who is also shown values that look like secrets, which is recorded.

    Raises:
        InvalidInput: that is not an id. NotFound: there is no such entry.
    """
    place = id.removeprefix("e")
    if not place.isdecimal() or len(place) > 17:
        raise InvalidInput(f"“{readable(id)[:40]}” is not the id of a change.", next_step=LIST)
    find = read_entry if id.startswith("e") else read
    recorded = await swept(program, lambda database, chain: find(database, chain, int(place)))
    if recorded is None:
        raise NotFound(f"There is no change {id}.", next_step=LIST)
    if reveal is not None:
        revealed = event("revealed", reveal, entry=recorded.row.sequence)
        await program.recorder.run(lambda database, chain: chain.append(database, revealed))
    return _record(recorded, whole=reveal is not None)


def _record(recorded: Recorded, *, whole: bool) -> Record:
    row = recorded.row
    return Record(
        **_listed(recorded),
        recorded={name: value for name, value in recorded.body.items() if name != "by"},
        details=recorded.whole if whole else recorded.details,
        erased=bool(row.digest) and row.details is None,
        hidden_values=row.sealed is not None and not whole,
        entries=[
            Later(
                entry=later.sequence,
                time=at(later.at),
                kind=later.kind,
                recorded=json.loads(later.body),
                details=recorded.chain.whole(later) if whole else recorded.chain.shown(later),
            )
            for later in recorded.later
        ],
    )


async def reconcile(program: Program) -> list[Reconciled]:
    """Ask Okta what became of the changes whose outcome is unknown, and record the answers."""
    return [
        Reconciled.model_validate(
            {
                "change_id": found.change.id,
                "summary": found.change.details.get("text", "(erased)"),
                "verdict": found.verdict,
                "reason": found.reason,
            }
        )
        for found in await reconciling.reconcile(program.recorder, program.connections)
    ]


def gap(settings: Settings) -> str | None:
    """The entries missing from the journal, checked at startup without opening the store."""
    return None if settings.memory_only else gap_at_start(settings.store_file, settings.marker_file)


GO_ON = ACCEPT
"""The command that goes on without the missing entries."""
