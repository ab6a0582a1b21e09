"""Troubles on request, for tests: what goes wrong on the way to Okta and back."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["delay", "delay_after", "status", "headers", "drop_before", "drop_after"]


@dataclass
class Fault:
    """One kind of trouble for the next `times` requests whose method and path begin as given.

    `whole`: the path is all of it.

    `delay` waits `seconds` and goes on, `delay_after` waits with the answer once it is done; `status` answers with
    that status and does nothing; `drop_before` closes the connection without doing anything, `drop_after` once it is
    done. `headers` answers as ever, but with `headers` in the place of those of the same names: none, one or several
    values each. A `status` may have `headers` too, as a 429 may have `retry-after`.
    """

    kind: Kind
    times: int = 1
    method: str = ""
    path: str = "/"
    seconds: float = 0.0
    status: int = 503
    headers: dict[str, list[str]] = field(default_factory=dict)
    whole: bool = False

    def __post_init__(self) -> None:
        if not all(isinstance(values, list) for values in self.headers.values()):
            raise TypeError("headers: each name has a list of values")

    def strikes(self, method: str, path: str) -> bool:
        there = path == self.path if self.whole else path.startswith(self.path)
        return self.times > 0 and method.startswith(self.method) and there


@dataclass
class Faults:
    """The troubles to come. `stale_reads`: so many reads of a URL after a write still answer as before the write."""

    coming: list[Fault] = field(default_factory=list)
    stale_reads: int = 0

    def next(self, method: str, path: str) -> Fault | None:
        """The trouble that strikes this request, used up by it."""
        for fault in self.coming:
            if fault.strikes(method, path):
                fault.times -= 1
                return fault
        return None
