"""The toolset `exports`: reading what was exported, part by part."""

from pydantic import Field

from server.door.keeping import address, time_of
from server.door.own import Here, own
from server.store.exports import Export
from tools.catalogue import CATALOGUE
from tools.contract.arguments import ActionInput, Named
from tools.contract.outcomes import Output


class ReadExport(ActionInput):
    id: Named | None = Field(None, description="The export's id. Omit it to list your exports.")
    part: int = Field(1, ge=1, description="Number of the part.")


class ExportShown(Output):
    id: str
    action: str
    format: str
    rows: int
    parts: int
    read: str
    expires: str

    @classmethod
    def of(cls, export: Export) -> "ExportShown":
        return cls(
            id=export.id,
            action=export.about.action,
            format=export.about.format,
            rows=export.rows,
            parts=export.parts,
            read=address(export.id),
            expires=time_of(export.expires_at),
        )


class ExportRead(Output):
    """A part as lines of text, in CSV with the names of the columns first; or the caller's exports."""

    id: str | None = None
    part: int | None = None
    parts: int | None = None
    rows: int | None = None
    format: str | None = None
    lines: list[str] | None = None
    exports: list[ExportShown] | None = None
    note: str | None = None


@own(words="segment of an export, list of my exports")
async def read_export(request: ReadExport, here: Here) -> ExportRead:
    """Read one part of an export that you made with an action such as export_users: lines of CSV or JSON Lines.

    The resource okta://exports/ID/PART has the same. Omit id to list your exports. They are deleted after a day.
    """
    async with here.passage(request) as passage:
        kept, caller = here.door.exports, here.call.caller
        if request.id is None:
            found = await kept.of(caller, passage.connection)
            note = None if found else "You have no exports here. Exports are deleted after a day."
            return ExportRead(exports=[ExportShown.of(one) for one in found], note=note)
        export = await kept.find(caller, passage.connection, request.id)
        # Whoever may not export any more may not read what was exported either.
        await passage.leading_to(CATALOGUE[export.about.action])
        part = await kept.read(caller, passage.connection, request.id, request.part)
        return ExportRead(
            id=export.id,
            part=part.number,
            parts=export.parts,
            rows=part.rows,
            format=export.about.format,
            lines=part.lines,
        )
