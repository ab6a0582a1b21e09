"""What a client is told of a call: its outcome, or what to do where no person can be asked."""

import shlex
from collections.abc import Mapping
from typing import Any

from mcp.types import CallToolResult, TextContent

from server.door.door import Question, Refusal, Result
from server.media.json_text import in_json
from server.media.models import for_model, lines_for_model
from tools.contract.pairs import by_name, is_pair
from tools.okta.errors import ActionError
from tools.text.characters import escaped, fault
from tools.text.lines import visible

LONGEST_COMMAND = 1500
NOTES = "okta-actions/notes"
"""The key in an answer's `_meta` for corrections made to the arguments."""


def render(outcome: Result | Refusal) -> CallToolResult:
    """An outcome as a tool result. Text and structured content say the same, for clients that show only one.

    Corrections to the arguments are added, for models as a text and for programs in `_meta`.
    """
    if isinstance(outcome, Result):
        content = for_model(outcome.content)
        notes = tuple(map(escaped, outcome.notes))
        texts = [in_json(content, compact=True), *([f"Note: {' '.join(notes)}"] if notes else [])]
        return CallToolResult(
            content=[TextContent(type="text", text=text) for text in texts],
            structured_content=content,
            _meta={NOTES: list(notes)} if notes else None,
        )
    error = outcome.error
    text = TextContent(type="text", text=lines_for_model(str(error)))
    return CallToolResult(content=[text], is_error=True, _meta=visible(error.details()))


def nobody(question: Question, command: str) -> ActionError:
    # A command must not be pasted if it has line breaks or invisible characters, or was truncated.
    shown = not fault(command) and len(command) <= LONGEST_COMMAND
    terminal = f", or let a person run: {command}" if shown else ""
    return ActionError(
        f"Not done: a person must confirm this, and this client cannot ask a person. {question.line}",
        code="confirmation_required",
        by="okta-actions",
        next_step=f"Use a client with MCP elicitation{terminal}",
    )


def command(name: str, arguments: Mapping[str, Any], connection: str | None, reason: str | None = None) -> str:
    """The same call as a person would type it; see `server.cli.call`."""
    words = ["okta-actions", "call", name, *(["--connection", connection] if connection else [])]
    for key, value in arguments.items():
        option = key.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
            continue
        if isinstance(value, list) and value and all(map(is_pair, value)):
            value = by_name(value)
        if isinstance(value, Mapping):
            pairs = [
                (f"{one}=", told) if isinstance(told, str) else (f"{one}:=", in_json(told, compact=True))
                for one, told in value.items()
            ]
            value = [f"{one}{told}" for one, told in pairs]
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            words += [f"--{option}", str(one)]
    if reason:
        words += ["--reason", reason]
    return shlex.join(words)
