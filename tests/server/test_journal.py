"""The journal: what is done is written down, before and after, and what cannot be written down is not done."""

import json
import os
import pwd
import resource
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from appending import matter
from connected_org import Org
from ledger import CALLER, JANE, ask, begun, body, details, do, entries, outcome_of, refuse, stored, tamper, verdict
from server.door.door import Answer, Call
from server.journal.chain import Row
from server.journal.reconciling import reconcile
from server.journal.recording import Ending
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from surface import COMMAND, connect_as_administrator, environment
from terminal import Terminal
from tools.text.redaction import HIDDEN

APPENDING = Path(__file__).parents[1] / "support" / "appending.py"


# What an entry holds


async def test_a_change_is_written_down_before_and_after(program: Program, org: Org, http: Any) -> None:
    group, jane = org.create_group("Team"), org.user(JANE)["id"]
    began = time.time()
    done = await do(program, "add_user_to_group", user_id=JANE, group_id="Team")
    intent, outcome = await entries(program)
    assert (intent.kind, outcome.kind, outcome.change) == ("intent", "done", intent.sequence)
    assert (done["change_id"], intent.number, outcome.number) == ("1", 1, None)
    assert began <= intent.at <= outcome.at <= time.time()
    assert (intent.caller, intent.connection, intent.action) == ("tester", "default", "add_user_to_group")
    assert intent.targets.split() == [f"user:{jane}", f"group:{group}"]
    assert intent.org == outcome.org == str(http.base_url).rstrip("/")
    assert body(intent)["by"] == {"issuer": "tests", "subject": "tester", "surface": "tests"}
    assert body(intent)["os_user"] == pwd.getpwuid(os.getuid()).pw_name
    assert "<okta-actions@example.com>" in body(intent)["identity"]
    assert "confirmation" not in body(intent)
    assert details(intent) == {
        "arguments": {"group_id": group, "user_id": jane},
        "targets": {jane: f"Jane Doe <{JANE}>", group: "“Team”"},
        "before": {"member": False},
        "wanted": {"member": True},
        "text": f"Add Jane Doe <{JANE}>, ACTIVE, to “Team”.",
    }
    assert 0 < body(outcome)["ms"] < 60_000
    (event,) = [e for e in http.get("/api/v1/logs").json() if e["eventType"] == "group.user_membership.add"]
    assert body(outcome)["requests"] == [event["transaction"]["id"]]


async def test_a_confirmed_change_says_who_said_yes_and_how(program: Program) -> None:
    question = await ask(program, "deactivate_user", user_id=JANE)
    yes = Answer(question.ticket, "accepted", by="root", how="terminal")
    await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes))
    assert body((await entries(program))[0])["confirmation"] == {
        "outcome": "accepted",
        "how": "terminal",
        "by": "root",
    }


@pytest.mark.parametrize("answer", ["declined", "cancelled"])
async def test_a_no_is_written_down_with_what_was_asked(program: Program, answer: Any) -> None:
    question = await ask(program, "deactivate_user", user_id=JANE)
    await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, Answer(question.ticket, answer)))
    (entry,) = await entries(program)
    assert entry.kind == answer
    assert details(entry)["text"].startswith("Deactivate Jane Doe")


async def test_questions_and_requests_that_nobody_came_back_for_are_written_down(
    program: Program, settings: Settings, org: Org
) -> None:
    await ask(program, "deactivate_user", user_id=JANE)
    waiting = await program.recorder.keep_request(
        await program.recorder.ask("seal", 1, matter("tester")), matter("tester"), "add_user_to_group", {}
    )
    for table in ("tickets", "requests"):
        tamper(settings.store_file, f"UPDATE {table} SET expires_at = 1")
    assert await program.recorder.take_request(waiting) is None
    assert [entry.kind for entry in await entries(program)] == ["expired", "expired"]
    assert [entry.details for entry in await entries(program)] == [None, None]
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_a_change_that_needed_nothing_is_no_change(program: Program) -> None:
    assert (await do(program, "unsuspend_user", user_id=JANE))["changed"] is False
    assert await entries(program) == []


TOKEN = "00" + "aB3" * 13 + "x"


async def test_values_that_look_like_secrets_are_sealed_and_can_be_undone(
    program: Program, settings: Settings, org: Org
) -> None:
    before = org.user(JANE)["profile"]
    attributes = {"nickName": f"SSWS {TOKEN}", "honorificPrefix": "password: hunter2hunter2"}
    done = await do(program, "update_user_profile", user_id=JANE, title=TOKEN, attributes=attributes)
    again = await do(program, "update_user_profile", user_id=JANE, title="Bearer abcdefghijklmnop")
    assert HIDDEN in json.dumps([details(entry) for entry in await entries(program)])
    await program.store.tidy()
    assert TOKEN.encode() not in stored(settings)
    await do(program, "undo_change", change_id=again["change_id"])
    assert org.user(JANE)["profile"]["title"] == TOKEN
    await do(program, "undo_change", change_id=done["change_id"])
    assert {name: value for name, value in org.user(JANE)["profile"].items() if value is not None} == {
        name: value for name, value in before.items() if value is not None
    }
    assert (await verdict(program)).whole


async def test_what_people_are_recognised_by_is_never_hidden(program: Program, org: Org) -> None:
    login = "eyjhbgcioijiuzi1nij9.eyjzdwiioiixin0@example.com"
    await do(program, "update_user_profile", user_id=JANE, login=login, last_name="token=abcdefghijkl")
    told = details((await entries(program))[0])
    assert told["arguments"] == {"user_id": org.user(login)["id"], "login": login, "last_name": "token=abcdefghijkl"}
    assert login in next(iter(told["targets"].values())) or told["wanted"]["login"] == login


async def test_what_is_sealed_cannot_be_altered_unseen(program: Program, settings: Settings) -> None:
    done = await do(program, "update_user_profile", user_id=JANE, title=TOKEN)
    tamper(settings.store_file, "UPDATE journal SET sealed = zeroblob(64) WHERE sealed IS NOT NULL")
    assert "Entry 1: its details were altered." in (await verdict(program)).problems
    assert (await refuse(program, "undo_change", change_id=done["change_id"])).code == "journal_broken"


async def test_changes_are_counted_for_themselves(program: Program, org: Org) -> None:
    question = await ask(program, "deactivate_user", user_id=JANE)
    await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, Answer(question.ticket, "declined")))
    ids = [(await do(program, name, user_id=JANE))["change_id"] for name in ("suspend_user", "unsuspend_user")]
    assert ids == ["1", "2"]
    assert [entry.number for entry in await entries(program)] == [None, 1, None, 2, None]
    assert (await refuse(program, "undo_change", change_id="3")).code == "not_found"


# How it went


async def test_what_okta_refuses_has_failed_with_its_reason(program: Program, org: Org) -> None:
    org.create_group("Team")
    org.trouble({"kind": "status", "status": 403, "method": "PUT"})
    error = await refuse(program, "add_user_to_group", user_id=JANE, group_id="Team")
    intent, outcome = await entries(program)
    assert (outcome.kind, error.change_id) == ("failed", str(intent.sequence))
    assert body(outcome)["code"] == error.code
    assert details(outcome)["error"] == str(error)


async def test_what_was_done_in_part_says_so(program: Program, org: Org) -> None:
    org.trouble({"kind": "status", "status": 500, "method": "POST", "path": "/api/v1/users/00u", "times": 9})
    new = {"first_name": "New", "last_name": "Comer", "login": "new@example.com", "email": "new@example.com"}
    error = await refuse(program, "create_user", **new, send_email=False)
    assert error.change_id is not None
    assert await outcome_of(program, error.change_id) == "partly"
    assert "only partly done" in str(await refuse(program, "undo_change", change_id=error.change_id))


async def test_what_got_no_answer_is_unknown_and_says_how_to_find_out(program: Program, org: Org) -> None:
    org.trouble({"kind": "drop_after", "method": "POST", "times": 9})
    error = await refuse(program, "suspend_user", user_id=JANE)
    assert "journal reconcile" in str(error)
    assert error.change_id is not None
    assert await outcome_of(program, error.change_id) == "unknown"


async def test_a_cancelled_call_leaves_an_unknown(program: Program, org: Org) -> None:
    org.trouble({"kind": "delay", "seconds": 5, "method": "POST"})
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(program.door.call, Call(CALLER, "suspend_user", {"user_id": JANE}))
            await begun(program)
            scope.cancel()
    intent, outcome = await entries(program)
    assert (intent.kind, outcome.kind, body(outcome)["code"]) == ("intent", "unknown", "cancelled")


# What cannot be written down is not done

BREAKS = {
    "a lost head": "DELETE FROM journal_head",
    "an altered head": "UPDATE journal_head SET sequence = 0",
    "a head of another kind": "UPDATE journal_head SET seal = 'x', mac = 'y'",
    "a lost key": "DELETE FROM secrets WHERE owner = '*journal'",
    "a lost table": "DROP TABLE journal",
}


@pytest.mark.parametrize("statement", BREAKS.values(), ids=BREAKS)
async def test_with_a_broken_journal_nothing_is_done(
    program: Program, settings: Settings, org: Org, statement: str
) -> None:
    await do(program, "suspend_user", user_id=JANE)
    before = org.events()
    tamper(settings.store_file, statement)
    async with Program(settings) as another:
        error = await refuse(another, "unsuspend_user", user_id=JANE)
    assert (error.code, error.by) in {("journal_broken", "okta-actions"), ("store", "okta-actions")}
    assert org.events() == before
    assert org.user(JANE)["status"] == "SUSPENDED"


async def test_a_journal_whose_key_and_entries_are_gone_is_not_begun_anew(program: Program, settings: Settings) -> None:
    await do(program, "suspend_user", user_id=JANE)
    tamper(settings.store_file, "DELETE FROM journal")
    tamper(settings.store_file, "DELETE FROM secrets WHERE owner = '*journal'")
    async with Program(settings) as another:
        assert (await refuse(another, "unsuspend_user", user_id=JANE)).code == "journal_broken"


def with_room(size: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command on a disk that takes no file larger than this."""
    return subprocess.run(
        [COMMAND, "call", *arguments],
        env=environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
        timeout=60,
    )


ROOM = 61_000
"""Bytes that a file may grow to: enough for an intent, and not for its outcome too."""


def test_on_a_full_disk_nothing_is_done(connected: None, org: Org, settings: Settings) -> None:
    before = org.events()
    # Room for what SQLite's processes share, and not for an entry as long as this one.
    done = with_room(ROOM, "update_user_profile", "--user-id", JANE, "--attributes", f"nickName={'x' * 60_000}")
    assert done.returncode == 1
    assert done.stderr.startswith("The store")
    assert "cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert org.events() == before


def test_on_a_disk_that_fills_up_meanwhile_it_is_said_that_it_was_done(connected: None, org: Org) -> None:
    done = with_room(ROOM, "suspend_user", "--user-id", JANE)
    assert done.returncode == 1
    assert done.stderr.startswith("It was done, as change 1, but the journal could not record that")
    assert org.user(JANE)["status"] == "SUSPENDED"


async def test_an_outcome_that_cannot_be_written_is_said_to_be_so(
    program: Program, settings: Settings, org: Org
) -> None:
    org.trouble({"kind": "delay_after", "seconds": 0.5, "method": "POST"})
    errors: list[Any] = []

    async def suspend() -> None:
        errors.append(await refuse(program, "suspend_user", user_id=JANE))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(suspend)
        await begun(program)
        tamper(settings.store_file, "UPDATE journal_head SET seal = x'00'")
    (error,) = errors
    assert error.code == "outcome_not_recorded"
    assert "Do not repeat it" in str(error)
    assert org.user(JANE)["status"] == "SUSPENDED"
    # Without an outcome it is an unknown as soon as its process is gone, for reconcile to settle.
    assert [entry.kind for entry in await entries(program)] == ["intent"]


# Many at once


async def test_processes_append_at_once_without_gaps(settings: Settings) -> None:
    async with Program(settings) as program:
        tickets = [await program.recorder.ask("seal", 1, matter("once")) for _ in range(10)]
        for _ in range(10):
            await program.recorder.ask("seal", 1, matter("nobody"))
        tamper(settings.store_file, "UPDATE tickets SET expires_at = 1 WHERE caller LIKE '%nobody%'")
        command = [sys.executable, str(APPENDING), "50", *tickets]
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(partial(anyio.run_process, command, env=environment()))
        found = await entries(program)
        assert [entry.sequence for entry in found] == list(range(1, len(found) + 1))
        assert (await verdict(program)).whole

        def count(kind: str, caller: str) -> int:
            return sum((entry.kind, entry.caller) == (kind, caller) for entry in found)

        assert count("intent", "somebody") == count("done", "somebody") == 6 * 50
        # Each ticket counted once, whoever came first; and each that nobody used was written down once.
        assert count("intent", "once") == 10
        assert count("expired", "nobody") == 10


async def test_reading_all_of_the_journal_holds_nobody_up(program: Program, settings: Settings) -> None:
    await do(program, "suspend_user", user_id=JANE)

    def while_reading(database: Any, chain: Any) -> list[Row]:
        tamper(settings.store_file, "DELETE FROM tickets")  # which waits for whoever writes
        return []

    await program.recorder.read(while_reading)


async def test_what_cannot_be_looked_at_afterwards_was_done_all_the_same(
    settings: Settings, connected: None, org: Org
) -> None:
    path = f"/api/v1/users/{org.user(JANE)['id']}"
    allowed = settings.model_copy(update={"allow_administrators": True})
    for status in (403, 429):
        # One program each: whoever was told to slow down asks nothing more of that kind for a while.
        async with Program(allowed) as program:
            await do(program, "suspend_user", user_id=JANE)
            org.trouble({"kind": "status", "status": status, "method": "GET", "path": path, "whole": True})
            done = await do(program, "unsuspend_user", user_id=JANE)
            assert (done["changed"], done.get("status_after")) == (True, None)
            assert org.user(JANE)["status"] == "ACTIVE"
            assert await outcome_of(program, done["change_id"]) == "done"


async def test_a_second_attempt_that_is_refused_tells_nothing_of_the_first(program: Program, org: Org) -> None:
    path = f"/api/v1/groups/{org.group_id('Legal')}/users"
    org.trouble({"kind": "drop_after", "method": "PUT", "path": path})
    org.trouble({"kind": "status", "status": 403, "method": "PUT", "path": path})
    error = await refuse(program, "add_user_to_group", user_id=JANE, group_id="Legal")
    assert "Legal" in org.groups_of(JANE)
    assert await outcome_of(program, error.change_id or "") == "unknown"
    assert "had not answered the same request before, and may have done it then" in str(error)


async def test_the_journal_of_a_process_that_keeps_nothing_is_in_its_log(
    sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with Program(load(memory_only=True)) as program:
        await connect_as_administrator(program, sandbox)
        await do(program, "suspend_user", user_id=JANE)
    entries = [record.getMessage() for record in caplog.records if record.getMessage().startswith("journal ")]
    assert [json.loads(entry.removeprefix("journal "))["kind"] for entry in entries] == [
        "connected",
        "intent",
        "done",
    ]


async def test_somebody_elses_person_is_not_taken_for_ours(program: Program, org: Org) -> None:
    login = "new.comer@example.com"
    org.trouble({"kind": "drop_before", "method": "POST", "path": "/api/v1/users"})
    error = await refuse(program, "create_user", first_name="New", last_name="Comer", login=login, email=login)
    org.create(login, firstName="Real", lastName="Other")
    (found,) = await reconcile(program.recorder, program.connections, settled_after=0)
    assert (found.change.id, found.verdict) == (error.change_id, "partly")
    assert "firstName is Real" in found.reason
    assert "only partly done" in str(await refuse(program, "undo_change", change_id=error.change_id))


async def test_what_is_found_out_later_does_not_contradict_who_did_it(program: Program) -> None:
    done = await do(program, "suspend_user", user_id=JANE)
    change = int(done["change_id"])
    stale = Ending("settled", verdict="not_done", reason="It was looked at too early.")
    await program.recorder.settle(change, matter("tester"), stale)
    assert await outcome_of(program, change) == "done"
    assert [entry.kind for entry in await entries(program)] == ["intent", "done"]


# At a terminal, what was hidden is shown, and that is recorded


def shown(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [COMMAND, "journal", "show", *words]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)


async def test_hidden_values_are_shown_at_a_terminal_only_and_that_is_recorded(program: Program) -> None:
    await do(program, "update_user_profile", user_id=JANE, title=TOKEN)
    plain = shown("1")
    assert TOKEN not in plain.stdout
    assert "--reveal" in plain.stderr
    assert json.loads(shown("1", "--json").stdout)["hidden_values"] is True
    piped = shown("1", "--reveal")
    assert (piped.returncode, TOKEN in piped.stdout) == (1, False)
    with Terminal("journal", "show", "1", "--reveal") as terminal:
        assert terminal.end() == 0
        assert TOKEN in terminal.screen
    last = (await entries(program))[-1]
    assert (last.kind, body(last)["entry"]) == ("revealed", 1)
    assert [entry.kind for entry in await entries(program)] == ["intent", "done", "revealed"]
