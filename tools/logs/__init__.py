"""The toolset `logs`: what the System Log tells, and what explains it."""

from tools.logs.explaining_access import explain_user_access
from tools.logs.searching import search_system_log

__all__ = ["explain_user_access", "search_system_log"]
