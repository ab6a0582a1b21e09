"""Activating what was enrolled: with a code, with what a key answers, or by polling until a device has done it."""

import base64
import json
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import people
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.factors import codes, person, shown, tables
from server.sandbox.factors.enrolment import ACTIVATION_LIFETIME, factor, record_change, send
from server.sandbox.factors.kinds import kind_of
from server.sandbox.log import record
from server.sandbox.problems import OktaProblem, no_such_method
from server.sandbox.users import named


def activate(call: ApiCall) -> Response:
    row = _pending(call)
    sent = call.optional_body()
    if row["type"] == "push":
        return _poll(call, _begin_anew(call, row) if row["ends"] <= call.org.clock() else row)
    if row["type"] == "webauthn":
        if not signs(sent, row["secret"]):
            return codes.refuse(call.org, row).response()
        credential = {"credentialId": str(sent.get("attestation") or "")[:86], "appId": None, "version": None}
        credential["authenticatorName"] = "Security key"
        return _activated(call, row, profile=dump(credential))
    code = sent.get("passCode")
    if not isinstance(code, str) or not code:
        # Nothing happens without a code (activate_factor in Shopify/oktakit).
        return ok(shown.render(call.base, call.org, row))
    codes.require_patience(call.org, row)
    if not codes.is_right(call.org, row, code):
        return codes.refuse(call.org, row).response()
    return _activated(call, row)


def _pending(call: ApiCall) -> Row:
    row = factor(call)
    if row["status"] != "PENDING_ACTIVATION":
        raise wrong_state()
    return row


def wrong_state() -> OktaProblem:
    return OktaProblem(403, "E0000107", "The entity is not in the expected state for the requested transition.")


def signs(sent: dict[str, Any], challenge: str) -> bool:
    """Whether a security key answered this challenge; its signature is not looked at, for nobody has such a key."""
    try:
        client = json.loads(base64.urlsafe_b64decode(f"{sent['clientData']}=="))
        answered = client["challenge"]
    except (KeyError, TypeError, ValueError):
        return False
    encoded = base64.urlsafe_b64encode(challenge.encode()).rstrip(b"=").decode()
    return answered in (challenge, encoded)


def _activated(call: ApiCall, row: Row, **columns: Any) -> Response:
    row = tables.change(call.org, row, status="ACTIVE", last_updated=call.org.now(), **columns)
    tables.keep_phone(call.org, row)
    record_change(call, "user.mfa.factor.activate", row)
    return ok(shown.render(call.base, call.org, row))


def poll(call: ApiCall) -> Response:
    """How far the device is. Once it is done, the answer is the factor."""
    row = factor(call)
    if row["type"] != "push":
        raise no_such_method()
    if row["status"] != "PENDING_ACTIVATION":
        return ok(shown.render(call.base, call.org, row))
    return _poll(call, row)


def _begin_anew(call: ApiCall, row: Row) -> Row:
    ends = call.org.clock() + ACTIVATION_LIFETIME
    return tables.change(call.org, row, ends=ends, last_updated=call.org.now())


def _poll(call: ApiCall, row: Row) -> Response:
    row = person.polled_activation(call.org, call.request, row)
    if row["status"] == "ACTIVE":
        return ok(shown.render(call.base, call.org, row))
    return ok(shown.push_activation(call.base, call.org, row))


def send_link(call: ApiCall) -> Response:
    """The link that activates a push factor, by mail or SMS. There is time anew to follow it."""
    row, user = _pending(call), named(call)
    if row["type"] != "push":
        raise no_such_method()
    if call.request.url.path.endswith("/sms"):
        record(call.org, call.request, "system.sms.send_okta_push_verify_message", people.as_target(user))
    return ok(shown.render(call.base, call.org, _begin_anew(call, row)))


def resend(call: ApiCall) -> Response:
    row = _pending(call)
    if not kind_of(row["type"], row["provider"]).sends:
        raise no_such_method()
    return ok(shown.render(call.base, call.org, send(call, row)))


_ONE = "/api/v1/users/{user}/factors/{factor}"
ENDPOINTS = [
    Endpoint("POST", f"{_ONE}/lifecycle/activate", activate, "okta.users.manage"),
    Endpoint("POST", f"{_ONE}/lifecycle/activate/poll", poll, "okta.users.manage"),
    Endpoint("POST", f"{_ONE}/lifecycle/activate/email", send_link, "okta.users.manage"),
    Endpoint("POST", f"{_ONE}/lifecycle/activate/sms", send_link, "okta.users.manage"),
    Endpoint("POST", f"{_ONE}/resend", resend, "okta.users.manage"),
]
