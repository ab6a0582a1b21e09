"""Recorded changes as lists show them."""

from pydantic import Field, PrivateAttr

from tools.contract.outcomes import Output


class RecordedChange(Output):
    id: str
    time: str
    action: str
    summary: str = Field(description="What was requested; see outcome.")
    outcome: str = Field(description="done, failed, partly, running, unknown, not_done, or unknowable.")
    by: str
    undoable: bool
    why_not: str | None = None
    undone_by: str | None = None
    undoes: str | None = None
    reason: str | None = None
    _targets: tuple[str, ...] = PrivateAttr(())
    _made_unknown: bool = PrivateAttr(False)

    @property
    def made_unknown(self) -> bool:
        """Whether it was meant to create a person whose id is not known."""
        return self._made_unknown

    @property
    def targets(self) -> tuple[str, ...]:
        """The ids of its targets and of what it created."""
        return self._targets


class ChangeList(Output):
    changes: list[RecordedChange]
    next_cursor: str | None = None
    record_since: str | None = Field(None, description="When the record begins; absent if empty.")
    note: str | None = None
