"""What people do with their devices, which no API of Okta's says: they answer pushes, set up an app, read codes.

Tests and the demo tell the org what a person would do: at once, or from now on.
"""

from sqlite3 import Row
from typing import Any, Literal, get_args

from starlette.requests import Request

from server.sandbox import people
from server.sandbox.database import dump
from server.sandbox.factors import codes, tables
from server.sandbox.factors.kinds import kind_of
from server.sandbox.identifiers import new_token
from server.sandbox.log import BY_FACTOR, record
from server.sandbox.org import Org

Answer = Literal["approve", "reject", "time_out", "nothing"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
_RESULTS = {"approve": "SUCCESS", "reject": "REJECTED", "time_out": "TIMEOUT"}
DEVICE = {"name": "Phone", "platform": "IOS", "deviceType": "SmartPhone_IPhone", "version": "18.1"}
"""What an app is set up on if nobody says otherwise."""


def new_key(**more: str) -> dict[str, str]:
    """The public key of a device, as a profile shows it."""
    return {"kty": "EC", "use": "sig", "kid": "default", "x": new_token(43), "y": new_token(43), "crv": "P-256", **more}


def transaction(org: Org, row: Row, id: str) -> Row | None:
    return org.database.one("SELECT * FROM factor_transactions WHERE id = ? AND factor_id = ?", id, row["id"])


def polled(org: Org, request: Request, row: Row, found: Row) -> Row:
    """A push as it stands now that somebody asks: its time may be over, or the person may answer by now."""
    if found["result"] != "WAITING":
        return found
    standing = _standing(org, row["user_id"])
    if found["ends"] <= org.clock():
        _decide(org, request, row, found, "time_out")
    elif standing is not None and standing["answer"] != "nothing" and found["polls"] >= standing["polls"]:
        _decide(org, request, row, found, standing["answer"])
    else:
        org.database.run("UPDATE factor_transactions SET polls = polls + 1 WHERE id = ?", found["id"])
    again = transaction(org, row, found["id"])
    assert again is not None  # it was found before
    return again


def polled_activation(org: Org, request: Request, row: Row) -> Row:
    """A push factor that is set up on a device, if the person does so by themselves."""
    standing = _standing(org, row["user_id"])
    if standing is not None and standing["answer"] == "approve" and row["ends"] > org.clock():
        return set_up(org, request, row)
    return row


def record_answer(org: Org, request: Request, row: Row, right: bool) -> None:
    """Write down that a person was verified, or was not."""
    user = people.as_target(people.find(org, row["user_id"]))
    if right:
        tables.change(org, row, last_verified=org.now())
    if row["type"] == "push" and not right:
        record(org, request, "user.mfa.okta_verify.deny_push", user, actor=user)
    record(
        org,
        request,
        "user.authentication.auth_via_mfa",
        *(user, tables.as_target(row)),
        actor=user,
        failure=None if right else "INVALID_CREDENTIALS",
        context=BY_FACTOR,
        debug={"factor": tables.logged_name(row)},
    )


def set_up(org: Org, request: Request, row: Row, device: dict[str, Any] | None = None) -> Row:
    """Okta Verify is set up on a device: it answers pushes, and shows codes."""
    user = people.find(org, row["user_id"])
    credential = {"credentialId": user["login"]}
    profile = {**credential, **DEVICE, "keys": [new_key()], **(device or {})}
    row = tables.change(org, row, status="ACTIVE", profile=dump(profile), last_updated=org.now())
    made = [row]
    if not any(each["type"] == "token:software:totp" for each in _of_okta_verify(org, user["id"])):
        kind = kind_of("token:software:totp", "OKTA")
        made.append(tables.insert(org, user["id"], kind, credential, "ACTIVE", secret=codes.new_seed()))
    who = people.as_target(user)
    for each in made:
        name = tables.logged_name(each)
        reason, debug = f"User set up {name} factor", {"factor": name}
        target = tables.as_target(each)
        record(org, request, "user.mfa.factor.activate", who, target, actor=who, reason=reason, debug=debug)
    return row


def _of_okta_verify(org: Org, user_id: str) -> list[Row]:
    rows = tables.of_person(org, user_id)
    return [row for row in rows if row["provider"] == "OKTA" and row["status"] != "PENDING_ACTIVATION"]


def answer_now(
    org: Org, request: Request, user_id: str, answer: Answer, only: str | None, number: int | None, device: Any
) -> list[str]:
    """Answer the pushes that wait for a person, and set up the app where it waits for that; the ids of these.

    `only` is the one push or factor that is answered. Whoever enters a wrong `number` has rejected.
    """
    done = []
    for row in tables.of_person(org, user_id):
        for found in _waiting(org, row):
            if only in (None, found["id"], row["id"]):
                wrong = found["number"] is not None and number is not None and number != found["number"]
                _decide(org, request, row, found, "reject" if wrong else answer)
                done.append(found["id"])
        if row["type"] == "push" and row["status"] == "PENDING_ACTIVATION" and only in (None, row["id"]):
            if answer == "approve":
                set_up(org, request, row, device)
            elif answer == "time_out":
                tables.change(org, row, ends=org.clock())
            done.append(row["id"])
    return done


def answer_always(org: Org, user_id: str, answer: Answer, polls: int) -> None:
    """From now on each push is answered so once it was polled `polls` times."""
    org.database.run("INSERT OR REPLACE INTO push_answers VALUES (?, ?, ?)", user_id, answer, polls)


def seen(org: Org, user_id: str) -> dict[str, Any]:
    """What a person sees: pushes that wait, codes, and how they answer."""
    rows = tables.of_person(org, user_id)
    waiting = [
        {"transaction": found["id"], "factor": row["id"], "number": found["number"]}
        for row in rows
        for found in _waiting(org, row)
    ]
    shown = {row["id"]: codes.shown_by_token(row["secret"], codes.step_of(org)) for row in rows if _seeded(row)}
    sent = {row["id"]: row["sent"] for row in rows if row["sent"] is not None}
    standing = _standing(org, user_id)
    always = {"answer": standing["answer"], "after_polls": standing["polls"]} if standing else None
    return {"waiting": waiting, "codes": shown | sent, "always": always}


def _seeded(row: Row) -> bool:
    return kind_of(row["type"], row["provider"]).seeded


def _standing(org: Org, user_id: str) -> Row | None:
    return org.database.one("SELECT * FROM push_answers WHERE user_id = ?", user_id)


def _waiting(org: Org, row: Row) -> list[Row]:
    return org.database.all(
        "SELECT * FROM factor_transactions WHERE factor_id = ? AND result = 'WAITING' AND ends > ? ORDER BY rowid",
        *(row["id"], org.clock()),
    )


def _decide(org: Org, request: Request, row: Row, found: Row, answer: str) -> None:
    if answer not in _RESULTS:
        return
    org.database.run("UPDATE factor_transactions SET result = ? WHERE id = ?", _RESULTS[answer], found["id"])
    if answer != "time_out":
        record_answer(org, request, row, answer == "approve")
