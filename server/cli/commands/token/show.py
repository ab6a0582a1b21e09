"""`okta-actions token show`: shows a person the bearer token of the HTTP server."""

import sys
from typing import Annotated

import typer

from server.cli.options import AsJson
from server.cli.output import Shape, show_one
from server.cli.running import desk
from server.desk import http_token
from server.media.terminal import say
from server.settings import load
from tools.okta.errors import InvalidInput


def command(
    print_: Annotated[bool, typer.Option("--print", help="Print it although the output is no terminal.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the token.

    Whoever holds it can administer the org. So it is printed at a terminal only, or with --print: output that goes
    elsewhere is often kept, or read by a model.
    """
    http_token.check_shared(load())
    if not (print_ or sys.stdout.isatty()):
        raise InvalidInput(
            "The token was not printed: the output is no terminal, and whoever reads it could administer the org.",
            code="not_a_terminal",
            next_step="Run it at a terminal, or add --print.",
        )
    told = desk(http_token.show)
    show_one(told, Shape.of(as_json), lambda: say(told.token, whole=True))
