"""The org itself: what every endpoint works on."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.sandbox.database import OrgDatabase
from server.sandbox.faults import Faults
from server.sandbox.identifiers import new_id, okta_time
from server.sandbox.index import Index
from server.sandbox.limits import OrgLimits


@dataclass
class Org:
    """One org's data, clock, rate limits and, for tests, faults.

    `older_role_labels` makes it an org that has not been switched over to the role names of 2023. `device_blocks`
    gives it the feature that blocks people on devices which Okta does not know.
    """

    database: OrgDatabase
    clock: Callable[[], float] = time.time
    limits: OrgLimits = field(default_factory=OrgLimits)
    faults: Faults = field(default_factory=Faults)
    older_role_labels: bool = False
    device_blocks: bool = False
    index: Index = field(init=False)
    due: set[str] = field(default_factory=set)
    """The people for whom this request made group rules due: their attributes or memberships changed."""
    _facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = Index(self.database, lambda: self.clock())  # a test may set another clock later
        self.database.script(
            "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
        )

    def now(self) -> str:
        return okta_time(self.clock())

    def fact(self, name: str, make: Callable[[], Any]) -> Any:
        """Something that is decided once for an org and then stays: an id, a key, a secret."""
        if name in self._facts:
            return self._facts[name]
        row = self.database.one("SELECT value FROM facts WHERE name = ?", name)
        if row is not None:
            self._facts[name] = json.loads(row["value"])
            return self._facts[name]
        value = make()
        self.database.run("INSERT INTO facts VALUES (?, ?)", name, json.dumps(value))
        return value

    @property
    def id(self) -> str:
        return str(self.fact("org_id", lambda: new_id("00o")))
