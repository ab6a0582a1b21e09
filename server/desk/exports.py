"""The exports that the store keeps, whoever made them: listed without what is in them, and deleted."""

from server.desk.shown import Shown, Time, at
from server.program import Program
from server.store import exports
from tools.okta.errors import NotFound
from tools.text.lines import readable


class ExportKept(Shown):
    """An export. `by` is who made it, on which surface."""

    id: str
    action: str
    by: str
    connection: str
    rows: int
    parts: int
    bytes: int
    made: Time
    expires: Time

    @classmethod
    def of(cls, export: exports.Export) -> "ExportKept":
        return cls(
            id=export.id,
            action=export.about.action,
            by=export.belonging.owner,
            connection=export.belonging.connection,
            rows=export.rows,
            parts=export.parts,
            bytes=export.bytes,
            made=at(export.made_at),
            expires=at(export.expires_at),
        )


async def kept(program: Program) -> list[ExportKept]:
    """All exports, the newest first. Those whose time is over are deleted."""
    await program.store.run(exports.sweep)
    return [ExportKept.of(one) for one in await program.store.read(lambda database: exports.owned(database, None))]


async def delete(program: Program, id: str) -> None:
    """Delete an export, also from the write-ahead log.

    Raises:
        NotFound: there is none with this id.
    """
    if not await program.store.run(lambda database: exports.delete(database, id)):
        raise NotFound(f"There is no export “{readable(id)[:40]}”.", next_step="See: okta-actions exports list")


async def delete_all(program: Program) -> int:
    """Delete every export. Returns how many there were."""
    found = await kept(program)
    for one in found:
        await delete(program, one.id)
    return len(found)
