"""`okta-actions find`: finds actions by words, as find_actions does for models."""

from typing import Annotated

import typer

from server.cli.confirming import carry_out
from server.cli.options import AsJson, ConnectionName
from server.cli.output import Shape, show_one
from server.door.door import Call
from server.media.tables import Column
from server.media.terminal import note, say_table
from server.policy.caller import at_the_command_line
from server.settings import load

COLUMNS = (
    Column("action", whole=True, keep=True),
    Column("effect", whole=True, rank=60),
    Column("offered", rank=70),
    Column("what it does", rank=80),
)


def command(
    words: Annotated[list[str], typer.Argument(help="What is to be done, in any language.", metavar="WORDS")],
    limit: Annotated[int, typer.Option(help="Maximum number of results.")] = 5,
    connection: ConnectionName = None,
    as_json: AsJson = False,
) -> None:
    """Find actions by what they do.

    The best one first, and why any of them is withheld; also what no action does, and where it is done.
    """
    arguments = {"query": " ".join(words), "limit": limit}
    call = Call(at_the_command_line(), "find_actions", arguments)
    found = carry_out(load(connection=connection), call).content
    show_one(found, Shape.of(as_json), lambda: _draw(found))


def _draw(found: dict[str, list[dict[str, str]]]) -> None:
    rows = [
        (one["name"], one["effect"], _first(one.get("reason", "yes")), _first(one["description"]))
        for one in found["actions"]
    ]
    if rows:
        say_table(COLUMNS, rows)
        note(f"Next: okta-actions call {rows[0][0]} --help")
    for sentence in found["not_here"]:
        note(str(sentence))
    if not rows and not found["not_here"]:
        note("No action does that. okta-actions actions lists all.")


def _first(text: str) -> str:
    return text.partition("\n")[0]
