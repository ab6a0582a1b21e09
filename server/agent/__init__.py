"""The agent: an MCP client like any other, driven by a model and watched by a person."""
