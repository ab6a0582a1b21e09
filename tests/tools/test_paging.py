"""Lists go on where their cursor says, in the list that it came from and in no other; long ones are read in parts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connected_org import Org
from ledger import pages, refuse, run
from peer import Peer, answer
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings
from surface import connect_as_administrator
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.search.cursors import Place, cursor, place
from tools.search.people import SearchUsers, find_people
from tools.search.scanning import MOST_SCANNED, read

LISTS: list[tuple[str, str, dict[str, Any]]] = [
    ("search_users", "users", {}),
    ("search_users", "users", {"status": ["ACTIVE"]}),
    ("search_users", "users", {"group_id": "Everyone"}),
    ("search_users", "users", {"group_id": "Everyone", "words": "a"}),
    ("search_users", "users", {"last_sign_in_after": "2001-01-01"}),
    ("list_group_members", "users", {"group_id": "Everyone"}),
    ("search_groups", "groups", {}),
    ("search_groups", "groups", {"words": "everyone in"}),
    ("list_user_groups", "groups", {"user_id": "jane.doe@example.com"}),
]


async def test_all_pages_together_are_the_whole_list_and_nobody_comes_twice(program: Program) -> None:
    for name, kind, arguments in LISTS:
        whole = [entry["id"] for entry in (await run(program, name, **arguments, limit=200))[kind]]
        for limit in (1, 3) if len(whole) < 20 else (13, len(whole)):
            parts = [page[kind] async for page in pages(program, name, **arguments, limit=limit)]
            assert all(len(part) <= limit for part in parts)
            assert [entry["id"] for part in parts for entry in part] == whole, (name, arguments)


async def test_a_cursor_fits_only_the_list_that_it_came_from(program: Program) -> None:
    made = [(name, a, (await run(program, name, **a, limit=1))["next_cursor"]) for name, _, a in LISTS]
    for name, arguments, own in made:
        for _, _, text in made:
            if text != own:
                error = await refuse(program, name, **arguments, cursor=text)
                assert "belongs to different arguments" in str(error)
                assert len(str(error).splitlines()) == 1
        # How much of the list is wanted, and what of each entry, may change on the way.
        assert await run(program, name, **arguments, cursor=own, limit=2)


async def test_a_group_is_the_same_by_its_name_and_by_its_id(program: Program, org: Org) -> None:
    first = await run(program, "list_group_members", group_id="Sales", limit=2)
    by_id = {"group_id": org.group_id("Sales"), "limit": 2, "cursor": first["next_cursor"]}
    assert await run(program, "list_group_members", **by_id)


async def test_a_cursor_of_another_org_is_refused(program: Program) -> None:
    foreign = cursor(Place("x"), *SearchUsers().query(OktaClient("https://another.okta.com")))
    assert "belongs to different arguments" in str(await refuse(program, "search_users", cursor=foreign))


@given(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_what_is_no_cursor_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        place(text, "query")
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("inside", ['["x"]', '["x",1,2]', '["x","y",-1]', '["x","y",true]', "7", "[" * 700, '"abc"'])
def test_what_only_looks_like_a_cursor_is_refused(inside: str) -> None:
    with pytest.raises(InvalidInput):
        place(urlsafe_b64encode(inside.encode()).decode(), "query")


@given(after=st.none() | st.text(max_size=30), skip=st.integers(0, 10**6))
def test_a_cursor_leads_back_to_its_place(after: str | None, skip: int) -> None:
    assert place(cursor(Place(after, skip), "query", 1), "query", 1) == Place(after, skip)


@pytest.mark.parametrize("after", ["../groups", "x&search=status pr&limit=9", "x#y", "/../../oauth2", "\r\nhost: evil"])
async def test_a_cursor_that_somebody_made_up_reaches_nothing_else(after: str) -> None:
    with Peer(answer(200, "[]")) as peer:
        okta = OktaClient(peer.url)
        asked = SearchUsers(department="Sales")
        forged = asked.model_copy(update={"cursor": cursor(Place(after), *asked.query(okta))})
        await find_people(forged, okta)
        await okta.aclose()
        (request,) = peer.requests
    method, target, _ = request.split(b"\r\n")[0].decode().split(" ")
    path, _, query = target.partition("?")
    assert (method, path) == ("GET", "/api/v1/users")
    assert parse_qs(query) == {"search": ['profile.department eq "Sales"'], "limit": ["20"], "after": [after]}


async def test_of_oktas_link_only_the_cursor_is_taken() -> None:
    with Peer() as peer:
        link = f'<{peer.url}/api/v1/elsewhere?after=on&search=other>; rel="next"'
        peer.then(answer(200, '[{"id": "1"}]', link=link))
        peer.then(answer(200, "[]"))
        okta = OktaClient(peer.url)
        first = await read(okta, "users", begin=Place(), limit=1, search="id pr")
        assert first.end == Place("on")
        await read(okta, "users", begin=first.end, limit=1, search="id pr")
        await okta.aclose()
        target = peer.requests[1].split(b" ")[1].decode()
    assert target.startswith("/api/v1/users?")
    assert parse_qs(target.partition("?")[2]) == {"search": ["id pr"], "after": ["on"], "limit": ["1"]}


async def test_more_than_was_asked_for_is_given_out_in_parts() -> None:
    five = '[{"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": "4"}, {"id": "5"}]'
    with Peer(*[answer(200, five)] * 3) as peer:
        okta = OktaClient(peer.url)
        end: Place | None = Place()
        seen = []
        while end is not None:
            page = await read(okta, "users", "x", "groups", begin=end, limit=2)
            seen.append([entry["id"] for entry in page.entries])
            end = page.end
        await okta.aclose()
    assert seen == [["1", "2"], ["3", "4"], ["5"]]


def begins_in(word: str, text: str) -> bool:
    """Whether a word of the text begins with this one; letters that need no blanks begin one anywhere."""
    if not word[0].isalnum() or word[0] >= "\u3000":
        return word in text
    return any(f"{mark}{word}" in f" {text}" for mark in " -.'@+_(")


class TestALargeOrg:
    @pytest.fixture
    def sandbox(self, redirect_uri: str) -> Iterator[RunningSandbox]:
        with RunningSandbox(api_token="t", redirect_uris=[redirect_uri], users=MOST_SCANNED + 300) as running:
            yield running

    @pytest.fixture
    async def program(self, settings: Settings, sandbox: RunningSandbox) -> AsyncIterator[Program]:
        async with Program(settings) as made:
            await connect_as_administrator(made, sandbox)
            yield made

    @pytest.fixture
    def http(self, sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
        with httpx2.Client(base_url=sandbox.url, headers={"authorization": "SSWS t"}, timeout=60) as client:
            yield client

    async def test_a_scan_ends_at_its_bound_and_says_so(self, program: Program) -> None:
        rare = {"last_sign_in_after": "2001-01-01", "last_sign_in_before": "2001-01-02"}
        first = await run(program, "search_users", **rare)
        assert (first["users"], first["scanned"]) == ([], MOST_SCANNED)
        assert "Not everyone was scanned yet" in first["note"]
        last = await run(program, "search_users", **rare, cursor=first["next_cursor"])
        assert last == {"users": [], "scanned": 300}

    async def test_what_is_sparse_is_found_whole_across_scans(self, program: Program, http: httpx2.Client) -> None:
        found, scanned = [], 0
        arguments = {"group_id": "Sales", "status": ["SUSPENDED"], "limit": 5}
        async for page in pages(program, "search_users", **arguments):
            found += [user["id"] for user in page["users"]]
            scanned += page["scanned"]
        (sales,) = http.get("/api/v1/groups", params={"q": "Sales"}).json()
        members = http.get(f"/api/v1/groups/{sales['id']}/users").json()
        assert found == [user["id"] for user in members if user["status"] == "SUSPENDED"]
        assert scanned == len(members) > 200

    async def test_a_word_that_is_only_ever_inside_others_is_answered_by_two_requests(self, program: Program) -> None:
        """Everybody's address has it, and no word begins with it."""
        okta = await program.connections.client(await program.connections.connected())
        await run(program, "search_users", department="Sales", limit=1)
        (left, _) = okta.headroom()["users"]
        found = await run(program, "search_users", words="xample")
        assert okta.headroom()["users"][0] == left - 2
        assert found["users"] == []
        assert found["note"].startswith("Nobody was found")

    @pytest.mark.parametrize(
        "words", ["amily", "family1 example", "nn", "d'a", "li e", "@example", "com family2", "zoë", "家族"]
    )
    async def test_words_inside_very_many_find_whom_a_plain_reading_finds(
        self, program: Program, http: httpx2.Client, org: Org, words: str
    ) -> None:
        for number, (first, last, login) in enumerate(
            [
                ("Ann-Nnamdi", "Amily", "a"),
                ("Li", "D'Amily", "x.amily-nn"),
                ("Zoë", "van Amily Emil", "y+amily"),
                ("Jo", "Family (Amily)", "li_e"),
                ("家族", "太家族", "z.nn.d"),
            ]
        ):
            org.create(f"{login}{number}@example.com", firstName=first, lastName=last)
        found = [user["id"] async for page in pages(program, "search_users", words=words) for user in page["users"]]
        everybody, after = list[dict[str, Any]](), None
        while True:
            page = http.get("/api/v1/users", params={"search": "id pr", **({"after": after} if after else {})})
            everybody += page.json()
            if "next" not in page.links:
                break
            after = page.links["next"]["url"].partition("after=")[2].partition("&")[0]
        names = ("firstName", "lastName", "login", "email")
        expected = [
            user["id"]
            for user in everybody
            if all(
                any(begins_in(word, str(user["profile"].get(name)).lower()) for name in names) for word in words.split()
            )
        ]
        assert len(found) == len(set(found))
        assert set(found) == set(expected)

    async def test_a_rate_limit_met_on_the_way_ends_the_page_and_not_the_search(
        self, program: Program, org: Org
    ) -> None:
        org.trouble(per_minute=3)
        rare = {"last_sign_in_after": "2001-01-01", "last_sign_in_before": "2001-01-02"}
        page = await run(program, "search_users", **rare)
        assert page["users"] == []
        assert 0 < page["scanned"] < MOST_SCANNED
        assert page["next_cursor"]
        assert "Not everyone" in page["note"]
        error = await refuse(program, "search_users", **rare, cursor=page["next_cursor"])
        assert error.code == "rate_limited"


def test_a_cursor_tells_nothing_but_a_place() -> None:
    text = cursor(Place("00u1"), "search", "a secret department")
    assert b"secret" not in urlsafe_b64decode(text + "=" * (-len(text) % 4))
