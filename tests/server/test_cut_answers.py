"""No answer is longer than a model can take in, and following the cursors of those that were cut loses no row."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from connected_org import Org
from ledger import CALLER, attempt, do, pages, run
from server.door.call import Call
from server.door.cutting import MOST_TOKENS, fitted
from server.door.door import Result
from server.media.models import for_model
from server.program import Program
from tools.contract.arguments import ActionInput
from tools.text.tokens import most_tokens
from worlds import CALLED, read_names, reads, word

JANE = "jane.doe@example.com"
PAGED = [name for name in read_names() if {"limit", "cursor"} <= CALLED[name].input.model_fields.keys()]
LARGE: dict[str, dict[str, Any]] = {
    "list_changes": {"limit": 100},
    "list_group_members": {"group_id": "Everyone", "limit": 200, "fields": ["nickName", "login"]},
    "list_user_groups": {"user_id": JANE, "limit": 200},
    "search_groups": {"limit": 200},
    "search_users": {"limit": 200, "fields": ["nickName", "login"]},
}
"""Calls of lists that are long in the org of this test."""


def length(content: dict[str, Any]) -> int:
    """Tokens of an answer as a model gets it."""
    return most_tokens(json.dumps(for_model(content), ensure_ascii=False, separators=(",", ":")))


def rows(content: dict[str, Any]) -> list[str]:
    lists = (
        value for value in content.values() if isinstance(value, list) and all(isinstance(one, dict) for one in value)
    )
    listed = max(lists, key=len, default=[])
    return [json.dumps(one.get("id") or one, sort_keys=True) for one in listed]


async def whole(program: Program, name: str, arguments: dict[str, Any]) -> list[str]:
    """The rows of a list, uncut."""
    found: list[str] = []
    cursor = None
    while True:
        sent = {**arguments, **({"cursor": cursor} if cursor else {})}
        page = await program.door.call(Call(CALLER, name, sent, whole=True))
        assert isinstance(page, Result)
        found += rows(page.content)
        if (cursor := page.content.get("next_cursor")) is None:
            return found


@pytest.fixture
async def long_lists(program: Program, org: Org) -> None:
    """Twenty people and groups with long texts, and a change to each of them."""
    for number in range(20):
        text = f"{number} {word()} " * 150
        org.create(f"{word()}@example.com", nickName=text)
        group = f"{number} {word()}"
        org.create_group(group, text[:900])
        org.join(group, JANE)
        await do(program, "update_user_profile", user_id=JANE, title=f"T{number} {text[:90]}")


@pytest.mark.usefixtures("long_lists")
async def test_following_the_cursors_of_cut_answers_yields_every_row_once(program: Program) -> None:
    cut = set()
    for name, arguments in LARGE.items():
        found: list[str] = []
        async for page in pages(program, name, **arguments):
            assert length(page) <= MOST_TOKENS, name
            if "fit into one answer" in page.get("note", ""):
                cut.add(name)
                assert page["next_cursor"]
            found += rows(page)
        assert found == await whole(program, name, arguments), name
        assert len(set(found)) == len(found), name
    assert {"search_users", "list_group_members", "search_groups", "list_user_groups"} <= cut


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(0, 7000), min_size=1, max_size=30), limit=st.sampled_from([1, 7, 20, 200]))
def test_rows_of_any_lengths_are_all_found(lengths: list[int], limit: int) -> None:
    """The rule by itself: of rows as long as these, each comes once, and nothing is too long."""

    class Wanted(ActionInput):
        limit: int
        cursor: str | None = None

    class Page(BaseModel):
        users: list[dict[str, str]]
        next_cursor: str | None = None

    async def read(wanted: Wanted) -> Result:
        begin = int(wanted.cursor or 0)
        end = begin + wanted.limit
        listed = [{"id": str(at), "text": "né" * (lengths[at] // 2)} for at in range(begin, min(end, len(lengths)))]
        return Result(Page(users=listed, next_cursor=str(end) if end < len(lengths) else None))

    found, cursor = [], None
    while True:
        page = asyncio.run(fitted(Wanted(limit=limit, cursor=cursor), read)).content
        assert length(page) <= MOST_TOKENS
        found += [user["id"] for user in page["users"]]
        if (cursor := page.get("next_cursor")) is None:
            break
    assert found == [str(at) for at in range(len(lengths))]


@pytest.mark.parametrize("name", PAGED)
async def test_every_list_is_cut_by_its_own_cursor(program: Program, org: Org, name: str) -> None:
    """Whoever adds a list adds its limit and its cursor: a page of one row is where a cut may come down to."""
    arguments = {key: value for key, value in reads()[name](org, word()).items() if key != "limit"}
    found: list[str] = []
    async for page in pages(program, name, **arguments, limit=1):
        found += rows(page)
    assert found == await whole(program, name, arguments)


async def test_a_single_row_that_is_too_long_is_cut_in_its_texts_and_says_so(program: Program, org: Org) -> None:
    long: dict[str, Any] = {
        name: f"{word()} ñ語" * 600 for name in ("nickName", "city", "state", "locale", "streetAddress", "title")
    }
    body = {name: {"title": name, "type": "string"} for name in (f"long{number}" for number in range(12))}
    org.http.post("/api/v1/meta/schemas/user/default", json={"definitions": {"custom": {"properties": body}}})
    custom: dict[str, Any] = {name: f"{word()} " * 900 for name in body}
    org.create("long@example.com", **long, **custom)
    fields = [*long, *(f"profile.{name}" for name in body)]
    found = await run(program, "search_users", words="long@example.com", fields=fields)
    assert length(found) <= MOST_TOKENS
    assert "Texts are cut to" in found["note"]
    (row,) = found["users"]
    assert row["id"] == org.user("long@example.com")["id"]
    assert long["city"].startswith(row["attributes"]["city"].rstrip("…"))
    one = await run(program, "lookup_user", user_id="long@example.com")
    assert length(one) <= MOST_TOKENS
    assert one["login"] == "long@example.com"
    uncut = await program.door.call(Call(CALLER, "lookup_user", {"user_id": "long@example.com"}, whole=True))
    assert isinstance(uncut, Result)
    assert uncut.content["attributes"]["city"] == long["city"]


async def test_no_more_is_cut_than_has_to_be(program: Program, org: Org) -> None:
    for number in range(130):
        org.create(f"{word()}{number}@example.com", nickName=f"{word()} " * 30)
    page = await run(program, "search_users", limit=200, fields=["nickName", "login"])
    assert "fit into one answer" in page["note"]
    assert MOST_TOKENS * 0.7 < length(page) <= MOST_TOKENS


async def test_what_fits_is_left_as_it_is(program: Program) -> None:
    outcome = await attempt(program, "lookup_user", user_id=JANE)
    assert (outcome.cut_to, outcome.cut_note) == (None, "")
