"""Every action has a world of its own, in the tests of its toolset, from which the tests of all actions go."""

import sys

import pytest

from connected_org import Org
from worlds import (
    CALLED,
    TESTS,
    faults_of,
    names,
    read_requests,
    reads,
    ready,
    word,
    worlds,
    write_names,
    write_requests,
)

SUPPORT = TESTS / "support"


@pytest.mark.parametrize("name", write_names())
async def test_a_world_holds_its_word_and_waits_for_its_write(connected: None, org: Org, name: str) -> None:
    write = await ready(name, org)
    assert write.text in str(write.made)
    assert not write.is_done
    write.meddle("Elsewhere")
    assert not write.is_done, "what somebody else does is something else"


def test_every_action_has_one_and_they_come_in_the_order_of_the_catalogue() -> None:
    assert list(worlds()) == write_names()
    assert {*worlds(), *reads()} == set(CALLED)
    assert read_requests().fullmatch("/api/v1/users/me")
    assert not read_requests().fullmatch("/api/v1/users/me/factors")
    assert write_requests("suspend_user").fullmatch(f"POST /api/v1/users/00u{'A' * 17}/lifecycle/suspend")
    assert write_requests("undo_change").fullmatch(f"POST /api/v1/users/00u{'A' * 17}/lifecycle/suspend")
    for name in ("unsuspend_user", "lookup_user", "no_action"):
        assert not write_requests(name).fullmatch(f"POST /api/v1/users/00u{'A' * 17}/lifecycle/suspend")
    assert {"user_id", "group_id", "change_id"} <= names().keys()


WRONG = [
    ({"test_users": ["suspnd_user"]}, "tests/toolsets/test_users.py: WORLDS has suspnd_user, which is no action."),
    ({"test_users": ["lookup_user"]}, "has lookup_user, which is a read: WORLDS is for each write."),
    (
        {"test_groups": ["suspend_user"], "test_users": ["suspend_user"]},
        "test_users.py: WORLDS has suspend_user, which tests/toolsets/test_groups.py has already.",
    ),
    ({}, "create_user is a write and has no world: put it into WORLDS of tests/toolsets/test_users.py."),
]


@pytest.mark.parametrize(("declared", "said"), WRONG)
def test_what_is_wrong_with_a_table_is_said_with_the_file_it_belongs_in(
    declared: dict[str, list[str]], said: str
) -> None:
    tables = {module: dict.fromkeys(entries) for module, entries in declared.items()}
    assert any(one.endswith(said) for one in faults_of("WORLDS", tables, CALLED, of_writes=True))


def test_words_are_not_given_twice() -> None:
    given = [word() for _ in range(2000)]
    assert len(set(given)) == 2000
    assert all(one.isalpha() and len(one) == 6 for one in given)


def test_no_helper_is_called_like_a_module_that_the_standard_library_has_or_looks_for() -> None:
    """`copy` imports `org.python.core`, to see whether it runs on Jython; `pickle` does too."""
    taken = {*sys.stdlib_module_names, "org", "java", "server", "tools", "prompts", "tests"}
    assert not taken & {path.stem for path in SUPPORT.iterdir()}
