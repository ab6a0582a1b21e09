"""What the journal gives up or lacks: segments sealed into files, personal details, entries lost by a restore."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import PrivateAttr

from server.desk.files import absolute, check_free, sha256_of, write_new
from server.desk.journal import swept
from server.desk.shown import Shown
from server.journal import restoring, retention, verifying
from server.journal.chain import Chain, Head, rows
from server.journal.exporting import lines, verify_lines
from server.policy.caller import Caller
from server.program import Program
from tools.okta.errors import InvalidInput

if TYPE_CHECKING:
    from server.store.database import Database

DAY = 24 * 3600.0


class Exported(Shown):
    """A file with the whole journal as JSON Lines."""

    file: str
    entries: int
    sha256: str


class SegmentShown(Shown):
    """The oldest entries, which can be moved to a file. `head` is the last entry's number and seal."""

    first: int
    last: int
    entries: int
    head: str
    _found: retention.Segment = PrivateAttr()


class SealedShown(SegmentShown):
    """A segment that was moved to a file."""

    file: str
    sha256: str


class Absent(Shown):
    """A sealed segment that could not be verified, because its file is missing or was altered."""

    first: int
    last: int
    file: str | None
    why: str


class VerdictShown(Shown):
    """Whether the journal, or a file of it, is intact. `head` is the number and seal of the newest entry read."""

    whole: bool
    entries: int
    first: int
    last: int
    head: str
    problems: list[str]
    notes: list[str]
    absent: list[Absent]


class MissingShown(Shown):
    """The entries missing from the journal, or a note that nobody can tell which."""

    text: str
    _found: restoring.MissingEntries = PrivateAttr()


class Erased(Shown):
    """The entries whose details about a person were erased."""

    person: str
    entries: list[int]


async def export(program: Program, file: Path) -> Exported:
    """Write every entry to a new file as JSON Lines.

    Raises:
        InvalidInput: the file exists, or cannot be written.
    """

    def write(database: "Database", chain: Chain) -> Exported:
        base = verifying.sealed_until(database)
        written = write_new(file, (f"{line}\n".encode() for line in lines(rows(database), base)))
        return Exported(file=str(file), entries=written.pieces, sha256=written.sha256)

    return await swept(program, write)


async def verify(program: Program, head: str | None, file: Path | None, elsewhere: list[Path]) -> VerdictShown:
    """Verify the whole journal, or an exported or sealed file, and report whatever was altered.

    `head` was kept elsewhere and must be found again; `elsewhere` is where the files of sealed segments are now.

    Raises:
        InvalidInput: `head` is malformed, or a file cannot be read.
    """
    try:
        kept = Head.of(head) if head else None
    except ValueError:
        raise InvalidInput("--head is not a head, such as `journal verify` prints one.") from None

    def look(database: "Database", chain: Chain) -> VerdictShown:
        if file:
            return _verdict(_of_file(database, chain, file, kept), [])
        found = verifying.verify(database, chain, kept)
        return _verdict(found, _absent(retention.sealed(database), elsewhere))

    return await swept(program, look)


def _verdict(found: verifying.Verdict, absent: list[Absent]) -> VerdictShown:
    return VerdictShown(
        whole=found.whole and not absent,
        entries=found.entries,
        first=found.first,
        last=found.head.sequence,
        head=str(found.head),
        problems=found.problems,
        notes=found.notes,
        absent=absent,
    )


def _absent(segments: list[retention.Sealed], elsewhere: list[Path]) -> list[Absent]:
    given = {sha256_of(file) for file in elsewhere}
    found = []
    for one in segments:
        if one.file is None or one.sha256 is None:
            why = "sealed into a file that the journal does not name; verify it with --file."
        elif one.sha256 in given:
            continue
        elif not one.file.exists():
            why = f"sealed into {one.file}, which is not there."
        elif sha256_of(one.file) != one.sha256:
            why = f"sealed into {one.file}, which is not as it was written."
        else:
            continue
        file = str(one.file) if one.file else None
        found.append(Absent(first=one.after.sequence + 1, last=one.until.sequence, file=file, why=why))
    return found


def _of_file(database: "Database", chain: Chain, file: Path, kept: Head | None) -> verifying.Verdict:
    try:
        with file.open(encoding="utf-8") as opened:
            return verify_lines(database, chain, opened, kept)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read ({type(error).__name__}).") from None


async def sealable(program: Program, days: int, file: Path) -> SegmentShown | None:
    """The entries older than that, if any can be moved to the file.

    Raises:
        InvalidInput: the journal is not intact, or the file exists.
    """
    before = time.time() - days * DAY
    found = await swept(program, lambda database, chain: retention.segment(database, chain, before))
    if found is None:
        return None
    check_free(file)
    segment = SegmentShown(
        first=found.base.sequence + 1, last=found.until.sequence, entries=found.entries, head=str(found.until)
    )
    segment._found = found
    return segment


async def seal(program: Program, segment: SegmentShown, file: Path, by: Caller) -> SealedShown:
    """Move a segment to a file.

    Raises:
        InvalidInput: the file exists or cannot be written, or somebody sealed or erased meanwhile.
    """
    found = segment._found

    def put_aside(database: "Database", chain: Chain) -> str:
        moved = lines(rows(database, "sequence <= ?", (found.until.sequence,)), found.base)
        return write_new(file, (f"{line}\n".encode() for line in moved)).sha256

    digest = await swept(program, put_aside)
    place = absolute(file)
    await program.recorder.run(lambda database, chain: retention.seal(database, chain, found, by, place, digest))
    return SealedShown(**segment.model_dump(), file=str(file), sha256=digest)


async def missing(program: Program) -> MissingShown | None:
    """Marked entries that the journal lacks, if any."""
    found = await swept(program, restoring.missing)
    if found is None:
        return None
    told = MissingShown(text=found.text)
    told._found = found
    return told


async def accept_restore(program: Program, accepted: MissingShown, by: Caller) -> int:
    """Go on without the missing entries; returns the number of the entry that records this.

    Raises:
        StoreError: something else is missing by now.
    """
    found = accepted._found
    return await program.recorder.run(lambda database, chain: restoring.accept(database, chain, found, by))


def check_person(person: str) -> None:
    """Raises InvalidInput if this does not identify a person for certain."""
    if "@" not in person and not person.startswith("00u"):
        raise InvalidInput("A person is named by their Okta id or full login.")


async def erase(program: Program, person: str, by: Caller) -> Erased:
    """Erase the details about a person, named by Okta id or full login.

    Raises:
        InvalidInput: the value is neither, or several people have had the login.
    """
    check_person(person)
    recorder = program.recorder
    traces = await recorder.read(lambda database, chain: retention.traces(database, chain, person))
    found = await recorder.run(lambda database, chain: retention.erase(database, chain, traces, by))
    await program.store.tidy()
    return Erased(person=person, entries=found)
