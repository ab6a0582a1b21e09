"""The rule `verify_first`: what is done to a person only after that person was verified."""

from server.door.attempt import Attempt
from server.journal.recording import Recorder
from server.journal.verifications import VERIFYING, is_verified
from server.policy.rules import PolicyRefusal, Rules
from tools.catalogue import CATALOGUE
from tools.contract.definition import Effect
from tools.objects.users import USER, User

VERIFIABLE = tuple(
    name
    for name, action in CATALOGUE.listed.items()
    if action.effect is not Effect.READ and USER.name in action.kind_names and name != VERIFYING
)
"""The actions that may be done only to somebody who was verified: the writes that name a person."""


async def unverified(rules: Rules, recorder: Recorder, attempt: Attempt) -> PolicyRefusal | None:
    """Why a write must wait, or None: a person whom it names was not verified lately by this caller.

    The success must be this caller's own, and of this person in this org: nobody profits from what another one asked.
    """
    if attempt.action.name not in rules.verify_first:
        return None
    org, caller = attempt.connection.org_url, attempt.caller
    for user in attempt.targets.all(User):
        if not await recorder.read(
            lambda database, chain, id=user.id: is_verified(database, chain, org, id, caller)  # type: ignore[misc]
        ):
            error = PolicyRefusal(
                "verify_first", f"{user.label} was not verified in the last ten minutes by this caller."
            )
            error.next_step = (
                f"Call {VERIFYING} with user_id {user.id}; once they have approved the push, call this again."
            )
            return error
    return None
