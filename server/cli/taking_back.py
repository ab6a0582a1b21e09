"""`/changes` and `/undo` of a chat: list changes and take them back."""

from contextlib import aclosing
from typing import Any

from server.agent.session import CHANGES, UNDO, CallOutcome
from server.cli.talking import Talk

LATEST = 20
"""Number of changes that /changes lists."""


def list_changes(talk: Talk, _: str) -> None:
    """List the latest changes, whoever made them, with how to undo them."""
    if not talk.agent.session.has(CHANGES):
        talk.screen.line("The server does not list changes.")
        return
    changes = talk.look(_latest, talk)
    talk.screen.changes(changes)
    if not changes:
        talk.screen.line("No changes.")


def undo(talk: Talk, id: str) -> None:
    """Undo a change: the one with this id, or the last one of this chat that can be undone."""
    if not talk.agent.session.has(UNDO):
        talk.screen.line("The server cannot undo changes.")
        return
    named = bool(id)
    if not named:
        made = talk.look(_back_to_an_undoable_one, talk)
        last = made.pop() if made and made[-1].get("undoable") else None
        talk.screen.changes(made)
        if last is None:
            talk.screen.line("No change of this chat can be undone. /changes lists earlier ones; /undo ID undoes one.")
            return
        id = str(last["id"])
    told = talk.run(lambda: talk.agent.look(UNDO, change_id=id, dry_run=True))
    if told.outcome is not CallOutcome.DONE:
        talk.screen.line(told.text)
        return
    # Somebody who names a change means it; otherwise they are shown first which one it is, as any question also does.
    if not told.content.get("asks"):
        talk.screen.line(str(told.content.get("would")))
        if not named and not talk.asked("Undo that?"):
            return
    undone = talk.run(lambda: talk.agent.call(UNDO, talk.screen.tell, change_id=id))
    talk.screen.uncertain([undone])


async def _latest(talk: Talk) -> list[dict[str, Any]]:
    """The latest changes, newest first."""
    found: list[dict[str, Any]] = []
    async with aclosing(talk.agent.session.changes(limit=LATEST)) as changes:
        async for change in changes:
            found.append(change)
            if len(found) == LATEST:
                break
    return found


async def _back_to_an_undoable_one(talk: Talk) -> list[dict[str, Any]]:
    """This chat's changes, newest first, up to and including the first that can be undone.

    Undos and changes that were undone or failed are left out: nobody means them by the last thing that was done.
    """
    found: list[dict[str, Any]] = []
    for id in reversed(talk.agent.changes):
        async with aclosing(talk.agent.session.changes(change_id=id)) as changes:
            async for change in changes:
                if change.get("undone_by") or change.get("undoes") or change.get("outcome") == "failed":
                    continue
                found.append(change)
                if change.get("undoable"):
                    return found
    return found
