"""The factors of a person: listed, enrolled, changed and removed."""

import json
import re
import secrets
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import people
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.factors import codes, shown, tables
from server.sandbox.factors.kinds import OKTA_VERIFY, QUESTIONS, FactorKind, enrollable
from server.sandbox.identifiers import new_token
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, invalid, no_such_method, not_found, not_well_formed
from server.sandbox.users import named

ACTIVATION_LIFETIME = 600
"""Seconds in which a push factor must be activated on the device."""
_SHORTEST_ANSWER = 4


def holder(call: ApiCall) -> Row:
    """The person whose factors the request is about.

    Raises:
        OktaProblem: there is nobody, or they are deactivated: that is told alike (okta-sdk-java#646).
    """
    user = named(call)
    if user["status"] == "DEPROVISIONED":
        raise not_found(call.part("user"), "User")
    return user


def list_factors(call: ApiCall) -> Response:
    """All of them, without a Link header."""
    rows = tables.of_person(call.org, holder(call)["id"])
    return ok([shown.render(call.base, call.org, row) for row in rows])


def list_catalog(call: ApiCall) -> Response:
    user = holder(call)
    return ok(shown.catalog(call.base, call.org, user["id"], tables.of_person(call.org, user["id"])))


def list_questions(call: ApiCall) -> Response:
    holder(call)
    return ok([{"question": key, "questionText": text} for key, text in QUESTIONS.items()])


def get_factor(call: ApiCall) -> Response:
    return ok(shown.render(call.base, call.org, factor(call)))


def factor(call: ApiCall) -> Row:
    """The factor that the request's path names."""
    return tables.find(call.org, holder(call)["id"], call.part("factor"))


def enrol(call: ApiCall) -> Response:
    user, sent = holder(call), call.body()
    given = sent.get("profile") or {}
    if not isinstance(given, dict):
        raise not_well_formed()
    # A phone number alone is one for SMS (TestFactorsResource.test_enroll_sms_factor in okta/okta-sdk-python).
    type, provider = sent.get("factorType") or ("sms" if "phoneNumber" in given else None), sent.get("provider")
    if not isinstance(type, str):
        raise invalid("factorType", "factorType: The field cannot be left blank")
    kind = enrollable(type, provider if isinstance(provider, str) else None)
    if kind is None:
        raise _refused("Invalid Factor.")
    profile, secret = _checked(call, user, kind, given)
    pending = _pending(call, user["id"], kind, profile)
    at_once = kind.type == "question" or (kind.sends and call.flag("activate", False))
    if kind.type == "token:hardware":
        at_once = _vouched(sent)
    status = "ACTIVE" if at_once else "PENDING_ACTIVATION"
    columns = {"secret": secret, "ends": call.org.clock() + ACTIVATION_LIFETIME if kind.type == "push" else None}
    if pending is None:
        made = tables.insert(call.org, user["id"], kind, profile, status, **columns)
    else:
        made = tables.begin_anew(call.org, pending, profile, status, **columns)
    if at_once:
        record_change(call, "user.mfa.factor.activate", made)
    elif kind.sends:
        made = send(call, made, first=True)
    return ok(shown.render(call.base, call.org, made))


def send(call: ApiCall, row: Row, *, first: bool = False) -> Row:
    """Send a code to the person, who has minutes or, by mail, as long as the caller says to enter it."""
    given = call.query.get("tokenLifetimeSeconds", "") if row["type"] == "email" else ""
    lifetime = min(int(given), 86_400) if given.isdecimal() and int(given) else codes.WINDOW
    row = codes.send(call.org, row, lifetime, first=first)
    record(call.org, call.request, codes.SENT[row["type"]], people.as_target(named(call)))
    return row


_DONE = {
    "user.mfa.factor.activate": "User set up",
    "user.mfa.factor.deactivate": "User reset",
    "user.mfa.factor.update": "User updated",
}


def record_change(call: ApiCall, event: str, row: Row) -> None:
    """Write down what became of a factor."""
    user, name = people.find(call.org, row["user_id"]), tables.logged_name(row)
    targets, reason = (people.as_target(user), tables.as_target(row)), f"{_DONE[event]} {name} factor"
    record(call.org, call.request, event, *targets, reason=reason, debug={"factor": name})


def _refused(cause: str) -> OktaProblem:
    return invalid("factorEnrollRequest", cause)


def _vouched(sent: dict[str, Any]) -> bool:
    """A YubiKey is enrolled with what it types, which only its maker could check."""
    given = sent.get("verify") or {}
    if not isinstance(given, dict) or not given.get("passCode"):
        raise _refused("Invalid Profile.")
    return True


def _checked(call: ApiCall, user: Row, kind: FactorKind, given: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The profile and the secret of a factor that is to be enrolled.

    Raises:
        OktaProblem: the profile is not one for this kind.
    """
    match kind.type:
        case "question":
            return _question(given)
        case "sms" | "call":
            phone = given.get("phoneNumber") or _known_number(call.org, user["id"], kind.type)
            extension = given.get("phoneExtension") if kind.type == "call" else None
            return {
                "phoneNumber": phone_number(phone),
                **({"phoneExtension": str(extension)} if extension else {}),
            }, None
        case "email":
            return _address(user, given.get("email")), None
        case "token:software:totp":
            return {"credentialId": user["login"]}, codes.new_seed()
        case "token:hardware":
            return {"credentialId": f"{secrets.randbelow(10**12):012}"}, codes.new_seed()
        case "webauthn":
            return {}, new_token(20)
        case _:
            return {}, None


def _question(given: dict[str, Any]) -> tuple[dict[str, Any], str]:
    key, answer = given.get("question"), given.get("answer")
    if key not in QUESTIONS or not isinstance(answer, str) or len(answer) < _SHORTEST_ANSWER:
        raise _refused("Invalid Profile.")
    return {"question": key, "questionText": QUESTIONS[key]}, people.hidden(answer.strip().lower())


def phone_number(phone: Any) -> str:
    """A phone number in the form of E.164; without a country it is of North America.

    Raises:
        OktaProblem: it is none.
    """
    plain = re.sub(r"[\s().-]", "", phone) if isinstance(phone, str) else ""
    if re.fullmatch(r"1?\d{10}", plain):
        plain = f"+{plain if len(plain) == 11 else '1' + plain}"
    if not re.fullmatch(r"\+[1-9]\d{6,14}", plain):
        raise _refused("Invalid Phone Number.")
    return plain


def _known_number(org: Org, user_id: str, type: str) -> str | None:
    row = org.database.one("SELECT number FROM phones WHERE user_id = ? AND type = ?", user_id, type)
    return row["number"] if row else None


def _address(user: Row, email: Any) -> dict[str, str]:
    profile = json.loads(user["profile"])
    own = [profile[name] for name in ("email", "secondEmail") if profile.get(name)]
    address = email or own[0]
    if not isinstance(address, str) or address.lower() not in (known.lower() for known in own):
        raise invalid("Only verified primary or secondary email can be enrolled.")
    return {"email": address}


def _pending(call: ApiCall, user_id: str, kind: FactorKind, profile: dict[str, Any]) -> Row | None:
    """What a person began before and begins anew now. What works stays, and is refused a second time.

    Raises:
        OktaProblem: they have such a factor, or another phone was verified before.
    """
    same = [
        row
        for row in tables.of_person(call.org, user_id)
        if (row["type"], row["provider"]) == (kind.type, kind.provider)
    ]
    pending = [row for row in same if row["status"] == "PENDING_ACTIVATION"]
    number = profile.get("phoneNumber")
    update = call.flag("updatePhone", False)
    if number and not update and _known_number(call.org, user_id, kind.type) not in (None, number):
        told = "There is an existing verified phone number." if kind.type == "sms" else None
        raise _refused(told or "A factor of this type is already set up.")
    if len(same) > len(pending) and not kind.many:
        raise _refused("A factor of this type is already set up.")
    return pending[0] if pending and not kind.many else None


def change_factor(call: ApiCall) -> Response:
    """Another question or answer; no other kind can be changed (TestAccResourceOktaUserFactorQuestion_crud)."""
    row = factor(call)
    if row["type"] != "question":
        raise no_such_method()
    profile, secret = _question(call.body("profile")["profile"])
    changed = tables.change(call.org, row, profile=dump(profile), secret=secret, last_updated=call.org.now())
    record_change(call, "user.mfa.factor.update", changed)
    return ok(shown.render(call.base, call.org, changed))


def unenrol(call: ApiCall) -> Response:
    """Okta Verify goes as a whole, on all devices of the person (Okta's OpenAPI description, unenrollFactor)."""
    user, row = holder(call), factor(call)
    going = [row]
    if row["type"] in ("push", "signed_nonce") and row["status"] != "PENDING_ACTIVATION":
        rest = [other for other in tables.of_person(call.org, user["id"]) if other["id"] != row["id"]]
        going += [other for other in rest if other["type"] in OKTA_VERIFY and other["provider"] == "OKTA"]
    for each in going:
        record_change(call, "user.mfa.factor.deactivate", each)
        tables.remove(call.org, each)
    if call.flag("removeRecoveryEnrollment", False):
        call.org.database.run("DELETE FROM phones WHERE user_id = ? AND type = ?", user["id"], row["type"])
    return no_content()


_FACTORS = "/api/v1/users/{user}/factors"
_ONE = f"{_FACTORS}/{{factor}}"
ENDPOINTS = [
    Endpoint("GET", _FACTORS, list_factors, "okta.users.read"),
    Endpoint("POST", _FACTORS, enrol, "okta.users.manage"),
    Endpoint("GET", f"{_FACTORS}/catalog", list_catalog, "okta.users.read"),
    Endpoint("GET", f"{_FACTORS}/questions", list_questions, ""),
    Endpoint("GET", _ONE, get_factor, "okta.users.read"),
    Endpoint("PUT", _ONE, change_factor, "okta.users.manage"),
    Endpoint("DELETE", _ONE, unenrol, "okta.users.manage"),
]
