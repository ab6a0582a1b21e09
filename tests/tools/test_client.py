"""The client takes no answer for more than it is, and repeats nothing that may have been done."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import anyio
import httpx2
import pytest

from api_token import ApiToken
from connected_org import Org
from peer import Peer, answer
from server.connections.auth import FixedAuth
from server.connections.models import Tokens
from server.sandbox.running import RunningSandbox
from tools.okta.client import LARGEST_BODY, OktaClient, noting_writes
from tools.okta.errors import (
    ActionError,
    InvalidInput,
    MissingScope,
    NotFound,
    OktaError,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from tools.okta.sockets import Stream


@pytest.fixture
async def okta(sandbox: RunningSandbox) -> AsyncIterator[OktaClient]:
    client = OktaClient(sandbox.url, ApiToken(sandbox.demo.api_token), patience=2.0, deadline=10.0)
    yield client
    await client.aclose()


async def asked(peer: Peer, deadline: float = 30.0) -> object:
    client = OktaClient(peer.url, deadline=deadline)
    try:
        return await client.get("users", "x")
    finally:
        await client.aclose()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 500, 501])
async def test_every_status_outside_2xx_is_a_failure_even_without_a_body(status: int) -> None:
    with Peer(*[answer(status)] * 3) as peer, pytest.raises(ActionError) as refused:
        await asked(peer)
    assert str(refused.value)
    assert refused.value.by == "okta"


async def test_an_empty_403_to_a_write_is_a_refusal() -> None:
    with Peer(answer(403)) as peer:
        client = OktaClient(peer.url)
        with pytest.raises(OktaError) as refused:
            await client.put("groups", "g", "users", "u")
        await client.aclose()
    assert refused.value.code == "http_403"
    assert "admin role" in str(refused.value.next_step)


async def test_a_missing_scope_is_named_with_the_way_to_grant_it(sandbox: RunningSandbox) -> None:
    challenge = 'Bearer authorization_uri="x", error="insufficient_scope", scope="okta.groups.manage"'
    with Peer(answer(403, www_authenticate=challenge, x_okta_request_id="req-1")) as peer:
        with pytest.raises(MissingScope) as refused:
            await asked(peer)
    assert "okta.groups.manage" in str(refused.value)
    assert "okta-actions connect" in str(refused.value)
    assert refused.value.okta_request_id == "req-1"


async def test_a_page_that_is_not_json_is_not_taken_for_an_answer() -> None:
    with Peer(answer(200, "<html>Sign in to the hotel's network</html>", content_type="text/html")) as peer:
        with pytest.raises(OktaError) as refused:
            await asked(peer)
    assert refused.value.code == "not_okta"
    assert "hotel" not in str(refused.value)


async def test_redirects_are_not_followed() -> None:
    with Peer() as elsewhere, Peer(answer(302, location=elsewhere.url)) as peer:
        with pytest.raises(OktaError):
            await asked(peer)
        assert elsewhere.requests == []


async def test_the_next_page_is_never_fetched_from_another_host() -> None:
    with (
        Peer() as elsewhere,
        Peer(answer(200, "[1]", link=f'<{elsewhere.url}/api/v1/users?after=1>; rel="next"')) as peer,
    ):
        client = OktaClient(peer.url, FixedAuth(Tokens("secret", None, 1e11, ())))
        pages = client.pages("users")
        assert await anext(pages) == [1]
        with pytest.raises(OktaError, match="another host"):
            await anext(pages)
        await client.aclose()
        assert elsewhere.requests == []


async def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    with Peer(answer(200, b"x" * (LARGEST_BODY + 65536))) as peer, pytest.raises(OktaError) as refused:
        await asked(peer)
    assert refused.value.code == "answer_too_large"


async def test_a_server_that_keeps_silent_is_left_after_the_deadline() -> None:
    with Peer(answer(200, b"", content_length="10")) as peer:
        began = time.monotonic()
        with pytest.raises(Unreachable) as refused:
            await asked(peer, deadline=0.5)
    assert time.monotonic() - began < 3
    assert not refused.value.maybe_done


async def test_an_outage_is_one_clear_sentence() -> None:
    with Peer() as peer:
        pass
    with pytest.raises(Unreachable) as refused:
        await asked(peer, deadline=5.0)
    assert str(refused.value).startswith(peer.url.removeprefix("http://"))
    assert "Nothing was sent" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 2


async def test_oktas_words_arrive_as_bounded_single_lines() -> None:
    body = '{"errorCode": "E0000001", "errorSummary": "a\\nb\\u202ec", "errorCauses": [{"errorSummary": "%s"}]}'
    with Peer(answer(400, body % ("long " * 400))) as peer, pytest.raises(OktaError) as refused:
        await asked(peer)
    assert refused.value.code == "E0000001"
    assert refused.value.summary == r"a\nb\u202ec"
    assert len(refused.value.causes[0]) <= 500


@pytest.mark.parametrize("body", ["[]", "3", '{"errorCauses": 1}', '{"errorCode": 7}', "nonsense", "null"])
async def test_an_error_body_of_any_kind_is_survived(body: str) -> None:
    with Peer(answer(400, body)) as peer, pytest.raises(OktaError):
        await asked(peer)


async def test_unknown_attributes_and_statuses_pass_through(okta: OktaClient) -> None:
    with Peer(answer(200, '{"id": "1", "status": "FROZEN", "shoe": 43}')) as peer:
        assert await asked(peer) == {"id": "1", "status": "FROZEN", "shoe": 43}


@pytest.mark.parametrize("segment", ["", ".", ".."])
async def test_a_path_cannot_be_climbed(okta: OktaClient, segment: str) -> None:
    with pytest.raises(InvalidInput):
        await okta.get("users", segment)


@pytest.mark.parametrize("segment", ["../groups", "a/b", "00u/lifecycle/deactivate"])
async def test_a_segment_with_a_slash_leads_nowhere(okta: OktaClient, segment: str) -> None:
    for method in (okta.get, okta.post, okta.put, okta.delete):
        with pytest.raises(OktaError) as refused:
            await method("users", segment)
        assert refused.value.status == 405


@pytest.mark.parametrize("segment", ["x?limit=1", "x#y", "%2e%2e", "a b", "é"])
async def test_a_segment_stays_a_segment(okta: OktaClient, segment: str) -> None:
    with pytest.raises(NotFound):
        await okta.get("users", segment)


async def test_reads_survive_what_passes(okta: OktaClient, org: Org) -> None:
    org.trouble({"kind": "drop_before"}, {"kind": "status", "status": 503}, path="/api/v1/users")
    assert (await okta.get("users", "jane.doe@example.com"))["status"] == "ACTIVE"


async def test_a_write_that_may_have_arrived_is_not_repeated(okta: OktaClient, org: Org) -> None:
    login = "once@example.com"
    profile = {"firstName": "On", "lastName": "Ce", "login": login, "email": login}
    org.trouble({"kind": "drop_after", "method": "POST"})
    with pytest.raises(Unreachable) as refused:
        await okta.post("users", json={"profile": profile})
    assert refused.value.maybe_done
    assert not refused.value.retryable
    assert "may or may not" in str(refused.value)
    assert org.events().count("user.lifecycle.create") == 1


async def test_an_idempotent_write_is_repeated(okta: OktaClient, org: Org) -> None:
    group, user = org.create_group("Repeated"), org.create("repeated@example.com")
    org.trouble({"kind": "drop_after", "method": "PUT"})
    await okta.put("groups", group, "users", user["id"])
    assert "Repeated" in org.groups_of("repeated@example.com")


async def test_what_is_gone_when_an_unanswered_delete_is_repeated_was_deleted_by_it(okta: OktaClient, org: Org) -> None:
    group = org.create_group("Gone")
    org.trouble({"kind": "drop_after", "method": "DELETE"})
    with noting_writes(idempotent=True) as writes:
        assert await okta.delete("groups", group) is None
    assert writes.maybe_done
    assert org.events().count("group.lifecycle.delete") == 1
    with pytest.raises(NotFound):
        await okta.delete("groups", group)


@pytest.mark.parametrize("idempotent", [False, True])
async def test_a_post_is_repeated_where_the_action_says_that_this_does_no_harm(
    okta: OktaClient, org: Org, idempotent: bool
) -> None:
    user = org.create("posted@example.com")
    org.trouble({"kind": "drop_after", "method": "POST"})
    with noting_writes(idempotent=idempotent), suppress(Unreachable):
        await okta.post("users", user["id"], json={"profile": {"title": "Once"}})
    assert org.events().count("user.account.update_profile") == 1 + idempotent


async def test_a_post_is_not_repeated_after_a_5xx(okta: OktaClient, org: Org) -> None:
    org.trouble({"kind": "status", "status": 503, "method": "POST", "times": 1})
    with pytest.raises(OktaError) as refused:
        await okta.post("groups", json={"profile": {"name": "Once"}})
    assert refused.value.retryable
    assert refused.value.status == 503


async def test_limits_are_obeyed_before_they_bite(okta: OktaClient, org: Org) -> None:
    org.trouble(per_minute=3)
    answered = 0
    with pytest.raises(RateLimited) as refused:
        for _ in range(5):
            await okta.get("org")
            answered += 1
    assert answered <= 3
    assert "nothing was sent" in str(refused.value)
    assert refused.value.retryable
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= 62


async def test_a_429_that_lasts_is_an_answer_that_says_when(okta: OktaClient) -> None:
    reset = str(int(time.time()) + 40)
    headers = {"x_rate_limit_limit": "10", "x_rate_limit_remaining": "0", "x_rate_limit_reset": reset}
    with Peer(answer(429, '{"errorCode": "E0000047", "errorSummary": "limit"}', **headers)) as peer:
        with pytest.raises(RateLimited) as refused:
            await asked(peer)
        assert len(peer.requests) == 1
    assert refused.value.code == "E0000047"
    assert refused.value.retry_after is not None
    assert 35 < refused.value.retry_after < 45


async def test_a_429_that_passes_is_waited_out_by_oktas_clock() -> None:
    # The peer's clock is an hour behind ours: only its own Date says how long the wait is.
    date, reset = "Tue, 01 Dec 2026 10:00:00 GMT", "1796119200"
    headers = {"x_rate_limit_limit": "10", "x_rate_limit_remaining": "0", "x_rate_limit_reset": reset, "date": date}
    with Peer(answer(429, "{}", **headers), answer(200, "{}")) as peer:
        assert await asked(peer) == {}


async def test_a_401_says_to_connect_again() -> None:
    with Peer(answer(401, '{"errorCode": "E0000011", "errorSummary": "Invalid token provided"}')) as peer:
        with pytest.raises(Unauthorized, match="okta-actions connect"):
            await asked(peer)


async def test_pages_follow_each_other_to_the_end(okta: OktaClient) -> None:
    seen = [user["id"] async for page in okta.pages("users", limit=7) for user in page]
    assert len(seen) == len(set(seen)) > 40


async def test_a_list_that_is_none_is_refused() -> None:
    with Peer(answer(200, "{}")) as peer:
        client = OktaClient(peer.url)
        with pytest.raises(OktaError, match="other than a list"):
            await anext(client.pages("users"))
        await client.aclose()


async def test_many_calls_share_one_pool(okta: OktaClient) -> None:
    users = await asyncio.gather(*(okta.get("users", "jane.doe@example.com") for _ in range(60)))
    assert len({user["id"] for user in users}) == 1


async def test_open_connections_tell_cheaply_whether_okta_has_closed_them(
    okta: OktaClient, sandbox: RunningSandbox
) -> None:
    received = await okta.forward(httpx2.Request("GET", f"{sandbox.url}/.well-known/okta-organization"))
    await received.aread()
    stream = received.extensions["network_stream"]
    assert isinstance(stream, Stream)
    assert stream.get_extra_info("is_readable") is False
    await anyio.to_thread.run_sync(sandbox.stop)
    assert stream.get_extra_info("is_readable") is True
