"""Exports are whole, sealed, read only by whoever made them, as the rules are by then, and gone after a day."""

import csv
import json
import time
from functools import partial
from typing import Any

import pytest
from mcp import Client, MCPError

from connected_org import Org
from ledger import CALLER, attempt, forbidden, pages, refuse, run, stored
from server.door import keeping
from server.door.door import Refusal
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from server.store import exports
from server.store.database import Database
from server.store.exports import LIFETIME, MOST_EXPORTS
from surface import ERAS, HttpServer, call, free_port, over_http, over_stdio
from tools.search import exporting, walking
from tools.text.tokens import most_tokens
from worlds import word

OTHER = Caller(Principal("tests", "somebody else"), "tests")
ELSEWHERE = Caller(CALLER.principal, "another surface")
DEFAULT = ["id", "status", "login", "name", "department", "title"]


async def lines(program: Program, export: dict[str, Any]) -> list[list[str]]:
    """The lines of each part."""
    found = []
    for part in range(1, (export["parts"] or 0) + 1):
        read = await run(program, "read_export", id=export["id"], part=part)
        assert (read["part"], read["parts"]) == (part, export["parts"])
        assert most_tokens(json.dumps(read, ensure_ascii=False)) <= 8_000
        found.append(read["lines"])
    return found


async def rows(program: Program, export: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of an export in CSV: every part can be read by itself."""
    return [row for part in await lines(program, export) for row in csv.DictReader(part)]


async def whole(program: Program, name: str, **arguments: Any) -> dict[str, Any]:
    """An export as it is once its cursor was followed to the end."""
    async for page in pages(program, name, **arguments):
        export = page
    return export


async def test_an_export_has_everybody_whom_a_search_finds(program: Program) -> None:
    for filters in ({}, {"department": "Sales"}, {"group_id": "Everyone", "words": "a"}, {"never_signed_in": True}):
        found = [user async for page in pages(program, "search_users", **filters, limit=50) for user in page["users"]]
        export = await run(program, "export_users", **filters)
        assert (export["rows"], export["columns"]) == (len(found), DEFAULT)
        assert "next_cursor" not in export
        assert await rows(program, export) == [{name: user.get(name, "") for name in DEFAULT} for user in found]
        as_lines = await run(program, "export_users", **filters, format="jsonl")
        assert [json.loads(one) for part in await lines(program, as_lines) for one in part] == [
            {name: user[name] for name in DEFAULT if name in user} for user in found
        ]


async def test_members_are_exported_with_the_fields_asked_for(program: Program) -> None:
    listed = await run(program, "list_group_members", group_id="Sales", fields=["email", "lastLogin"], limit=200)
    export = await run(program, "export_group_members", group_id="Sales", fields=["email", "lastLogin"])
    assert export["columns"] == ["id", "email", "last_login"]
    assert [row["email"] for row in await rows(program, export)] == [user["email"] for user in listed["users"]]


async def test_a_long_export_goes_on_into_the_same_one(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [user["id"] async for page in pages(program, "search_users", limit=200) for user in page["users"]]
    monkeypatch.setattr(exporting, "MOST_ROWS", 10)
    monkeypatch.setattr(walking, "largest", lambda segments, query: 7)
    monkeypatch.setattr("tools.search.scanning.LARGEST", {"users": 7, "groups": 7, "members": 7})
    first = await run(program, "export_users")
    assert first["rows"] == 14
    assert "call again with next_cursor" in first["note"]
    done = await whole(program, "export_users")
    assert [row["id"] for row in await rows(program, done)] == found
    assert done["rows"] == len(found)
    moved = await run(program, "export_users", cursor=first["next_cursor"])
    assert (moved["id"], moved["rows"]) == (first["id"], 28)
    assert "belongs to different arguments" in str(
        await refuse(program, "export_users", department="Sales", cursor=first["next_cursor"])
    )
    error = await refuse(program, "export_users", OTHER, cursor=first["next_cursor"])
    assert error.code == keeping.GONE


async def test_a_cursor_that_is_sent_again_adds_nothing_twice(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a client does that waited too long for the answer."""
    monkeypatch.setattr(exporting, "MOST_ROWS", 10)
    monkeypatch.setattr(walking, "largest", lambda segments, query: 7)
    monkeypatch.setattr("tools.search.scanning.LARGEST", {"users": 7, "groups": 7, "members": 7})
    found = [user["id"] async for page in pages(program, "search_users", limit=200) for user in page["users"]]
    export = await run(program, "export_users")
    while cursor := export.get("next_cursor"):
        lost, export = [await run(program, "export_users", cursor=cursor) for _ in range(2)]
        assert {**lost, "expires": ""} == {**export, "expires": ""}
    assert [row["id"] for row in await rows(program, export)] == found
    assert export["rows"] == len(found)


@pytest.mark.parametrize("forged", ["{id}", "{id}.1", "{id}.-1.{rest}", "{id}.99.{rest}", "{id}.١.{rest}", ".1.{rest}"])
async def test_a_forged_cursor_adds_nothing(program: Program, monkeypatch: pytest.MonkeyPatch, forged: str) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 10)
    monkeypatch.setattr(walking, "largest", lambda segments, query: 7)
    export = await run(program, "export_users")
    cursor = forged.format(id=export["id"], rest=export["next_cursor"].rpartition(".")[2])
    await refuse(program, "export_users", cursor=cursor)
    (kept,) = (await run(program, "read_export"))["exports"]
    assert (kept["rows"], kept["parts"]) == (export["rows"], export["parts"])


async def test_no_cell_becomes_a_formula_or_a_line_of_its_own(program: Program, org: Org) -> None:
    hostile = ['=HYPERLINK("http://evil")', "+1+1", "@SUM(A1)", "-2", "\u202eevil", 'a,"b",c', "＝1"]
    for number, text in enumerate(hostile):
        org.create(f"hostile{number}@example.com", nickName=text, city="Hostile")
    export = await run(program, "export_users", attributes={"city": "Hostile"}, fields=["nickName"])
    ((head, *told),) = await lines(program, export)
    assert head == "id,nickName"
    cells = [row["nickName"] for row in csv.DictReader([head, *told])]
    assert len(cells) == len(hostile)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
    assert 'a,"b",c' in cells
    assert not any("\u202e" in line for line in told)


async def test_parts_fit_a_model_and_a_row_that_does_not_is_cut(program: Program, org: Org) -> None:
    for number in range(12):
        org.create(f"{number}{word()}@example.com", city="Longville", nickName=f"{word()} ñ" * (30 * number))
    body = {name: {"title": name, "type": "string"} for name in (f"long{number}" for number in range(6))}
    org.http.post("/api/v1/meta/schemas/user/default", json={"definitions": {"custom": {"properties": body}}})
    texts: dict[str, Any] = {name: f"{word()} " * 900 for name in body}
    org.create("giant@example.com", city="Longville", **texts)
    fields = ["login", "nickName", *(f"profile.{name}" for name in body)]
    for format in ("csv", "jsonl"):
        export = await run(program, "export_users", attributes={"city": "Longville"}, fields=fields, format=format)
        told = await lines(program, export)  # which measures each part
        assert export["parts"] > 1
        assert "The texts of 1 row are cut" in export["note"]
        assert sum(map(len, told)) - (format == "csv") * len(told) == 13
    assert all(json.loads(line)["login"] for part in told for line in part)


async def test_what_is_kept_is_sealed(program: Program, settings: Settings, org: Org) -> None:
    login = org.person("sealed-away")
    await run(program, "export_users", words=login)
    await run(program, "export_users", words=login, format="jsonl")
    await run(program, "export_group_members", group_id="Sales")
    await program.store.tidy()
    kept = stored(settings)
    assert login.encode() not in kept
    assert b"sealed-away" not in kept
    assert b"jane.doe" not in kept.lower()


async def test_only_whoever_made_it_reads_it_and_through_the_same_connection(
    program: Program, settings: Settings
) -> None:
    export = await run(program, "export_users", department="Sales")
    for caller in (OTHER, ELSEWHERE):
        assert (await refuse(program, "read_export", caller, id=export["id"])).code == keeping.GONE
        assert (await run(program, "read_export", caller))["exports"] == []
    (mine,) = (await run(program, "read_export"))["exports"]
    assert (mine["id"], mine["rows"], mine["action"]) == (export["id"], export["rows"], "export_users")
    for column in ("identity", "connection"):
        other = await run(program, "export_users", department="Sales")
        change, values = f"UPDATE exports SET {column} = 'another' WHERE id = ?", (other["id"],)
        await program.store.run(partial(_execute, change, values))
        assert (await refuse(program, "read_export", id=other["id"])).code == keeping.GONE


def _execute(statement: str, values: tuple[Any, ...], database: Database) -> None:
    database.driver.execute(statement, values)


async def test_a_part_that_is_not_there_is_told_from_an_export_that_is_not(program: Program) -> None:
    export = await run(program, "export_users", department="Sales")
    assert "has the parts 1 to 1" in str(await refuse(program, "read_export", id=export["id"], part=2))
    assert (await refuse(program, "read_export", id="../../etc/passwd")).code == keeping.GONE


async def test_it_is_gone_after_a_day(program: Program, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    export = await run(program, "export_users", department="Sales")
    now = time.time()
    monkeypatch.setattr("server.store.exports.time.time", lambda: now + LIFETIME - 60)
    assert (await run(program, "read_export", id=export["id"]))["rows"] == export["rows"]
    monkeypatch.setattr("server.store.exports.time.time", lambda: now + LIFETIME + 60)
    assert (await refuse(program, "read_export", id=export["id"])).code == keeping.GONE
    # Whatever is exported next removes it from the disk.
    await run(program, "export_users", department="Legal")
    count = "SELECT count(*) FROM export_parts WHERE export = ?"
    assert await program.store.run(lambda database: database.driver.execute(count, (export["id"],)).fetchone()) == (0,)


async def test_of_too_many_the_oldest_goes_and_it_says_so(program: Program) -> None:
    made = [(await run(program, "export_users", department="Legal"))["id"] for _ in range(MOST_EXPORTS)]
    last = await run(program, "export_users", department="Legal")
    assert "your oldest exports were deleted: 1." in last["note"]
    assert (await refuse(program, "read_export", id=made[0])).code == keeping.GONE
    assert (await run(program, "read_export", id=made[1]))["id"] == made[1]


async def test_one_that_would_be_too_large_is_refused_and_leaves_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_BYTES", 500)
    assert (await refuse(program, "export_users")).code == "export_too_large"
    assert (await run(program, "read_export"))["exports"] == []


@pytest.mark.parametrize("rule", ["hidden_attributes", "hidden_in_lists"])
async def test_what_is_hidden_is_neither_kept_nor_read_if_it_was_hidden_later(connected: None, rule: str) -> None:
    async with Program(load()) as program:
        export = await run(program, "export_users", fields=["login", "department", "email"])
        assert "department" in (await rows(program, export))[0]
    async with Program(load(**{rule: ("department", "email")})) as program:
        for format in ("csv", "jsonl"):
            hidden = await run(program, "export_users", fields=["login", "department"], format=format)
            assert hidden["columns"] == ["id", "login"]
            assert "The rules hide department." in hidden["note"]
            assert "Sales" not in str(await lines(program, hidden))
        read = await rows(program, export)
        assert set(read[0]) == {"id", "login"}
        assert "Sales" not in str(read)


async def test_only_those_who_may_be_seen_are_exported_and_not_read_once_the_rule_is_another(connected: None) -> None:
    async with Program(load()) as program:
        everybody = await run(program, "export_users")
    async with Program(load(managed_users=("department=Sales",))) as program:
        outcome = await attempt(program, "export_users")
        assert "managed_users limits this list" in outcome.notes[0]
        assert {row["department"] for row in await rows(program, outcome.content)} == {"Sales"}
        assert (await forbidden(program, "read_export", id=everybody["id"])).rule == "managed_users"


async def test_whoever_may_not_export_any_more_may_not_read_either(connected: None) -> None:
    async with Program(load()) as program:
        export = await run(program, "export_users", department="Sales")
    async with Program(load(deny_actions=("export_users",))) as program:
        assert (await forbidden(program, "read_export", id=export["id"])).rule == "deny_actions"


async def test_what_was_exported_through_a_connection_goes_with_it(program: Program) -> None:
    await run(program, "export_users", department="Sales")
    await program.connections.disconnect()
    count = "SELECT (SELECT count(*) FROM exports) + (SELECT count(*) FROM export_parts)"
    assert await program.store.run(lambda database: database.driver.execute(count).fetchone()) == (0,)


async def test_a_part_copied_over_another_is_refused(program: Program) -> None:
    one = await run(program, "export_users", department="Sales")
    other = await run(program, "export_users", department="Legal")
    swap = "UPDATE export_parts SET sealed = (SELECT sealed FROM export_parts WHERE export = ?) WHERE export = ?"
    values = (other["id"], one["id"])
    await program.store.run(partial(_execute, swap, values))
    assert isinstance(await attempt(program, "read_export", id=one["id"]), Refusal)


async def test_the_log_is_exported_as_a_search_shows_it(program: Program, org: Org) -> None:
    org.create("logged@example.com", firstName="=Formula", lastName=word())
    found = [
        event
        async for page in pages(program, "search_system_log", since="90d", limit=200, with_ids=True)
        for event in page["events"]
    ]
    export = await run(program, "export_system_log", since="90d", format="jsonl")
    assert "next_cursor" not in export
    told = [json.loads(line) for part in await lines(program, export) for line in part]
    assert [one["uuid"] for one in told] == [event["uuid"] for event in found]
    assert told == found
    in_csv = await run(program, "export_system_log", kind="user created")
    assert {row["type"] for row in await rows(program, in_csv)} == {"user.lifecycle.create"}


async def test_sentences_are_not_read_once_more_is_hidden(connected: None, sandbox: RunningSandbox) -> None:
    async with Program(load()) as program:
        export = await run(program, "export_system_log")
    async with Program(load(hidden_attributes=("email",))) as program:
        assert (await forbidden(program, "read_export", id=export["id"])).rule == "hidden_attributes"


# As resources of MCP


async def read(client: Client, uri: str) -> tuple[str | None, str]:
    (part,) = (await client.read_resource(uri)).contents
    return part.mime_type, part.text  # type: ignore[union-attr]


async def exported_and_read(client: Client) -> None:
    export = await call(client, "export_users", department="Sales")
    mime, text = await read(client, export["read"])
    assert mime == "text/csv"
    told = list(csv.DictReader(text.splitlines()))
    assert len(told) == export["rows"] > 0
    assert {row["department"] for row in told} == {"Sales"}
    assert (await call(client, "read_export", id=export["id"]))["lines"] == text.splitlines()
    jsonl = await call(
        client, "run_read", name="export_group_members", arguments={"group_id": "Sales", "format": "jsonl"}
    )
    mime, text = await read(client, jsonl["read"])
    assert mime == "application/jsonl"
    assert len(list(map(json.loads, text.splitlines()))) == jsonl["rows"]
    listed = {str(one.uri): one for one in (await client.list_resources()).resources}
    assert {export["read"], jsonl["read"]} <= listed.keys()
    assert "export_users" in str(listed[export["read"]].title)
    with pytest.raises(MCPError, match="You have no export"):
        await read(client, "okta://exports/0123456789abcdef/1")
    with pytest.raises(MCPError, match="has the parts"):
        await read(client, f"okta://exports/{export['id']}/9")
    templates = (await client.list_resource_templates()).resource_templates
    assert "okta://exports/{id}/{part}" in [one.uri_template for one in templates]


@pytest.mark.usefixtures("connected", "sandbox")
@pytest.mark.parametrize("era", ERAS)
async def test_over_stdio_an_export_is_a_resource(era: str) -> None:
    async with over_stdio(era) as client:
        await exported_and_read(client)


@pytest.mark.usefixtures("connected", "sandbox")
@pytest.mark.parametrize("era", ERAS)
async def test_over_http_an_export_is_a_resource(era: str) -> None:
    with HttpServer(free_port()) as server:
        async with over_http(server, era) as client:
            await exported_and_read(client)
        async with over_stdio(era) as client:
            # Another caller of the same store.
            assert (await call(client, "read_export"))["exports"] == []
