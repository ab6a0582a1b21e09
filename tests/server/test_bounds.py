"""However much somebody sends or Okta answers, little comes back, soon, and nothing falls over."""

import gzip
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import PromptReference

from connected_org import Org
from ledger import CALLER, refuse
from peer import Peer, answer
from server.door.door import Call, Refusal
from server.mcp.server import OktaActionsServer
from server.program import Program
from surface import details, said
from tools.contract.validation import MOST_BYTES
from tools.okta import client as okta_client
from tools.okta.client import LARGEST_BODY, OktaClient
from tools.okta.errors import MOST_CAUSES, ActionError, OktaError, Unreachable

JANE = "jane.doe@example.com"
NEW = {"first_name": "New", "last_name": "Comer", "login": "new.comer@example.com", "email": "new.comer@example.com"}
HUGE = "x" * 200_000
MOST_ANSWERED = 20_000


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


# What is sent

SENT: dict[str, dict[str, Any]] = {
    "a long value": {"user_id": HUGE},
    "a long name": {HUGE: 1, "user_id": JANE},
    "long names that fit": {"y" * 20_000: 1, "z" * 20_000: 2, "user_id": JANE},
    "many names": {f"argument_{number}": number for number in range(10_000)},
    "many names that fit": {f"a{number}": 1 for number in range(5_000)},
    "names nearly right": {f"user_i{number}": 1 for number in range(3_000)},
    "many wrong values": {"user_id": JANE, "attributes": {f"a{number}": {} for number in range(20_000)}},
    "many wrong values that fit": {"user_id": JANE, "attributes": {f"a{number}": {} for number in range(4_000)}},
    "many values of the wrong kind": {**NEW, "attributes": {"nickName": [{}] * 10_000}},
    "a long list": {**NEW, "group_ids": ["Everyone"] * 6_000},
    "deep values": {"user_id": JANE, "attributes": {"nickName": deep(150)}},
    "values too deep": {"user_id": JANE, "attributes": {"nickName": deep(100_000)}},
    "what looks like tokens": {**NEW, "title": "-eyJ" * 16_000},
    "wide characters": {**NEW, "title": "\U0001f600" * 20_000},
}


@pytest.mark.parametrize("name", ["create_user", "update_user_profile", "lookup_user", "deactivate_user", HUGE])
async def test_whatever_is_sent_the_refusal_is_short(program: Program, org: Org, name: str) -> None:
    before = org.events()
    for label, arguments in SENT.items():
        outcome = await program.door.call(Call(CALLER, name, arguments))
        assert isinstance(outcome, Refusal), label
        assert outcome.error.code != "internal_error", label
        assert len(str(outcome.error)) < MOST_ANSWERED, label
        assert len(json.dumps(outcome.error.details())) < MOST_ANSWERED, label
    assert org.events() == before


async def test_a_call_of_more_than_64_kilobytes_is_refused_and_of_less_is_read(program: Program) -> None:
    name = "y" * (MOST_BYTES - len(json.dumps({"user_id": JANE, "": 1})))
    for more, code in (("", "invalid_input"), ("y", "too_large")):
        assert (await refuse(program, "lookup_user", **{"user_id": JANE, name + more: 1})).code == code


async def test_causes_are_counted_and_twenty_told(program: Program) -> None:
    error = await refuse(program, "lookup_user", user_id=JANE, **{f"a{number}": 1 for number in range(1000)})
    assert len(error.causes) == MOST_CAUSES + 1
    assert error.causes[-1] == "and 980 more"
    error = await refuse(program, "lookup_user", user_id=JANE, **{f"a{number}": 1 for number in range(20)})
    assert len(error.causes) == MOST_CAUSES


async def test_many_wrong_names_take_no_more_time_each_than_few(program: Program) -> None:
    times = []
    for number in (500, 5_000):
        arguments = {f"user_i{n}": 1 for n in range(number)}
        took = []
        for _ in range(3):
            began = time.thread_time()
            await program.door.call(Call(CALLER, "create_user", arguments))
            took.append(time.thread_time() - began)
        times.append(max(0.05, min(took)))
    assert times[1] <= 15 * times[0]


async def test_over_mcp_too(program: Program) -> None:
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode="2026-07-28") as client:
        for label, arguments in SENT.items():
            if label == "values too deep":
                continue  # the client cannot send it
            result = await client.call_tool("create_user", arguments)
            assert result.is_error, label
            assert len(said(result)) + len(json.dumps(details(result))) < MOST_ANSWERED, label


async def test_no_name_of_anything_comes_back_at_its_length(program: Program) -> None:
    server = OktaActionsServer(program.door, program.connections, "memory")
    reference = PromptReference(type="ref/prompt", name="offboarding")
    async with Client(server, mode="legacy") as client:
        for asking in (
            lambda: client.call_tool(HUGE, {}),
            lambda: client.read_resource(f"okta://{HUGE}"),
            lambda: client.read_resource(f"okta://users/{HUGE}"),
            lambda: client.read_resource(f"okta://users/{'x' * 1900}"),
            lambda: client.get_prompt(HUGE, {}),
            lambda: client.get_prompt("offboarding", {HUGE: "x"}),
            lambda: client.get_prompt("offboarding", {"person": HUGE}),
            lambda: client.complete(ref=reference, argument={"name": "person", "value": HUGE}),
            lambda: client.complete(ref=reference, argument={"name": HUGE, "value": "x"}),
        ):
            try:
                told = (await asking()).model_dump_json()
            except MCPError as error:
                told = f"{error} {error.error.data}"
            assert len(told) < MOST_ANSWERED


# What Okta answers


async def asked(peer: Peer) -> object:
    client = OktaClient(peer.url, deadline=10.0)
    try:
        return await client.get("users", "x")
    finally:
        await client.aclose()


def packed(body: bytes, **headers: str) -> bytes:
    return answer(200, gzip.compress(body), content_encoding="gzip", **headers)


ANSWERED: dict[str, tuple[bytes, str]] = {
    "too many bytes": (answer(200, b" " * (LARGEST_BODY + 1)), "answer_too_large"),
    "a gigabyte in gzip": (packed(b" " * (1 << 30)), "answer_too_large"),
    "many small lists": (answer(200, b"[" + b"[]," * 2_000_000 + b"[]]"), "answer_too_large"),
    "many numbers": (answer(200, b"[" + b"1.5," * 1_000_000 + b"1]"), "answer_too_large"),
    "deep lists": (answer(200, b"[" * 100_000 + b"]" * 100_000), "not_okta"),
    "deep objects": (answer(200, b'{"a":' * 50_000 + b"1" + b"}" * 50_000), "not_okta"),
    "rather deep lists": (answer(200, b"[" * 900 + b"]" * 900), "not_okta"),
    "lone surrogate": (answer(200, b'{"a": "\\ud800"}'), "not_okta"),
    "no number": (answer(200, b"[NaN]"), "not_okta"),
    "an unknown coding": (answer(200, b"x", content_encoding="br"), "not_okta"),
    "broken gzip": (answer(200, b"x" * 100, content_encoding="gzip"), "not_okta"),
    "half of the gzip": (answer(200, gzip.compress(b"[1]")[:-4], content_encoding="gzip"), "not_okta"),
    "a deep error": (answer(400, b"[" * 100_000 + b"]" * 100_000), "http_400"),
    "a long error": (answer(400, json.dumps({"errorCode": "E0000001", "errorSummary": HUGE})), "E0000001"),
}


@pytest.mark.parametrize("kind", ANSWERED)
async def test_an_answer_out_of_bounds_is_an_error_and_costs_little(kind: str) -> None:
    raw, code = ANSWERED[kind]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Peer(raw) as peer, pytest.raises(OktaError) as refused:
        await asked(peer)
    assert refused.value.code == code
    assert len(str(refused.value)) < 2000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 * 1024


async def test_an_answer_in_gzip_is_read() -> None:
    with Peer(packed(b'{"id": "1"}')) as peer:
        assert await asked(peer) == {"id": "1"}


async def test_many_causes_of_oktas_are_counted_and_twenty_told() -> None:
    causes = [{"errorSummary": f"cause {number} " + "y" * 1000} for number in range(100)]
    with Peer(answer(400, json.dumps({"errorCode": "E0000001", "errorCauses": causes}))) as peer:
        with pytest.raises(OktaError) as refused:
            await asked(peer)
    assert refused.value.causes[-1] == "and 80 more"
    assert len(str(refused.value)) < MOST_ANSWERED


@pytest.mark.parametrize("link", ["<" * 40_000, "<a" * 20_000, "<x>" + ";" * 40_000, '<http://[>; rel="next"'])
async def test_a_link_of_any_kind_is_followed_or_refused(link: str) -> None:
    with Peer(answer(200, "[1]", link=link)) as peer:
        client = OktaClient(peer.url)
        try:
            assert [page async for page in client.pages("users")] == [[1]]
        except ActionError as error:
            assert error.code in ("no_cursor", "foreign_link")  # noqa: PT017 - it may be either
        await client.aclose()


@contextmanager
def endless(link: str) -> Iterator[str]:
    """An org whose lists never end; `link` says where each goes on, {n} being the number of the request."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def serve() -> None:
        number = 0
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                number += 1
                following = f'<{url}{link.format(n=number)}>; rel="next"'
                connection.sendall(answer(200, "[]", link=following))

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield url
    finally:
        listener.close()


@pytest.mark.parametrize("link", ["/api/v1/users", "/api/v1/users?after=1"])
async def test_a_list_that_leads_in_a_circle_ends(link: str) -> None:
    with endless(link) as url:
        client = OktaClient(url)
        with pytest.raises(OktaError, match="form a loop") as refused:
            assert [page async for page in client.pages("users")] == []
        await client.aclose()
    assert refused.value.code == "endless_list"


async def test_a_list_without_end_ends_by_its_pages_or_by_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    with endless("/api/v1/users?after={n}") as url:
        client = OktaClient(url, deadline=0.5)
        with pytest.raises(Unreachable):
            assert [page async for page in client.pages("users")] == []
        await client.aclose()
        monkeypatch.setattr(okta_client, "MOST_PAGES", 20)
        client = OktaClient(url)
        with pytest.raises(OktaError, match="20 pages"):
            assert [page async for page in client.pages("users")] == []
        await client.aclose()


async def test_looking_through_empty_pages_ends() -> None:
    from tools.search.cursors import Place
    from tools.search.scanning import MOST_REQUESTS, scan

    with endless("/api/v1/users?after={n}") as url:
        client = OktaClient(url)
        page = await scan(client, "users", begin=Place(), limit=5, fits=bool)
        assert page.entries == []
        assert page.end is not None
        assert page.end.after == str(MOST_REQUESTS)
        await client.aclose()


async def test_long_texts_of_the_directory_are_cut(program: Program, org: Org) -> None:
    from tools.contract.outcomes import Output

    class Told(Output):
        text: Any

    shown = Told(text={HUGE: [HUGE, {"a": HUGE}]}).model_dump_json()
    assert len(shown) < 30_000
