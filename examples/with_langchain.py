"""Okta Actions from LangChain: list the tools, create a person, let them into a group, look them up.

    python with_langchain.py ada@example.com

With a model they are the same tools: create_agent(model, tools).
"""

import asyncio
import json
import os
import shlex
import sys
from typing import Any

from langchain_core.tools import BaseTool, ToolException
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools


def client() -> MultiServerMCPClient:
    if url := os.environ.get("MCP_URL"):
        headers = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
        return MultiServerMCPClient({"okta": {"transport": "http", "url": url, "headers": headers}})
    command, *arguments = shlex.split(os.environ.get("MCP_COMMAND", "okta-actions serve --sandbox"))
    started = {"transport": "stdio", "command": command, "args": arguments, "env": dict(os.environ)}
    return MultiServerMCPClient({"okta": started})


async def call(tool: BaseTool, **arguments: str) -> Any:
    message = await tool.ainvoke({"type": "tool_call", "id": "1", "name": tool.name, "args": arguments})
    if message.status == "error":
        raise ToolException(message.text)  # written for models and people: what, why, what next
    return json.loads(message.text)


async def main(login: str) -> str | None:
    async with client().session("okta") as session:
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}
        print("Tools:", *tools)
        names = {"first_name": "Ada", "last_name": "Byron"}
        try:
            person = await call(tools["create_user"], **names, login=login, email=login)
            await call(tools["add_user_to_group"], user_id=person["id"], group_id="VPN Users")
            print("Created:", await call(tools["lookup_user"], user_id=login))
        except ToolException as refusal:
            return str(refusal)


sys.exit(asyncio.run(main(sys.argv[1])))
