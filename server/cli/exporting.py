"""Writes a whole export to a file: the parts of it one after the other, however many calls it takes."""

from pathlib import Path
from typing import Any

import anyio

from server.desk import exports
from server.desk.files import check_free, write_new, write_over
from server.desk.forms import Form
from server.door.door import Call, Refusal, Result
from server.media.csv_text import in_csv
from server.media.terminal import note
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load
from tools.okta.errors import ActionError, RateLimited

MOST_WAITS = 60
"""Rate limits that are waited for, a minute each as a rule."""


def export_to(form: Form, arguments: dict[str, Any], file: Path, connection: str | None, *, overwrite: bool) -> None:
    """Run the export to its end, and write it to a file that only this user can read.

    Raises:
        InvalidInput: the file exists, or cannot be written. ActionError: a call was refused, or failed.
    """
    if not overwrite:
        check_free(file)
    lines, rows, notes = anyio.run(_whole, connection, form.action, arguments)
    write = write_over if overwrite else write_new
    write(file, (f"{line}\n".encode("utf-8", "backslashreplace") for line in lines))
    for text in notes:
        note(f"Note: {text}")
    note(f"{rows} rows written to {file}.")


async def _whole(connection: str | None, name: str, arguments: dict[str, Any]) -> tuple[list[str], int, list[str]]:
    """The lines of an export, how many rows they are, and what is to be said of them. Nothing of it stays here."""
    lines: list[str] = []
    notes: dict[str, None] = {}
    export: dict[str, Any] = {"parts": 0}
    async with Program(load(connection=connection)) as program:
        try:
            while True:
                read, cursor = export["parts"], export.get("next_cursor")
                sent = {**arguments, "cursor": cursor} if cursor else arguments
                result = await _called(program, name, sent)
                export = result.content
                notes |= dict.fromkeys(result.notes)
                for part in range(read + 1, export["parts"] + 1):
                    told = await _called(program, "read_export", {"id": export["id"], "part": part})
                    content = told.content
                    # The names of the columns stand in each part.
                    lines += content["lines"][1:] if lines and content["format"] == "csv" else content["lines"]
                if export.get("next_cursor") is None:
                    break
                note(f"{export['rows']} rows so far.")
        finally:
            if "id" in export:
                await exports.delete(program, export["id"])
    if not lines and arguments.get("format") != "jsonl":
        lines = list(in_csv(export["columns"], []))
    return lines, export["rows"], [*notes, *([export["note"]] if export.get("note") else [])]


async def _called(program: Program, name: str, arguments: dict[str, Any]) -> Result:
    for _ in range(MOST_WAITS):
        outcome = await program.door.call(Call(at_the_command_line(), name, arguments, whole=True))
        if isinstance(outcome, Result):
            return outcome
        assert isinstance(outcome, Refusal)  # a read asks nothing
        error = outcome.error
        if not isinstance(error, RateLimited) or error.retry_after is None:
            raise error
        await anyio.sleep(error.retry_after)
    raise ActionError("Okta's rate limit is exhausted again and again; nothing was written.", code="rate_limited")
