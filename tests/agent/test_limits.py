"""The time of a turn, which a person's thinking is no part of."""

import math

import pytest

from server.agent.limits import Deadline

pytestmark = pytest.mark.anyio


async def test_time_stands_still_until_the_last_of_overlapping_questions_is_answered() -> None:
    deadline = Deadline()
    with deadline.within(60.0) as scope:
        ends = scope.deadline
        one, other = deadline.held(), deadline.held()
        one.__enter__()
        other.__enter__()
        assert scope.deadline == math.inf
        one.__exit__(None, None, None)
        assert scope.deadline == math.inf
        other.__exit__(None, None, None)
        assert ends <= scope.deadline < math.inf
