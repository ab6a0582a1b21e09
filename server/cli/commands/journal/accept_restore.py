"""`okta-actions journal accept-restore`."""

from server.cli.confirming import confirm
from server.cli.running import desk
from server.desk import retention
from server.media.terminal import note
from server.policy.caller import at_the_command_line


def command() -> None:
    """Go on with a store that lacks entries.

    Because it was put back from a backup or made anew. Says which entries are missing, and asks, at a terminal only.
    That it was accepted is an entry itself.
    """
    found = desk(retention.missing)
    if found is None:
        note("Nothing is missing: the journal has all that was marked.")
        return
    note(found.text)
    confirm("What they recorded was done in Okta, whose System Log has it. Go on without them?")
    entry = desk(lambda program: retention.accept_restore(program, found, at_the_command_line()))
    note(f"Entry {entry} says so. The journal goes on from there.")
