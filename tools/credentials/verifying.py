"""Verifying that somebody is who they say: a push to their device, which they approve or reject."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import Field, PrivateAttr

from tools.contract.action import writes
from tools.contract.arguments import Named
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.contract.recalling import last_call
from tools.contract.targets import Pending
from tools.objects.factors import Factor, PersonAndFactors, named, person_and_factors
from tools.objects.side_effects import Challenges
from tools.objects.statuses import cannot
from tools.objects.users import OnePerson
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, Ambiguous, InvalidInput, NotFound, OktaError

WAITS = 300.0
"""Seconds in which a person can answer a push (Okta's API reference, "Verify a factor")."""
_RESULTS = {"WAITING": "waiting", "SUCCESS": "approved", "REJECTED": "rejected", "TIMEOUT": "timed_out"}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 4.0
_NEW = timedelta(days=1)
_OUT = ("STAGED", "SUSPENDED", "DEPROVISIONED")
"""The statuses of people whom Okta sends no push."""
Result = Literal["approved", "rejected", "timed_out", "waiting"]


class VerifyPerson(OnePerson):
    factor_id: Named | None = Field(None, description="Id from list_factors, if they have several for pushes.")
    wait: int = Field(20, ge=0, le=25, description="Seconds to wait for their answer.")


class Verification(Outcome):
    user_id: str | None = None
    login: str | None = None
    verified: bool | None = Field(None, description="Whether they approved the push.")
    result: Result | None = None
    number: int | None = Field(None, description="What they must choose on the device: tell them.")
    _facts: dict[str, Any] = PrivateAttr(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        return self._facts


class PersonToAsk(PersonAndFactors):
    """`transaction` is a push to the factor `waiting` that this caller sent and that was not answered yet."""

    waiting: str | None = None
    transaction: str | None = None

    def chosen(self, id: str | None) -> Factor | None:
        """The factor that is asked: the one named, the one that was asked, or the only one for pushes."""
        pushes = [factor for factor in self.factors if factor.factor_type == "push" and factor.works]
        wanted = id or self.waiting
        found = [factor for factor in pushes if wanted in (None, factor.id)]
        return found[0] if len(found) == 1 else None

    def goes_on(self, id: str | None) -> bool:
        return self.transaction is not None and id in (None, self.waiting) and self.chosen(id) is not None


async def whom_to_ask(request: VerifyPerson, okta: OktaClient, pending: Pending) -> PersonToAsk:
    found, before = await asyncio.gather(
        person_and_factors(request, okta, pending), last_call("verify_person", request.user_id)
    )
    waits = before is not None and before.age < WAITS and before.facts.get("result") == "waiting"
    facts = before.facts if before is not None and waits else {}
    return PersonToAsk(
        user=found.user,
        factors=found.factors,
        waiting=facts.get("factor_id"),
        transaction=facts.get("transaction"),
    )


def unless_askable(request: VerifyPerson, before: PersonToAsk) -> None:
    user = before.user
    if user.status in _OUT:
        raise cannot(user, "Okta sends them no push.", code="not_verifiable")
    if before.chosen(request.factor_id) is not None:
        return
    if request.factor_id is not None:
        one = before.factor(request.factor_id)
        raise InvalidInput(
            f"{user.label} cannot be asked by {one.label}: only Okta Verify push that is ACTIVE answers by itself.",
            code="no_push",
            next_step=f"{before.listed} Verify them by another way that your organization knows.",
        )
    pushes = [factor for factor in before.factors if factor.factor_type == "push" and factor.works]
    if pushes:
        raise Ambiguous(
            f"{user.label} has {len(pushes)} factors for pushes: {named(pushes)}.",
            next_step="Ask which device they have at hand, and send its id as factor_id.",
        )
    raise InvalidInput(
        f"{user.label} has no Okta Verify push, which alone answers by itself. {before.listed}",
        code="no_push",
        next_step="Verify them by another way that your organization knows.",
    )


def what_asking_does(request: VerifyPerson, before: PersonToAsk) -> Preview:
    user, one = before.user, before.chosen(request.factor_id)
    by = one.label if one else "a push"
    if before.goes_on(request.factor_id):
        text = f"Ask whether {user.label}, {user.status}, has answered the push that waits on {by}."
        effects: tuple[Challenges, ...] = ()
    else:
        text = f"Send {user.label}, {user.status}, a push to approve: {by}."
        effects = (Challenges(user.id),)
    return Preview(
        text,
        consequence="Nothing is changed. Tell them to expect it, and to reject it if it does not come from you.",
        details=(f"Person: {user.described}.",),
        side_effects=effects,
        before={},
        after={"result": tuple(_RESULTS.values())},
    )


@writes(
    scopes={"okta.users.manage"},
    idempotent=False,
    observe=whom_to_ask,
    preview=what_asking_does,
    refuse=unless_askable,
    undo="nothing was changed.",
    words="identity check at the help desk, send a push, is the caller really who they say, verify the caller, "
    "push challenge, prove who they are",
)
async def verify_person(request: VerifyPerson, okta: OktaClient, before: PersonToAsk) -> Verification:
    """Verify that somebody is who they say: send an Okta Verify push to their device and wait for their answer.

    They are verified only if `verified` is true. If result is waiting, call it again: no second push is sent.
    """
    one = before.chosen(request.factor_id)
    assert one is not None  # it would have been refused
    ends = time.monotonic() + request.wait
    path = ("users", before.user.id, "factors", one.id)
    if before.goes_on(request.factor_id):
        transaction = str(before.transaction)
        told = await _state(okta, *path, "transactions", transaction)
    else:
        told = await okta.post(*path, "verify")
        transaction = _transaction(told)
    pause = _FIRST_PAUSE
    # A number must be told to the person before they can answer.
    while _result(told) == "waiting" and (left := ends - time.monotonic()) > 0 and _number(told) is None:
        await asyncio.sleep(min(pause, left))
        pause = min(1.5 * pause, _LONGEST_PAUSE)
        told = await _state(okta, *path, "transactions", transaction)
    return _verification(before, one, transaction, _result(told), _number(told))


async def _state(okta: OktaClient, *path: str) -> Any:
    """How far a push is; still waiting if Okta cannot be asked now."""
    try:
        return await okta.anew(*path)
    except NotFound:
        return {"factorResult": "TIMEOUT"}
    except ActionError:
        return {"factorResult": "WAITING"}


def _result(told: Any) -> Result:
    result = told.get("factorResult") if isinstance(told, dict) else None
    # Whatever Okta may answer besides, such as ERROR, is no approval.
    return _RESULTS.get(str(result), "rejected")  # type: ignore[return-value]


def _number(told: Any) -> int | None:
    embedded = told.get("_embedded") if isinstance(told, dict) else None
    challenge = embedded.get("challenge") if isinstance(embedded, dict) else None
    number = challenge.get("correctAnswer") if isinstance(challenge, dict) else None
    return int(number) if isinstance(number, int | str) and str(number).isdecimal() else None


def _transaction(told: Any) -> str:
    """The id of the push, which is the last part of the link to ask for it.

    Raises:
        OktaError: Okta sent none.
    """
    links = told.get("_links") if isinstance(told, dict) else None
    poll = links.get("poll") if isinstance(links, dict) else None
    href = poll.get("href") if isinstance(poll, dict) else None
    id = str(href or "").rstrip("/").rpartition("/transactions/")[2]
    if not id or "/" in id:
        raise OktaError(
            "Okta accepted the push, but did not say where to ask for the answer.", code="no_transaction", status=200
        )
    return id


def _verification(
    before: PersonToAsk, one: Factor, transaction: str, result: Result, number: int | None
) -> Verification:
    user = before.user
    message = {
        "approved": f"Verified: {user.label} approved the push on {one.label}.{_warning(one)}",
        "rejected": f"NOT verified: {user.label} rejected the push on {one.label}. Do nothing in their name, and "
        "report it: somebody may pretend to be them.",
        "timed_out": f"NOT verified: {user.label} did not answer the push on {one.label}, and it is over now.",
        "waiting": f"NOT verified yet: the push on {one.label} waits for {user.label}. Call verify_person again with "
        "the same arguments; no second push is sent.",
    }[result]
    if number is not None and result == "waiting":
        message += f" Tell them to choose the number {number} on the device."
    made = Verification(
        success=True,
        changed=False,
        user_id=user.id,
        login=user.login,
        verified=result == "approved",
        result=result,
        number=number if result == "waiting" else None,
        message=message,
    )
    made._facts = {"result": result, "factor": one.kind, "factor_id": one.id, "transaction": transaction}
    return made


def _warning(one: Factor) -> str:
    """Whoever has just taken an account over enrolls a device of theirs."""
    if one.created is None or datetime.now(UTC) - one.created > _NEW:
        return ""
    return f" But this device was enrolled only on {one.created:%Y-%m-%d at %H:%M} UTC: ask whether that was them."
