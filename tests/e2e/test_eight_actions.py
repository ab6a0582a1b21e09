"""The eight actions, each surface's whole way: a real process, a real client of either era, a real org."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client

from connected_org import Org
from server.program import Program
from surface import ERAS, YES, HttpServer, Person, call, free_port, over_http, over_stdio, refused, said
from worlds import LISTED

NEW = {"first_name": "Nova", "last_name": "Lind", "login": "nova.lind@example.com", "email": "nova.lind@example.com"}


@asynccontextmanager
async def reached(transport: str, era: str, person: Person) -> AsyncIterator[Client]:
    if transport == "stdio":
        async with over_stdio(era, person) as client:
            yield client
    else:
        with HttpServer(free_port()) as server:
            async with over_http(server, era, person) as client:
                yield client


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_persons_days_from_first_to_last(program: Program, org: Org, transport: str, era: str) -> None:
    person = Person(YES)
    group = org.create_group("Night shift", "Those who are up")
    async with reached(transport, era, person) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == LISTED

        made = await call(
            client, "create_user", **NEW, department="Astronomy", activate=False, group_ids=["Night shift"]
        )
        assert (made["status"], made["department"]) == ("STAGED", "Astronomy")
        assert org.user(NEW["login"])["id"] == made["id"]
        assert "Night shift" in org.groups_of(NEW["login"])

        changed = await call(client, "activate_user", user_id=NEW["login"], send_email=False)
        assert changed.pop("change_id")
        assert changed.pop("message").startswith(
            f"Activated Nova Lind <{NEW['login']}>: STAGED before, now PROVISIONED."
        )
        assert "data from the directory" in changed.pop("note")
        assert changed == {
            "success": True,
            "changed": True,
            "user_id": made["id"],
            "login": NEW["login"],
            "status_before": "STAGED",
            "status_after": "PROVISIONED",
        }
        again = await call(client, "activate_user", user_id=made["id"])
        assert (again["success"], again["changed"]) == (True, False)

        update: dict[str, Any] = {"title": "Observer", "attributes": {"nickName": "Nov"}, "clear": ["department"]}
        updated = await call(client, "update_user_profile", user_id=NEW["login"], **update)
        assert {(c["attribute"], c.get("old"), c.get("new")) for c in updated["changes"]} == {
            ("title", None, "Observer"),
            ("nickName", None, "Nov"),
            ("department", "Astronomy", None),
        }
        profile = org.user(NEW["login"])["profile"]
        assert (profile["title"], profile["nickName"], profile.get("department")) == ("Observer", "Nov", None)
        assert (await call(client, "update_user_profile", user_id=NEW["login"], **update))["changed"] is False

        for _ in range(2):
            await call(client, "remove_user_from_group", user_id=NEW["login"], group_id=group)
            assert "Night shift" not in org.groups_of(NEW["login"])
        for expected in (True, False):
            added = await call(client, "add_user_to_group", user_id=NEW["email"], group_id="Night shift")
            assert ("change_id" in added, added["success"], added["changed"]) == (expected, True, expected)
        assert "Night shift" in org.groups_of(NEW["login"])

        found = await call(client, "lookup_user", user_id=NEW["email"])
        assert found["id"] == made["id"]
        assert found["attributes"]["nickName"] == "Nov"
        shown = await call(client, "lookup_group", group_id="Night shift")
        assert "data from the directory" in shown.pop("note")
        assert shown == {
            "id": group,
            "name": "Night shift",
            "description": "Those who are up",
            "type": "OKTA_GROUP",
            "member_count": 1,
        }

        ended = await call(client, "deactivate_user", user_id=NEW["login"])
        assert (ended["changed"], ended["status_after"]) == (True, "DEPROVISIONED")
        assert org.user(NEW["login"])["status"] == "DEPROVISIONED"
        assert len(person.read) == 1
        assert person.read[0].startswith("Deactivate “nova.lind@example.com”.")
        assert "name “Nova Lind”" in person.read[0]
        assert "in 1 group" in person.read[0]
        assert (await call(client, "deactivate_user", user_id=made["id"]))["changed"] is False
        assert len(person.read) == 1

        taken = await refused(client, "create_user", **NEW)
        assert made["id"] in said(taken)
        assert "DEPROVISIONED" in said(taken)
