"""MCP over Streamable HTTP: whom it admits, on which addresses, and how many may wait at the entrance."""
