"""`keygen`, `vault rotate`, `export` and `import`: what concerns keys, and connections that move house."""

import os
import sys
from pathlib import Path

import anyio

from server.cli.confirming import confirm
from server.cli.connecting import named
from server.connections.models import Connection
from server.http import token
from server.media.terminal import note, say_json, typed
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load
from server.store import vault_key
from tools.okta.errors import InvalidInput


def keygen(file: Path, kind: str) -> None:
    from server.connections.keys import dumped, generate, public

    key = generate(kind)
    _write(file, dumped(key).encode())
    say_json(public(key))
    note(f"The private key is in {file}, which only you can read. Paste the above into the app: General → Public keys.")
    note(f"Next: okta-actions connect --service --private-key-file {file} --org-url … --client-id …")


def rotate() -> None:
    settings = load()
    confirm("Seal everything in the vault with new keys? Backups of the store need the present key, which is replaced.")

    async def change() -> tuple[str, bool]:
        async with Program(settings) as program:
            source, key = await program.recorder.do(
                "rotated", lambda database: database.vault.rotate(), at_the_command_line()
            )
            if settings.new_vault_key is None:
                vault_key.settle(settings, source, key)
            return source, await token.rotate(program)

    source, replaced = anyio.run(change)
    note("Everything in the vault is sealed with new keys.")
    if replaced:
        note(token.REPLACED)
    if settings.new_vault_key is not None:
        note(f"Next: put the new key where the old one was ({source}).")


def export(file: Path, name: str | None) -> None:
    from server.connections.moving import packed, to_export

    settings = load()

    async def read() -> tuple[bytes, list[Connection]]:
        async with Program(settings) as program:
            chosen = await to_export(program.connections, name)
            return await packed(program.connections, program.store, _passphrase(twice=True), name), chosen

    sealed, chosen = anyio.run(read)
    _write(file, sealed)
    note(f"Exported to {file}: {', '.join(map(named, chosen))}.")
    note("Use a connection on one machine only: a refresh on one ends the other's.")


def take_in(file: Path, *, replace: bool) -> None:
    from server.connections.moving import unpacked

    try:
        sealed = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from None

    settings = load()

    async def write() -> list[Connection]:
        async with Program(settings) as program:
            names = await unpacked(
                program.connections, sealed, _passphrase(), replace=replace, by=at_the_command_line()
            )
            found = await program.connections.book.all()
            return [found[name] for name in names]

    made = anyio.run(write)
    note(f"Imported: {', '.join(connection.name for connection in made)}.")
    for connection in made:
        note(f"  {named(connection)}")


def _write(file: Path, content: bytes) -> None:
    """Make a file that only its owner can read.

    Raises:
        InvalidInput: it exists, or cannot be made.
    """
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
            opened.write(content)
    except FileExistsError:
        raise InvalidInput(f"{file} exists; nothing was written.", next_step="Give another file.") from None
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be written: {error.strerror}.", next_step="Give a file in a folder that you may write to."
        ) from None


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
