"""Options shared by several commands."""

from enum import StrEnum
from typing import Annotated

import typer

from server.cli.completing import connection_names


class Format(StrEnum):
    """How a list is shown: `jsonl` is JSON Lines, one row per line."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


ConnectionName = Annotated[
    str | None,
    typer.Option(
        help="Name of the connection. [default: OKTA_ACTIONS_CONNECTION, or else the default one]",
        metavar="NAME",
        autocompletion=connection_names,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON; what goes wrong too.")]
Output = Annotated[
    Format | None,
    typer.Option(help="As a table, JSON, JSON Lines, or CSV for spreadsheets. [default: table]", show_default=False),
]
Fields = Annotated[
    str | None,
    typer.Option("--fields", help="Only these, such as name,org_url; see --json for what there is.", metavar="A,B"),
]
