"""`okta-actions exports list`."""

from server.cli.options import AsJson, Fields, Output
from server.cli.output import Shape, moment, show_list
from server.cli.running import desk
from server.desk.exports import ExportKept, kept
from server.media.tables import Column
from server.media.terminal import note, say_table
from tools.text.lines import readable

COLUMNS = (
    Column("id", whole=True, keep=True),
    Column("action", whole=True, keep=True),
    Column("rows", right=True, rank=60),
    Column("by", rank=50),
    Column("connection", whole=True, rank=40),
    Column("expires", whole=True, rank=30),
)


def command(as_json: AsJson = False, output: Output = None, fields: Fields = None) -> None:
    """List the exports that are kept here, whoever made them.

    Their rows are shown to nobody but whoever made them. Each is deleted after a day.
    """
    shape = Shape.of(as_json, output, fields)
    found = desk(kept)
    show_list(found, shape, lambda: say_table(COLUMNS, map(_row, found)))
    if shape.for_people and not found:
        note("No exports are kept. Next: okta-actions call export_users --to people.csv")


def _row(one: ExportKept) -> tuple[str, ...]:
    return one.id, one.action, str(one.rows), readable(one.by), one.connection, moment(one.expires)
