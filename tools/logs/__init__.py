"""The toolset `logs`: what happened in the org, and why."""

from tools.logs.searching import search_system_log

__all__ = ["search_system_log"]
