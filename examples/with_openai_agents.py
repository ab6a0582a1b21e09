"""Okta Actions from the OpenAI Agents SDK: list the tools, create a person, let them into a group, look them up.

    python with_openai_agents.py ada@example.com

With a model it is the same server: Agent(name="Administrator", mcp_servers=[okta]).
"""

import asyncio
import os
import shlex
import sys
from typing import Any

from agents.mcp import MCPServer, MCPServerStdio, MCPServerStreamableHttp


def server() -> MCPServer:
    if url := os.environ.get("MCP_URL"):
        headers = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
        return MCPServerStreamableHttp(params={"url": url, "headers": headers}, client_session_timeout_seconds=30)
    command, *arguments = shlex.split(os.environ.get("MCP_COMMAND", "okta-actions serve --sandbox"))
    params = {"command": command, "args": arguments, "env": dict(os.environ)}
    return MCPServerStdio(params=params, client_session_timeout_seconds=30)


async def call(okta: MCPServer, tool: str, **arguments: str) -> Any:
    result = await okta.call_tool(tool, arguments)
    if result.is_error:
        raise SystemExit(result.content[0].text)  # written for models and people: what, why, what next
    return result.structured_content


async def main(login: str) -> None:
    async with server() as okta:
        print("Tools:", *[tool.name for tool in await okta.list_tools()])
        person = await call(okta, "create_user", first_name="Ada", last_name="Byron", login=login, email=login)
        await call(okta, "add_user_to_group", user_id=person["id"], group_id="VPN Users")
        print("Created:", await call(okta, "lookup_user", user_id=login))


asyncio.run(main(sys.argv[1]))
