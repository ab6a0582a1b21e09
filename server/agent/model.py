"""What a model is to the agent: it answers a conversation with text and with calls, whatever API it speaks."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tools.okta.errors import ActionError

INSTALL_AGENT = "Run make setup in the project's folder."
"""What to do where the agent's libraries are missing; the project is on no package index."""


@dataclass(frozen=True)
class Function:
    """A tool as a model is shown it. `strict`: the parameters obey the rules of OpenAI's strict mode."""

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool


@dataclass(frozen=True)
class ToolCall:
    """A call that the model wants made; the arguments are JSON as the model wrote it, or what should have been."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Said:
    """What the person said."""

    text: str


@dataclass(frozen=True)
class Reply:
    """What the model answered in one round.

    `tokens` counts those read and written, as far as the server tells. `wire` is the answer in the form in which its
    own API wants it back; nothing else reads it.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    tokens: int = 0
    wire: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Returned:
    """What became of a call, as the model is told."""

    call: ToolCall
    text: str


Item = Said | Reply | Returned


class Model(Protocol):
    name: str

    def answer(
        self, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
    ) -> AsyncGenerator[str | Reply, None]:
        """One round: pieces of text as they come, and last the whole reply.

        It may be asked again after an error: nothing but the reply has consequences.

        Raises:
            ModelError: there is no whole reply.
        """
        ...

    async def aclose(self) -> None: ...


class ModelError(ActionError):
    """The model did not answer. `retryable`: it may, if it is asked again, at the earliest in `retry_after` seconds."""

    code = "model_failed"


class ContextTooLong(ModelError):
    """The conversation is longer than the model reads."""

    code = "context_too_long"

    def __init__(self) -> None:
        super().__init__(
            "The conversation has become too long for the model.",
            next_step="Start a new one with /reset, and ask for less at a time.",
        )
