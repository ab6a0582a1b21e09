"""Markdown that models read: server instructions and prompts."""
