"""Codes: those that tokens show, those that are sent, and how many wrong ones are borne."""

import base64
import hmac
import secrets
from sqlite3 import Row

from server.sandbox.factors import tables
from server.sandbox.factors.kinds import kind_of
from server.sandbox.factors.shown import TIME_STEP
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, too_many_requests

MOST_FAILURES = 5
"""In `WINDOW` seconds, of one factor."""
WINDOW = 300
_RECENT = {
    # Type: how many seconds lie between two codes, and what is answered before they are over.
    "sms": (30, "E0000109", "An SMS message was recently sent. Please wait 30 seconds before trying again."),
    "call": (30, "E0000133", "A phone call was recently made. Please wait 30 seconds before trying again."),
    "email": (5, "E0000118", "An email was recently sent. Please wait 5 seconds before trying again."),
}
SENT = {
    "sms": "system.sms.send_factor_verify_message",
    "call": "system.voice.send_mfa_challenge_call",
    "email": "system.email.send_factor_verify_message",
}
"""The event of each way to send a code."""


def new_seed() -> str:
    return base64.b32encode(secrets.token_bytes(10)).decode()


def shown_by_token(seed: str, step: int) -> str:
    """What a token shows in a step of its clock (RFC 6238, with RFC 4226's truncation)."""
    digest = hmac.digest(base64.b32decode(seed), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def step_of(org: Org) -> int:
    return int(org.clock() // TIME_STEP)


def send(org: Org, row: Row, lifetime: float = WINDOW, *, first: bool = False) -> Row:
    """Send a new code, which lasts `lifetime` seconds. The `first` one, of an enrolment, may be followed at once.

    Raises:
        OktaProblem: one was sent just now, or the person tried too many.
    """
    require_patience(org, row)
    interval, code, summary = _RECENT[row["type"]]
    now = org.clock()
    if row["sent_at"] is not None and now < row["sent_at"] + interval:
        raise OktaProblem(429, code, summary)
    sent = f"{secrets.randbelow(1_000_000):06}"
    return tables.change(org, row, sent=sent, sent_at=None if first else now, sent_ends=now + lifetime)


def require_patience(org: Org, row: Row) -> None:
    """Let nobody guess codes.

    Raises:
        OktaProblem: too many were wrong in the last minutes.
    """
    org.database.run("DELETE FROM factor_failures WHERE at <= ?", org.clock() - WINDOW)
    failures = org.database.all("SELECT 1 FROM factor_failures WHERE factor_id = ?", row["id"])
    if len(failures) >= MOST_FAILURES:
        raise too_many_requests()


def is_right(org: Org, row: Row, code: str) -> bool:
    """Whether a code is the one; it is used up then.

    Raises:
        OktaProblem: it was the one, and is used up.
    """
    if kind_of(row["type"], row["provider"]).sends:
        if row["sent"] is None or row["sent_ends"] <= org.clock() or not hmac.compare_digest(row["sent"], code):
            return False
        tables.change(org, row, sent=None)
        return True
    now = step_of(org)
    for step in (now, now - 1, now + 1):  # clocks differ
        if hmac.compare_digest(shown_by_token(row["secret"], step), code):
            if row["used"] is not None and step <= row["used"]:
                summary = "Each code can only be used once. Please wait for a new code and try again."
                raise OktaProblem(403, "E0000082", summary)
            tables.change(org, row, used=step)
            return True
    return False


def refuse(org: Org, row: Row, what: str = "passcode") -> OktaProblem:
    """The answer to a wrong code, which is counted: it must be returned, for what is raised is undone."""
    org.database.run("INSERT INTO factor_failures VALUES (?, ?)", row["id"], org.clock())
    cause = f"Your {what} doesn't match our records. Please try again."
    return OktaProblem(403, "E0000068", "Invalid Passcode/Answer", [cause])
