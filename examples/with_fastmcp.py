"""Okta Actions from a FastMCP client: list the tools, create a person, let them into a group, look them up.

    python with_fastmcp.py ada@example.com

A client that can ask its person confirms what is destructive: Client(…, elicitation_handler=ask).
"""

import asyncio
import os
import shlex
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError


def client() -> Client:
    if url := os.environ.get("MCP_URL"):
        return Client(url, auth=os.environ["MCP_TOKEN"])
    command, *arguments = shlex.split(os.environ.get("MCP_COMMAND", "okta-actions serve --sandbox"))
    return Client(StdioTransport(command, arguments, env=dict(os.environ)))


async def main(login: str) -> None:
    async with client() as okta:
        print("Tools:", *[tool.name for tool in await okta.list_tools()])
        names = {"first_name": "Ada", "last_name": "Byron"}
        person = await okta.call_tool("create_user", {**names, "login": login, "email": login})
        await okta.call_tool("add_user_to_group", {"user_id": person.data.id, "group_id": "VPN Users"})
        print("Created:", (await okta.call_tool("lookup_user", {"user_id": login})).structured_content)


try:
    asyncio.run(main(sys.argv[1]))
except ToolError as refusal:
    sys.exit(str(refusal))  # written for models and people: what, why, what next
