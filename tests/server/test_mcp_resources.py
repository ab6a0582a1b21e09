"""People and groups by address, and what is completed while a person types."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from mcp import Client, MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, PromptReference, ResourceTemplateReference

from connected_org import Org
from server.mcp.resources import CHANGE, EXPORT
from server.mcp.server import OktaActionsServer
from server.program import Program
from server.settings import Settings
from surface import ERAS, call, refused, said

JANE = "jane.doe@example.com"
USERS = ResourceTemplateReference(uri="okta://users/{id}")
GROUPS = ResourceTemplateReference(uri="okta://groups/{id}")


@pytest.fixture(params=ERAS)
async def client(program: Program, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=request.param) as opened:
        yield opened


async def read(client: Client, uri: str) -> Any:
    (part,) = (await client.read_resource(uri)).contents
    assert part.mime_type == "application/json"
    return json.loads(part.text)  # type: ignore[union-attr]


async def error(client: Client, uri: str) -> MCPError:
    with pytest.raises(MCPError) as failed:
        await client.read_resource(uri)
    assert failed.value.error.data == {"uri": uri}
    return failed.value


async def completed(client: Client, reference: Any, name: str, typed: str) -> list[str]:
    return (await client.complete(ref=reference, argument={"name": name, "value": typed})).completion.values


async def test_people_groups_and_changes_are_offered_as_templates(client: Client) -> None:
    templates = (await client.list_resource_templates()).resource_templates
    assert [template.uri_template for template in templates] == [USERS.uri, GROUPS.uri, CHANGE, EXPORT]
    assert all(template.title and template.description for template in templates)


async def test_an_address_shows_what_the_tool_shows(client: Client) -> None:
    jane = await call(client, "lookup_user", user_id=JANE)
    for id in (JANE, quote(JANE, safe=""), jane["id"]):
        assert await read(client, f"okta://users/{id}") == jane
    group = await call(client, "lookup_group", group_id="VPN Users")
    for id in ("VPN%20Users", group["id"]):
        assert await read(client, f"okta://groups/{id}") == group


async def test_a_changes_address_tells_what_was_done(client: Client) -> None:
    made = await call(client, "add_user_to_group", user_id=JANE, group_id="Managers")
    shown = await read(client, f"okta://changes/{made['change_id']}")
    assert (shown["id"], shown["action"], shown["outcome"]) == (made["change_id"], "add_user_to_group", "done")
    assert "Jane Doe" in shown["summary"]
    assert "No change has the id" in str(await error(client, "okta://changes/999"))


async def test_a_groups_name_is_a_name_and_no_path(client: Client, org: Org) -> None:
    name = "/Sales/../100% #1"
    id = org.create_group(name)
    assert (await read(client, f"okta://groups/{quote(name, safe='')}"))["id"] == id


async def test_what_is_not_there_is_not_found_in_the_tools_own_words(client: Client) -> None:
    missing = await error(client, "okta://users/nobody@example.com")
    assert missing.error.code == INVALID_PARAMS
    assert missing.error.message == said(await refused(client, "lookup_user", user_id="nobody@example.com"))


async def test_a_refusal_is_an_error_in_the_tools_own_words(client: Client, org: Org, program: Program) -> None:
    await program.store.run(
        lambda database: database.execute(database.connections.update().values(scopes_granted="openid"))
    )
    before = org.events()
    failed = await error(client, f"okta://users/{JANE}")
    assert failed.error.code == INTERNAL_ERROR
    assert failed.error.message == said(await refused(client, "lookup_user", user_id=JANE))
    assert "okta.users.read" in failed.error.message
    assert org.events() == before


async def test_without_a_connection_it_says_how_to_connect(settings: Settings) -> None:
    async with Program(settings) as unconnected:
        server = OktaActionsServer(unconnected.door, unconnected.connections, "memory")
        async with Client(server) as opened:
            assert "okta-actions connect" in (await error(opened, f"okta://users/{JANE}")).error.message
            assert await completed(opened, USERS, "id", "jane") == []


async def test_logins_and_group_names_are_completed_from_the_org(client: Client) -> None:
    for reference, name in ((USERS, "id"), (PromptReference(name="offboarding"), "person")):
        assert JANE in await completed(client, reference, name, "jane")
    for reference, name in ((GROUPS, "id"), (PromptReference(name="access_review"), "group")):
        assert "VPN Users" in await completed(client, reference, name, "VPN")


async def test_one_letter_and_free_text_are_not_completed(client: Client) -> None:
    assert await completed(client, USERS, "id", "j") == []
    assert await completed(client, PromptReference(name="offboarding"), "notes", "jane") == []
    assert await completed(client, PromptReference(name="no_such_prompt"), "person", "jane") == []
    assert await completed(client, ResourceTemplateReference(uri="okta://nothing/{id}"), "id", "jane") == []


async def test_where_the_search_is_refused_nothing_is_completed(client: Client, program: Program) -> None:
    await program.store.run(
        lambda database: database.execute(database.connections.update().values(scopes_granted="openid"))
    )
    assert await completed(client, USERS, "id", "jane") == []
