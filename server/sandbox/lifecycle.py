"""The lifecycle calls: the machine that takes a person from one status to the next."""

from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import people
from server.sandbox.authorization.access import end_sessions
from server.sandbox.authorization.transactions import recovery_token
from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.identifiers import new_token
from server.sandbox.log import record
from server.sandbox.problems import OktaProblem, invalid, not_found, not_in_this_status
from server.sandbox.users import named


def _move(call: ApiCall, row: Row, status: str, event: str, **columns: Any) -> Row:
    """Into a status, at this moment, with an event for the log."""
    now = call.org.now()
    moved = people.change(call.org, row["id"], status=status, status_changed=now, last_updated=now, **columns)
    record(call.org, call.request, event, people.as_target(moved))
    call.org.due.add(row["id"])  # a group rule may ask for the status
    return moved


def _activation(call: ApiCall, *, mails: bool) -> Response:
    """What activating answers: a link, if the caller wants to send it; otherwise Okta mails it and says nothing.

    `mails` is what happens if the caller does not say.
    """
    if call.flag("sendEmail", mails):
        return ok({})
    token = new_token()
    return ok({"activationUrl": f"{call.base}/tokens/{token}/verify", "activationToken": token})


def activate(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] not in ("STAGED", "DEPROVISIONED"):
        raise OktaProblem(403, "E0000016", "Activation failed because the user is already active")
    status = "ACTIVE" if row["password"] else "PROVISIONED"
    _move(call, row, status, "user.lifecycle.activate", activated=call.org.now())
    return _activation(call, mails=True)


def reactivate(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] not in ("PROVISIONED", "RECOVERY"):
        raise not_in_this_status()
    record(call.org, call.request, "user.lifecycle.reactivate", people.as_target(row))
    return _activation(call, mails=False)  # so Okta's OpenAPI description has it (reactivateUser)


def deactivate(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] == "DEPROVISIONED":
        raise not_found(call.part("user"), "User")
    _move(call, row, "DEPROVISIONED", "user.lifecycle.deactivate", status_before=None)
    end_sessions(call.org, row["id"], tokens=True)
    return ok({})


def suspend(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] not in ("ACTIVE", "PASSWORD_EXPIRED"):
        raise invalid("suspendUser", "Cannot suspend a user that is not active")
    _move(call, row, "SUSPENDED", "user.lifecycle.suspend", status_before=row["status"])
    return ok({})


def unsuspend(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] != "SUSPENDED":
        raise invalid("unsuspendUser", "Cannot unsuspend a user that is not suspended")
    _move(call, row, row["status_before"] or "ACTIVE", "user.lifecycle.unsuspend", status_before=None)
    return ok({})


def unlock(call: ApiCall) -> Response:
    """From a lock, or from a block of devices that Okta does not know (Okta's OpenAPI description, unlockUser)."""
    row = named(call)
    unblocked = call.org.database.run("DELETE FROM device_blocks WHERE user_id = ?", row["id"]).rowcount
    if row["status"] != "LOCKED_OUT" and not unblocked:
        cause = "The user is not locked out."
        raise OktaProblem(403, "E0000032", "Unlock is not allowed for this user.", [cause])
    if row["status"] == "LOCKED_OUT":
        more = {"status_before": None, "failed_sign_ins": 0}
        _move(call, row, row["status_before"] or "ACTIVE", "user.account.unlock", **more)
    else:
        record(call.org, call.request, "user.account.unlock", people.as_target(row))
    return ok({})


def expire_password(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] not in ("ACTIVE", "PASSWORD_EXPIRED", "RECOVERY"):
        raise not_in_this_status()
    temporary = call.flag("tempPassword", False) or call.request.url.path.endswith("_with_temp_password")
    password = new_token(12)
    columns = {"password": people.hidden(password), "password_changed": call.org.now()} if temporary else {}
    moved = _move(call, row, "PASSWORD_EXPIRED", "user.account.expire_password", **columns)
    _revoke_sessions(call, moved)
    return ok({"tempPassword": password} if temporary else people.render(call.base, call.org, moved))


def _revoke_sessions(call: ApiCall, row: Row) -> None:
    if call.flag("revokeSessions", False):
        end_sessions(call.org, row["id"], tokens=False)
        record(call.org, call.request, "user.session.clear", people.as_target(row))


def _federate(call: ApiCall, row: Row) -> None:
    """Leave signing in to an identity provider; a later reset takes it back (Okta's OpenAPI description)."""
    more = {"status_before": None, "provider": "FEDERATION", "password": None}
    _revoke_sessions(call, _move(call, row, "ACTIVE", "user.account.reset_password", **more))


def reset_password(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] in ("STAGED", "DEPROVISIONED", "SUSPENDED"):
        raise not_in_this_status()
    if call.query.get("provider") == "FEDERATION":
        _federate(call, row)
        return ok({})
    status = row["status"] if row["status"] == "PROVISIONED" else "RECOVERY"
    provider = "OKTA" if row["provider"] == "FEDERATION" else row["provider"]
    more = {"status_before": None, "failed_sign_ins": 0, "provider": provider}
    _revoke_sessions(call, _move(call, row, status, "user.account.reset_password", **more))
    if call.flag("sendEmail", True):
        return ok({})
    return ok({"resetPasswordUrl": f"{call.base}/reset_password/{recovery_token(call.org, row['id'])}"})


def reset_factors(call: ApiCall) -> Response:
    row = named(call)
    if row["status"] == "DEPROVISIONED":
        raise not_in_this_status()
    call.org.database.run("DELETE FROM factors WHERE user_id = ?", row["id"])
    record(call.org, call.request, "user.mfa.factor.reset_all", people.as_target(row))
    return ok({})


_CALLS = {
    "activate": activate,
    "reactivate": reactivate,
    "deactivate": deactivate,
    "suspend": suspend,
    "unsuspend": unsuspend,
    "unlock": unlock,
    "expire_password": expire_password,
    "expire_password_with_temp_password": expire_password,
    "reset_password": reset_password,
    "reset_factors": reset_factors,
}
ENDPOINTS = [
    Endpoint("POST", f"/api/v1/users/{{user}}/lifecycle/{name}", run, "okta.users.manage")
    for name, run in _CALLS.items()
]
