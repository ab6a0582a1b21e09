"""What was done through here, and taking it back."""

from typing import Any

from hypothesis import strategies as st

from connected_org import Org
from ledger import JANE, do
from server.program import Program
from worlds import Make, World

WORLDS: dict[str, World] = {
    "undo_change": World(
        make=lambda org, text: {"user_id": org.person(text)},
        is_done=lambda org, made: org.user(made["user_id"])["status"] == "ACTIVE",
        event="user.lifecycle.unsuspend",
        requests="",  # what it becomes may send
        meddle=lambda org, made, text: org.update(made["user_id"], department=text),
        after="suspend_user",
    ),
}
READS: dict[str, Make] = {"list_changes": lambda org, text: {"user_id": org.person(text)}}
NAMES: dict[str, st.SearchStrategy[Any]] = {"change_id": st.integers(0, 20).map(str), "since": st.datetimes().map(str)}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "list_changes": (
        "What did we change in the last hour?",
        "change history",
        "Welche Änderungen wurden hier gemacht?",
        "historique des modifications",
        "get_recent_changes",
        "historial de cambios",
        "変更履歴を見せて",
    ),
    "undo_change": (
        "That was a mistake, put it back as it was",
        "revert last change",
        "Änderung rückgängig machen",
        "annuler la dernière modification",
        "rollback",
        "deshacer el último cambio",
        "変更を元に戻す",
    ),
}


async def test_the_record_says_since_when_it_is(program: Program, org: Org) -> None:
    empty = await do(program, "list_changes")
    assert "record_since" not in empty
    assert "nothing is recorded yet" in empty["note"]
    await do(program, "update_user_profile", user_id=JANE, title="A")
    listed = await do(program, "list_changes")
    assert listed["record_since"] == listed["changes"][0]["time"]
    assert "note" not in listed
    await do(program, "update_user_profile", user_id=JANE, title="B")
    none = await do(program, "list_changes", action="suspend_user")
    assert none["record_since"] == listed["record_since"]
    assert listed["record_since"] in none["note"]
