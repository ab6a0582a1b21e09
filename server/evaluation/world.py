"""A world for one run: its own connected org in the scenario's state, and its own store."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import anyio
import httpx2

from server.connections import keys
from server.connections.manager import App
from server.connections.models import Credentials
from server.door.door import Call, Question, Result
from server.evaluation.scenario import GroupState, OrgState, PersonState
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
            await anyio.to_thread.run_sync(_arrange, sandbox, wanted)
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


def _arrange(sandbox: RunningSandbox, wanted: OrgState) -> None:
    """Put the org into the scenario's state, through its own API."""
    if not wanted.groups and not wanted.people:
        return
    headers = {"authorization": f"SSWS {sandbox.demo.api_token}"}
    # It is on loopback, without TLS: loading the system's certificate authorities would take longer than the rest.
    nothing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with httpx2.Client(base_url=sandbox.url, headers=headers, timeout=30, verify=nothing) as http:
        org = _Org(http)
        for group in wanted.groups:
            org.put_group(group)
        for person in wanted.people:
            org.put_person(person)
        for group in wanted.groups:
            for login in group.members:
                org.send("PUT", f"/groups/{org.group(group.name)}/users/{login}")


class _Org:
    def __init__(self, http: httpx2.Client) -> None:
        self._http = http
        listed = self.send("GET", "/groups")
        self._groups = {group["profile"]["name"]: str(group["id"]) for group in listed}

    def send(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"/api/v1{path}", **more)
        if answer.is_error:
            raise InvalidInput(f"The org refuses {method} {path}: {answer.text[:300]}", code="invalid_scenario")
        return answer.json() if answer.content else None

    def group(self, name: str) -> str:
        if name not in self._groups:
            raise InvalidInput(f"The org has no group {name}.", code="invalid_scenario")
        return self._groups[name]

    def put_group(self, group: GroupState) -> None:
        body = {"profile": {"name": group.name, "description": group.description}}
        if group.name not in self._groups:
            self._groups[group.name] = str(self.send("POST", "/groups", json=body)["id"])
        elif group.description is not None:
            self.send("PUT", f"/groups/{self.group(group.name)}", json=body)
        if group.grants:
            self.send("POST", f"/groups/{self.group(group.name)}/roles", json={"type": group.grants})

    def put_person(self, person: PersonState) -> None:
        """A new person has a password, unless they are to be STAGED or PROVISIONED."""
        if self._http.get(f"/api/v1/users/{person.login}").is_success:
            if person.profile:
                self.send("POST", f"/users/{person.login}", json={"profile": person.profile})
        else:
            body: dict[str, Any] = {"profile": {"login": person.login, "email": person.login, **person.profile}}
            if person.status not in ("STAGED", "PROVISIONED"):
                body["credentials"] = {"password": {"value": "Nobody-types-this-1"}}
            self.send("POST", "/users", json=body, params={"activate": person.status != "STAGED"})
        step = {"SUSPENDED": "suspend", "DEPROVISIONED": "deactivate"}.get(person.status or "")
        if step:
            self.send("POST", f"/users/{person.login}/lifecycle/{step}", params={"sendEmail": False})
        for name in person.groups:
            self.send("PUT", f"/groups/{self.group(name)}/users/{person.login}")
