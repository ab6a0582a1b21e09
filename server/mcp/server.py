"""The MCP surface: actions as tools, read-only data as resources, and the prompts.

It overrides methods that `MCPServer` makes public for this, so that schemas come straight from the
models, unknown arguments are refused instead of dropped, and one confirmation works for every protocol revision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.context import ServerMiddleware
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, RequestStateSecurity
from mcp.types import (
    INVALID_PARAMS,
    CallToolResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    ElicitResult,
    GetPromptResult,
    InputRequiredResult,
    Prompt,
    Resource,
    ResourceTemplate,
    Tool,
)
from pydantic import AnyUrl, BaseModel, Field, ValidationError

from server import __version__
from server.connections.manager import ConnectionManager
from server.connections.models import NeedsSignIn, NotConnected
from server.door.actions import LISTED
from server.door.door import Answer, Call, Door, Question, Refusal
from server.door.question import Parts
from server.mcp import prompts as mcp_prompts
from server.mcp.answers import command, nobody, render
from server.mcp.completions import Completions
from server.mcp.request_state import SharedState
from server.mcp.resources import Resources, typed
from server.mcp.tools import chosen, not_allowed, tool
from server.mcp.unformatted import without_rich
from server.media.markdown import plain
from server.policy.caller import Caller, ClientInfo, Principal, local_principal
from tools.contract.calls import call_schema
from tools.contract.repairing import repaired
from tools.okta.errors import ActionError, InvalidInput
from tools.text.lines import short_name

STATELESS = "2026-07-28"
"""The first protocol revision in which a server returns its questions instead of sending them."""

LONGEST_URI = 2000

REASON = ("okta-actions/reason", "reason")
"""The key in a call's `_meta` for its reason."""
SIGN_IN = "sign_in"
SIGN_IN_SECONDS = 20.0
"""How long a call waits for the sign-in that it asked for; the sign-in itself may take longer."""


class ConfirmationForm(BaseModel):
    confirm: bool = Field(title="Yes, do it", description="Confirm to run this now.")


_FORM = ConfirmationForm.model_json_schema()


def _form(parts: Parts) -> dict[str, Any]:
    """The form for a question: a box to tick, or a field to type in where a mistake cannot be taken back."""
    if not parts.prompt:
        return _FORM
    field = {"type": "string", "title": parts.prompt, "description": "Confirm to run this now."}
    return {**_FORM, "properties": {"confirm": field}}


class OktaActionsServer(MCPServer):
    """One MCP server for one caller's transport, in front of the door."""

    def __init__(
        self,
        door: Door,
        connections: ConnectionManager,
        surface: str,
        state: SharedState | None = None,
        middleware: Sequence[ServerMiddleware[Any]] = (),
        allowed: Sequence[str] = (),
        principal: Principal | None = None,
    ) -> None:
        """`state` seals what clients carry from one round of a call to the next, by default for this process alone.

        `allowed`: the names of the connections that calls may choose from, if there are several. `principal` is the
        caller, by default the owner of this process.
        """
        with without_rich():
            super().__init__(
                "okta-actions",
                title="Okta Actions",
                description="Administer an Okta org: people, their lifecycle, groups and memberships.",
                instructions=resources.files("prompts").joinpath("instructions.md").read_text("utf-8"),
                version=__version__,
                log_level="WARNING",
                middleware=list(middleware),
                request_state_security=RequestStateSecurity(codec=state) if state else None,
            )
        self._door = door
        self._connections = connections
        self._allowed = tuple(allowed) if len(allowed) > 1 else ()
        self._caller = Caller(principal or local_principal(), surface)
        self._resources = Resources(door, connections, self._caller, self._allowed)
        self._resources_added = False
        self.completion()(Completions(door, self._caller, self._allowed))  # type: ignore[no-untyped-call]

    async def list_tools(self) -> list[Tool]:
        """The direct actions that policy and the granted scopes allow; all of those until something is connected.

        The others can be called all the same: by their own names, or through run_read and run_action.
        """
        offered = set[str]()
        for name in self._allowed or (None,):
            offered |= {offer.action.name for offer in await self._door.offers(name) if offer.reason is None}
        direct = [action for name, action in LISTED.items() if name in offered and self._door.is_direct(action)]
        return [tool(action, self._allowed) for action in direct]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Run an action. A question goes to the person at the client, in the way that this revision provides."""
        try:
            call = self._call(name, arguments, context)
        except ActionError as error:
            return render(Refusal(error))
        while True:
            outcome = await self._door.call(call)
            if isinstance(outcome, Refusal) and isinstance(outcome.error, NeedsSignIn | NotConnected):
                if (asked := await self._sign_in(context, outcome.error, call.connection)) is None:
                    continue
                return asked
            if not isinstance(outcome, Question):
                return render(outcome)
            if context is None or not _can_ask(context):
                return await self._nobody_to_ask(outcome, call)
            if _is_stateless(context):
                form = ElicitRequestFormParams(
                    message=plain(*outcome.parts.lines), requested_schema=_form(outcome.parts)
                )
                return InputRequiredResult(
                    input_requests={outcome.key: ElicitRequest(params=form)}, request_state=outcome.ticket
                )
            try:
                call = replace(call, answer=await _ask(context, outcome, call.caller))
            except MCPError:
                # The client declared that it can ask, and then failed to.
                return await self._nobody_to_ask(outcome, call)

    def _call(self, name: str, arguments: Mapping[str, Any], context: Context[Any, Any] | None) -> Call:
        """The call that a client makes.

        Raises:
            InvalidInput: its reason is not a text. ActionError: it chooses a connection that is not served.
        """
        caller = replace(self._caller, client=_client(context))
        through = None
        if self._allowed:
            through, arguments = chosen(name, arguments)
            through = through or self._allowed[0]
            if through not in self._allowed:
                raise not_allowed(self._allowed)
        return Call(caller, name, arguments, _returned_answer(context, caller), through, reason=_reason(context))

    async def _nobody_to_ask(self, question: Question, call: Call) -> CallToolResult:
        """Refuse because no person can be asked; if policy allows, the call waits for one to approve it elsewhere."""
        call = self._door.named(call)
        if id := await self._door.keep_request(question, call):
            error = ActionError(
                f"Not done yet: a person must approve this, and this client cannot ask a person. {question.line}",
                code="approval_required",
                next_step=f"Within five minutes, a person runs in a terminal: okta-actions approve {id}",
            )
        else:
            named = await self._connections.book.option(call.connection)
            sent, _ = repaired(call_schema(LISTED[call.action]), call.arguments, empty_is_absent=True)
            error = nobody(question, command(call.action, sent, named, call.reason))
        return render(Refusal(error))

    async def _sign_in(
        self, context: Context[Any, Any] | None, error: NeedsSignIn | NotConnected, name: str | None
    ) -> CallToolResult | InputRequiredResult | None:
        """Let the person sign in again while the server runs: by a link in the client, or by one in the refusal.

        Returns None once they have.
        """
        try:
            url = await self._connections.begin_sign_in(name, by=replace(self._caller, client=_client(context)))
        except ActionError as failure:
            return render(Refusal(failure))
        if url is None:
            return render(Refusal(error))
        error.next_step = f"Ask a person to open this URL in a browser on the server's machine, then call again: {url}"
        if context is None or not _can_open(context):
            return render(Refusal(error))
        if _is_stateless(context):
            if (context.input_responses or {}).get(SIGN_IN) is None:
                request = ElicitRequestURLParams(message=plain(error.summary), url=url, elicitation_id=SIGN_IN)
                asked = {SIGN_IN: ElicitRequest(params=request)}
                return InputRequiredResult(input_requests=asked, request_state=SIGN_IN)
        else:
            try:
                reply = await context.elicit_url(plain(error.summary), url, SIGN_IN)
            except MCPError:
                return render(Refusal(error))
            if reply.action != "accept":
                return render(Refusal(error))
        try:
            if await self._connections.sign_in_done(name, SIGN_IN_SECONDS):
                return None
        except ActionError as failure:
            return render(Refusal(failure))
        return render(Refusal(error))

    def _with_resources(self) -> None:
        """Add the resources, unless a client has asked for any before."""
        # The SDK makes a model of each address, which is half of the time to make the server.
        if not self._resources_added:
            self._resources.add_to(self)
            self._resources_added = True

    async def list_resources(self) -> list[Resource]:
        self._with_resources()
        return [*await super().list_resources(), *await self._resources.exports()]

    async def list_resource_templates(self) -> list[ResourceTemplate]:
        self._with_resources()
        return await super().list_resource_templates()

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        if len(str(uri)) > LONGEST_URI:
            # The SDK would send the whole address back twice.
            raise MCPError(INVALID_PARAMS, f"No resource has a URI of more than {LONGEST_URI} characters.")
        self._with_resources()
        read = await super().read_resource(uri, context)
        return read if isinstance(read, InputRequiredResult) else list(map(typed, read))

    async def list_prompts(self) -> list[Prompt]:
        return [task.listed() for task in mcp_prompts.tasks().values()]

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult:
        return mcp_prompts.find(name).filled(arguments or {})


def _client(context: Context[Any, Any] | None) -> ClientInfo | None:
    """The client's name for itself, if it gives one."""
    told = context.request_context.session.client_params if context is not None else None
    if not told or not told.client_info:
        return None
    return ClientInfo(short_name(told.client_info.name), short_name(told.client_info.version) or None)


def _reason(context: Context[Any, Any] | None) -> str | None:
    """The reason for the call, from its `_meta`.

    Raises:
        InvalidInput: the reason is not a text.
    """
    meta: Any = context.request_context.meta if context is not None else None
    told = next((meta[name] for name in REASON if meta and meta.get(name) is not None), None)
    if told is not None and not isinstance(told, str):
        raise InvalidInput("The reason in _meta is not a string; nothing was done.", next_step="Send it as a string.")
    return told


def _returned_answer(context: Context[Any, Any] | None, caller: Caller) -> Answer | None:
    """The answer that a client of a stateless revision sends with the ticket when it repeats the call."""
    if context is None or not context.request_state:
        return None
    # A client may also send answers from earlier rounds: the newest comes last.
    for key, reply in reversed((context.input_responses or {}).items()):
        if key != SIGN_IN and isinstance(reply, ElicitResult):
            return _answer(context.request_state, reply, caller, key)
    return None


async def _ask(context: Context[Any, Any], question: Question, caller: Caller) -> Answer:
    """Ask over the open request, as revisions before 2026-07-28 do."""
    request = context.request_context.request_id
    try:
        reply = await context.request_context.session.elicit_form(
            plain(*question.parts.lines), _form(question.parts), request
        )
    except ValidationError:
        # The client's reply is not a valid MCP answer; for example, it has an unknown action.
        reply = ElicitResult(action="accept")
    return _answer(question.ticket, reply, caller)


def _answer(ticket: str, reply: ElicitResult, caller: Caller, key: str | None = None) -> Answer:
    """What a client's reply means. Only a form that holds just a yes counts as one.

    A yes is a boolean, or `true` or `on`, which HTML forms send. The door judges a text that was typed.
    """
    by = f"client {caller.client}" if caller.client else "an unnamed client"
    if reply.action == "cancel":
        return Answer(ticket, "cancelled", by, key=key)
    if reply.action == "decline":
        return Answer(ticket, "declined", by, key=key)
    content = reply.content or {}
    yes = content.get("confirm") if content.keys() == {"confirm"} else None
    if yes is True or yes in ("true", "on"):
        return Answer(ticket, "accepted", by, key=key)
    if yes is False or yes in ("false", "off", ""):
        return Answer(ticket, "declined", by, said="The form was submitted without the confirmation.", key=key)
    if isinstance(yes, str):
        return Answer(ticket, "accepted", by, key=key, typed=yes)
    return Answer(ticket, "not_shown", by, said="The form was submitted without a valid answer.", key=key)


def _can_ask(context: Context[Any, Any]) -> bool:
    """Whether this client can show a person a form now."""
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    # A client that declares elicitation without a mode means forms (MCP 2025-06-18).
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return False
    return _is_stateless(context) or context.request_context.session.can_send_request


def _can_open(context: Context[Any, Any]) -> bool:
    """Whether this client can take a person to a URL now."""
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    if elicitation is None or elicitation.url is None:
        return False
    return _is_stateless(context) or context.request_context.session.can_send_request


def _is_stateless(context: Context[Any, Any]) -> bool:
    return (context.protocol_version or "") >= STATELESS
