"""`okta-actions journal list`."""

from typing import Annotated

import typer

from server.cli.options import AsJson, Fields, Output
from server.cli.output import Shape, moment, show_list
from server.cli.running import desk
from server.desk.journal import EntryShown, entries
from server.media.tables import Column
from server.media.terminal import say_table
from tools.text.lines import readable

COLUMNS = {
    "id": Column("id", whole=True, keep=True),
    "time": Column("time", whole=True, rank=60),
    "outcome": Column("outcome", whole=True, keep=True),
    "by": Column("by", whole=True, rank=30),
    "connection": Column("connection", whole=True, rank=40),
    "what": Column("what", keep=True),
    "undo": Column("undo", rank=20),
}


def command(
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    everything: Annotated[bool, typer.Option("--all", help="All that there are.")] = False,
    as_json: AsJson = False,
    output: Output = None,
    fields: Fields = None,
) -> None:
    """List the newest changes, refusals, open questions and events.

    That is: changes, calls that were refused, questions that were not accepted, and what was done with the server.
    """
    shape = Shape.of(as_json, output, fields)
    listed = desk(lambda program: entries(program, None if everything else limit))
    show_list(listed, shape, lambda: _draw(listed))


def _draw(listed: list[EntryShown]) -> None:
    several = len({(one.connection, one.org_url) for one in listed if one.connection}) > 1
    names = [name for name in COLUMNS if several or name != "connection"]
    say_table([COLUMNS[name] for name in names], ([_told(one)[name] for name in names] for one in listed))


def _told(one: EntryShown) -> dict[str, str]:
    return {
        "id": one.id,
        "time": moment(one.time),
        "outcome": one.outcome,
        "by": readable(str(one.by)),
        "connection": f"{one.connection}, {one.org_url}" if one.connection else "",
        "what": one.summary,
        "undo": "yes" if one.undoable else one.why_not or "",
    }
