"""The toolset `changes`: what was done through here, and taking it back."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from tools.contract.action import becomes, reads
from tools.contract.arguments import ActionInput
from tools.contract.changes import ChangeRef
from tools.contract.outcomes import Outcome
from tools.contract.record import Change, ChangeList, Undo
from tools.contract.sight import sight
from tools.contract.targets import Targets
from tools.objects.groups import GroupRef
from tools.objects.ids import USER_ID
from tools.objects.users import UserRef
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput, NotFound

_AT_ONCE = 20
"""People that one request asks about: their ids stand in its address."""


class ListChanges(ActionInput):
    change_id: ChangeRef | None = Field(None, description="Only this change.")
    user_id: UserRef | None = Field(None, description="Only changes to this person: id, login or e-mail.")
    group_id: GroupRef | None = Field(None, description="Only changes to this group: id or exact name.")
    action: str | None = Field(None, max_length=60, description="Only changes by this action.")
    since: datetime | None = Field(None, description="Only changes after this time (ISO 8601).")
    limit: int = Field(20, ge=1, le=100, description="Maximum number of results.")
    cursor: str | None = Field(None, max_length=40, description="next_cursor of the previous page.")


async def recorded(request: ListChanges, okta: OktaClient, targets: Targets) -> ChangeList:
    if targets.record is None:
        return ChangeList(changes=[])
    wanted = request.model_dump(exclude={"user_id", "group_id"})
    page = await targets.record.recent(**wanted, targets=tuple(one.id for one in targets.objects))
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


@reads(scopes=set(), observe=recorded, words="activity of this server, who did what here")
async def list_changes(request: ListChanges, okta: OktaClient, page: ChangeList) -> ChangeList:
    """List changes made through this server, newest first: who made them, to whom, and whether they can be undone.

    Changes made elsewhere, such as in the Okta Admin Console, are not included.
    """
    return page


class UndoChange(ActionInput):
    change_id: ChangeRef


class Undone(Outcome):
    """The answer of the call that the undo came down to, with what it reversed."""

    model_config = ConfigDict(frozen=True, extra="allow")

    undid: str | None = Field(None, description="The change that was undone.")
    loses: str | None = Field(None, description="What could not be restored.")


def the_reversal(request: UndoChange, targets: Targets) -> Undo:
    """The call that reverses the change.

    Raises:
        InvalidInput: with the reason why there is none.
    """
    change = targets.the(Change)
    if isinstance(change.reversal, str):
        raise InvalidInput(
            f"Change {change.id} ({change.action}) cannot be undone: {change.reversal}", code="not_undoable"
        )
    return change.reversal


@becomes(
    the_reversal,
    undo="the undo is a change of its own, and can itself be undone",
    escalates="if the reversing action asks, or cannot restore everything",
)
async def undo_change(request: UndoChange, okta: OktaClient, done: tuple[str, Outcome]) -> Undone:
    """Undo a change made through this server. Refused if somebody has changed the same thing since."""
    loses, outcome = done
    return Undone(
        **outcome.model_dump(),
        undid=request.change_id if outcome.changed else None,
        loses=loses or None,
    )
