"""A model that answers from a file: for evaluations without a key, and for showing the agent without one."""

import json
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from server.agent.model import Function, Item, ModelError, Reply, Returned, ToolCall
from server.agent.session import RUN_ACTION, RUN_READ
from tools.okta.errors import InvalidInput

EARLIER = re.compile(r"\{(\w+)((?:\.\w+)+)\}")
"""`{create_user.id}`, `{list_factors.factors.0.factor_id}`: a value in that action's last answer."""


class ScriptedCall(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    arguments: dict[str, Any] = {}


class Round(BaseModel):
    """What the model says and calls the next time it is asked."""

    model_config = ConfigDict(extra="forbid")

    say: str = ""
    calls: list[ScriptedCall] = []


class ScriptedModel:
    """Plays its rounds in order, whatever it is told."""

    def __init__(self, rounds: Sequence[Round], name: str = "script") -> None:
        self.name = name
        self._rounds = list(rounds)

    @classmethod
    def from_file(cls, path: Path) -> "ScriptedModel":
        """Read the rounds from a JSON list.

        Raises:
            InvalidInput: the file does not exist, or is not such a list.
        """
        try:
            rounds = TypeAdapter(list[Round]).validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise InvalidInput(f"{path} is not a model script: {error}", code="no_script") from None
        return cls(rounds, path.name)

    async def answer(
        self, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
    ) -> AsyncGenerator[str | Reply, None]:
        if not self._rounds:
            raise ModelError("The model script has ended.")
        now, answers = self._rounds.pop(0), _answers(conversation)
        asked = len(conversation)
        calls = tuple(
            ToolCall(f"call_{asked}_{at}", call.name, _filled(json.dumps(call.arguments), answers))
            for at, call in enumerate(now.calls)
        )
        if said := _filled(now.say, answers):
            yield said
        yield Reply(said, calls)

    async def aclose(self) -> None:
        pass


def _answers(conversation: Sequence[Item]) -> dict[str, dict[str, Any]]:
    """The last answer of each tool, if it was an object; a truncated answer does not count."""
    found = {}
    for item in conversation:
        if isinstance(item, Returned) and item.text.startswith("{"):
            with suppress(ValueError):
                found[_action(item.call)] = json.loads(item.text)
    return found


def _action(call: ToolCall) -> str:
    """The action that a call is of: for a call that runs one by its name, that one."""
    if call.name in (RUN_READ, RUN_ACTION):
        with suppress(ValueError, AttributeError):
            return str(json.loads(call.arguments).get("name") or call.name)
    return call.name


def _filled(text: str, answers: dict[str, dict[str, Any]]) -> str:
    def value(match: re.Match[str]) -> str:
        found: Any = answers.get(match[1])
        for key in match[2].split(".")[1:]:
            if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            else:
                found = found.get(key) if isinstance(found, dict) else None
        return match[0] if found is None else str(found)

    return EARLIER.sub(value, text)
