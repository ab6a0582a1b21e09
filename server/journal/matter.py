"""A write as it is recorded: who asked, through which connection, for what, on whom, and what it would change."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from server.journal.chain import Entry, dumped
from tools.record import Facts
from tools.redaction import redacted_values

ANY_OF = "any_of"


@dataclass(frozen=True)
class Matter:
    caller: str
    surface: str
    connection: str
    org_url: str
    identity: str
    """Whom Okta names as having done it."""
    action: str
    arguments: dict[str, Any]
    targets: tuple[tuple[str, str], ...]
    """Id and name of each person and group that it is done to."""
    before: dict[str, Any]
    wanted: dict[str, Any]
    """The facts as they will be, as `kept` writes them."""
    text: str
    undoes: int | None = None
    client: str | None = None

    def entry(self, kind: str, **body: Any) -> Entry:
        """The journal's entry about it; what tells of a person is in its details."""
        told = {
            "surface": self.surface,
            "client": self.client,
            "org_url": self.org_url,
            "identity": self.identity,
            **body,
        }
        details = {
            "arguments": self.arguments,
            "targets": dict(self.targets),
            "before": self.before,
            "wanted": self.wanted,
            "text": self.text,
        }
        return Entry(
            kind,
            caller=self.caller,
            connection=self.connection,
            action=self.action,
            change=self.undoes,
            targets=tuple(id for id, _ in self.targets),
            body={name: value for name, value in told.items() if value is not None},
            details=redacted_values(details),
        )

    def dumped(self) -> str:
        return dumped(redacted_values(asdict(self)))

    @classmethod
    def loaded(cls, text: str) -> Self:
        kept = json.loads(text)
        return cls(**{**kept, "targets": tuple((id, name) for id, name in kept["targets"])})


def kept(facts: Facts) -> dict[str, Any]:
    """Facts as JSON, which has no tuples."""
    return {name: {ANY_OF: list(value)} if isinstance(value, tuple) else value for name, value in facts.items()}


def facts(kept: dict[str, Any]) -> dict[str, Any]:
    """The facts that `kept` wrote."""
    return {
        name: tuple(value[ANY_OF]) if isinstance(value, dict) and value.keys() == {ANY_OF} else value
        for name, value in kept.items()
    }
