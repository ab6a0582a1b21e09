"""A process that writes to the journal beside others: `python tests/support/appending.py TIMES TICKET…`."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402

from server.journal.matter import Matter  # noqa: E402
from server.journal.recording import Confirmation, Ending, TicketSpent  # noqa: E402
from server.policy.caller import Caller, Principal  # noqa: E402
from server.program import Program  # noqa: E402
from server.settings import load  # noqa: E402

JANE = ("user", "00uJANEJANEJANEJANE1", "Jane Doe <jane.doe@example.com>")
TEAM = ("group", "00gTEAMTEAMTEAMTEAM1", "“Team”")


def matter(name: str, text: str = "Add Jane Doe <jane.doe@example.com>, ACTIVE, to “Team”.") -> Matter:
    """A write as the door would record one."""
    return Matter(
        caller=Caller(Principal("tests", name), "tests"),
        connection="default",
        org="https://example.okta.com",
        identity="admin@example.com",
        action="add_user_to_group",
        arguments={"user_id": JANE[1], "group_id": TEAM[1]},
        targets=(JANE, TEAM),
        before={"member": False},
        wanted={"member": True},
        text=text,
    )


async def work(times: int, tickets: list[str]) -> None:
    """Use up whatever tickets nobody else has used yet; then ask, begin and end."""
    async with Program(load(changes_per_minute=10_000, changes_per_hour=10_000)) as program:
        recorder, about = program.recorder, matter("somebody")
        for ticket in tickets:
            try:
                await recorder.begin(matter("once"), ticket, Confirmation("elicitation", "a person"))
            except TicketSpent:
                continue
        for _ in range(times):
            ticket = await recorder.ask("seal", 1, about)
            change = await recorder.begin(about, ticket, Confirmation("elicitation", "a person"))
            await recorder.end(change.sequence, about, Ending("done", ["request"], 0.01))


if __name__ == "__main__":
    anyio.run(work, int(sys.argv[1]), sys.argv[2:])
