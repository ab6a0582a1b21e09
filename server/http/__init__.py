"""MCP over Streamable HTTP: who is admitted, at which addresses, and how many connections may wait."""
