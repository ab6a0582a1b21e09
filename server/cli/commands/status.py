"""`okta-actions status`: shows what is connected, and what needs attention."""

from typing import Annotated

import typer

from server.cli.connected import facts, tell
from server.cli.options import AsJson, ConnectionName
from server.cli.output import Shape, show_one
from server.cli.rooms import foreign_rooms, warning
from server.cli.running import desk
from server.desk import connections
from server.desk.connections import Status
from server.media.terminal import note, say_grid


def command(
    connection: ConnectionName = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="First ask Okta which scopes it grants now, for a service app each anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is connected, and what needs attention.

    Which org, as whom Okta records what is done, the scopes granted, the actions they switch on and off, warnings, and
    where the data is. What lacks a scope is named, with how to get it. Exit code 0 also where nothing is connected,
    unless --refresh was to ask there.
    """
    told = desk(lambda program: connections.status(program, foreign_rooms(), refresh=refresh), connection=connection)
    if gap := told.journal_gap:
        note(f"Warning: The journal is not complete, and so nothing will be changed. {gap.told}")
        note(f"Next: {gap.next_step}")
    if told.frozen:
        note(f"Warning: {told.frozen}", "Next: okta-actions unfreeze")
    show_one(told, Shape.of(as_json), lambda: _draw(told))
    for place in told.foreign_packages:
        note(warning(place))
    if told.next_step:
        note(f"Next: {told.next_step}")


def _draw(told: Status) -> None:
    known = facts(told.connection, told.connected) if told.connection else [("connected", "no")]
    say_grid([*known, ("data", told.data_dir)])
    if told.connection is not None:
        tell(told.connection)
