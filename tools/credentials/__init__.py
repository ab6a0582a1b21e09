"""The toolset `credentials`: what people sign in with, and where they are signed in."""

from tools.credentials.factors import list_factors, reset_all_factors, reset_factor
from tools.credentials.grants import list_user_grants
from tools.credentials.passwords import expire_password, reset_password
from tools.credentials.sessions import clear_sessions
from tools.credentials.verifying import verify_person

__all__ = [
    "clear_sessions",
    "expire_password",
    "list_factors",
    "list_user_grants",
    "reset_all_factors",
    "reset_factor",
    "reset_password",
    "verify_person",
]
