"""The toolset `credentials`: what people sign in with, and where they are signed in."""

from tools.credentials.passwords import expire_password, reset_password
from tools.credentials.sessions import clear_sessions

__all__ = ["clear_sessions", "expire_password", "reset_password"]
