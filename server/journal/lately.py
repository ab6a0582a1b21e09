"""Recent changes made through this server, to be shown when a question is asked about a person or a group.

A program that wants a confirmation may first change values that the question shows, such as a name.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from server.connections.models import Connection
from server.journal.chain import Chain, rows
from server.journal.history import Recorded, with_later
from server.journal.recording import Recorder
from tools.contract.targets import Targets
from tools.objects.attribute_names import field_of
from tools.objects.groups import Group
from tools.objects.users import User
from tools.text.quoting import name_of, quote

if TYPE_CHECKING:
    from server.store.database import Database

LATELY = 3600.0
"""Seconds."""
MOST_LOOKED_AT = 50
"""Maximum number of changes of one person or group that are read."""
MOST_BETWEEN = 1000
"""Maximum number of changes in a row that were not done lately, before no more are looked for."""
_VERBS = {"add_user_to_group": "Added to", "remove_user_from_group": "Removed from"}


@dataclass(frozen=True)
class Lately:
    """Recent changes to the targets, and whether the caller makes many similar ones."""

    changes: tuple[str, ...] = ()
    hurries: bool = False


async def told_lately(
    recorder: Recorder,
    connection: Connection,
    targets: Targets,
    hurries: "Callable[[Database], bool]",
    undoes: int | None = None,
) -> Lately:
    """The recent changes of these targets and this caller.

    `hurries` tells whether the caller makes many of them. The change being undone, given by its intent, is shown
    elsewhere.
    """

    def look(database: "Database", chain: Chain) -> Lately:
        org = connection.org_url
        told = [
            *(
                text
                for user in targets.all(User)
                for text in _changes(database, chain, org, user.id, partial(_told, user=user), undoes)
            ),
            *(
                text
                for group in targets.all(Group)
                for text in _changes(database, chain, org, group.id, partial(_told_of_group, group=group), undoes)
            ),
        ]
        return Lately(tuple(told), hurries=hurries(database))

    return await recorder.read(look)


def _changes(
    database: "Database",
    chain: Chain,
    org: str,
    target: str,
    tell: Callable[[Recorded], dict[str, str]],
    undoes: int | None,
) -> Iterator[str]:
    told: dict[str, str] = {}
    # The newest first, so that the oldest value is the one that stays.
    for sequence in islice(_done_lately(database, org, target), MOST_LOOKED_AT):
        if sequence == undoes:
            continue
        for recorded in with_later(database, chain, rows(database, "sequence = ?", (sequence,))):
            memberships = recorded.row.action in _VERBS
            for subject, text in tell(recorded).items():
                # What joined and left is where it was before: each change of a membership takes back the one after it.
                told[subject] = "" if memberships and told.get(subject) else text
    yield from (text for text in told.values() if text)


def _done_lately(database: "Database", org: str, target: str) -> Iterator[int]:
    """The changes of a target that were done within that time, by the sequences of their intents."""
    cursor = database.driver.cursor()
    try:
        cursor.execute(
            "SELECT change, EXISTS (SELECT 1 FROM journal WHERE journal.change = one.change AND kind = 'done' "
            "AND org = ? AND at > ?) FROM journal_targets AS one WHERE target = ? ORDER BY change DESC",
            (org, time.time() - LATELY, target),
        )
        others = 0
        for change, lately in cursor:
            if lately:
                others = 0
                yield change
            # Failed ones and, since clocks are set at times, older ones may lie between; then there are only those.
            elif (others := others + 1) > MOST_BETWEEN:
                return
    finally:
        cursor.close()


def _told(recorded: Recorded, user: User) -> dict[str, str]:
    """A change's effects by subject, without those that left things as they were."""
    how = f"through this server (change {recorded.id})"
    match recorded.row.action:
        case "create_user":
            return {"": f"Created {how}."}
        case "update_user_profile":
            changed = (name for name, value in recorded.before.items() if value != recorded.after.get(name))
            hides = recorded.chain.hides
            return {
                name: _was(name, recorded.before[name], user.profile.get(name), how, hidden=hides(name))
                for name in changed
            }
        case action if action in _VERBS:
            labels = _groups(recorded.details.get("targets", {}), user)
            return {label: f"{_VERBS[action]} the group {label} {how}." for label in labels}
        case _:
            before = recorded.before.get("status")
            return {"status": f"Status was {before} until changed {how}." if before not in (None, user.status) else ""}


def _told_of_group(recorded: Recorded, group: Group) -> dict[str, str]:
    """A change's effects on what names and describes a group, by which a person knows what somebody gets with it."""
    if recorded.row.action != "update_group":
        return {}
    how = f"through this server (change {recorded.id})"
    told = {
        name: _was(name, before, group.profile.get(name), how, hidden=False) for name, before in recorded.before.items()
    }
    return {name: f"The group's {text}" if text else "" for name, text in told.items()}


def _was(name: str, before: Any, now: Any, how: str, *, hidden: bool) -> str:
    if hidden:
        return f"{name_of(field_of(name))} was changed {how}."
    if before == now:
        return ""
    was = "empty" if before in (None, "") else quote(str(before))
    return f"{name_of(field_of(name))} was {was} until changed {how}."


def _groups(targets: dict[str, Any], user: User) -> Iterable[str]:
    return [str(label) for id, label in targets.items() if id != user.id]
