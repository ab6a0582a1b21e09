"""What a program needs to use a sandbox without a person: apps, an administrator's session, an API token."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.sandbox import people
from server.sandbox.authorization import clients, dpop, keys, sessions
from server.sandbox.authorization.assignments import assign
from server.sandbox.authorization.authorize import OPENID_SCOPES, remember_consent
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.authorization.public_keys import public_key
from server.sandbox.authorization.scopes import MANAGEMENT_SCOPES
from server.sandbox.authorization.tables import kept
from server.sandbox.org import Org

ADMIN_LOGIN = "okta-actions@example.com"
REDIRECT_URIS = tuple(f"http://{host}:8765/authorization-code/callback" for host in ("localhost", "127.0.0.1"))
_SIGNS_IN = ("authorization_code", "refresh_token", DEVICE_CODE)
_YEARS = 10 * 365 * 24 * 3600.0


@dataclass(frozen=True)
class DemoClient:
    """The credentials of a sandbox. They are worth nothing anywhere else."""

    client_id: str
    client_secret: str
    api_token: str
    admin_login: str
    admin_password: str
    session_cookie: tuple[str, str]
    """Name and value: whoever sends it is signed in as the administrator, and has consented to the apps."""
    native_client_id: str
    """An app without a secret: for a sign-in in the browser or on another device."""
    service_client_id: str
    """An app that nobody signs in to; it has no key until it is given one."""


def prepare(
    org: Org, admin_id: str, api_token: str | None = None, redirect_uris: Sequence[str] = REDIRECT_URIS
) -> DemoClient:
    """The sandbox's apps, administrator's password and session, and API token: made once, then always the same."""
    with org.database.transaction():
        keys.prepare(org)
        dpop.prepare(org)
        client_id, client_secret = org.fact("demo_client", lambda: _web(org))
        native_id = org.fact("demo_native_client", lambda: _native(org))
        service_id = org.fact("demo_service_client", lambda: _service(org))
        for id in (client_id, native_id, service_id):
            clients.grant(org, id, MANAGEMENT_SCOPES, {"id": admin_id, "type": "User"})
        # Where the app's program listens is the program's setting, which may change from one start to the next.
        listens = json.dumps(redirect_uris)
        org.database.run("UPDATE clients SET redirect_uris = ? WHERE id IN (?, ?)", listens, client_id, native_id)
        password = org.fact("demo_password", lambda: f"Sandbox-{secrets.token_hex(6)}A1")
        cookie = org.fact("demo_session", lambda: sessions.begin(org, admin_id, _YEARS))
        token = api_token or org.fact("demo_api_token", lambda: f"00{secrets.token_urlsafe(30)}")
        assign(org, "user", admin_id, "ORG_ADMIN")
        org.database.run("INSERT OR IGNORE INTO api_tokens VALUES (?, ?)", kept(token), admin_id)
        admin = people.find(org, admin_id)
        if not people.matches(password, admin["password"]):
            people.change(org, admin_id, password=people.hidden(password))
        for id in (client_id, native_id):
            remember_consent(org, id, admin_id, [*OPENID_SCOPES, *MANAGEMENT_SCOPES])
    return DemoClient(
        client_id,
        client_secret,
        token,
        admin["login"],
        password,
        (sessions.COOKIE, cookie),
        native_id,
        service_id,
    )


def set_service_key(org: Org, demo: DemoClient, public: Mapping[str, Any]) -> str:
    """Make this the one key of the service app; its kid.

    Raises:
        BadKey: it is no public key that Okta takes.
    """
    with org.database.transaction():
        clients.replace_keys(org, demo.service_client_id, [public_key(public)])
        app = clients.find(org, demo.service_client_id)
    assert app is not None  # it was registered at the start
    return str(app.keys[0]["kid"])


def _web(org: Org) -> tuple[str, str | None]:
    return clients.register_client(org, "Okta Actions", grant_types=_SIGNS_IN)


def _native(org: Org) -> str:
    return clients.register_client(org, "Okta Actions (native)", grant_types=_SIGNS_IN, secret=False)[0]


def _service(org: Org) -> str:
    return clients.register_client(
        org, "Okta Actions (service)", grant_types=("client_credentials",), jwks={"keys": []}
    )[0]
