"""The credentials calls, and the end of a person's sessions."""

import json
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import people
from server.sandbox.authorization.access import end_sessions
from server.sandbox.authorization.transactions import recovery_token
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.problems import OktaProblem, not_well_formed
from server.sandbox.users import named, permitted

_WITH_PASSWORD = ("ACTIVE", "PASSWORD_EXPIRED", "RECOVERY", "STAGED", "PROVISIONED")


def _value(body: dict[str, Any], name: str) -> str:
    part = body.get(name)
    value = part.get("value") if isinstance(part, dict) else None
    if not isinstance(value, str):
        raise not_well_formed()
    return value


def _prove(row: Row, password: str, name: str) -> None:
    if not people.matches(password, row["password"]):
        cause = f"{name}: The credentials provided were incorrect."
        raise OktaProblem(403, "E0000014", "Update of credentials failed", [cause])


def _shown(row: Row) -> Response:
    shown = people.credentials(row, json.loads(row["profile"]))
    shown.pop("emails", None)
    return ok(shown)


def _set_password(call: ApiCall, row: Row, password: str) -> Row:
    changed = people.set_password(call.org, row, permitted(password))
    record(call.org, call.request, "user.account.update_password", people.as_target(changed))
    return changed


def change_password(call: ApiCall) -> Response:
    row, body = named(call), call.body()
    if row["status"] not in _WITH_PASSWORD or not row["password"]:
        raise OktaProblem(403, "E0000035", "Change password not allowed on specified user.")
    old, new = _value(body, "oldPassword"), _value(body, "newPassword")
    _prove(row, old, "oldPassword")
    return _shown(_set_password(call, row, new))


def change_recovery_question(call: ApiCall) -> Response:
    row, body = named(call), call.body("recovery_question")
    if row["status"] not in _WITH_PASSWORD or not row["password"]:
        raise OktaProblem(403, "E0000036", "Change recovery question not allowed on specified user.")
    _prove(row, _value(body, "password"), "password")
    asked = body["recovery_question"]
    answer = people.hidden(str(asked.get("answer", "")))
    now = call.org.now()
    return _shown(people.change(call.org, row["id"], question=asked.get("question"), answer=answer, last_updated=now))


def forgot_password(call: ApiCall) -> Response:
    row, body = named(call), call.optional_body()
    if row["status"] not in ("ACTIVE", "PASSWORD_EXPIRED", "RECOVERY"):
        raise OktaProblem(403, "E0000034", "Forgot password not allowed on specified user.")
    if body:
        answer = (body.get("recovery_question") or {}).get("answer", "")
        if not people.matches(str(answer), row["answer"]):
            cause = "The recovery question answer did not match our records."
            raise OktaProblem(403, "E0000087", "The recovery question answer did not match our records.", [cause])
        return _shown(_set_password(call, row, _value(body, "password")))
    record(call.org, call.request, "user.account.reset_password", people.as_target(row))
    if call.flag("sendEmail", True):
        return ok({})
    return ok({"resetPasswordUrl": f"{call.base}/reset_password/{recovery_token(call.org, row['id'])}"})


def clear_sessions(call: ApiCall) -> Response:
    row = named(call)
    end_sessions(call.org, row["id"], tokens=call.flag("oauthTokens", False))
    record(call.org, call.request, "user.session.clear", people.as_target(row))
    return no_content()


_CREDENTIALS = "/api/v1/users/{user}/credentials"
ENDPOINTS = [
    Endpoint("POST", f"{_CREDENTIALS}/change_password", change_password, "okta.users.manage"),
    Endpoint("POST", f"{_CREDENTIALS}/change_recovery_question", change_recovery_question, "okta.users.manage"),
    Endpoint("POST", f"{_CREDENTIALS}/forgot_password", forgot_password, "okta.users.manage"),
    Endpoint("DELETE", "/api/v1/users/{user}/sessions", clear_sessions, "okta.users.manage"),
]
