"""`okta-actions actions` and `okta-actions policy`: what there is, and what may be done with it."""

import anyio

from server.desk.policy import remarks
from server.desk.unmatched import unmatched
from server.door.guard import Offer
from server.media.json_text import in_json
from server.media.terminal import note, say_grid, say_json, say_table
from server.policy.caller import at_the_command_line
from server.policy.rules import Rules, check_names
from server.program import Program
from server.settings import Settings, load
from tools.catalogue import CATALOGUE
from tools.okta.errors import ActionError


def actions(connection: str | None, as_json: bool) -> None:
    offers = anyio.run(_offers, connection)
    if as_json:
        say_json([offer.row() for offer in offers])
        return
    rows = [
        (
            offer.action.name,
            offer.action.toolset,
            offer.action.effect,
            offer.action.asks,
            offer.action.undone_by if offer.action.undo else "",
            " ".join(sorted(offer.action.scopes)),
            offer.reason.splitlines()[0] if offer.reason else "yes",
        )
        for offer in offers
    ]
    say_table(("action", "toolset", "effect", "asks", "undone by", "scopes", "offered"), rows)
    # How to switch the others on, said once for each reason.
    for step in dict.fromkeys(line for offer in offers for line in (offer.reason or "").splitlines()[1:]):
        note(step)


def policy(as_json: bool) -> None:
    """The rules as they apply now."""
    settings = load()
    check_names(settings, CATALOGUE, (action.toolset for action in CATALOGUE.values()))
    rules = {name: getattr(settings, name) for name in Rules.model_fields}
    if as_json:
        say_json({**rules, "sources": {name: settings.source(name) for name in rules}})
    else:
        shown = {name: ", ".join(one) if isinstance(one, tuple) else in_json(one) for name, one in rules.items()}
        say_grid(
            (name, value or "none", settings.source(name), Rules.model_fields[name].description or "")
            for name, value in shown.items()
        )
    note(
        f"The policy file is {settings.policy}."
        if settings.has_policy_file
        else f"No policy file at {settings.policy}: defaults, where no variable sets anything else."
    )
    for remark in anyio.run(_remarks, settings):
        note(remark)


async def _remarks(settings: Settings) -> list[str]:
    """What is amiss with the rules, and which entries stand for nothing in the org that is connected, if one is."""
    async with Program(settings) as program:
        return [*await remarks(program), *await _unmatched(program)]


async def _unmatched(program: Program) -> list[str]:
    connection = await program.connections.current()
    if connection is None or connection.needs_sign_in:
        return []
    try:
        found = await unmatched(program.settings, await program.connections.client(connection))
    except ActionError as error:
        return [f"Whom the rules name was not looked up in {connection.org_url}: {error.summary}"]
    return [f"{entry} ({connection.name}, {connection.org_url})" for entry in found]


async def _offers(connection: str | None) -> list[Offer]:
    async with Program(load(connection=connection)) as program:
        return await program.door.offers(at_the_command_line())
