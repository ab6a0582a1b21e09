"""The least an MCP server can be: the SDK's, with one tool that gives back what it gets. `python -m benchmarks.bare`"""

import sys

from mcp.server import MCPServer

server = MCPServer("bare", log_level="WARNING")


@server.tool()
async def echo(text: str) -> str:
    """Give back the text."""
    return text


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run()
