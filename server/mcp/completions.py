"""Completions while a person types a login or a group's name: whatever the org's own search finds."""

from collections.abc import Sequence

from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from server.door.door import Call, Door, Result
from server.mcp.prompts import PromptKind, kind_of
from server.mcp.resources import GROUP, USER
from server.policy.caller import Caller
from tools.text.lines import visible

FEWEST_CHARACTERS = 2
"""Okta counts every request: one letter would match half the org, and each key pressed would cost a search."""
MOST_VALUES = 100
"""The maximum that MCP allows in one answer."""

_SEARCHES = {
    PromptKind.PERSON: ("search_users", "users", "login"),
    PromptKind.GROUP: ("search_groups", "groups", "name"),
}
_ADDRESSES = {USER: PromptKind.PERSON, GROUP: PromptKind.GROUP}


class Completions:
    """Searches through the door. A refusal completes to nothing: somebody who is typing has asked for nothing yet."""

    def __init__(self, door: Door, caller: Caller, allowed: Sequence[str] = ()) -> None:
        self._door = door
        self._caller = caller
        self._through = allowed[0] if allowed else None

    async def __call__(
        self,
        reference: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        kind = (
            kind_of(reference.name, argument.name)
            if isinstance(reference, PromptReference)
            else _ADDRESSES.get(reference.uri)
        )
        words = argument.value.strip()
        if kind not in _SEARCHES or len(words) < FEWEST_CHARACTERS:
            return None
        action, listed, shown = _SEARCHES[kind]
        outcome = await self._door.call(Call(self._caller, action, {"words": words}, connection=self._through))
        if not isinstance(outcome, Result):
            return None
        return Completion(values=[visible(found[shown]) for found in outcome.content[listed]][:MOST_VALUES])
