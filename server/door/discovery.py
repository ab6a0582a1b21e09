"""The toolset `discovery`: finding actions by words, and running them by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ConfigDict, Field

from server.door.call import Call
from server.door.own import Here, own
from tools.contract.arguments import ActionInput, Named
from tools.contract.calls import DRY_RUN
from tools.contract.definition import WRITES, Definition, Effect
from tools.contract.listing import ListedAction
from tools.contract.outcomes import Output
from tools.contract.repairing import OF_FLOW_BUILDERS
from tools.contract.validation import accept
from tools.finding.answer import FoundActions, answer
from tools.okta.errors import InvalidInput


class FindActions(ActionInput):
    query: Named = Field(description="What is to be done to whom or what, in plain words, or an action's name.")
    limit: int = Field(5, ge=1, le=10, description="Maximum number of results.")


@own(neutral=True)
async def find_actions(request: FindActions, here: Here) -> FoundActions:
    """Find actions for what no other tool does: names, descriptions and input schemas, best first.

    Then call run_read or run_action. `reason` tells why an action is withheld, `not_here` what none does, and where in
    Okta that is done.
    """
    offers = {offer.action.name: offer for offer in await here.door.offers(here.call.connection)}
    found = here.door.find(request.query, request.limit)

    def withheld(action: ListedAction) -> str | None:
        runner = run_read if action.effect is Effect.READ else run_action
        return offers[action.name].reason or (None if here.door.is_direct(action) else offers[runner.name].reason)

    reasons = {action.name: why for action in found.actions if (why := withheld(action)) is not None}
    return answer(found.actions, found.elsewhere, reasons)


class RunByName(ActionInput):
    name: Named = Field(description="The action's name.")
    arguments: dict[str, Any] = Field(
        default_factory=dict, description="The action's arguments, as in its input_schema."
    )


class Ran(Output):
    """The answer of the action that ran."""

    model_config = ConfigDict(frozen=True, extra="allow")


@dataclass(frozen=True, kw_only=True)
class StandIn(Definition):
    """An action that stands for another one, which a call of it names: from the start it is a call of that one."""

    @property
    def asks(self) -> str:
        return "" if self.effect is Effect.READ else "as the action that it runs"


run_read = StandIn(
    name="run_read",
    toolset="discovery",
    description="Run an action that only reads, as find_actions describes it.",
    effect=Effect.READ,
    idempotent=True,
    scopes=frozenset(),
    input=RunByName,
    output=Ran,
    leads_to=frozenset({Effect.READ}),
    neutral=True,
)
run_action = StandIn(
    name="run_action",
    toolset="discovery",
    description="Run an action that changes something, as find_actions describes it. It asks a person if it must.",
    effect=Effect.DESTRUCTIVE,
    idempotent=False,
    scopes=frozenset(),
    input=RunByName,
    output=Ran,
    undo="as the action that it runs",
    leads_to=WRITES,
    neutral=True,
)


def inner(call: Call, stand_in: StandIn, find: Callable[[str], Definition]) -> tuple[Call, tuple[str, ...]]:
    """The call that a call of a stand-in is, and what was corrected in the arguments.

    Raises:
        InvalidInput: the arguments name no action, or one that this stand-in does not run.
    """
    sent, said = _gathered(call.arguments)
    accepted = accept(stand_in, sent)
    request = accepted.request
    assert isinstance(request, RunByName)
    action = find(request.name)
    if isinstance(action, StandIn):
        raise InvalidInput(f"{stand_in.name} does not run {action.name}.", next_step="Name the action itself.")
    if stand_in.effect is Effect.READ and action.effect is not Effect.READ:
        raise InvalidInput(
            f"{action.name} changes something, and {stand_in.name} only reads.",
            code="not_a_read",
            next_step=f"Call {run_action.name} with the same name and arguments.",
        )
    dry_run = {DRY_RUN: True} if accepted.dry_run and action.effect is not Effect.READ else {}
    arguments = {**request.arguments, **dry_run}
    return replace(call, action=action.name, arguments=arguments), (*said, *accepted.notes)


def _gathered(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A stand-in's arguments. If `arguments` is missing, those of the action stand beside the name, as models err."""
    own = {*RunByName.model_fields, DRY_RUN, *OF_FLOW_BUILDERS}
    beside = {key: value for key, value in arguments.items() if key not in own}
    if not beside or arguments.get("arguments"):
        return dict(arguments), ()
    rest = {key: value for key, value in arguments.items() if key in own}
    return {**rest, "arguments": beside}, (f"{', '.join(beside)} belonged into arguments and was read as meant.",)
