"""Lists every action and whether it is offered now."""

from typing import Literal

from server.desk.shown import Shown
from server.door.guard import Offer
from server.program import Program
from tools.elsewhere import near


class ActionShown(Shown):
    """An action. `direct`: MCP clients see it as a tool of its own.

    `asks`: when a person is asked first. `reason`: why it is not offered. `next_step`: what helps."""

    action: str
    toolset: str
    direct: bool
    effect: Literal["read", "write", "destructive"]
    asks: str
    scopes: list[str]
    undone_by: str | None
    offered: bool
    reason: str | None
    next_step: str | None
    not_here: list[str]


async def actions(program: Program) -> list[ActionShown]:
    """Every action of the catalogue, with whether it may run now."""
    return [_shown(offer, program.door.is_direct(offer.action)) for offer in await program.door.offers()]


def _shown(offer: Offer, direct: bool) -> ActionShown:
    action = offer.action
    reason, _, step = (offer.reason or "").partition("\n")
    return ActionShown.model_validate(
        {
            "action": action.name,
            "toolset": action.toolset,
            "direct": direct,
            "effect": action.effect.value,
            "asks": action.asks or "never",
            "scopes": sorted(action.scopes),
            "undone_by": action.undone_by or None,
            "offered": offer.reason is None,
            "reason": reason or None,
            "next_step": step.removeprefix("Next: ") or None,
            "not_here": list(near(action.name)),
        }
    )
