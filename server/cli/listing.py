"""`okta-actions actions`: the catalogue as a table."""

import json

import anyio

from server.cli.report import console, note
from server.door import Caller
from server.guard import Offer
from server.program import Program
from server.settings import load


def actions(connection: str | None, as_json: bool) -> None:
    offers = anyio.run(_offers, connection)
    if as_json:
        print(json.dumps([offer.row() for offer in offers], indent=2))
        return
    from rich.table import Table

    table = Table("action", "toolset", "effect", "asks", "scopes", "offered", box=None, pad_edge=False)
    for offer in offers:
        table.add_row(
            offer.action.name,
            offer.action.toolset,
            offer.action.effect,
            "yes" if offer.action.asks else "",
            " ".join(sorted(offer.action.scopes)),
            offer.reason.splitlines()[0] if offer.reason else "yes",
        )
    console().print(table)
    # How to switch the others on, said once for each reason.
    for step in dict.fromkeys(line for offer in offers for line in (offer.reason or "").splitlines()[1:]):
        note(step)


async def _offers(connection: str | None) -> list[Offer]:
    async with Program(load(connection=connection)) as program:
        return await program.door.offers(Caller("local user", "command line"))
