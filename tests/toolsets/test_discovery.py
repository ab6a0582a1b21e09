"""What is particular about finding actions; what of running them by name holds through the door is in tests/server."""

from worlds import Make

READS: dict[str, Make] = {"find_actions": lambda org, text: {"query": "list the members of a group"}}
