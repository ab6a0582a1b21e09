"""The agent's interface to a model: it answers a conversation with text and calls, whatever API it speaks."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tools.okta.errors import ActionError

INSTALL_AGENT = "Run make setup in the project's folder."
"""What to do if the agent's libraries are missing; the project is on no package index."""


@dataclass(frozen=True)
class Function:
    """A tool as shown to a model. `strict`: the parameters obey the rules of OpenAI's strict mode."""

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool


@dataclass(frozen=True)
class ToolCall:
    """A call that the model wants to make. The arguments are the model's own text, which should be JSON."""

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

    `tokens` counts those read and written, as far as the server reports them. `wire` is the answer in the form that its
    own API wants back; nothing else reads it.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    tokens: int = 0
    wire: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Returned:
    """The result of a call, as the model is told."""

    call: ToolCall
    text: str


Item = Said | Reply | Returned


class Model(Protocol):
    name: str

    def answer(
        self, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
    ) -> AsyncGenerator[str | Reply, None]:
        """One round: yields pieces of text as they arrive, then the whole reply.

        It may be called again after an error: only the reply has consequences.

        Raises:
            ModelError: the reply is missing or incomplete.
        """
        ...

    async def aclose(self) -> None: ...


class ModelError(ActionError):
    """The model did not answer. `retryable`: it may if asked again, no earlier than in `retry_after` seconds."""

    code = "model_failed"


class ContextTooLong(ModelError):
    """The conversation is too long for the model."""

    code = "context_too_long"

    def __init__(self) -> None:
        super().__init__(
            "The conversation has become too long for the model.",
            next_step="Start a new one with /reset, and ask for less at a time.",
        )
