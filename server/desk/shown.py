"""What the desk returns: data that a command line, a page or a program can show as it likes, with no display text.

Times are UTC in ISO 8601 with whole seconds, lists are lists, and an actor is an object.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.policy.caller import Caller, ClientInfo, Principal

Time = Annotated[AwareDatetime, Field(description="UTC, ISO 8601.")]


class Shown(BaseModel):
    """Base of what the desk returns: closed, so that its JSON schema is complete."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def at(seconds: float) -> datetime:
    """A time, given in seconds since the epoch."""
    return datetime.fromtimestamp(int(seconds), UTC)


class Software(Shown):
    """A calling program, by the name and version that it gave itself."""

    name: str
    version: str | None = None


class Who(Shown):
    """The caller: a principal, as far as it is proven, on a surface, through a program."""

    issuer: str
    subject: str
    surface: str
    client: Software | None = None

    @classmethod
    def of(cls, caller: Caller) -> "Who":
        told: dict[str, Any] = caller.told()
        return cls(**told)

    @property
    def caller(self) -> Caller:
        client = ClientInfo(self.client.name, self.client.version) if self.client else None
        return Caller(Principal(self.issuer, self.subject), self.surface, client)

    def __str__(self) -> str:
        return str(self.caller)
