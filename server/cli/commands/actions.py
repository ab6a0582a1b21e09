"""`okta-actions actions`: lists the actions and whether each is offered."""

from server.cli.options import AsJson, ConnectionName, Fields, Output
from server.cli.output import Shape, show_list
from server.cli.running import desk
from server.desk.actions import ActionShown
from server.desk.actions import actions as offered
from server.media.tables import Column
from server.media.terminal import note, say_table

COLUMNS = (
    Column("action", whole=True, keep=True),
    Column("toolset", whole=True, rank=40),
    Column("effect", whole=True, rank=60),
    Column("direct", whole=True, rank=50),
    Column("offered", rank=70),
    Column("asks", rank=30),
    Column("scopes", rank=20),
    Column("undone by", rank=10),
)


def command(
    connection: ConnectionName = None, as_json: AsJson = False, output: Output = None, fields: Fields = None
) -> None:
    """List every action.

    Its toolset, its effect (read, write, destructive), whether MCP clients see it as a tool of its own (direct),
    whether it is offered, and if not, why; when a person is asked first, the scopes it needs, and how it is undone.
    """
    shape = Shape.of(as_json, output, fields)
    found = desk(lambda program: offered(program), connection=connection)
    show_list(found, shape, lambda: say_table(COLUMNS, map(_row, found)))
    # How to enable the others, said once for each reason.
    for step in dict.fromkeys(one.next_step for one in found if one.next_step and shape.for_people):
        note(f"Next: {step}")


def _row(one: ActionShown) -> tuple[str, ...]:
    asks, direct = "" if one.asks == "never" else one.asks, "yes" if one.direct else ""
    offered, scopes = one.reason or "yes", " ".join(one.scopes)
    return one.action, one.toolset, one.effect, direct, offered, asks, scopes, one.undone_by or ""
