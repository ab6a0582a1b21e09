"""The caller: a principal, as far as it is proven, on a surface, through a program."""

import getpass
import os
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

LOCAL = "local"
"""The issuer of principals authenticated by the operating system: they own this process."""
TOKEN = "token"  # noqa: S105 - an issuer's name
"""The issuer of principals with a bearer token of this server. Their subject is the token's name."""
NOBODY = "none"
"""The issuer of callers that proved nothing, because the server was started without authentication."""

COMMAND_LINE = "command line"
"""The surface of commands that a person runs."""


@dataclass(frozen=True)
class Principal:
    """Who calls, in two names that are unique together (OpenID Connect Core 1.0, section 2: `iss` and `sub`)."""

    issuer: str
    subject: str

    def __str__(self) -> str:
        if self.issuer == TOKEN:
            return f"holder of the token “{self.subject}”"
        return "an unauthenticated caller" if self.issuer == NOBODY else self.subject


@cache
def operating_system_user() -> str:
    """The account that this process runs under. On POSIX it comes from the process, not from a variable."""
    try:
        if os.name == "posix":
            import pwd

            return pwd.getpwuid(os.getuid()).pw_name
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}" if os.name == "posix" else "unknown"


def local_principal() -> Principal:
    """The owner of this process."""
    return Principal(LOCAL, operating_system_user())


@dataclass(frozen=True)
class ClientInfo:
    """A calling program, by the name and version that it claims: recorded, but never trusted."""

    name: str
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else self.name


@dataclass(frozen=True)
class Caller:
    """A principal on a surface, such as `stdio` or `command line`."""

    principal: Principal
    surface: str
    client: ClientInfo | None = None

    def __str__(self) -> str:
        """As a person reads it: `alice over stdio (Claude 1.2)`."""
        return f"{self.principal} over {self.surface}" + (f" ({self.client})" if self.client else "")

    @property
    def everything(self) -> str:
        """One name for all that this principal does on this surface, whatever its programs call themselves."""
        return f"{self.principal.issuer}:{self.principal.subject} {self.surface}"

    def told(self) -> dict[str, Any]:
        """The caller as stored in the journal."""
        client = {"name": self.client.name, "version": self.client.version} if self.client else None
        told = {
            "issuer": self.principal.issuer,
            "subject": self.principal.subject,
            "surface": self.surface,
            "client": client,
        }
        return {name: value for name, value in told.items() if value is not None}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The caller from a `told` dictionary."""
        client = ClientInfo(**told["client"]) if told.get("client") else None
        return cls(Principal(told["issuer"], told["subject"]), told["surface"], client)


def at_the_command_line() -> Caller:
    """The person who runs a command."""
    return Caller(local_principal(), COMMAND_LINE)
