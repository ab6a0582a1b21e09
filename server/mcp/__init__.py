"""MCP: the server, what clients read, complete and offer, and the transport over stdio."""
