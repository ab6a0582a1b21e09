"""What an action that exports answers: not the rows, but how many there are and where they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr

from tools.contract.outcomes import Output
from tools.okta.errors import InvalidInput

ExportFormat = Literal["csv", "jsonl"]
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Into:
    """The export that a cursor goes on with, and the part behind which it does."""

    id: str
    part: int


class ExportMade(Output):
    """An export. The door keeps its rows, and says under which id and until when.

    An export that one call does not finish goes on with `next_cursor`, into the same export. Sent again, because its
    answer was lost, the cursor goes on behind the same part: what it added before is replaced.
    """

    id: str | None = None
    rows: int = Field(description="Rows of the export so far.")
    parts: int | None = Field(None, description="Parts of the export, each read by itself.")
    columns: list[str]
    read: str | None = Field(None, description="The address of the first part; read_export reads it too.")
    expires: str | None = Field(None, description="When the export is deleted.")
    next_cursor: str | None = Field(None, description="There is more: send this as cursor with the same arguments.")
    note: str | None = None
    _kept: Rows = PrivateAttr(default=())
    _format: ExportFormat = PrivateAttr(default="csv")
    _into: Into | None = PrivateAttr(default=None)
    _sentences: bool = PrivateAttr(default=False)

    @classmethod
    def of(
        cls,
        rows: Rows,
        columns: Sequence[str],
        format: ExportFormat,
        into: Into | None,
        next_cursor: str | None,
        *,
        sentences: bool = False,
    ) -> Self:
        """`into`: the export that this goes on with. `next_cursor`: the action's own, if there is more.

        `sentences`: it has texts that may tell any attribute, beside the columns that are named after one.
        """
        made = cls(rows=len(rows), columns=list(columns), next_cursor=next_cursor)
        made._kept, made._format, made._into, made._sentences = rows, format, into, sentences
        return made

    @property
    def kept(self) -> Rows:
        """The rows to keep."""
        return self._kept

    @property
    def format(self) -> ExportFormat:
        return self._format

    @property
    def sentences(self) -> bool:
        return self._sentences

    @property
    def into(self) -> Into | None:
        return self._into


_APART = "."
"""Between the id of an export, a part of it, and the cursor that goes on behind it, in none of which it occurs."""
_MOST_DIGITS = 9


def cursor_into(export: Into, cursor: str | None) -> str | None:
    """The cursor that goes on with this export."""
    return _APART.join((export.id, str(export.part), cursor)) if cursor is not None else None


def parted(cursor: str) -> tuple[Into, str]:
    """The export that a cursor goes on with, and the cursor of its list.

    Raises:
        InvalidInput: it is no cursor of an export.
    """
    id, part, rest = (*cursor.split(_APART, 2), "", "")[:3]
    if not (part.isascii() and part.isdecimal() and len(part) <= _MOST_DIGITS):
        raise InvalidInput("cursor did not come from an export; omit it to begin one.")
    return Into(id, int(part)), rest
