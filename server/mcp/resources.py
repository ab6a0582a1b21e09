"""What clients read by address: the connection, the catalogue, any person, group or change, as actions show them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mcp.server import MCPServer
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.server.mcpserver.resources import ResourceSecurity
from mcp.types import Resource

from server.connections.manager import ConnectionManager
from server.door.door import Call, Door, Question, Refusal, Result
from server.media.json_text import in_json
from server.media.models import for_model, lines_for_model
from server.policy.caller import Caller
from tools.okta.errors import NotFound

CONNECTION = "okta://connection"
ACTIONS = "okta://actions"
USER = "okta://users/{id}"
GROUP = "okta://groups/{id}"
CHANGE = "okta://changes/{id}"
EXPORT = "okta://exports/{id}/{part}"
JSON = "application/json"
TEXT = {"csv": "text/csv", "jsonl": "application/jsonl"}
"""The media types of exports (RFC 4180; JSON Lines has none that is registered)."""

# An id here is a name that the door resolves and never a path: a group may well be called “/Sales/..”.
NAMES = ResourceSecurity(exempt_params={"id"})


class Resources:
    """Answers through the door: with the same permissions, answers and refusals as the tools."""

    def __init__(self, door: Door, connections: ConnectionManager, caller: Caller, allowed: Sequence[str] = ()) -> None:
        """`allowed`: the connections that calls may choose from. An address cannot choose, so the first one is used."""
        self._door = door
        self._connections = connections
        self._caller = caller
        self._allowed = allowed

    def add_to(self, server: MCPServer[Any]) -> None:
        server.resource(CONNECTION, name="connection", title="The Okta connection", mime_type=JSON)(self.connection)
        server.resource(ACTIONS, name="actions", title="All actions", mime_type=JSON)(self.actions)
        server.resource(USER, name="user", title="A person", mime_type=JSON, security=NAMES)(self.user)
        server.resource(GROUP, name="group", title="A group", mime_type=JSON, security=NAMES)(self.group)

        server.resource(CHANGE, name="change", title="A change", mime_type=JSON, security=NAMES)(self.change)
        server.resource(EXPORT, name="export", title="A part of an export", mime_type="text/csv")(self.export)

    async def connection(self) -> str:
        """What is connected, as whom, with which scopes, which actions that allows, and who the journal says asks."""
        offers = await self._door.offers()
        available = [offer.action.name for offer in offers if offer.reason is None]
        described = {**await self._connections.describe(), "actions_available": available, "caller": str(self._caller)}
        if self._allowed:
            described["connections"] = [await self._connections.describe(name) for name in self._allowed]
        return in_json(for_model(described), compact=True)

    async def actions(self) -> str:
        """Every action: effect, scopes, whether it asks, and why it is not offered if it is not.

        Those that are not `direct` are no tools of their own: run_read and run_action run them.
        `not_here` tells what no action does although it is close to one, and where that is done.
        """
        rows = [{**offer.row(), "direct": self._door.is_direct(offer.action)} for offer in await self._door.offers()]
        return in_json(rows, compact=True)

    async def user(self, id: str) -> str:
        """One person, by Okta id, login or e-mail: status, attributes and dates."""
        return await self._read("lookup_user", {"user_id": id})

    async def group(self, id: str) -> str:
        """One group, by Okta id or exact name: description, type and number of members."""
        return await self._read("lookup_group", {"group_id": id})

    async def change(self, id: str) -> str:
        """One change that was made through this server: what, by whom, how it ended, whether it can be undone."""
        return await self._read("list_changes", {"change_id": id}, "changes")

    async def export(self, id: str, part: str) -> str:
        """One part of an export that you made: CSV with the names of the columns first, or JSON Lines."""
        content = await self._content("read_export", {"id": id, "part": part}, await self._through(id))
        return "".join(f"{line}\n" for line in content["lines"])

    async def exports(self) -> list[Resource]:
        """The caller's exports, by the address of the first part of each."""
        listed: list[dict[str, Any]] = []
        for through in self._allowed or (None,):
            outcome = await self._door.call(Call(self._caller, "read_export", {}, connection=through))
            # That nothing may be read now is told to whoever reads.
            listed += outcome.content["exports"] if isinstance(outcome, Result) else []
        return [
            Resource(
                uri=one["read"],
                name=f"export {one['id']}",
                title=f"{one['action']}: {one['rows']} rows in {one['parts']} parts, until {one['expires']}",
                mime_type=TEXT[one["format"]],
            )
            for one in listed
            if one["parts"]
        ]

    async def _through(self, export: str) -> str | None:
        """The connection through which an export was made, if the caller has it; the first one otherwise."""
        for through in self._allowed:
            outcome = await self._door.call(Call(self._caller, "read_export", {}, connection=through))
            if isinstance(outcome, Result) and any(one["id"] == export for one in outcome.content["exports"]):
                return through
        return self._allowed[0] if self._allowed else None

    async def _read(self, action: str, arguments: dict[str, str], only: str | None = None) -> str:
        """An action's answer; with `only`, the one thing of this name in its list."""
        content = await self._content(action, arguments, self._allowed[0] if self._allowed else None)
        return in_json(for_model(content[only][0] if only else content), compact=True)

    async def _content(self, action: str, arguments: dict[str, str], through: str | None) -> dict[str, Any]:
        """What an action answers.

        Raises:
            ResourceNotFoundError: it finds nothing. ResourceError: it is refused, or fails.
        """
        outcome = await self._door.call(Call(self._caller, action, arguments, connection=through))
        if isinstance(outcome, Refusal):
            kind = ResourceNotFoundError if isinstance(outcome.error, NotFound) else ResourceError
            raise kind(lines_for_model(str(outcome.error)))
        if isinstance(outcome, Question):
            raise ResourceError(f"{outcome.line}\nNext: Call {action}; reading a resource asks nobody.")
        return outcome.content


def typed(contents: ReadResourceContents) -> ReadResourceContents:
    """What was read, with the media type that it has: the template of exports stands for two."""
    is_lines = contents.mime_type == TEXT["csv"] and str(contents.content).startswith("{")
    return replace(contents, mime_type=TEXT["jsonl"]) if is_lines else contents
