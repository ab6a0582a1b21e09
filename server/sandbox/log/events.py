"""Writing an event: who did what to whom, from where, and what came of it."""

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from server.sandbox import networks
from server.sandbox.authorization.tables import kept
from server.sandbox.identifiers import iso_millis
from server.sandbox.log.messages import MESSAGES, legacy
from server.sandbox.log.places import Client, forwarded
from server.sandbox.log.tables import insert
from server.sandbox.org import Org

Target = dict[str, Any]
BY_FACTOR = {"authenticationProvider": "FACTOR_PROVIDER", "credentialProvider": "OKTA_CREDENTIAL_PROVIDER"}
"""The authentication context of whoever proves who they are with a factor."""
OKTA_SYSTEM: Target = {
    "id": "sprz0000000000000001",
    "type": "SystemPrincipal",
    "alternateId": "system@okta.com",
    "displayName": "Okta System",
}
"""Who does what follows by itself."""
_UNKNOWN = "unknown"
_GRAVE = frozenset({"FAILURE", "DENY"})
_SESSION_COOKIE = "idx"


def record(
    org: Org,
    request: Request,
    event_type: str,
    *targets: Target,
    actor: Target | None = None,
    failure: str | None = None,
    outcome: str | None = None,
    reason: str | None = None,
    client: Client | None = None,
    session: str | None = None,
    context: Mapping[str, Any] | None = None,
    debug: Mapping[str, Any] | None = None,
) -> None:
    """Write an event. Its transaction id is the request's id, as in Okta.

    `failure` is why it failed, in Okta's words; `outcome` another result than SUCCESS and FAILURE (`ALLOW`, `DENY`,
    `CHALLENGE`, `SKIPPED`) with its `reason`. `client` and `session` are the request's own unless they are given.
    `context` adds to the authentication context and `debug` to the debug data.
    """
    insert(
        org.database,
        [
            event_of(
                org.clock(),
                event_type,
                actor or request.state.principal.actor,
                client or client_of(org, request),
                targets,
                result=outcome or ("FAILURE" if failure else "SUCCESS"),
                reason=reason or failure,
                transaction=request.state.request_id,
                session=session or _session_of(org, request),
                path=request.url.path,
                context=context or {},
                debug=debug or {},
            )
        ],
    )


def event_of(
    moment: float,
    event_type: str,
    actor: Target,
    client: Client,
    targets: tuple[Target, ...] = (),
    *,
    result: str = "SUCCESS",
    reason: str | None = None,
    transaction: str,
    session: str = _UNKNOWN,
    path: str,
    context: Mapping[str, Any] | None = None,
    debug: Mapping[str, Any] | None = None,
    severity: str | None = None,
) -> dict[str, Any]:
    """An event as Okta's API shows one."""
    return {
        "actor": {"detailEntry": None, **actor},
        "client": client.described(),
        "authenticationContext": {
            "authenticationProvider": None,
            "credentialProvider": None,
            "credentialType": None,
            "issuer": None,
            "interface": None,
            "authenticationStep": 0,
            "externalSessionId": session,
            **(context or {}),
        },
        "displayMessage": MESSAGES[event_type],
        "eventType": event_type,
        "outcome": {"result": result, "reason": reason},
        "published": iso_millis(moment),
        "securityContext": client.security(),
        "severity": severity or ("WARN" if result in _GRAVE else "INFO"),
        "debugContext": {
            "debugData": {
                "requestId": transaction,
                "requestUri": path,
                "threatSuspected": "false",
                "url": f"{path}?",
                **(debug or {}),
            }
        },
        "legacyEventType": legacy(event_type, result),
        "transaction": {"type": "WEB", "id": transaction, "detail": {}},
        "uuid": str(uuid.uuid4()),
        "version": "0",
        "request": {"ipChain": client.chain()},
        "target": [{"detailEntry": None, **target} for target in targets] or None,
    }


def client_of(org: Org, request: Request) -> Client:
    """Where a request came from. A proxy on this machine says for whom it asks."""
    peer = request.client.host if request.client else "127.0.0.1"
    passed_on = forwarded(request.headers.get("x-forwarded-for", ""))
    addresses = passed_on if peer in passed_on else (*passed_on, peer)  # uvicorn takes the header's word for the peer
    zone = networks.names(org, addresses[0])
    return Client(addresses, request.headers.get("user-agent", _UNKNOWN), ", ".join(zone) or None)


def _session_of(org: Org, request: Request) -> str:
    """A call with a token is a session of its own; others are of the session that their cookie stands for."""
    if "authorization" in request.headers:
        return "trs" + secrets.token_urlsafe(17)[:22]
    cookie = request.cookies.get(_SESSION_COOKIE, "")
    row = org.database.one("SELECT id FROM sessions WHERE cookie = ?", kept(cookie)) if cookie else None
    return str(row["id"]) if row else _UNKNOWN
