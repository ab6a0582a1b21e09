"""Opens the agent's model and tools: a model server by settings, an MCP server by object, URL or command.

The OpenAI SDK is imported only when its model is opened: importing it takes longer than most commands take to run.
"""

import os
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitRequestFormParams, ElicitRequestURLParams, ElicitResult

from server.agent.key import check_key
from server.agent.limits import Deadline, TurnLimits
from server.agent.model import INSTALL_AGENT, Model
from server.agent.scripted import ScriptedModel
from server.agent.session import Session
from server.agent.turn import Agent
from server.environment import without_secrets
from server.mcp.greeting import Greeting
from server.mcp.server import OktaActionsServer
from server.media.markdown import written
from server.program import Program
from server.settings import Settings
from tools.okta.errors import ActionError, InvalidInput

if TYPE_CHECKING:
    from openai import AsyncOpenAI

SILENCE = 120.0
"""Timeout in seconds without a byte from the model's server: models may think for long."""

Ask = Callable[[str, str], Awaitable[bool | str]]
"""Shows a person a question and returns their answer; only a clear yes counts as one.

With a prompt as the second text, the person types what it asks for, and the answer is that, or empty.
"""
CONFIRM = "confirm"
"""The only field that a person is asked to type in: another server's form may ask for a password."""


@dataclass(frozen=True)
class ChosenServer:
    """Which MCP server has the tools: one at a URL, one started by a command, or, with neither, this program itself."""

    url: str | None = None
    command: str | None = None


def open_model(settings: Settings) -> Model:
    """The model that the settings name.

    Raises:
        InvalidInput: a required setting is missing.
    """
    if settings.model_api == "script":
        return ScriptedModel.from_file(Path(settings.model))
    client = _openai()
    if settings.model_api == "chat":
        from server.agent.chat_completions import ChatCompletionsModel

        return ChatCompletionsModel(client, settings.model, stream=settings.model_stream)
    from server.agent.responses_api import ResponsesModel

    return ResponsesModel(client, settings.model, stream=settings.model_stream)


def _openai() -> "AsyncOpenAI":
    check_key()
    key = os.environ.get("OPENAI_API_KEY")
    if not key and not os.environ.get("OPENAI_BASE_URL"):
        raise InvalidInput(
            "No model is configured: OPENAI_API_KEY is not set.",
            code="no_model",
            next_step="Set it. For your own server, set OPENAI_BASE_URL, OKTA_ACTIONS_MODEL and, for most servers, "
            "OKTA_ACTIONS_MODEL_API=chat (Chat Completions).",
        )
    if find_spec("openai") is None:
        raise InvalidInput(
            "chat and ask need the OpenAI SDK, which is not installed.",
            code="no_model",
            next_step=INSTALL_AGENT,
        )
    from openai import AsyncOpenAI

    # We retry ourselves: the person sees it, and it counts towards the turn's time. A local server may need no key.
    return AsyncOpenAI(api_key=key or "none", max_retries=0, timeout=httpx2.Timeout(SILENCE, connect=10.0))


@asynccontextmanager
async def open_agent(settings: Settings, server: ChosenServer, surface: str, ask: Ask | None) -> AsyncIterator[Agent]:
    """An agent with its model and session open. Without `ask` the server is told that nobody can be asked.

    Raises:
        InvalidInput: no model is set up, or the MCP server is not one.
        ActionError: the MCP server cannot be reached.
    """
    async with aclosing(open_model(settings)) as model, with_tools(model, settings, server, surface, ask) as agent:
        yield agent


@asynccontextmanager
async def with_tools(
    model: Model, settings: Settings, server: ChosenServer, surface: str, ask: Ask | None
) -> AsyncIterator[Agent]:
    """An agent with its session open; the caller closes the model.

    Raises:
        InvalidInput: the MCP server is not one.
        ActionError: the MCP server cannot be reached.
    """
    deadline = Deadline()
    limits = TurnLimits(settings.model_rounds, settings.model_tokens, settings.model_seconds)
    async with _target(settings, server, surface) as target:
        callback = Elicited(ask, deadline) if ask else None
        async with _reached(Client(target, elicitation_callback=callback), server) as client:
            session = Session(client)
            await session.refresh()
            yield Agent(model, session, limits, deadline)


class Elicited:
    """Passes the server's questions to the person, one at a time; the turn's clock is paused meanwhile."""

    def __init__(self, ask: Ask, deadline: Deadline) -> None:
        self._ask = ask
        self._deadline = deadline

    async def __call__(self, context: Any, params: ElicitRequestFormParams | ElicitRequestURLParams) -> ElicitResult:
        if isinstance(params, ElicitRequestURLParams):
            question, content = f"{written(params.message)}\nOpen {params.url} in a browser. Go on?", None
        elif (only := _only_field(params.requested_schema, "boolean")) is not None:
            question, content = written(params.message), {only.name: True}
        elif (only := _only_field(params.requested_schema, "string")) is not None and only.name == CONFIRM:
            return await self._typed(written(params.message), only)
        else:
            return ElicitResult(action="cancel")  # a form that needs more than a yes or a word
        with self._deadline.held():
            yes = await self._ask(question, "")
        return ElicitResult(action="accept", content=content) if yes else ElicitResult(action="decline")

    async def _typed(self, question: str, only: "_Field") -> ElicitResult:
        with self._deadline.held():
            typed = await self._ask(question, written(only.title))
        if not typed or not isinstance(typed, str):
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={only.name: typed})


@dataclass(frozen=True)
class _Field:
    name: str
    title: str


def _only_field(schema: dict[str, Any], type: str) -> _Field | None:
    """The field of a form that has no other, if it is of this type."""
    fields = schema.get("properties") or {}
    if [field.get("type") for field in fields.values()] != [type]:
        return None
    ((name, field),) = fields.items()
    return _Field(name, str(field.get("title") or name))


@asynccontextmanager
async def _target(settings: Settings, server: ChosenServer, surface: str) -> AsyncIterator[Any]:
    if server.url:
        token = settings.mcp_token.get_secret_value() if settings.mcp_token else None
        headers = {"authorization": f"Bearer {token}"} if token else {}
        timeout = httpx2.Timeout(30.0, read=None)  # a call may wait for a person
        async with httpx2.AsyncClient(headers=headers, timeout=timeout) as http:
            yield streamable_http_client(server.url, http_client=http)
    elif server.command:
        command, *arguments = shlex.split(server.command)
        yield StdioServerParameters(command=command, args=arguments, env=without_secrets())
    else:
        async with Program(settings) as program:
            greeting = Greeting(program.warmth, ())
            yield OktaActionsServer(program.door, program.connections, surface, middleware=[greeting])


@asynccontextmanager
async def _reached(client: Client, server: ChosenServer) -> AsyncIterator[Client]:
    opening: AbstractAsyncContextManager[Client] = client
    reached = left = False
    try:
        async with opening as opened:
            reached = True
            yield opened
            left = True
    except (MCPError, OSError, httpx2.HTTPError, ExceptionGroup) as error:
        if left and server != ChosenServer():
            return  # nothing more is asked of the other side
        if reached:
            raise
        raise ActionError(
            f"The MCP server {server.url or server.command} cannot be reached ({_innermost(error)}).",
            code="mcp_unreachable",
            next_step="Check --url or --command. If the server needs a token, set OKTA_ACTIONS_MCP_TOKEN.",
        ) from None


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
