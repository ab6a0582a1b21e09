"""Pushed authorization requests (RFC 9126): a client leaves its request with the server, and sends on its name only."""

import json
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.sandbox.authorization.client_authentication import authenticate_client
from server.sandbox.authorization.grants import Form
from server.sandbox.authorization.problems import invalid_request
from server.sandbox.authorization.tables import kept
from server.sandbox.authorization.tokens import base_url
from server.sandbox.org import Org

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFETIME = 300
"""Seconds."""
_PROOFS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def push(request: Request, sent: Form) -> Response:
    org: Org = request.app.state.org
    url = f"{base_url(request)}{request.url.path}"
    client = authenticate_client(org, request.headers.get("authorization"), sent, url)
    if "request_uri" in sent:
        raise invalid_request("The 'request_uri' parameter must not be pushed.")
    name, now = PREFIX + secrets.token_urlsafe(32), org.clock()
    asked = {key: value for key, value in sent.items() if key not in _PROOFS} | {"client_id": client.id}
    org.database.run("DELETE FROM pushed_requests WHERE ends <= ?", now)
    org.database.run("INSERT INTO pushed_requests VALUES (?, ?, ?)", kept(name), json.dumps(asked), now + LIFETIME)
    return JSONResponse({"request_uri": name, "expires_in": LIFETIME}, 201)


def restored(org: Org, sent: Form) -> Form | None:
    """The request that was meant: the pushed one if there is one of this name, None if it is gone or another client's.

    The name stays good until it expires, for the person comes back with it after signing in.
    """
    if "request_uri" not in sent:
        return sent
    row = org.database.one("SELECT * FROM pushed_requests WHERE name = ?", kept(sent["request_uri"]))
    if row is None or row["ends"] <= org.clock():
        return None
    asked: dict[str, str] = json.loads(row["request"])
    return asked if asked["client_id"] == sent.get("client_id") else None
