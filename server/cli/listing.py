"""`okta-actions actions` and `okta-actions policy`: what there is, and what may be done with it."""

import json

import anyio

from server.caller import at_the_command_line
from server.cli.report import console, note
from server.guard import Offer
from server.policy import Rules, check_names
from server.policy_file import remarks
from server.program import Program
from server.settings import Settings, load
from server.unmatched import unmatched
from tools.catalogue import CATALOGUE
from tools.okta.errors import ActionError


def actions(connection: str | None, as_json: bool) -> None:
    offers = anyio.run(_offers, connection)
    if as_json:
        print(json.dumps([offer.row() for offer in offers], indent=2))
        return
    from rich.table import Table

    table = Table("action", "toolset", "effect", "asks", "undone by", "scopes", "offered", box=None, pad_edge=False)
    for offer in offers:
        table.add_row(
            offer.action.name,
            offer.action.toolset,
            offer.action.effect,
            offer.action.asks,
            offer.action.undone_by if offer.action.undo else "",
            " ".join(sorted(offer.action.scopes)),
            offer.reason.splitlines()[0] if offer.reason else "yes",
        )
    console().print(table)
    # How to switch the others on, said once for each reason.
    for step in dict.fromkeys(line for offer in offers for line in (offer.reason or "").splitlines()[1:]):
        note(step)


def policy(as_json: bool) -> None:
    """The rules as they apply now."""
    settings = load()
    check_names(settings, CATALOGUE, (action.toolset for action in CATALOGUE.values()))
    rules = {name: getattr(settings, name) for name in Rules.model_fields}
    if as_json:
        print(json.dumps(rules, indent=2))
    else:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        for name, value in rules.items():
            shown = ", ".join(value) if isinstance(value, tuple) else json.dumps(value)
            table.add_row(name, shown or "none", settings.source(name), Rules.model_fields[name].description)
        console().print(table)
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
