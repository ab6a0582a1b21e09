"""A call: everything that is asked of the door at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from server.policy.caller import Caller


@dataclass(frozen=True)
class Answer:
    """The reply to a question: from whom, as far as that is known, and by which way.

    `said` describes the answer if the verdict alone does not, such as a form that came back unticked. `key` is
    that of the question that the client says it answers. `typed` is what came in place of a plain yes: the door judges
    whether it is what the question wants.
    """

    ticket: str
    verdict: Literal["accepted", "declined", "cancelled", "not_shown"]
    by: str = "the client"
    how: str = "elicitation"
    said: str | None = None
    key: str | None = None
    typed: str | None = None


@dataclass(frozen=True)
class Call:
    """What is asked: by whom, which action, with which arguments.

    `answer` is the reply to the question that the same call led to before. `connection` names the connection to use,
    by default the default one. With `must_ask` a write asks even if the rules do not require it. `reason` is why a
    write is wanted, in the caller's words. `whole`: the answer goes to a program or a terminal, and is not cut to what
    a model can take in.
    """

    caller: Caller
    action: str
    arguments: Mapping[str, Any]
    answer: Answer | None = None
    connection: str | None = None
    must_ask: bool = False
    reason: str | None = None
    whole: bool = False
    reveal: Callable[[str], None] | None = None
    """Takes the secret that the action reveals, for a person who sees it and nobody else; see `Action.reveals`."""
