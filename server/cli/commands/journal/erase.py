"""`okta-actions journal erase`."""

from typing import Annotated

import typer

from server.cli.completing import looked_up
from server.cli.confirming import confirm
from server.cli.running import desk
from server.desk import retention
from server.media.terminal import note
from server.policy.caller import at_the_command_line


def command(
    person: Annotated[
        str, typer.Argument(help="The person's Okta id or full login.", autocompletion=looked_up("person"))
    ],
) -> None:
    """Erase what tells of a person.

    On their request: names, arguments, values. Entries are found by the id, by present and former logins and by
    addresses; not by the name alone, as where somebody else's entry has it as their manager's. That something was done,
    when and by whom stays, and so does Okta's id of the person. Asks first.
    """
    retention.check_person(person)
    confirm(f"Erase what the journal tells of {person}? It cannot be brought back.")
    erased = desk(lambda program: retention.erase(program, person, at_the_command_line())).entries
    told = f"{len(erased)} entries no longer tell of {person}." if erased else f"Nothing tells of {person}."
    note(f"{told} Files that were exported or sealed are as they were.")
