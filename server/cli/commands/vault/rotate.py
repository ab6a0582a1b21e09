"""`okta-actions vault rotate`."""

from server.cli.confirming import confirm
from server.cli.running import desk
from server.cli.words import REPLACED
from server.desk import keys
from server.media.terminal import note
from server.policy.caller import at_the_command_line


def command() -> None:
    """Seal everything with new keys.

    A key in the keyring or in the key file is replaced. One from OKTA_ACTIONS_VAULT_KEY or a command is not ours to
    change: give the new one as OKTA_ACTIONS_NEW_VAULT_KEY, then put it where the old one was.
    """
    confirm("Seal everything in the vault with new keys? Backups of the store need the present key, which is replaced.")
    rotated = desk(lambda program: keys.rotate(program, at_the_command_line()))
    note("Everything in the vault is sealed with new keys.")
    if rotated.token_replaced:
        note(REPLACED)
    if rotated.to_put:
        note(f"Next: put the new key where the old one was ({rotated.source}).")
