"""What comes of a call that needs no answer of a person: a result, or a refusal."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from server.door.hiding import Hiding
from tools.okta.errors import ActionError

NOTE = "note"
"""The field in which an answer says in words what it is."""


@dataclass(frozen=True)
class Result:
    """The action ran, its end state was there already, or it was not confirmed.

    `connection` is the connection with its org, if a person must be told which of several it was.
    """

    answer: BaseModel
    connection: str = ""
    notes: tuple[str, ...] = ()
    """What was corrected in the arguments, and what the rules leave out."""
    hiding: Hiding | None = None
    """Hides attributes from readers of the answer."""
    cut_to: dict[str, Any] | None = None
    """What is shown of an answer whose texts are too long."""
    cut_note: str = ""
    """That it was cut, and how to get the rest."""

    @property
    def content(self) -> dict[str, Any]:
        told = {"connection": self.connection} if self.connection else {}
        answer = self.cut_to if self.cut_to is not None else self._whole
        if self.cut_note:
            answer = {**answer, NOTE: " ".join(filter(None, (answer.get(NOTE), self.cut_note)))}
        return {**answer, **told}

    @property
    def _whole(self) -> dict[str, Any]:
        answer = self.answer.model_dump(mode="json", exclude_none=True)
        return self.hiding.without(answer) if self.hiding else answer


@dataclass(frozen=True)
class Refusal:
    """The action did not run, or it failed; the error says why and what to do next."""

    error: ActionError
