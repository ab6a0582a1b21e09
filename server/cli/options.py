"""Options that several commands take."""

from typing import Annotated

import typer

ConnectionName = Annotated[str | None, typer.Option(help="Name of the connection. [default: the default one]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
