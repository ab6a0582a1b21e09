"""Reads changes from the journal: how they ended, whether they can be undone, and if not, why."""

import json
import shlex
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

from server.connections.models import Connection, iso
from server.journal import finding
from server.journal.chain import INTENT, Chain, Row, rows
from server.journal.finding import WantedChanges, begins
from server.journal.listing import ChangeList, RecordedChange
from server.journal.matter import facts
from server.journal.recording import Recorder
from server.journal.tickets import Unanswered
from server.machine.processes import alive
from server.policy.caller import LOCAL, Caller, ClientInfo, Principal
from tools.catalogue import CATALOGUE
from tools.contract.record import Change, Undo
from tools.objects.users import USER
from tools.okta.errors import InvalidInput, NotFound
from tools.text.lines import readable

if TYPE_CHECKING:
    from server.store.database import Database

LONGEST = 180.0
"""Seconds after which a change's outcome is no longer waited for, even if its process is alive."""
ANSWERS: tuple[str, ...] = get_args(Unanswered)
"""The kinds of entries for questions that were not accepted."""
LISTED = (INTENT, *ANSWERS, "refused")
"""The kinds of entries about calls."""
EVENTS = (
    "connected",
    "reauthorized",
    "identity_changed",
    "disconnected",
    "rotated",
    "erased",
    "sealed",
    "restored",
    "revealed",
    "frozen",
    "unfrozen",
)
"""The kinds of entries about this server itself."""
_WHY_NOT = {
    "running": "it is still under way.",
    "unknown": "it is not known yet whether it was done. See okta-actions journal reconcile.",
    "unknowable": "it cannot be known whether it was done.",
    "partly": "it was only partly done. See okta-actions journal show, and use the actions themselves.",
}


@dataclass(frozen=True)
class Recorded:
    """An intent, a question that was not accepted or a refusal, with all later entries about it.

    `undone_by` and `undoes` are numbers of changes.
    """

    chain: Chain
    row: Row
    later: tuple[Row, ...] = ()
    undone_by: int | None = None
    undoes: int | None = None

    @property
    def id(self) -> str:
        """A change's number; for anything else, `e` and its sequence in the journal."""
        return str(self.row.number) if self.row.number is not None else f"e{self.row.sequence}"

    @property
    def by(self) -> str:
        """Who called, in words."""
        if self.row.format == 1:
            return f"{self.row.caller} over {self.body.get('surface')}"
        return str(self.caller)

    @cached_property
    def caller(self) -> Caller:
        if self.row.format == 1:
            client = self.body.get("client")
            principal = Principal(LOCAL, self.row.caller)
            return Caller(principal, str(self.body.get("surface")), ClientInfo(client) if client else None)
        return Caller.of(self.body["by"])

    @cached_property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.row.body)
        return found

    @cached_property
    def details(self) -> dict[str, Any]:
        """What is recorded of it, for people to read; empty where it was erased."""
        return self.chain.shown(self.row)

    @cached_property
    def whole(self) -> dict[str, Any]:
        """The details with nothing hidden, for undoing and settling it; empty where they were erased."""
        return self.chain.whole(self.row)

    @cached_property
    def ending(self) -> Row | None:
        """The entry about the outcome: from the process that made the change, or else the newest."""
        known = [one for one in self.later if one.kind in ("done", "failed", "partly")]
        return (known or self.later or (None,))[-1]

    @property
    def outcome(self) -> str:
        """The outcome in one word; see `RecordedChange.outcome`."""
        if self.row.kind != INTENT:
            return self.row.kind
        if self.ending is None:
            runs = time.time() - self.row.at < LONGEST and alive(str(self.body.get("process", "")))
            return "running" if runs else "unknown"
        if self.ending.kind == "settled":
            return str(json.loads(self.ending.body)["verdict"])
        return self.ending.kind

    @property
    def org(self) -> str:
        """The org's URL."""
        return self.row.org

    @property
    def unsettled(self) -> bool:
        return self.outcome == "unknown"

    @property
    def after(self) -> dict[str, Any]:
        """The facts after it, as far as Okta told them, otherwise as wanted."""
        told = self.chain.whole(self.ending).get("after") if self.ending else None
        return {**self.wanted, **(told or {})}

    @property
    def wanted(self) -> dict[str, Any]:
        """The facts as they were to be; a tuple holds all values that Okta could choose from."""
        return facts(self.whole.get("wanted", {}))

    @property
    def before(self) -> dict[str, Any]:
        """The facts before it."""
        return dict(self.whole.get("before", {}))

    def change(self) -> Change:
        """The change in the form that actions use, with the way to undo it."""
        plain = Change(
            id=self.id,
            action=self.row.action,
            arguments=self.whole.get("arguments", {}),
            before=self.before,
            after=self.after,
            wanted=self.wanted,
            text=self.details.get("text", ""),
            connection=self.row.connection,
        )
        return Change(**{**vars(plain), "reversal": self._reversal(plain)})

    def _reversal(self, plain: Change) -> Undo | str:
        action = CATALOGUE.get(plain.action)
        if self.row.kind != INTENT or self.outcome in ("failed", "not_done"):
            return "nothing was changed."
        if self.outcome != "done":
            return _WHY_NOT[self.outcome]
        if self.row.details is None:
            return "its details were erased."
        if self.undone_by is not None:
            return f"it was undone already, by change {self.undone_by}."
        if action is None or action.undo is None:
            return "okta-actions no longer has this action."
        return action.undo(plain) if callable(action.undo) else action.undo

    def listed(self) -> RecordedChange:
        reversal = self.change().reversal
        listed = RecordedChange(
            id=self.id,
            time=iso(self.row.at),
            action=self.row.action,
            summary=self.summary,
            outcome=self.outcome,
            by=readable(self.by),
            undoable=isinstance(reversal, Undo),
            why_not=reversal if isinstance(reversal, str) else None,
            undone_by=str(self.undone_by) if self.undone_by is not None else None,
            undoes=str(self.undoes) if self.undoes is not None else None,
            reason=readable(self.details["reason"]) if self.details.get("reason") else None,
        )
        listed._targets = tuple(id for row in (self.row, *self.later) for id in row.target_ids)
        action = CATALOGUE.get(self.row.action)
        people = [one for row in self.later for one in row.targets.split() if one.startswith(f"{USER.name}:")]
        listed._made_unknown = action is not None and action.creates is USER and not people
        return listed

    @property
    def summary(self) -> str:
        """The request in one line."""
        if text := self.details.get("text"):
            return readable(text)
        # No details are kept of a question that nobody answered.
        return self.row.action if self.row.format > 1 and self.row.digest == b"" else "(erased)"


def with_later(database: "Database", chain: Chain, found: Iterable[Row]) -> list[Recorded]:
    """These entries, each with the later entries about it."""
    return [_recorded(database, chain, row) for row in list(found)]


def _recorded(database: "Database", chain: Chain, row: Row) -> Recorded:
    undoes = _number(database, row.change)
    if row.kind != INTENT:
        return Recorded(chain, row, undoes=undoes)
    # The change, what undid it, what undid that, and so on: each is younger than what it undoes.
    line = [row]
    related: dict[int, list[Row]] = {}
    for one in line:
        related[one.sequence] = list(rows(database, "change = ?", (one.sequence,)))
        line += [later for later in related[one.sequence] if later.kind == INTENT]
    undone: dict[int, int | None] = {}
    found = Recorded(chain, row)
    for one in sorted(line, reverse=True):
        later = tuple(entry for entry in related[one.sequence] if entry.kind not in LISTED)
        found = Recorded(chain, one, later, undone.get(one.sequence), undoes)
        # An undo that was itself undone no longer counts.
        if one.change is not None and found.outcome == "done" and found.undone_by is None:
            undone[one.change] = one.number
    return found


def _number(database: "Database", sequence: int | None) -> int | None:
    """The number of the change that begins with that entry."""
    if sequence is None:
        return None
    return next((row.number for row in rows(database, "sequence = ?", (sequence,))), sequence)


def read(database: "Database", chain: Chain, number: int) -> Recorded | None:
    """The change of that number."""
    return next(iter(with_later(database, chain, rows(database, "number = ?", (number,)))), None)


def read_entry(database: "Database", chain: Chain, sequence: int) -> Recorded | None:
    """The question, refusal or event whose entry has that sequence."""
    kinds = ", ".join(f"'{kind}'" for kind in (*LISTED, *EVENTS))
    found = rows(database, f"sequence = ? AND kind IN ({kinds})", (sequence,))
    return next(iter(with_later(database, chain, found)), None)


def newest(database: "Database", chain: Chain, limit: int | None = None) -> list[Recorded]:
    """The newest changes, questions, refusals and events, newest first; all of them without a limit."""
    kinds = ", ".join(f"'{kind}'" for kind in (*LISTED, *EVENTS))
    return with_later(database, chain, islice(rows(database, f"kind IN ({kinds})", order="DESC"), limit))


class History:
    """The record of one connection, for the actions that read it."""

    def __init__(self, recorder: Recorder, connection: Connection) -> None:
        self._recorder = recorder
        self._connection = connection

    async def find(self, id: str) -> Change:
        """The change with this id, if it was made through this connection.

        Raises:
            NotFound: there is none.
        """
        if id.isdecimal() and len(id) < 18:
            found = await self._recorder.read(lambda database, chain: read(database, chain, int(id)))
            if found is not None and self._is_here(found):
                return found.change()
            if found is not None:
                raise NotFound(
                    f"Change {id} was made through the connection “{readable(found.row.connection)}” to {found.org}, "
                    f"not through “{self._connection.name}” to {self._connection.org_url}.",
                    code="other_connection",
                    next_step=f"Use that connection. In a terminal: okta-actions undo {id} --connection "
                    f"{shlex.quote(found.row.connection)}",
                )
        raise NotFound(
            f"No change has the id “{readable(id)[:40]}”.",
            next_step="list_changes lists the recorded changes; in a terminal: okta-actions journal list",
        )

    def _is_here(self, found: Recorded) -> bool:
        here = (self._connection.name, self._connection.org_url)
        return (found.row.connection, found.org) == here

    async def recent(
        self,
        *,
        targets: tuple[str, ...],
        change_id: str | None,
        action: str | None,
        since: datetime | None,
        limit: int,
        cursor: str | None,
    ) -> ChangeList:
        """A page of changes, newest first, without questions that were not accepted."""
        if cursor is not None and (not cursor.isdecimal() or len(cursor) > 17):
            raise InvalidInput("The cursor is not one of list_changes.", next_step="Omit it to start over.")
        wanted = WantedChanges(
            self._connection.name,
            self._connection.org_url,
            targets=targets,
            action=action,
            since=(since if since.tzinfo else since.replace(tzinfo=UTC)).timestamp() if since else None,
            below=int(cursor) if cursor is not None else None,
            number=int(change_id) if change_id is not None else None,
        )

        def page(database: "Database", chain: Chain) -> ChangeList:
            listed = _page(database, chain, wanted, limit)
            at = begins(database, wanted.connection, wanted.org)
            first = iso(at) if at is not None else None
            begun = f"the record begins at {first}" if first else "nothing is recorded yet"
            note = (
                None
                if listed.changes
                else f"No recorded change matches; {begun}, and only changes made here are recorded."
            )
            return listed.model_copy(update={"record_since": first, "note": note})

        return await self._recorder.read(page)


def _page(database: "Database", chain: Chain, wanted: WantedChanges, limit: int) -> ChangeList:
    intents = list(islice(finding.found(database, wanted), limit + 1))
    listed = [recorded.listed() for recorded in with_later(database, chain, intents[:limit])]
    return ChangeList(changes=listed, next_cursor=listed[-1].id if len(intents) > limit else None)
