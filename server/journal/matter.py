"""A write as recorded: the caller, the connection, the action, its targets, and what it would change."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from server.journal.chain import Entry, dumped
from server.policy.caller import Caller
from tools.contract.facts import Facts

ANY_OF = "any_of"
LONGEST_TOLD = 500
"""Maximum number of characters kept of a value in a question that was not accepted: it will never be undone."""


@dataclass(frozen=True)
class Matter:
    """What a question, an intent or a request for approval is about.

    `targets` are kind, id and name of each person and group that it is done to. `wanted` are the facts as they will be,
    as `kept` writes them. `undoes` is the sequence of the change that it reverses.
    """

    caller: Caller
    connection: str
    org: str
    identity: str
    """The identity that Okta's log names for it."""
    action: str
    arguments: dict[str, Any]
    targets: tuple[tuple[str, str, str], ...]
    before: dict[str, Any]
    wanted: dict[str, Any]
    text: str
    undoes: int | None = None
    reason: str | None = None
    batch: str = ""

    def entry(self, kind: str, **body: Any) -> Entry:
        """The journal entry about it, with personal data in its details."""
        details = {
            "arguments": self.arguments,
            "targets": {id: name for _, id, name in self.targets},
            "before": self.before,
            "wanted": self.wanted,
            "text": self.text,
            **({"reason": self.reason} if self.reason else {}),
        }
        return replace(self.bare_entry(kind, **body), details=details)

    def bare_entry(self, kind: str, **body: Any) -> Entry:
        """The same without details: that something was asked, by whom and about which objects, but not what."""
        told = {"by": self.caller.told(), "identity": self.identity, **body}
        return Entry(
            kind,
            caller=str(self.caller.principal),
            connection=self.connection,
            org=self.org,
            action=self.action,
            change=self.undoes,
            targets=tuple(f"{kind}:{id}" for kind, id, _ in self.targets),
            batch=self.batch,
            body={name: value for name, value in told.items() if value is not None},
        )

    def shortened(self) -> Self:
        """A copy with long values cut, for a question that waits for its answer."""
        cut = {name: shortened(getattr(self, name)) for name in ("arguments", "before", "wanted", "text")}
        return replace(self, **cut)

    def dumped(self) -> str:
        return dumped({**asdict(self), "caller": self.caller.told()})

    @classmethod
    def loaded(cls, text: str) -> Self:
        kept = json.loads(text)
        targets = tuple((kind, id, name) for kind, id, name in kept["targets"])
        return cls(**{**kept, "targets": targets, "caller": Caller.of(kept["caller"])})


def shortened(value: Any) -> Any:
    """A value of an argument or fact, cut to a readable length."""
    if isinstance(value, str) and len(value) > LONGEST_TOLD:
        return f"{value[:LONGEST_TOLD]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: shortened(inner) for name, inner in list(value.items())[:LONGEST_TOLD]}
    if isinstance(value, list | tuple):
        return [shortened(inner) for inner in value[:LONGEST_TOLD]]
    return value


def kept(facts: Facts) -> dict[str, Any]:
    """Facts as JSON, which has no tuples."""
    return {name: {ANY_OF: list(value)} if isinstance(value, tuple) else value for name, value in facts.items()}


def facts(kept: dict[str, Any]) -> dict[str, Any]:
    """The facts that `kept` wrote."""
    return {
        name: tuple(value[ANY_OF]) if isinstance(value, dict) and value.keys() == {ANY_OF} else value
        for name, value in kept.items()
    }
