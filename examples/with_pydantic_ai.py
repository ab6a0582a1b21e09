"""Okta Actions from Pydantic AI: list the tools, create a person, let them into a group, look them up.

    python with_pydantic_ai.py ada@example.com

With a model it is the same toolset: Agent("openai:…", toolsets=[toolset()]).
"""

import asyncio
import os
import shlex
import sys

from fastmcp.client.transports import StdioTransport
from pydantic_ai import ModelRetry
from pydantic_ai.mcp import MCPToolset


def toolset() -> MCPToolset[None]:
    if url := os.environ.get("MCP_URL"):
        return MCPToolset(url, headers={"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"})
    command, *arguments = shlex.split(os.environ.get("MCP_COMMAND", "okta-actions serve --sandbox"))
    return MCPToolset(StdioTransport(command, arguments, env=dict(os.environ)))


async def main(login: str) -> None:
    async with toolset() as okta:
        print("Tools:", *[tool.name for tool in await okta.list_tools()])
        names = {"first_name": "Ada", "last_name": "Byron"}
        person = await okta.direct_call_tool("create_user", {**names, "login": login, "email": login})
        await okta.direct_call_tool("add_user_to_group", {"user_id": person["id"], "group_id": "VPN Users"})
        print("Created:", await okta.direct_call_tool("lookup_user", {"user_id": login}))


try:
    asyncio.run(main(sys.argv[1]))
except ModelRetry as refusal:
    sys.exit(str(refusal))  # what a model is shown, so that it can do better: what, why, what next
