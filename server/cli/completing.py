"""What a shell offers while somebody types a value: connections, people, groups, actions.

It never fails and never prints a message: the person has not asked for anything yet. Names from the directory are
offered only if a shell needs no quoting for them; text that others wrote is never run.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

PLAIN = re.compile(r"[\w@.+%-][\w@.+% -]*", re.ASCII)
"""Characters that every shell takes as part of a plain word."""
SECONDS = 3.0
"""Time limit for a completion."""
FEWEST = 2
"""Minimum number of letters before Okta is asked: each key pressed costs a request, and Okta counts them."""
MOST = 50

VARIABLE = "_OKTA_ACTIONS_COMPLETE"
"""The variable that the shell's script sets when it asks for completions."""
Complete = Callable[[Any, list[str], str], list[str]]


def prepare() -> None:
    """Register the shells that typer supports."""
    import typer.completion

    getattr(typer.completion, "completion_init")()  # noqa: B009 - typer's own, which it does not export


def connection_names(ctx: Any, args: list[str], incomplete: str) -> list[str]:
    """The names of the connections."""
    return _offered(_silently(lambda: _names(ctx)), incomplete)


def looked_up(kind: str) -> Complete | None:
    """The completion for an argument that names something of that kind."""
    if kind == "action":
        return _actions
    if kind not in SEARCHES:
        return None

    def complete(ctx: Any, args: list[str], incomplete: str) -> list[str]:
        if len(incomplete) < FEWEST:
            return []
        return _offered(_silently(lambda: _found(kind, incomplete, ctx)), incomplete)

    return complete


SEARCHES = {"person": ("search_users", "users", "login"), "group": ("search_groups", "groups", "name")}


def _actions(ctx: Any, args: list[str], incomplete: str) -> list[str]:
    from server.desk.forms import names

    return _offered(names(), incomplete)


def _offered(names: Iterable[str], incomplete: str) -> list[str]:
    begun = incomplete.casefold()
    return [name for name in names if PLAIN.fullmatch(name) and name.casefold().startswith(begun)][:MOST]


def _silently(look: Callable[[], list[str]]) -> list[str]:
    import logging

    logging.disable(logging.CRITICAL)
    try:
        return look()
    except Exception:
        return []


def _names(ctx: Any) -> list[str]:
    from server.cli.running import desk
    from server.desk.connections import connections

    return [one.name for one in desk(connections)]


def _found(kind: str, words: str, ctx: Any) -> list[str]:
    import anyio

    from server.door.door import Call, Result
    from server.policy.caller import at_the_command_line
    from server.program import Program
    from server.settings import load

    action, listed, name = SEARCHES[kind]

    async def look() -> list[str]:
        with anyio.move_on_after(SECONDS):
            async with Program(load(connection=ctx.params.get("connection"))) as program:
                connection = await program.connections.current()
                if connection is None or connection.needs_sign_in:
                    return []
                call = Call(at_the_command_line(), action, {"words": words, "limit": MOST})
                outcome = await program.door.call(call)
                return [str(one[name]) for one in outcome.content[listed]] if isinstance(outcome, Result) else []
        return []

    return anyio.run(look)
