"""Many processes on one connection, and processes that die in the middle; the long forms are commands in support/."""

import anyio
import pytest

from killing import POINTS, connect, kill
from refreshing import stress
from server.sandbox.running import RunningSandbox


def test_many_processes_share_one_refresh_token(sandbox: RunningSandbox, redirect_uri: str) -> None:
    outcome = stress(sandbox, redirect_uri, processes=6, tasks=4, seconds=6)
    assert outcome.failures == []
    assert outcome.rejected == 0
    assert outcome.calls > 50
    # A token lives two seconds and is replaced half-way; whoever starts late sees none of the first ones.
    assert 2 <= outcome.refreshes <= outcome.seconds / 1.0 + 1


@pytest.mark.parametrize("point", [*POINTS, "random"])
def test_a_process_that_is_killed_takes_no_connection_with_it(sandbox: RunningSandbox, point: str) -> None:
    anyio.run(connect, sandbox)
    assert kill(sandbox, point) == "works"
