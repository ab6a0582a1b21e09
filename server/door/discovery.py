"""The toolset `discovery`: running an action by its name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ConfigDict, Field

from server.door.call import Call
from tools.contract.arguments import ActionInput, Named
from tools.contract.calls import DRY_RUN
from tools.contract.definition import Definition, Effect
from tools.contract.outcomes import Output
from tools.contract.validation import accept
from tools.okta.errors import InvalidInput


class RunByName(ActionInput):
    name: Named = Field(description="The action's name, from find_actions.")
    arguments: dict[str, Any] = Field(default_factory=dict, description="The action's arguments, as in its schema.")


class Ran(Output):
    """The answer of the action that ran."""

    model_config = ConfigDict(frozen=True, extra="allow")


@dataclass(frozen=True, kw_only=True)
class StandIn(Definition):
    """An action that stands for another one, which a call of it names: from the start it is a call of that one."""

    leads_to: Callable[[Definition], bool]


def _reads(action: Definition) -> bool:
    return action.effect is Effect.READ and not isinstance(action, StandIn)


def _writes(action: Definition) -> bool:
    return action.effect is not Effect.READ and not isinstance(action, StandIn)


run_read = StandIn(
    name="run_read",
    toolset="discovery",
    description="Run an action that only reads, by its name.",
    effect=Effect.READ,
    idempotent=True,
    scopes=frozenset(),
    input=RunByName,
    output=Ran,
    leads_to=_reads,
)
run_action = StandIn(
    name="run_action",
    toolset="discovery",
    description="Run an action that changes something, by its name. A person is asked as for that action itself.",
    effect=Effect.DESTRUCTIVE,
    idempotent=False,
    scopes=frozenset(),
    input=RunByName,
    output=Ran,
    undo="as the action that it runs",
    leads_to=_writes,
)


def inner(call: Call, stand_in: StandIn, find: Callable[[str], Definition]) -> tuple[Call, tuple[str, ...]]:
    """The call that a call of a stand-in is, and what was corrected in the arguments.

    Raises:
        InvalidInput: the arguments name no action, or one that this stand-in does not run.
    """
    accepted = accept(stand_in, call.arguments)
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
    return replace(call, action=action.name, arguments=arguments), accepted.notes
