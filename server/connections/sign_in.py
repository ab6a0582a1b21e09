"""The data of a sign-in, and its errors."""

from dataclasses import dataclass, field
from typing import Any

from tools.okta.errors import ActionError


class SignInFailed(ActionError):
    """Okta refused a sign-in or a token, or answered with something that cannot be trusted."""

    code = "sign_in_failed"

    def __init__(self, summary: str, *, error: str = "", passing: bool = False, **more: Any) -> None:
        super().__init__(summary, retryable=passing, **more)
        self.error = error
        """The OAuth error, such as `invalid_client`."""


class GrantRefused(SignInFailed):
    """The code or refresh token is used up, expired or revoked (RFC 6749, `invalid_grant`)."""

    code = "invalid_grant"


@dataclass(frozen=True)
class SignIn:
    """A sign-in that was begun: where to send the person, and what their return must match."""

    url: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class DeviceSignIn:
    """A sign-in on another device that was begun. Times are in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    url: str
    complete_url: str
    expires_in: float
    interval: float
