"""The toolset `changes`: what was done through here, and taking it back."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from server.connections.models import iso
from server.door.execution import Question
from server.door.own import Here, own
from server.door.passage import Observation, Passage
from server.journal.history import read
from server.journal.listing import ChangeList
from server.journal.reconciling import conflict, facts_now
from tools.catalogue import CATALOGUE
from tools.contract.arguments import ActionInput, Named
from tools.contract.definition import WRITES, Effect
from tools.contract.outcomes import Outcome
from tools.contract.record import Change, Undo
from tools.contract.sight import sight
from tools.contract.validation import validate
from tools.objects.groups import GroupRef
from tools.objects.ids import USER_ID
from tools.objects.users import UserRef
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput, NotFound
from tools.text.quoting import quote

_AT_ONCE = 20
"""People that one request asks about: their ids stand in its address."""

ChangeId = Annotated[Named, Field(description="A change_id.", coerce_numbers_to_str=True)]


class ListChanges(ActionInput):
    change_id: ChangeId | None = Field(None, description="Only this change.")
    user_id: UserRef | None = Field(None, description="Only changes to this person: id, login or e-mail.")
    group_id: GroupRef | None = Field(None, description="Only changes to this group: id or exact name.")
    action: str | None = Field(None, max_length=60, description="Only changes by this action.")
    since: datetime | None = Field(None, description="Only changes after this time (ISO 8601).")
    limit: int = Field(20, ge=1, le=100, description="Maximum number of results.")
    cursor: str | None = Field(None, max_length=40, description="next_cursor of the previous page.")


@own(words="activity of this server, who did what here")
async def list_changes(request: ListChanges, here: Here) -> ChangeList:
    """List changes made through this server, newest first: who made them, to whom, and whether they can be undone.

    Changes made elsewhere, such as in the Okta Admin Console, are not included.
    """
    async with here.passage(request) as passage:
        if request.change_id is not None:
            await passage.history.find(request.change_id)
        request, targets = await passage.resolve(here.action, request)
        wanted = request.model_dump(exclude={"user_id", "group_id"})
        page = await passage.history.recent(**wanted, targets=tuple(one.id for one in targets.objects))
        return await _of_managed_people(request, page, passage.okta)


async def _of_managed_people(request: ListChanges, page: ChangeList, okta: OktaClient) -> ChangeList:
    """The page without changes to people who may not be seen."""
    if sight().people is None:
        return page
    strangers = await _strangers(okta, {id for one in page.changes for id in one.targets if USER_ID.fullmatch(id)})
    # Of whom a change was to create, and nobody knows what came of it, nobody knows either whether they may be seen.
    shown = [one for one in page.changes if strangers.isdisjoint(one.targets) and not one.made_unknown]
    if request.change_id is not None and page.changes and not shown:
        raise NotFound(
            f"No change has the id “{request.change_id}”.", next_step="list_changes lists the recorded changes."
        )
    # That nothing fits is not said: it would tell that something does where it is not said.
    return page.model_copy(update={"changes": shown, "note": None})


async def _strangers(okta: OktaClient, ids: set[str]) -> set[str]:
    """Those of these people who may not be seen; who is gone may not."""
    see = sight().people
    assert see is not None
    people: list[dict[str, Any]] = []
    for at in range(0, len(ids), _AT_ONCE):
        wanted = " or ".join(f'id eq "{id}"' for id in sorted(ids)[at : at + _AT_ONCE])
        people += [one async for page in okta.pages("users", filter=wanted, limit=_AT_ONCE) for one in page]
    return ids - await see(people)


class UndoChange(ActionInput):
    change_id: ChangeId


class Undone(Outcome):
    """The answer of the call that the undo came down to, with what it reversed."""

    model_config = ConfigDict(frozen=True, extra="allow")

    undid: str | None = Field(None, description="The change that was undone.")
    loses: str | None = Field(None, description="What could not be restored.")


@own(
    effect=Effect.WRITE,
    leads_to=WRITES,
    undo="the undo is a change of its own, and can itself be undone",
    escalates="if the reversing action asks, or cannot restore everything",
)
async def undo_change(request: UndoChange, here: Here) -> Undone | Question:
    """Undo a change made through this server. Refused if somebody has changed the same thing since."""
    async with here.passage(request) as passage:
        undo = _the_reversal(await passage.history.find(request.change_id))
        outcome = await _reverse(request.change_id, undo, passage, dry_run=here.dry_run)
    if isinstance(outcome, Question):
        return outcome
    return Undone(
        **outcome.model_dump(), undid=request.change_id if outcome.changed else None, loses=undo.loses or None
    )


def _the_reversal(change: Change) -> Undo:
    """The call that reverses the change.

    Raises:
        InvalidInput: with the reason why there is none.
    """
    if isinstance(change.reversal, str):
        raise InvalidInput(
            f"Change {change.id} ({change.action}) cannot be undone: {change.reversal}", code="not_undoable"
        )
    return change.reversal


async def _reverse(id: str, undo: Undo, passage: Passage, *, dry_run: bool) -> Outcome | Question:
    """Carry the reversing call out.

    Raises:
        InvalidInput: somebody has since changed what the change had changed. ActionError: the call was refused.
    """
    change = await passage.recorder.read(lambda database, chain: read(database, chain, int(id)))
    if change is None:
        raise NotFound(f"Change {id} is no longer in the journal.")
    action = CATALOGUE[undo.action]
    passage = await passage.leading_to(action)
    seen, now = await asyncio.gather(
        passage.look(action, validate(action, undo.arguments)),
        facts_now(change, passage.okta),
        return_exceptions=True,
    )
    # The person first: nothing may be told about people who may not be named.
    for one in (seen, now):
        if isinstance(one, NotFound):
            raise NotFound(
                f"Change {id} cannot be undone any more: {one.summary}",
                next_step="What is gone cannot be brought back from here.",
            )
        if isinstance(one, BaseException):
            raise one
    assert isinstance(seen, Observation)
    assert isinstance(now, dict)
    if moved := conflict(change, now):
        raise InvalidInput(
            f"Change {change.id} was not undone, because somebody has changed the same thing since: {moved}.",
            code="changed_since",
            next_step="Look at the current state. To change it anyway, use the action itself.",
        )
    return await passage.write(
        action,
        seen,
        dry_run=dry_run,
        undoes=change,
        preface=f"Undo change {change.id} of {iso(change.row.at)}.",
        about=f"Change {change.id} was: {quote(change.summary, 200)}",
        loses=undo.loses,
    )
