"""Which actions may run now. Asked once to offer them, and again at every call: hiding a tool protects nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.connections.models import Connection
from tools.action import Action
from tools.okta.errors import ActionError, MissingScope


@dataclass(frozen=True)
class Offer:
    """An action, and why it cannot be run now, if it cannot."""

    action: Action
    reason: str | None

    def row(self) -> dict[str, Any]:
        """The action as a row of the catalogue."""
        return {
            "action": self.action.name,
            "toolset": self.action.toolset,
            "effect": self.action.effect.value,
            "asks": self.action.asks,
            "scopes": sorted(self.action.scopes),
            "offered": self.reason is None,
            **({"reason": self.reason} if self.reason else {}),
        }


def offers(actions: Iterable[Action], connection: Connection | None) -> list[Offer]:
    """What is offered: everything until something is connected, then what the granted scopes cover."""
    return [Offer(action, str(why) if (why := _why_not(action, connection)) else None) for action in actions]


def permit(action: Action, connection: Connection | None) -> None:
    """Let an action pass.

    Raises:
        MissingScope: the connection was not granted what it needs.
    """
    if why := _why_not(action, connection):
        raise why


def _why_not(action: Action, connection: Connection | None) -> ActionError | None:
    missing = action.missing_scopes(connection.scopes_granted) if connection and connection.limited else []
    return MissingScope(missing[0]) if missing else None
