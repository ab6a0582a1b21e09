"""The device authorization grant (RFC 8628): a code on one screen, a sign-in on another."""

import secrets
import uuid
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.sandbox import people
from server.sandbox.authorization import clients, pages, sessions
from server.sandbox.authorization.authorize import permitted
from server.sandbox.authorization.client_authentication import authenticate_client, require_grant
from server.sandbox.authorization.grants import DEVICE_CODE, POLL_INTERVAL, Form
from server.sandbox.authorization.problems import invalid_request
from server.sandbox.authorization.tables import kept
from server.sandbox.authorization.tokens import base_url
from server.sandbox.org import Org

LIFETIME = 600
"""Seconds."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Without vowels, so that no code spells a word (RFC 8628, section 6.1)."""


def start(request: Request, sent: Form) -> Response:
    org: Org = request.app.state.org
    url = f"{base_url(request)}{request.url.path}"
    client = authenticate_client(org, request.headers.get("authorization"), sent, url)
    require_grant(client, DEVICE_CODE)
    if not sent.get("scope"):
        raise invalid_request("The request is missing the 'scope' parameter.")
    code, user_code = str(uuid.uuid4()), "".join(secrets.choice(_LETTERS) for _ in range(8))
    org.database.run("DELETE FROM device_codes WHERE ends < ?", org.clock() - LIFETIME)
    org.database.run(
        "INSERT INTO device_codes VALUES (?, ?, ?, ?, ?, NULL, 'pending', NULL, NULL)",
        *(kept(code), user_code, client.id, sent["scope"], org.clock() + LIFETIME),
    )
    page = f"{base_url(request)}/activate"
    return JSONResponse(
        {
            "device_code": code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?{urlencode({'user_code': user_code})}",
            "expires_in": LIFETIME,
            "interval": POLL_INTERVAL,
        }
    )


def activate(request: Request, sent: Form) -> Response:
    """The page where a person enters the code and decides."""
    org: Org = request.app.state.org
    if not sent.get("user_code"):
        return pages.device()
    user_code = sent["user_code"].strip().upper().replace("-", "")
    row = org.database.one(
        "SELECT * FROM device_codes WHERE user_code = ? AND status = 'pending' AND ends > ?", user_code, org.clock()
    )
    client = clients.find_active(org, row["client_id"]) if row else None
    if row is None or client is None:
        return pages.device("The code is not valid (any more).")
    session = sessions.current(request)
    if session is None:
        return pages.sign_in(f"/activate?{urlencode({'user_code': user_code})}")
    user = people.find(org, session.user_id)
    scopes = permitted(org, client, user, row["scopes"].split())
    if isinstance(scopes, tuple):
        return pages.error(scopes[1])
    if request.method == "GET":
        values = {"user_code": user_code}
        return pages.consent(client.name, user["login"], scopes, "/activate", session.proof, **values)
    if not secrets.compare_digest(sent.get("proof", ""), session.proof):
        return pages.error("The form has expired. Start again.")
    if sent.get("answer") != "allow":
        org.database.run("UPDATE device_codes SET status = 'denied' WHERE code = ?", row["code"])
        return pages.page("Denied", "<p>The device was not connected.</p>")
    org.database.run(
        "UPDATE device_codes SET status = 'allowed', user_id = ?, scopes = ?, signed_in = ? WHERE code = ?",
        *(user["id"], " ".join(scopes), session.began, row["code"]),
    )
    return pages.page("Device connected", "<p>You can close this page.</p>")
