"""The commands in which a model works: `chat`, `ask` and `eval`. Their work is imported when one of them runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from server.cli.options import AsJson, ConnectionName
from server.cli.report import reporting

if TYPE_CHECKING:
    from server.agent.opening import Server

McpUrl = Annotated[str | None, typer.Option("--url", help="An MCP server to use instead of this program's own.")]
McpCommand = Annotated[str | None, typer.Option("--command", help="A command that starts such a server over stdio.")]


def chat(ctx: typer.Context, connection: ConnectionName = None, url: McpUrl = None, command: McpCommand = None) -> None:
    """Administer the org in your own words.

    A model (OPENAI_API_KEY, OKTA_ACTIONS_MODEL) has the actions as tools. Each call is shown with its outcome; where a
    person must confirm, you are asked, and Enter means no. Ctrl-C stops a turn, Ctrl-D leaves. Commands: /undo [ID],
    /changes, /status, /tools, /reset, /help, /quit. A server at --url that wants a token is given
    OKTA_ACTIONS_MCP_TOKEN.
    """
    from server.cli import chatting

    with reporting(ctx):
        chatting.chat(_server(url, command, connection), connection)


def ask(
    ctx: typer.Context,
    request: Annotated[str | None, typer.Argument(help="What is to be done; - or nothing: standard input.")] = None,
    connection: ConnectionName = None,
    url: McpUrl = None,
    command: McpCommand = None,
    as_json: AsJson = False,
) -> None:
    """Make one request in your own words.

    Like chat, for one turn. The answer goes to stdout, calls and changes to stderr; with --json all of it goes to
    stdout. Without a terminal nothing is done that a person must confirm; where change_requests is on, it waits for
    okta-actions approve. Exit code 0 means that the turn ended and no call was refused, declined or failed; 3 that a
    person declined, and nothing else went wrong.
    """
    from server.cli import asking

    with reporting(ctx):
        asking.ask(request, _server(url, command, connection), connection, as_json)


def evaluation(
    ctx: typer.Context,
    only: Annotated[str, typer.Option(help="Scenarios called so: a name, a kind or KIND/NAME; * is anything.")] = "*",
    repeat: Annotated[int, typer.Option(min=1, help="How often each is run.")] = 1,
    parallel: Annotated[int, typer.Option(min=1, help="How many run at a time.")] = 1,
    resume: Annotated[
        Path | None, typer.Option(help="A JSON Lines file of results: what it has is not run again, the rest is added.")
    ] = None,
    scripts: Annotated[
        Literal["good", "bad"] | None, typer.Option(help="Play the scenarios' own scripts instead of asking a model.")
    ] = None,
    scenarios: Annotated[
        Path | None, typer.Option(help="A folder of scenarios. [default: those that come along]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well a model works with the actions.

    Each scenario is a request to an org of its own, embedded here; nothing of yours is touched. The model is that of
    chat. A run passes if the org ends as it must, the journal has nothing else, and the budget of calls was kept; what
    the model said about it does not count. Exit code 0 only if all passed.
    """
    from server.cli import evaluating

    with reporting(ctx):
        evaluating.evaluation(only, scripts, repeat, parallel, resume, scenarios, as_json)


def _server(url: str | None, command: str | None, connection: str | None) -> "Server":
    """Where the tools are, of what the options say."""
    from server.agent.opening import Server

    if sum(option is not None for option in (url, command, connection)) > 1:
        raise typer.BadParameter("Only one of --url, --command and --connection can be used.")
    return Server(url, command)
