"""Round trips are counted from which requests waited for which, and not from how many there were."""

import asyncio
import time

import httpx2
import pytest

from benchmarks.slow_proxy import HANDSHAKES, Chain, Request, SlowProxy, chain
from connected_org import API_TOKEN
from server.sandbox.running import RunningSandbox

PATHS = [f"/api/v1/groups?limit={number}" for number in range(1, 4)]


def request(came: float, ended: float, handshakes: int = 0) -> Request:
    return Request("GET", "/", came, ended, handshakes)


@pytest.mark.parametrize(
    ("times", "round_trips"),
    [
        ([], 0),
        ([(0, 1), (0.1, 1.1), (0.2, 1.2)], 1),
        ([(0, 1), (1, 2), (2.1, 3.1)], 3),
        ([(0, 1), (0, 3), (1.1, 2.1), (3.1, 4.1)], 3),
    ],
)
def test_a_chain_is_of_requests_sent_after_another_was_answered(
    times: list[tuple[float, float]], round_trips: int
) -> None:
    taken = chain(request(*one) for one in times)
    assert (taken.requests, taken.round_trips, taken.connecting) == (len(times), round_trips, 0)


def test_what_a_new_connection_takes_counts_beside() -> None:
    taken = chain([request(0, 1), request(0, 3, handshakes=2), request(3.1, 4.1)])
    assert (taken.round_trips, taken.connecting) == (2, 2)


async def test_the_proxy_hands_on_and_notes_who_waited_for_whom(sandbox: RunningSandbox) -> None:
    headers = {"authorization": f"SSWS {API_TOKEN}"}
    with SlowProxy(sandbox.url) as proxy:
        async with httpx2.AsyncClient(base_url=proxy.url, headers=headers) as http:

            async def taken(*, at_once: bool) -> Chain:
                began = time.perf_counter()
                if at_once:
                    answers = await asyncio.gather(*map(http.get, PATHS))
                else:
                    answers = [await http.get(path) for path in PATHS]
                assert [len(answer.json()) for answer in answers] == [1, 2, 3]
                link = answers[0].headers["link"]
                assert f"<{proxy.url}/" in link, "the org knows another address than the proxy's"
                await proxy.quiet()
                return chain(proxy.between(began, time.perf_counter()))

            first = await taken(at_once=False)
            assert (first.requests, first.round_trips, first.connecting) == (3, 3, HANDSHAKES)
            together = await taken(at_once=True)
            assert (together.requests, together.round_trips, together.connecting) == (3, 1, HANDSHAKES)
            again = await taken(at_once=True)
            assert (again.round_trips, again.connecting) == (1, 0)
            assert [placed.request.path for placed in again.placed] == PATHS
