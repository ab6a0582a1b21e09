"""`okta-actions token`: the bearer token of the server over HTTP, shown to a person and replaced."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.report import reporting

if TYPE_CHECKING:
    from server.settings import Settings

token = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="The token that clients send to the server over HTTP."
)


@token.command()
def show(
    ctx: typer.Context,
    print_: Annotated[bool, typer.Option("--print", help="Print it although the output is no terminal.")] = False,
) -> None:
    """Print the token.

    Whoever holds it can administer the org. So it is printed at a terminal only, or with --print: output that goes
    elsewhere is often kept, or read by a model.
    """
    import anyio

    from server.http.token import read_or_make
    from server.media.terminal import say
    from server.program import Program
    from tools.okta.errors import InvalidInput

    async def read(settings: "Settings") -> str:
        async with Program(settings) as program:
            return await program.store.run(read_or_make)

    with reporting(ctx.find_root().params["debug"]):
        settings = _settings()
        if not (print_ or sys.stdout.isatty()):
            raise InvalidInput(
                "The token was not printed: the output is no terminal, and whoever reads it could administer the org.",
                code="not_a_terminal",
                next_step="Run it at a terminal, or add --print.",
            )
        say(anyio.run(read, settings))


@token.command()
def rotate(ctx: typer.Context) -> None:
    """Replace the token.

    A server that runs takes the new one at once and refuses the old one. Every client needs the new one in its
    configuration.
    """
    import anyio

    from server.http import token
    from server.media.terminal import note
    from server.program import Program

    async def replace() -> None:
        async with Program(_settings()) as program:
            if not await token.rotate(program):
                await program.store.run(token.read_or_make)

    with reporting(ctx.find_root().params["debug"]):
        anyio.run(replace)
        note(token.REPLACED)


def _settings() -> "Settings":
    """The settings, where the token is one that other processes can see.

    Raises:
        InvalidInput: each process has a token of its own.
    """
    from server.settings import load
    from tools.okta.errors import InvalidInput

    settings = load()
    if settings.memory_only:
        raise InvalidInput(
            "With OKTA_ACTIONS_MEMORY_ONLY each server has a token of its own.",
            code="memory_only",
            next_step="Use the token that the server printed; a restart replaces it.",
        )
    return settings
