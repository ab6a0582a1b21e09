"""`okta-actions keygen`: makes a key for a service app."""

from pathlib import Path
from typing import Annotated

import typer

from server.desk import keys
from server.media.terminal import note, say_json


def command(
    file: Annotated[Path, typer.Option(help="Where the private key goes; it must not exist.", metavar="FILE")],
    rsa: Annotated[bool, typer.Option("--rsa", help="RSA instead of an elliptic curve.")] = False,
) -> None:
    """Make a key for a service app.

    The private key goes to a file that only you can read; the public key, to be pasted into the app's settings in the
    Admin Console, is printed.
    """
    made = keys.keygen(file, "RSA" if rsa else "EC")
    say_json(made.public_key)
    note(f"The private key is in {file}, which only you can read. Paste the above into the app: General → Public keys.")
    note(f"Next: okta-actions connect --service --private-key-file {file} --org-url … --client-id …")
