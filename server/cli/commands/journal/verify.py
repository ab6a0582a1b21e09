"""`okta-actions journal verify`."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.options import AsJson
from server.cli.output import Shape, show_one
from server.cli.report import Exit
from server.cli.running import desk
from server.desk.retention import VerdictShown, verify
from server.media.terminal import note, say

NOT_ALL = "; not all of the journal."


def command(
    head: Annotated[str | None, typer.Option(help="A head that was kept elsewhere, to be found again.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="Verify an exported or sealed file instead.", metavar="FILE")
    ] = None,
    sealed: Annotated[
        list[Path] | None,
        typer.Option(help="Where a file of sealed entries is now, if it was moved.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find every entry that was removed, altered or put in.

    Or put into another order. Exit code 1 if there is one, or if the file of sealed entries is missing. A marker in the
    data folder shows that a store was put back to an older state; that the whole folder was, only a head shows that is
    kept elsewhere. It is printed, the newest entry's number and seal: keep it where nobody can change it, and give it
    back with --head.
    """
    verdict = desk(lambda program: verify(program, head, file, sealed or []))
    show_one(verdict, Shape.of(as_json), lambda: _tell(verdict))
    if not verdict.whole:
        raise typer.Exit(Exit.FAILED)


def _tell(verdict: VerdictShown) -> None:
    say(*verdict.problems, *verdict.notes)
    for one in verdict.absent:
        say(f"Entries {one.first} to {one.last}: {one.why}")
    if verdict.problems:
        note(f"The journal is not whole: {len(verdict.problems)} findings in {verdict.entries} entries.")
        return
    read = f"{verdict.entries} entries, from {verdict.first} to {verdict.last}"
    say(
        f"{read}: {'in order' if verdict.absent else 'whole, in order'}, as written{NOT_ALL if verdict.absent else '.'}"
    )
    say(f"Head: {verdict.head}", whole=True)
    if verdict.absent:
        note("What was sealed into files could not be verified. Say where the files are now: --sealed FILE")
