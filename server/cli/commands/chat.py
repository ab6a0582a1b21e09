"""`okta-actions chat`: a conversation in the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.agent.opening import ChosenServer
from server.cli.options import ConnectionName
from server.cli.screen import Screen
from server.cli.servers import McpCommand, McpUrl, server_of
from server.cli.taking_back import list_changes, undo
from server.cli.talking import Talk, talking
from server.media.terminal import note, say
from server.settings import Settings, load
from tools.okta.errors import ActionError, InvalidInput

PROMPT = "> "
MOST_REMEMBERED = 1000
"""Limit on the lines of history that are kept."""


def command(connection: ConnectionName = None, url: McpUrl = None, command_: McpCommand = None) -> None:
    """Administer the org in your own words.

    A model (OPENAI_API_KEY, OKTA_ACTIONS_MODEL) has the actions as tools. Each call is shown with its outcome; where a
    person must confirm, you are asked, and Enter means no. Ctrl-C stops a turn, Ctrl-D leaves. Commands: /undo [ID],
    /changes, /status, /tools, /reset, /help, /quit. A server at --url that wants a token is given
    OKTA_ACTIONS_MCP_TOKEN.
    """
    _chat(server_of(url, command_, connection), connection)


def _chat(server: ChosenServer, connection: str | None) -> None:
    """Talk until the person leaves.

    Raises:
        InvalidInput: there is no terminal, or no model is set up.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput(
            "chat needs a terminal.", code="no_terminal", next_step="For one request from a script: okta-actions ask"
        )
    settings = load(connection=connection)
    screen = Screen(sys.stdout, sys.stdout, "/undo")
    with talking(settings, server, "chat", screen, can_ask=True) as talk, _history(settings):
        _greet(talk)
        for line in _lines():
            name, _, rest = line.partition(" ")
            if name == "/quit":
                break
            if not line.startswith("/"):
                screen.report(talk.run(talk.agent.turn, line, screen.tell))
            elif command := COMMANDS.get(name):
                try:
                    command(talk, rest.strip())
                except ActionError as error:
                    screen.error(error)
            else:
                screen.line(f"There is no {name}. /help lists what there is.")


def _greet(talk: Talk) -> None:
    connected = talk.look(talk.agent.session.describe)
    where = f", {connected['org_url']}" if connected.get("org_url") else ""
    talk.screen.line(f"Okta Actions, {talk.agent.model.name}{where}")
    if connected.get("connected") is False:
        note("No org is connected. Run: okta-actions connect")
    talk.screen.line("Ask in your own words. /help lists commands, Ctrl-C stops a turn, Ctrl-D leaves.")


def _lines() -> Iterator[str]:
    """What the person types, until Ctrl-D. Ctrl-C discards the line."""
    while True:
        try:
            line = input(PROMPT).strip()
        except KeyboardInterrupt:
            say("")
            continue
        except EOFError:
            say("")
            return
        if line:
            _remember(line)
            yield line


def _help(talk: Talk, _: str) -> None:
    """List the commands."""
    for name, command in COMMANDS.items():
        talk.screen.line(f"{name:<9} {command.__doc__}")
    talk.screen.line(f"{'/quit':<9} Leave.")


def _status(talk: Talk, _: str) -> None:
    """Show the model, and what is connected as whom."""
    agent = talk.agent
    talk.screen.line(f"{'model':<14} {agent.model.name}")
    talk.screen.line(f"{'tools':<14} {len(agent.session.tools)}")
    for name, value in talk.look(agent.session.describe).items():
        if isinstance(value, str | bool | int):
            talk.screen.line(f"{name:<14} {value}")


def _tools(talk: Talk, _: str) -> None:
    """List the tools that the model has."""
    for name, tool in talk.agent.session.tools.items():
        talk.screen.line(f"{name:<24} {(tool.description or '').splitlines()[0]}")


def _reset(talk: Talk, _: str) -> None:
    """Forget the conversation, and ask the server for its tools again."""
    talk.agent.reset()
    talk.look(talk.agent.session.refresh)
    talk.screen.line("Forgotten.")


COMMANDS: dict[str, Callable[[Talk, str], None]] = {
    "/undo": undo,
    "/changes": list_changes,
    "/status": _status,
    "/tools": _tools,
    "/reset": _reset,
    "/help": _help,
}


@contextmanager
def _history(settings: Settings) -> Iterator[None]:
    """Keeps a history of lines for the arrow keys, in a file that only this person can read."""
    try:
        import readline
    except ImportError:  # on Windows the terminal has its own history
        yield
        return
    file = None if settings.memory_only else settings.data_dir / "chat_history"
    readline.set_auto_history(False)  # an answer to a question does not belong in the history
    if file:
        with suppress(OSError):
            readline.read_history_file(file)
    try:
        yield
    finally:
        if file:
            _keep(file)


def _keep(file: Path) -> None:
    import readline

    readline.set_history_length(MOST_REMEMBERED)
    with suppress(OSError):
        file.touch(mode=0o600)
        readline.write_history_file(file)


def _remember(line: str) -> None:
    with suppress(ImportError):
        import readline

        readline.add_history(line)
