"""A world for one run: its own connected org in the scenario's state, and its own store."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import anyio

from server.connections import keys
from server.connections.manager import App
from server.connections.models import Credentials
from server.door.door import Call, Question, Result
from server.evaluation.arranging import arrange
from server.evaluation.scenario import OrgState
from server.journal.chain import Chain, rows
from server.journal.history import ANSWERS, Recorded, with_later
from server.policy.caller import Caller, Principal
from server.policy.rules import Rules
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox
from server.sandbox.state import State, state
from server.settings import Settings
from tools.catalogue import needed_scopes
from tools.okta.errors import InvalidInput
from tools.okta.scopes import ROLES

if TYPE_CHECKING:
    from server.store.database import Database

EARLIER = Caller(Principal("sandbox", "an administrator"), "the command line")
"""The author of the changes in a scenario's history."""
_MODEL = ("model", "model_api", "model_stream", "model_rounds", "model_tokens", "model_seconds")
"""The settings that come from the person; the world sets all others."""


@dataclass(frozen=True)
class World:
    """`secrets` are the credentials for the org or the store, by name."""

    settings: Settings
    sandbox: RunningSandbox
    secrets: Mapping[str, str]
    _entries: int
    """The number of journal entries before the person came."""

    def state(self) -> State:
        """The org's state; call it only while nothing is under way."""
        return state(self.sandbox.org)

    async def journal(self) -> list[Recorded]:
        """What was done, or asked and not confirmed, since the person came; oldest first."""
        kinds = ", ".join(f"'{kind}'" for kind in ("intent", *ANSWERS))

        def read(database: "Database", chain: Chain) -> list[Recorded]:
            return with_later(database, chain, rows(database, f"sequence > ? AND kind IN ({kinds})", (self._entries,)))

        async with Program(self.settings) as program:
            return await program.recorder.read(read)


@asynccontextmanager
async def a_world(wanted: OrgState, given: Settings) -> AsyncIterator[World]:
    """The org of a scenario, running and connected as a service app. `given` says which model is asked.

    Raises:
        InvalidInput: the org refuses the scenario's state.
    """
    with TemporaryDirectory(prefix="okta-actions-eval-") as folder:
        sandbox = await anyio.to_thread.run_sync(lambda: RunningSandbox(users=wanted.size).start())
        try:
            await anyio.to_thread.run_sync(arrange, sandbox, wanted)
            # The rules apply to the person's turn; earlier changes were made without any.
            free = _settings(given, Rules(), Path(folder) / "data")
            secrets, entries = await _begin(sandbox, free, wanted)
            yield World(_settings(given, wanted.rules, free.data_dir), sandbox, secrets, entries)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(sandbox.stop)


def _settings(given: Settings, rules: Rules, folder: Path) -> Settings:
    """Takes only the model from the person's settings: not their rules, store or connections."""
    model = {name: getattr(given, name) for name in _MODEL}
    return Settings.model_construct(data_dir=folder, vault_key_source="file", **model, **dict(rules))


@cache
def _key() -> keys.Key:
    """The key of the app that worlds are connected through."""
    return keys.generate()


async def _begin(sandbox: RunningSandbox, settings: Settings, wanted: OrgState) -> tuple[dict[str, str], int]:
    """Connect and make the changes that come before the person. Returns the secrets and the journal's length."""
    key = keys.dumped(_key())
    client_id, _ = register_client(
        sandbox.org,
        "Okta Actions under evaluation",
        grant_types=["client_credentials"],
        scopes=(*needed_scopes(), ROLES),
        jwks={"keys": [keys.public(_key())]},
    )
    async with Program(settings) as program:
        app = App(sandbox.url, client_id, Credentials(private_key=key))
        connection = await program.connections.connect_service(app)
        for call in wanted.history:
            asked = Call(EARLIER, call.name, call.arguments)
            done = await program.door.call(asked)
            if isinstance(done, Question):
                done = await program.door.call(replace(asked, answer=done.accepted()))
            if not isinstance(done, Result):
                raise InvalidInput(f"history: {call.name}: {done}", code="invalid_scenario")
        secrets = {
            "access_token": await program.connections.access_token(connection),
            "private_key": str(json.loads(key)["d"]),
            "api_token": sandbox.demo.api_token,
            "password": sandbox.demo.admin_password,
            "vault_key": (settings.data_dir / "vault.key").read_text().strip(),
        }
        entries = await program.recorder.run(lambda database, chain: chain.head(database).sequence)
        return secrets, entries
