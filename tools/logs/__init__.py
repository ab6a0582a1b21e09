"""The toolset `logs`: what happened in the org, and why."""

from tools.logs.explaining_access import explain_user_access

__all__ = ["explain_user_access"]
