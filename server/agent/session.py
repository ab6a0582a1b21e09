"""The agent's MCP session: the tools on offer, and the result of each call."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import anyio
from mcp import Client, MCPError
from mcp.types import Tool
from pydantic import ValidationError

from server.agent.model import Function, ToolCall
from server.agent.strict import plain, strict
from server.media.models import NOTE, lines_for_model
from tools.contract.repairing import repaired
from tools.okta.errors import ActionError

CHANGES = "list_changes"
UNDO = "undo_change"
RUN_READ = "run_read"
RUN_ACTION = "run_action"
MOST_TEXT = 60_000
"""Limit in characters on an answer that the model is shown: one answer must not fill its context."""
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1024
"""Limit in characters on a function's name. Model servers refuse the whole request if a name is longer."""


class CallOutcome(StrEnum):
    RUNNING = "running"
    DONE = "done"
    DECLINED = "declined"
    REFUSED = "refused"
    FAILED = "failed"
    UNUSABLE = "unusable"
    STOPPED = "stopped"


@dataclass
class Made:
    """A call that was made, or should have been.

    `write`: it may change something. `text` is what the model is told, `content` the answer if there is one, `details`
    a refusal's machine-readable part.
    """

    name: str
    arguments: dict[str, Any]
    write: bool = True
    outcome: CallOutcome = CallOutcome.RUNNING
    text: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What was corrected in the model's arguments; the model is told."""
    sent: tuple[str, dict[str, Any]] | None = None
    """The tool that is called, and its arguments. Where it runs an action by its name, `name` is the action's."""
    unlisted: bool = False
    """It was called by a name that no tool has. Only the answer tells whether there is such an action, and a write."""

    @property
    def changed(self) -> bool:
        """Whether it is known to have changed something. A tool that does not say is assumed to have."""
        return self.write and self.outcome is CallOutcome.DONE and self.content.get("changed") is not False

    @property
    def uncertain(self) -> bool:
        """Whether it may have changed something without having reported it."""
        unknown = self.outcome is CallOutcome.FAILED and self.details.get("by") != "okta"
        return self.write and (self.outcome is CallOutcome.STOPPED or unknown)

    @property
    def change_id(self) -> str | None:
        """The id of its journal entry, if one was reported."""
        return self.content.get("change_id") or self.details.get("change_id")

    def row(self) -> dict[str, Any]:
        """The call in the form that programs read."""
        known = {"changed": self.content.get("changed"), "change_id": self.change_id, "code": self.details.get("code")}
        failure = self.text if self.outcome not in (CallOutcome.DONE, CallOutcome.DECLINED) else None
        shown = {"name": self.name, "arguments": self.arguments, "outcome": self.outcome.value, **known}
        return {name: value for name, value in {**shown, "text": failure}.items() if value is not None}


class Session:
    """Tools behind an MCP client, under the names that models may use for them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tools: dict[str, Tool] = {}

    async def refresh(self) -> None:
        """Ask the server which tools it offers now.

        Raises:
            ActionError: the server does not say.
        """
        tools: dict[str, Tool] = {}
        cursor = None
        while True:
            try:
                page = await self._client.list_tools(cursor=cursor)
            except MCPError as error:
                raise ActionError(f"The MCP server does not list its tools ({error}).", code="mcp_failed") from None
            for tool in page.tools:
                tools[_free_name(tool.name, tools)] = tool
            if not (cursor := page.next_cursor):
                break
        self._tools = tools

    @property
    def instructions(self) -> str:
        """What the server tells every model."""
        return lines_for_model(self._client.instructions or "")

    @property
    def tools(self) -> Mapping[str, Tool]:
        return self._tools

    def functions(self) -> list[Function]:
        """The tools in the form that a model is shown."""
        made = []
        for name, tool in self._tools.items():
            closed = strict(tool.input_schema)
            description = _cut(lines_for_model(tool.description or ""))
            made.append(Function(name, description, closed or tool.input_schema, closed is not None))
        return made

    def prepare(self, call: ToolCall) -> Made:
        """A call ready to be made, or what is wrong with it."""
        tool = self._tools.get(call.name)
        if tool is None and (runner := self._runner()):
            by_name = self.prepare(replace(call, name=runner, arguments=_by_name(call)))
            return replace(by_name, unlisted=True)
        if tool is None:
            text = f"There is no tool {call.name[:64]}. Available: {', '.join(self._tools)}."
            return Made(call.name[:64], {}, False, CallOutcome.UNUSABLE, text)
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError) as error:
            return Made(
                call.name, {}, False, CallOutcome.UNUSABLE, f"Not called: the arguments are not JSON ({error})."
            )
        if not isinstance(arguments, dict):
            return Made(call.name, {}, False, CallOutcome.UNUSABLE, "Not called: the arguments are not a JSON object.")
        reads = tool.annotations is not None and tool.annotations.read_only_hint is True
        sent, notes = repaired(tool.input_schema, plain(tool.input_schema, arguments))
        name, shown = call.name, sent
        if _runs_by_name(tool):
            name, shown = _inner(sent) or (name, sent)
        write = not reads and shown.get("dry_run") is not True
        return Made(name, shown, write=write, notes=notes, sent=(tool.name, sent))

    def has(self, name: str) -> bool:
        """Whether an action can be called: as a tool of its own, or by its name as far as anybody knows."""
        return name in self._tools or self._runner() is not None

    def read(self, name: str, arguments: Mapping[str, Any]) -> Made:
        """A call, ready to be made, of an action that only reads."""
        if name not in self._tools and _runs_by_name(self._tools.get(RUN_READ)):
            return self.prepare(ToolCall("", RUN_READ, json.dumps({"name": name, "arguments": dict(arguments)})))
        return self.prepare(ToolCall("", name, json.dumps(dict(arguments))))

    def _runner(self) -> str | None:
        """The tool that runs an action by its name, if there is one."""
        return next((name for name in (RUN_ACTION, RUN_READ) if _runs_by_name(self._tools.get(name))), None)

    async def run(self, made: Made) -> None:
        """Make the call, once, and record its result. It stays RUNNING if this is cancelled meanwhile."""
        try:
            name, arguments = made.sent or (made.name, made.arguments)
            result = await self._client.call_tool(name, arguments)
        except (MCPError, RuntimeError, ValidationError, anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            made.outcome = CallOutcome.FAILED
            made.text = f"The server's answer is not valid MCP ({error}); it may or may not have been done."
            return
        notes = [f"Note: {' '.join(made.notes)}"] if made.notes else []
        text = "\n".join([*notes, *(part.text for part in result.content if part.type == "text")])
        made.text = text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}\n[The rest is omitted.]"
        made.content = result.structured_content if isinstance(result.structured_content, dict) else {}
        made.details = dict(result.meta or {})
        if result.is_error:
            # Only our own errors say who refused. Any other error may come after something was done.
            refused = made.details.get("by") == "okta-actions"
            made.outcome = CallOutcome.REFUSED if refused else CallOutcome.FAILED
            if made.unlisted and made.details.get("code") == "unknown_action":
                made.outcome, made.write = CallOutcome.UNUSABLE, False
        else:
            made.outcome = CallOutcome.DECLINED if made.content.get("success") is False else CallOutcome.DONE
            made.write = made.write and not (made.unlisted and "changed" not in made.content)

    async def changes(self, **which: Any) -> AsyncGenerator[dict[str, Any], None]:
        """The journal's entries, newest first; empty if the server has no journal to show.

        Raises:
            ActionError: the journal cannot be read.
        """
        while self.has(CHANGES):
            made = self.read(CHANGES, which)
            await self.run(made)
            if made.outcome is not CallOutcome.DONE:
                raise ActionError(f"The journal cannot be read: {made.text}")
            for change in made.content.get("changes", ()):
                yield change
            if not (cursor := made.content.get("next_cursor")):
                return
            which["cursor"] = cursor

    async def describe(self) -> dict[str, Any]:
        """What is connected, if the server says so."""
        try:
            read = await self._client.read_resource("okta://connection")
            described = json.loads("".join(getattr(part, "text", "") for part in read.contents))
        except (MCPError, ValueError):
            return {}
        return {name: value for name, value in described.items() if name != NOTE} if isinstance(described, dict) else {}


def _runs_by_name(tool: Tool | None) -> bool:
    """Whether a tool runs an action whose name and arguments it is given."""
    known = (tool.input_schema.get("properties") or {}) if tool is not None else {}
    return tool is not None and tool.name in (RUN_READ, RUN_ACTION) and {"name", "arguments"} <= known.keys()


def _inner(sent: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The action that a call runs by its name, and its arguments; None if the call does not say."""
    name, arguments = sent.get("name"), sent.get("arguments") or {}
    if not isinstance(name, str) or not name or not isinstance(arguments, dict):
        return None
    beside = {key: value for key, value in sent.items() if key not in ("name", "arguments") and value}
    return name[:LONGEST_NAME], {**arguments, **beside}


def _by_name(call: ToolCall) -> str:
    """The arguments for running the action of a call by its name. What is no JSON stays none, and is refused so."""
    return f'{{"name": {json.dumps(call.name)}, "arguments": {call.arguments or "{}"}}}'


def _free_name(name: str, taken: Mapping[str, Tool]) -> str:
    """The name that models may use for a tool, with a number if another tool has it already."""
    wanted = free = re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:LONGEST_NAME]
    number = 1
    while free in taken:
        number += 1
        free = f"{wanted[: LONGEST_NAME - len(f'_{number}')]}_{number}"
    return free


def _cut(description: str) -> str:
    return description if len(description) <= LONGEST_DESCRIPTION else f"{description[: LONGEST_DESCRIPTION - 1]}…"
