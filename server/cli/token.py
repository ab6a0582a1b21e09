"""`okta-actions token`: the bearer token of the server over HTTP, shown to a person and replaced."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.options import AsJson
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
    as_json: AsJson = False,
) -> None:
    """Print the token.

    Whoever holds it can administer the org. So it is printed at a terminal only, or with --print: output that goes
    elsewhere is often kept, or read by a model.
    """
    import anyio

    from server.desk import http_token
    from server.media.terminal import say, say_json
    from server.program import Program
    from server.settings import load
    from tools.okta.errors import InvalidInput

    async def read(settings: "Settings") -> http_token.Token:
        async with Program(settings) as program:
            return await http_token.show(program)

    with reporting(ctx):
        settings = load()
        http_token.check_shared(settings)
        if not (print_ or sys.stdout.isatty()):
            raise InvalidInput(
                "The token was not printed: the output is no terminal, and whoever reads it could administer the org.",
                code="not_a_terminal",
                next_step="Run it at a terminal, or add --print.",
            )
        told = anyio.run(read, settings)
        if as_json:
            say_json(told.model_dump(mode="json"))
        else:
            say(told.token)


@token.command()
def rotate(ctx: typer.Context) -> None:
    """Replace the token.

    A server that runs takes the new one at once and refuses the old one. Every client needs the new one in its
    configuration.
    """
    import anyio

    from server.cli.keeping import REPLACED
    from server.desk import http_token
    from server.media.terminal import note
    from server.policy.caller import at_the_command_line
    from server.program import Program
    from server.settings import load

    async def replace(settings: "Settings") -> None:
        async with Program(settings) as program:
            replaced = await http_token.rotate(program, at_the_command_line())
            if not replaced.replaced:
                await http_token.show(program)

    with reporting(ctx):
        settings = load()
        http_token.check_shared(settings)
        anyio.run(replace, settings)
        note(REPLACED)
