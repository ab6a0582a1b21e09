"""`okta-actions connections`: lists what is connected."""

from server.cli.options import AsJson, Fields, Output
from server.cli.output import Shape, moment, show_list
from server.cli.running import desk
from server.desk.connections import ConnectionShown
from server.desk.connections import connections as all_of_them
from server.media.tables import Column
from server.media.terminal import note, say_table
from server.program import Program

TOKENS = {"valid": "valid", "needs_sign_in": "needs sign-in", "expired": "refreshed when next used"}
COLUMNS = (
    Column("name", whole=True, keep=True),
    Column("org", whole=True, keep=True),
    Column("connected as", whole=True, rank=50),
    Column("token", rank=40),
    Column("actions", right=True, rank=30),
    Column("last used", whole=True, rank=20),
    Column("scopes", rank=10),
)


def command(as_json: AsJson = False, output: Output = None, fields: Fields = None) -> None:
    """List the connections.

    Name, org, as whom, the state of the token, how many actions are on, when it was last used, and the scopes. The one
    that is used if none is named has a star.
    """
    shape = Shape.of(as_json, output, fields)
    overruled, found = desk(_look)
    show_list(found, shape, lambda: say_table(COLUMNS, map(_row, found)))
    if shape.for_people and not found:
        note("No Okta org is connected. Next: okta-actions connect")
    elif shape.for_people and overruled:
        note(f"Here OKTA_ACTIONS_CONNECTION={overruled} goes before the default.")


async def _look(program: Program) -> tuple[str | None, list[ConnectionShown]]:
    return program.settings.connection, await all_of_them(program)


def _row(one: ConnectionShown) -> tuple[str, ...]:
    return (
        f"{one.name} *" if one.default else one.name,
        one.org_url,
        str(one.identity),
        TOKENS[one.token],
        f"{len(one.actions_on)} of {len(one.actions_on) + len(one.actions_off)}",
        moment(one.last_used) if one.last_used else "never",
        " ".join(one.scopes_granted),
    )
