"""The commands of `okta-actions journal`; their work is in `journaling`, imported when one of them runs."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.options import AsJson
from server.cli.report import reporting

journal = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The record of what was changed.")


@journal.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest changes, refusals and questions that were not accepted, and what was done with the server."""
    from server.cli import journaling

    with reporting(ctx):
        journaling.show_list(limit, as_json)


@journal.command()
def show(
    ctx: typer.Context,
    change: Annotated[str, typer.Argument(help="Id of a change, or of a question or refusal, such as e12.")],
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show values that look like secrets too. Only at a terminal; recorded.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show all that is recorded of a change, a question or a refusal."""
    from server.cli import journaling

    with reporting(ctx):
        journaling.show(change, reveal=reveal)


@journal.command("export")
def export_journal(ctx: typer.Context, file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write every entry to a file as JSON Lines."""
    from server.cli import journaling

    with reporting(ctx):
        journaling.export(file)


@journal.command()
def verify(
    ctx: typer.Context,
    head: Annotated[str | None, typer.Option(help="A head that was kept elsewhere, to be found again.")] = None,
    file: Annotated[Path | None, typer.Option(help="Verify an exported or sealed file instead.")] = None,
    sealed: Annotated[
        list[Path] | None, typer.Option(help="Where a file of sealed entries is now, if it was moved.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find every entry that was removed, altered, reordered or put in.

    Exit code 1 if there is one, or if the file of sealed entries is missing. A marker in the data folder shows that a
    store was put back to an older state; that the whole folder was, only a head shows that is kept elsewhere. It is
    printed, the newest entry's number and seal: keep it where nobody can change it, and give it back with --head.
    """
    from server.cli import journaling

    with reporting(ctx):
        journaling.verify(head, file, sealed or [], as_json)


@journal.command()
def reconcile(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Ask Okta what became of the changes whose outcome is unknown, and write it down."""
    from server.cli import journaling

    with reporting(ctx):
        journaling.reconcile(as_json)


@journal.command()
def seal(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file that the old entries go to; it must not exist.")],
    days: Annotated[int, typer.Option(min=0, help="How many days to keep here.")] = 365,
) -> None:
    """Move old entries to a file; what remains can still be verified, and so can the file. Asks first."""
    from server.cli import journaling

    with reporting(ctx):
        journaling.seal(file, days)


@journal.command("accept-restore")
def accept_restore(ctx: typer.Context) -> None:
    """Go on with a store that lacks entries, because it was put back from a backup or made anew.

    Says which entries are missing, and asks, at a terminal only. That it was accepted is an entry itself.
    """
    from server.cli import journaling

    with reporting(ctx):
        journaling.accept_restore()


@journal.command()
def erase(
    ctx: typer.Context, person: Annotated[str, typer.Argument(help="The person's Okta id or full login.")]
) -> None:
    """Erase what tells of a person, on their request: names, arguments, values.

    Entries are found by the id, by present and former logins and by addresses; not by the name alone, as where
    somebody else's entry has it as their manager's. That something was done, when and by whom stays, and so does
    Okta's id of the person. Asks first.
    """
    from server.cli import journaling

    with reporting(ctx):
        journaling.erase(person)
