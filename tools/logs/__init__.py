"""The toolset `logs`: what happened in the org, and why."""

from tools.logs.exporting import export_system_log
from tools.logs.searching import search_system_log

__all__ = ["export_system_log", "search_system_log"]
