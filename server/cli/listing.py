"""`okta-actions actions` and `okta-actions policy`: what there is, and what may be done with it."""

import json

import anyio

from server.caller import at_the_command_line
from server.cli.report import console, note
from server.guard import Offer
from server.policy import Rules, check_names
from server.program import Program
from server.settings import load
from tools.catalogue import CATALOGUE


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
        return
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, value in rules.items():
        shown = ", ".join(value) if isinstance(value, tuple) else json.dumps(value)
        table.add_row(name, shown or "none", Rules.model_fields[name].description)
    console().print(table)
    note(f"From {settings.policy if settings.policy.exists() else 'no file'}, variables, and what holds otherwise.")


async def _offers(connection: str | None) -> list[Offer]:
    async with Program(load(connection=connection)) as program:
        return await program.door.offers(at_the_command_line())
