"""What the client makes of rate limits: as Okta tells them, and as the way to it may spoil them."""

import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest

from api_token import ApiToken
from connected_org import Org
from server.sandbox.running import RunningSandbox
from tools.okta.client import OktaClient
from tools.okta.errors import OktaError, RateLimited

PATIENCE = 2.0


@pytest.fixture
async def okta(sandbox: RunningSandbox) -> AsyncIterator[OktaClient]:
    client = OktaClient(sandbox.url, ApiToken(sandbox.demo.api_token), patience=PATIENCE, deadline=10.0)
    yield client
    await client.aclose()


SOON, SOON_AS_DATE = "SOON", "SOON AS A DATE"


def now(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same, with 40 s from now in the places of SOON."""
    moment = time.time() + 40
    told = {SOON: str(int(moment)), SOON_AS_DATE: formatdate(moment, usegmt=True)}
    return {name: [told.get(value, value) for value in values] for name, values in headers.items()}


LIMIT, REMAINING, RESET = "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"


@pytest.mark.parametrize(
    "headers",
    [
        {LIMIT: ["600", "600"], REMAINING: ["0", "0"], RESET: [SOON, SOON]},
        {LIMIT: ["600, 600"], REMAINING: ["0, 0"]},
        {REMAINING: ["500", "0"]},
        {REMAINING: ["0", "lots"]},
        {REMAINING: ["0"], "date": []},
        {REMAINING: ["0"], "date": ["yesterday"]},
        {REMAINING: ["0"], RESET: [SOON, "1796119200000"]},
    ],
)
async def test_an_empty_bucket_is_understood_however_it_is_told(
    okta: OktaClient, org: Org, headers: dict[str, list[str]]
) -> None:
    org.trouble({"kind": "headers", "headers": now(headers)})
    await okta.get("org")
    with pytest.raises(RateLimited, match="nothing was sent") as refused:
        await okta.get("org")
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= 62


@pytest.mark.parametrize("name", [LIMIT, REMAINING, RESET])
@pytest.mark.parametrize(
    "values", [[], ["lots"], [""], ["-1"], ["nan"], ["1e3"], ["inf"], ["９"], ["9" * 400], ["1796119200000"]]
)
async def test_headers_that_say_nothing_stop_nobody(okta: OktaClient, org: Org, name: str, values: list[str]) -> None:
    spoilt = {
        LIMIT: ["600"],
        REMAINING: ["0"],
        RESET: ["0"],
        name: [value.encode().decode("latin-1") for value in values],
    }
    if name != RESET:
        spoilt[RESET] = [SOON]
    if (name, values) in ((LIMIT, ["1796119200000"]), (REMAINING, ["1796119200000"])):
        spoilt[REMAINING] = values  # a large count is a count
    org.trouble({"kind": "headers", "headers": now(spoilt)})
    for _ in range(2):
        assert await okta.get("org")


@pytest.mark.parametrize("told", [["40"], [SOON_AS_DATE], ["40", "soon"], ["5", "40"]])
async def test_whoever_refuses_says_for_how_long(okta: OktaClient, org: Org, told: list[str]) -> None:
    org.trouble({"kind": "status", "status": 429, "headers": now({"retry-after": told, RESET: []})})
    with pytest.raises(RateLimited) as refused:
        await okta.get("org")
    assert refused.value.retry_after is not None
    assert 30 < refused.value.retry_after <= 41
    with pytest.raises(RateLimited, match="nothing was sent"):
        await okta.get("org")


async def test_a_short_wait_is_waited(okta: OktaClient, org: Org) -> None:
    org.trouble({"kind": "status", "status": 429, "headers": {"retry-after": ["1"], REMAINING: ["500"]}})
    assert await okta.get("org")


@pytest.mark.parametrize("told", [[], ["soon"], [""], ["-5"], ["nan"], ["Tue, 99 Foo 2026"]])
async def test_a_refusal_that_does_not_say_for_how_long_is_tried_again_and_then_told(
    okta: OktaClient, org: Org, told: list[str]
) -> None:
    silent = {"retry-after": told, LIMIT: [], REMAINING: [], RESET: []}
    org.trouble({"kind": "status", "status": 429, "headers": silent})
    assert await okta.get("org")
    org.trouble({"kind": "status", "status": 429, "headers": silent, "times": 3})
    with pytest.raises(RateLimited) as refused:
        await okta.get("org")
    assert refused.value.retry_after == 60, "the window in which it was refused ends within a minute"


@pytest.mark.parametrize("told", ["999999999", "Fri, 31 Dec 2094 23:59:59 GMT"])
async def test_nobody_is_told_to_wait_for_more_than_an_hour(okta: OktaClient, org: Org, told: str) -> None:
    org.trouble({"kind": "status", "status": 429, "headers": {"retry-after": [told]}})
    with pytest.raises(RateLimited) as refused:
        await okta.get("org")
    assert refused.value.retry_after == 3600


async def test_an_outage_that_says_when_it_ends_is_believed(okta: OktaClient, org: Org) -> None:
    org.trouble({"kind": "status", "status": 503, "headers": {"retry-after": ["1"]}})
    assert await okta.get("org"), "a short one is waited for"
    org.trouble({"kind": "status", "status": 503, "headers": {"retry-after": ["40"]}})
    with pytest.raises(OktaError) as refused:
        await okta.get("org")
    assert (refused.value.status, refused.value.retry_after) == (503, 40)
    assert "Try again in 40 s" in str(refused.value)
    assert await okta.get("org"), "it was asked once only"


async def test_too_many_at_once_are_spread_out(okta: OktaClient, org: Org) -> None:
    """Okta's docs, "Concurrent rate limits": limit 0, remaining 0."""
    at_once = {LIMIT: ["0"], REMAINING: ["0"], RESET: [SOON]}
    org.trouble({"kind": "status", "status": 429, "headers": now(at_once)})
    assert await okta.get("org")


async def test_a_used_up_window_is_waited_out(sandbox: RunningSandbox, org: Org) -> None:
    org.trouble(window=1, buckets={"org": 2})
    okta = OktaClient(sandbox.url, ApiToken(sandbox.demo.api_token), patience=10.0, deadline=60.0)
    for _ in range(4):
        assert await okta.get("org")
    await okta.aclose()


async def test_buckets_are_told_apart(okta: OktaClient, org: Org) -> None:
    org.trouble(buckets={"groups": 1})
    await okta.get("groups", q="Sales")
    with pytest.raises(RateLimited):
        await okta.get("groups", q="Legal")
    assert await okta.get("users", "jane.doe@example.com")
