"""Verifying a person: with a code or an answer at once, or with a push that they answer on their device."""

import json
import secrets
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import people
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.factors import codes, person, shown, tables
from server.sandbox.factors.activation import signs, wrong_state
from server.sandbox.factors.enrolment import factor, holder, send
from server.sandbox.factors.kinds import kind_of
from server.sandbox.factors.shown import link
from server.sandbox.identifiers import new_token, okta_time
from server.sandbox.log import record
from server.sandbox.problems import OktaProblem, not_found, not_in_this_status, unsupported

PUSH_LIFETIME = 300
"""Seconds in which a person must answer a push."""
_CANNOT_BE_ASKED = ("STAGED", "SUSPENDED")


def verify(call: ApiCall) -> Response:
    user, row, sent = holder(call), factor(call), call.optional_body()
    if user["status"] in _CANNOT_BE_ASKED:
        raise not_in_this_status()
    if row["status"] == "INACTIVE":
        raise OktaProblem(423, "E0000180", "Factor id is currently not active.")
    if row["status"] != "ACTIVE":
        raise wrong_state()
    if row["type"] == "push":
        return _push(call, row, bool(sent.get("useNumberMatchingChallenge")))
    if row["type"] == "signed_nonce":
        raise unsupported()
    if row["type"] == "webauthn":
        return _key(call, row, sent)
    if row["type"] == "question":
        answer = sent.get("answer")
        codes.require_patience(call.org, row)
        right = isinstance(answer, str) and people.matches(answer.strip().lower(), row["secret"])
        return _outcome(call, row, right, "answer")
    code = sent.get("passCode")
    if not code and kind_of(row["type"], row["provider"]).sends:
        return _challenge(call, send(call, row))
    codes.require_patience(call.org, row)
    return _outcome(call, row, isinstance(code, str) and codes.is_right(call.org, row, code))


def _outcome(call: ApiCall, row: Row, right: bool, what: str = "passcode", **more: Any) -> Response:
    person.record_answer(call.org, call.request, row, right)
    return ok({"factorResult": "SUCCESS", **more}) if right else codes.refuse(call.org, row, what).response()


def _challenge(call: ApiCall, row: Row, **more: Any) -> Response:
    """What a person is asked before their answer can be verified."""
    profile = {} if row["type"] == "email" else {"profile": json.loads(row["profile"])}
    return ok({"factorResult": "CHALLENGE", **profile, "_links": _afterwards(call.base, row), **more})


def _afterwards(base: str, row: Row) -> dict[str, Any]:
    address = shown.here(base, row)
    return {"verify": link(f"{address}/verify", "POST"), "factor": link(address, "GET", "DELETE")}


def _key(call: ApiCall, row: Row, sent: dict[str, Any]) -> Response:
    if "clientData" not in sent:
        row = tables.change(call.org, row, secret=new_token(20))
        return _challenge(call, row, _embedded={"challenge": {"challenge": row["secret"], "extensions": {}}})
    return _outcome(call, row, signs(sent, row["secret"]), profile=json.loads(row["profile"]))


def _push(call: ApiCall, row: Row, with_number: bool) -> Response:
    """201, as Okta's OpenAPI description has it; older recordings have 200 (verify_push_factor in Shopify/oktakit)."""
    id = f"v2mst.{secrets.token_urlsafe(16)}"
    number = secrets.randbelow(90) + 10 if with_number else None
    ends = call.org.clock() + PUSH_LIFETIME
    call.org.database.run(
        "INSERT INTO factor_transactions VALUES (?, ?, ?, 'WAITING', 0, ?)", id, row["id"], ends, number
    )
    target = people.as_target(people.find(call.org, row["user_id"]))
    record(call.org, call.request, "system.push.send_factor_verify_push", target, tables.as_target(row))
    begun = person.transaction(call.org, row, id)
    assert begun is not None  # it was written above
    answer = _render(call, row, begun)
    del answer["profile"]  # only polls tell it
    return ok(answer, {"location": answer["_links"]["poll"]["href"]}, status=201)


def _render(call: ApiCall, row: Row, transaction: Row) -> dict[str, Any]:
    result = transaction["result"]
    if result == "SUCCESS":
        return {"factorResult": result}
    profile = {"credentialId": json.loads(row["profile"]).get("credentialId")}
    if result != "WAITING":
        return {"factorResult": result, "profile": profile, "_links": _afterwards(call.base, row)}
    address = f"{shown.here(call.base, row)}/transactions/{transaction['id']}"
    number = transaction["number"]
    return {
        "expiresAt": okta_time(transaction["ends"]),
        "factorResult": result,
        "profile": profile,
        "_links": {"poll": link(address, "GET"), "cancel": link(address, "DELETE")},
        **({"_embedded": {"challenge": {"correctAnswer": number}}} if number is not None else {}),
    }


def _named(call: ApiCall, row: Row) -> Row:
    found = person.transaction(call.org, row, call.part("transaction"))
    if found is None:
        raise not_found(call.part("transaction"), "FactorTransaction")
    return found


def get_transaction(call: ApiCall) -> Response:
    row = factor(call)
    return ok(_render(call, row, person.polled(call.org, call.request, row, _named(call, row))))


def cancel_transaction(call: ApiCall) -> Response:
    row = factor(call)
    call.org.database.run("DELETE FROM factor_transactions WHERE id = ?", _named(call, row)["id"])
    return no_content()


_ONE = "/api/v1/users/{user}/factors/{factor}"
ENDPOINTS = [
    Endpoint("POST", f"{_ONE}/verify", verify, "okta.users.manage"),
    Endpoint("GET", f"{_ONE}/transactions/{{transaction}}", get_transaction, "okta.users.read"),
    Endpoint("DELETE", f"{_ONE}/transactions/{{transaction}}", cancel_transaction, "okta.users.manage"),
]
