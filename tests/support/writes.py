"""Every write of the catalogue, with a world in which it has something to do."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from connected_org import Org
from server.door.door import Result
from server.journal.chain import rows
from server.policy.caller import Caller, Principal
from server.program import Program
from server.settings import load
from tools.catalogue import CATALOGUE
from tools.contract.action import Effect

JANE = "jane.doe@example.com"
CALLER = Caller(Principal("tests", "tester"), "tests")
NEW = {"first_name": "New", "last_name": "Comer", "login": "new.comer@example.com", "email": "new.comer@example.com"}


def names() -> list[str]:
    return [action.name for action in CATALOGUE.values() if action.effect is not Effect.READ]


@dataclass(frozen=True)
class Write:
    """`event` is what the org's log says once it was done, and `named` is what a question about it must name."""

    event: str
    named: str
    arguments: dict[str, Any]
    prepare: Callable[[Org], None] = lambda org: None
    target: str = f"/api/v1/users/{JANE}"
    after: tuple[str, dict[str, Any]] | None = None
    """The write that it takes back."""


def _staged(org: Org) -> None:
    org.create("staged@example.com", activate=False)


WRITES: dict[str, Write] = {
    "create_user": Write(
        "user.lifecycle.create", "New Comer", {**NEW, "group_ids": ["Legal"]}, target="/api/v1/groups/Legal"
    ),
    "update_user_profile": Write(
        "user.account.update_profile", "“People Operations specialist” → “Chief”", {"user_id": JANE, "title": "Chief"}
    ),
    "activate_user": Write(
        "user.lifecycle.activate",
        "“staged@example.com”",
        {"user_id": "staged@example.com"},
        _staged,
        "/api/v1/users/staged@example.com",
    ),
    "deactivate_user": Write("user.lifecycle.deactivate", "Jane Doe", {"user_id": JANE}),
    "suspend_user": Write("user.lifecycle.suspend", "Jane Doe", {"user_id": JANE}),
    "unsuspend_user": Write(
        "user.lifecycle.unsuspend",
        "Oscar Lind",
        {"user_id": "oscar.lind@example.com"},
        target="/api/v1/users/oscar.lind@example.com",
    ),
    "add_user_to_group": Write("group.user_membership.add", "“Legal”", {"user_id": JANE, "group_id": "Legal"}),
    "remove_user_from_group": Write(
        "group.user_membership.remove", "“People Operations”", {"user_id": JANE, "group_id": "People Operations"}
    ),
    "undo_change": Write(
        "user.lifecycle.unsuspend",
        "Undo change",
        {},
        after=("suspend_user", {"user_id": JANE}),
    ),
}


async def ready(name: str, org: Org) -> dict[str, Any]:
    """Make the world that a write needs; its arguments."""
    write = WRITES[name]
    write.prepare(org)
    if write.after is None:
        return write.arguments
    async with Program(load(confirm=())) as program:
        done = await program.door.call(CALLER, *write.after)
    assert isinstance(done, Result), done
    return {**write.arguments, "change_id": done.content["change_id"]}


def meddle(name: str, org: Org, http: httpx2.Client, text: str) -> None:
    """What somebody else does to the write's target while a person is thinking about it."""
    target = WRITES[name].target
    if target.startswith("/api/v1/groups/"):
        group = target.rpartition("/")[2]
        body = {"profile": {"name": group, "description": text}}
        assert http.put(f"/api/v1/groups/{org.group_id(group)}", json=body).status_code == 200
    else:
        assert http.post(target, json={"profile": {"department": text}}).status_code == 200


async def journaled(program: Program) -> list[dict[str, Any]]:
    """The journal's entries, oldest first."""

    def read(database: Any, _: Any) -> list[dict[str, Any]]:
        return [
            {**row._asdict(), "body": json.loads(row.body), "details": json.loads(row.details or "{}")}
            for row in rows(database)
        ]

    return await program.recorder.run(read)
