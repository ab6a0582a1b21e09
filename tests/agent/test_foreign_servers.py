"""The agent's session in front of a server that is not ours: its names, its descriptions, its errors."""

import pytest
from mcp import Client
from mcp.server import MCPServer
from mcp.types import CallToolResult, TextContent, Tool

from server.agent.model import ToolCall
from server.agent.session import CallOutcome, Session

pytestmark = pytest.mark.anyio


class Foreign(MCPServer):
    """Has two tools of one cleaned name, and fails in each."""

    async def list_tools(self) -> list[Tool]:
        names = ("send.mail", "send mail", "send/mail", "x" * 64 + "1", "x" * 64 + "2")
        return [Tool(name=name, description="Sends. " * 200, input_schema={"type": "object"}) for name in names]

    async def call_tool(self, name: str, arguments: object, context: object = None) -> CallToolResult:
        return CallToolResult(content=[TextContent(type="text", text=f"{name} broke")], is_error=True)


async def test_each_tool_has_a_name_of_its_own_and_a_description_that_models_take() -> None:
    async with Client(Foreign("foreign")) as client:
        session = Session(client)
        await session.refresh()
        functions = session.functions()
        made = session.prepare(ToolCall("", "send_mail_2", "{}"))
        await session.run(made)
    assert list(session.tools) == ["send_mail", "send_mail_2", "send_mail_3", "x" * 64, "x" * 62 + "_2"]
    assert {len(function.description) for function in functions} == {1024}
    assert made.text == "send mail broke"


async def test_an_error_that_does_not_say_who_refused_leaves_open_what_was_done() -> None:
    async with Client(Foreign("foreign")) as client:
        session = Session(client)
        await session.refresh()
        made = session.prepare(ToolCall("", "send_mail", "{}"))
        await session.run(made)
    assert (made.outcome, made.uncertain) == (CallOutcome.FAILED, True)
