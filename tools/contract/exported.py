"""What an action that exports answers: not the rows, but how many there are and where they are read."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr

from tools.contract.outcomes import Output

ExportFormat = Literal["csv", "jsonl"]
Rows = Sequence[Mapping[str, Any]]


class ExportMade(Output):
    """An export. The door keeps its rows, and says under which id and until when.

    An export that one call does not finish goes on with `next_cursor`, into the same export.
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
    _into: str | None = PrivateAttr(default=None)
    _sentences: bool = PrivateAttr(default=False)

    @classmethod
    def of(
        cls,
        rows: Rows,
        columns: Sequence[str],
        format: ExportFormat,
        into: str | None,
        next_cursor: str | None,
        *,
        sentences: bool = False,
    ) -> Self:
        """`into`: the id of the export that this goes on with. `next_cursor`: the action's own, if there is more.

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
    def into(self) -> str | None:
        return self._into


_APART = "."
"""Between the id of an export and the cursor that goes on with it, in which neither occurs."""


def cursor_into(id: str, cursor: str | None) -> str | None:
    """The cursor that goes on with this export."""
    return f"{id}{_APART}{cursor}" if cursor is not None else None


def parted(cursor: str) -> tuple[str, str]:
    """The id of the export that a cursor goes on with, and the cursor of its list."""
    id, _, rest = cursor.partition(_APART)
    return id, rest
