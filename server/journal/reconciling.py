"""Settles changes without a recorded outcome by asking Okta for the present state."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.connections.manager import ConnectionManager
from server.journal.chain import Chain, rows
from server.journal.history import Recorded, with_later
from server.journal.matter import Matter
from server.journal.recording import Ending, Recorder
from tools.catalogue import CATALOGUE
from tools.contract.action import Action
from tools.contract.facts import Facts, holds
from tools.contract.resolving import observe
from tools.contract.validation import validate
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, InvalidInput, NotFound
from tools.text.redaction import HIDDEN

if TYPE_CHECKING:
    from server.store.database import Database

SETTLED_AFTER = 60.0
"""Seconds after the last entry about a change: until then a request may be under way, and Okta's reads may lag."""
_OPEN = (
    "kind = 'intent' AND NOT EXISTS (SELECT 1 FROM journal AS later WHERE later.change = journal.sequence "
    "AND later.kind IN ('done', 'failed', 'partly', 'settled'))"
)


@dataclass(frozen=True)
class Settlement:
    """The result for a change; without a verdict it could not be checked yet."""

    change: Recorded
    verdict: str | None
    reason: str


async def facts_now(change: Recorded, okta: OktaClient) -> dict[str, Any]:
    """The facts that a change was about, as Okta has them now.

    Raises:
        NotFound: its target is gone. ActionError: Okta cannot be asked.
    """
    action = CATALOGUE.get(change.row.action)
    if action is None or action.preview is None or change.row.details is None:
        raise InvalidInput("its details were erased.", code="erased")
    try:
        request, observed = await observe(action, validate(action, _decisive(action, change.whole["arguments"])), okta)
    except NotFound:
        if (gone := {"exists": False}).items() <= change.wanted.items():
            return gone
        raise
    return dict(action.preview(request, observed).before)


def _decisive(action: Action, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that the facts depend on: what was created stays there if what it was put into goes."""
    if action.creates is None:
        return arguments
    fields = action.input.model_fields
    return {
        name: value for name, value in arguments.items() if name not in action.references or fields[name].is_required()
    }


def conflict(change: Recorded, now: Facts) -> str:
    """The facts that are no longer as the change left them, in words; empty if all are."""
    before, after, wanted = change.before, change.after, change.wanted
    hides = change.chain.hides
    moved = [
        f"{name} is different" if hides(name) else f"{name} is {_shown(now.get(name))}, not {_shown(after[name])}"
        for name in after
        if before.get(name) != after[name]
        and not holds(now, {name: after[name]})
        and not (name in wanted and holds(now, {name: wanted[name]}))
    ]
    return "; ".join(moved)


def judge(change: Recorded, now: Facts) -> tuple[str, str]:
    """Whether it was done, by the facts as they are now: a verdict and its reason."""
    before = change.before
    wanted = {name: value for name, value in change.wanted.items() if before.get(name) != value}
    if HIDDEN in str((before, wanted)):
        return "unknowable", "A value looked like a secret and was not recorded."
    if wanted and not any(name in now for name in wanted):
        return "unknowable", f"Okta does not show whether it was done: {', '.join(wanted)}."
    hides = change.chain.hides
    told = (
        ", ".join(f"{name} is {HIDDEN if hides(name) else _shown(now.get(name))}" for name in wanted)
        or "there was nothing to change"
    )
    if holds(now, wanted):
        return "done", f"Okta shows the intended state: {told}."
    if all(now.get(name) == before.get(name) for name in wanted):
        return "not_done", f"Okta shows the state before: {told}."
    if any(holds(now, {name: value}) for name, value in wanted.items()):
        return "partly", f"Okta shows part of the intended state: {told}."
    return (
        "unknowable",
        f"The state is neither the one before nor the intended one, so somebody else changed it: {told}.",
    )


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " or ".join(map(str, value))
    return "(empty)" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def unsettled(database: "Database", chain: Chain) -> list[Recorded]:
    """The changes whose outcome is not known and that are no longer running, oldest first."""
    return [one for one in with_later(database, chain, rows(database, _OPEN)) if one.unsettled]


async def reconcile(
    recorder: Recorder, connections: ConnectionManager, settled_after: float = SETTLED_AFTER
) -> list[Settlement]:
    """Settle the changes that can be settled, and record that. Those that Okta cannot be asked about stay open."""
    findings = []
    for change in await recorder.read(unsettled):
        finding, now = await _look(change, connections, settled_after)
        if finding.verdict is not None:
            made = _made(change, now) if finding.verdict == "done" else None
            ending = Ending("settled", after=now, made=made, verdict=finding.verdict, reason=finding.reason)
            await recorder.settle(change.row.sequence, _matter(change), ending)
        findings.append(finding)
    return findings


async def _look(
    change: Recorded, connections: ConnectionManager, settled_after: float
) -> tuple[Settlement, dict[str, Any]]:
    try:
        connection = await connections.connected(change.row.connection)
        if connection.org_url != change.org:
            return Settlement(change, None, f"{change.org} is no longer connected."), {}
        okta = await connections.client(connection)
        now = await facts_now(change, okta)
    except NotFound as error:
        return Settlement(change, "unknowable", f"Its target no longer exists: {error.summary}"), {}
    except InvalidInput as error:
        return Settlement(change, "unknowable", f"It can no longer be checked: {error.summary}"), {}
    except ActionError as error:
        return Settlement(change, None, f"Okta cannot be asked now: {error.summary}"), {}
    verdict, reason = judge(change, now)
    left = (change.ending or change.row).at + settled_after - time.time()
    if verdict != "done" and left > 0:
        return Settlement(change, None, f"Too early to tell: Okta may still do it. Try again in {left:.0f} s."), {}
    return Settlement(change, verdict, reason), now


def _made(change: Recorded, now: Facts) -> tuple[str, str, str] | None:
    """Kind and id of the object it created, if any."""
    action = CATALOGUE.get(change.row.action)
    if action is None or action.creates is None or not now.get("id"):
        return None
    return (action.creates.name, str(now["id"]), "")


def _matter(change: Recorded) -> Matter:
    """The matter of a change, complete enough to record more about it."""
    row = change.row
    return Matter(
        caller=change.caller,
        connection=row.connection,
        org=row.org,
        identity=str(change.body.get("identity")),
        action=row.action,
        arguments={},
        targets=tuple(
            (kind or "target", id, "") for kind, _, id in (one.rpartition(":") for one in row.targets.split())
        ),
        before={},
        wanted={},
        text="",
        batch=row.batch,
    )
