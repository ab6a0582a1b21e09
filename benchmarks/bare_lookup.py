"""The least that a look-up over MCP can be: `python -m benchmarks.bare_lookup [PORT]`.

A server of the SDK with one tool, which does the GET that ours does, with the same headers over a connection that it
keeps, and gives the same structured answer under the same schemas. What that answer is, the environment says, so that
nothing of ours takes part: see `benchmarks.calls`.
"""

import json
import os
import sys
from typing import Annotated, Any
from urllib.parse import quote

import httpx2
from mcp.server import MCPServer
from mcp_types import CallToolResult, TextContent
from pydantic import RootModel

TOLD = json.loads(os.environ["BENCHMARKS_LOOKUP"])
FIELDS: dict[str, list[str]] = TOLD["fields"]
"""Where in Okta's answer each field stands."""
FIXED: dict[str, Any] = TOLD["fixed"]
"""Fields that no look-up changes."""


class Person(RootModel[dict[str, Any]]):
    """What the answer is checked as; its schema is ours."""


server = MCPServer("bare", log_level="WARNING")
http = httpx2.AsyncClient(base_url=TOLD["url"], headers=TOLD["headers"])


@server.tool()
async def lookup_user(user_id: str) -> Annotated[CallToolResult, Person]:
    """Look up one person."""
    answer = await http.get(f"/api/v1/users/{quote(user_id, safe='')}")
    person = answer.json()
    found = dict(FIXED)
    for field, path in FIELDS.items():
        value = person
        for part in path:
            value = value[part]
        found[field] = value
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=found)


tool = server._tool_manager._tools["lookup_user"]
tool.parameters = TOLD["input_schema"]
tool.fn_metadata.output_schema = TOLD["output_schema"]

if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run()
