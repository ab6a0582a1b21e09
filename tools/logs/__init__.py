"""The toolset `logs`: what happened in the org, and why."""

from tools.logs.explaining_access import explain_user_access
from tools.logs.explaining_sign_in import explain_sign_in_problem
from tools.logs.exporting import export_system_log
from tools.logs.searching import search_system_log
from tools.logs.summarizing import summarize_system_log

__all__ = [
    "explain_sign_in_problem",
    "explain_user_access",
    "export_system_log",
    "search_system_log",
    "summarize_system_log",
]
