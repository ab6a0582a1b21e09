"""`keygen`, `vault rotate`, `export` and `import`: what concerns keys, and connections that move house."""

import os
import sys
from pathlib import Path
from typing import Literal

import anyio

from server.cli.confirming import confirm
from server.desk import connections as desk
from server.desk import keys
from server.desk.connections import ConnectionShown
from server.desk.files import write_new
from server.media.terminal import note, say_json, typed
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load
from tools.okta.errors import InvalidInput

REPLACED = "The token for HTTP clients was replaced; they need the new one: okta-actions token show"


def keygen(file: Path, kind: Literal["EC", "RSA"]) -> None:
    made = keys.keygen(file, kind)
    say_json(made.public_key)
    note(f"The private key is in {file}, which only you can read. Paste the above into the app: General → Public keys.")
    note(f"Next: okta-actions connect --service --private-key-file {file} --org-url … --client-id …")


def rotate() -> None:
    settings = load()
    confirm("Seal everything in the vault with new keys? Backups of the store need the present key, which is replaced.")

    async def change() -> keys.VaultRotated:
        async with Program(settings) as program:
            return await keys.rotate(program, at_the_command_line())

    rotated = anyio.run(change)
    note("Everything in the vault is sealed with new keys.")
    if rotated.token_replaced:
        note(REPLACED)
    if rotated.to_put:
        note(f"Next: put the new key where the old one was ({rotated.source}).")


def export(file: Path, name: str | None) -> None:
    settings = load()

    async def read() -> tuple[bytes, list[ConnectionShown]]:
        async with Program(settings) as program:
            chosen = await desk.exported(program, name)
            return await desk.export(program, name, _passphrase(twice=True)), chosen

    sealed, chosen = anyio.run(read)
    write_new(file, [sealed])
    note(f"Exported to {file}: {', '.join(one.named for one in chosen)}.")
    note("Use a connection on one machine only: a refresh on one ends the other's.")


def take_in(file: Path, *, replace: bool) -> None:
    try:
        sealed = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from None

    settings = load()

    async def write() -> list[ConnectionShown]:
        async with Program(settings) as program:
            return await desk.take_in(program, sealed, _passphrase(), at_the_command_line(), replace=replace)

    made = anyio.run(write)
    note(f"Imported: {', '.join(connection.name for connection in made)}.")
    for connection in made:
        note(f"  {connection.named}")


def _passphrase(*, twice: bool = False) -> str:
    """From the environment, or typed where it does not show."""
    given = os.environ.get("OKTA_ACTIONS_PASSPHRASE")
    if not given and sys.stdin.isatty():
        given = typed("Passphrase", hide=True, twice=twice)
    if not given or len(given) < 12:
        raise InvalidInput(
            "A passphrase of at least 12 characters is needed.",
            code="missing_passphrase",
            next_step="Type it at a terminal, or set OKTA_ACTIONS_PASSPHRASE.",
        )
    return given
