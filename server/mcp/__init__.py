"""MCP: the server, its resources, completions and prompts, and the transport over stdio."""
