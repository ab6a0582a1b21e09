"""`okta-actions journal show`."""

from typing import Annotated

import typer

from server.cli.confirming import at_a_terminal
from server.cli.options import AsJson
from server.cli.output import Shape, cell, moment, show_one
from server.cli.running import desk
from server.desk.journal import Record, show
from server.media.terminal import note, say_grid
from server.policy.caller import at_the_command_line
from tools.okta.errors import InvalidInput
from tools.text.lines import readable


def command(
    change: Annotated[str, typer.Argument(help="Id of a change, or of a question or refusal, such as e12.")],
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show values that look like secrets too. Only at a terminal; recorded.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show all that is recorded of a change.

    Or of a question, a refusal, or what was done with the server: who did what, when, through which connection, what it
    was before and after, how it ended, and whether it can be undone.
    """
    if reveal and not at_a_terminal():
        raise InvalidInput(
            "Hidden values are shown to a person at a terminal only, and there is none here.", code="no_terminal"
        )
    record = desk(lambda program: show(program, change, reveal=at_the_command_line() if reveal else None))
    show_one(record, Shape.of(as_json), lambda: _draw(record))


def _draw(record: Record) -> None:
    rows = [
        ("change" if record.kind == "change" else record.kind, record.id),
        ("what", record.summary),
        ("outcome", record.outcome),
        ("time", moment(record.time)),
        ("by", readable(str(record.by))),
        ("action", record.action or ""),
        ("connection", f"{record.connection}, {record.org_url}" if record.connection else ""),
        ("reason", record.reason or ""),
        (
            "undo",
            f"okta-actions undo {record.id}" if record.undoable else f"no: {record.why_not}" if record.why_not else "",
        ),
        ("undone by", record.undone_by or ""),
        ("undoes", record.undoes or ""),
        *((f"{name}", cell(value)) for name, value in record.recorded.items()),
    ]
    for name, value in record.details.items():
        if isinstance(value, dict):
            rows += [(f"{name} {key}", cell(inner)) for key, inner in value.items()]
        elif name not in ("text", "reason"):
            rows.append((name, cell(value)))
    for later in record.entries:
        told = {**later.recorded, **later.details}
        rows.append(
            (
                f"entry {later.entry}",
                f"{later.kind}, {moment(later.time)}{': ' if told else ''}{cell(told) if told else ''}",
            )
        )
    say_grid(row for row in rows if row[1])
    if record.hidden_values:
        note("Values that look like secrets are hidden; at a terminal, --reveal shows them.")
    if record.erased:
        note("What told of people was erased.")
