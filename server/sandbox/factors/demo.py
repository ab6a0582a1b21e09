"""What the people of the demo org prove who they are with.

Most have Okta Verify on a phone, and SMS to it. Those who differ have a story: a phone that was replaced, an activation
that was never finished, nothing at all. Whoever is not named here approves a push once it was polled a second time.
"""

from collections.abc import Iterable
from sqlite3 import Row
from typing import Any

from server.sandbox.factors import codes, person, tables
from server.sandbox.factors.enrolment import phone_number
from server.sandbox.factors.kinds import QUESTIONS, kind_of
from server.sandbox.identifiers import okta_time
from server.sandbox.org import Org
from server.sandbox.people import find_login, hidden

DAY = 24 * 3600.0
_PHONES = (
    {"name": "iPhone 15", "platform": "IOS", "deviceType": "SmartPhone_IPhone", "version": "18.1"},
    {"name": "Pixel 8", "platform": "ANDROID", "deviceType": "SmartPhone_Android", "version": "15"},
    {"name": "iPhone 13", "platform": "IOS", "deviceType": "SmartPhone_IPhone", "version": "17.6"},
)
_OLD_PHONE = {"name": "iPhone 8", "platform": "IOS", "deviceType": "SmartPhone_IPhone", "version": "16.7"}
_LAPTOP = {"name": "MacBook Pro", "platform": "MACOS", "deviceType": "Desktop_MacOS", "version": "15.1"}

_USUAL = ("push", "sms")
_OTHERS: dict[str, tuple[str, ...]] = {
    "peter.svensson": (),
    "okta-actions": (),
    "chloe.laurent": ("sms",),
    "carlos.vega": ("sms",),
    "rina.cohen": ("sms",),
    "omar.haddad": ("sms", "call"),
    "mei.lin": ("push pending",),
    "aisha.bello": ("sms", "push pending"),
    "leila.hosseini": ("push old", "push", "sms"),
    "grace.okafor": ("push", "signed_nonce", "webauthn"),
    "wei.zhang": ("push", "google", "sms"),
    "samir.patel": ("push", "token:hardware", "webauthn"),
    "harold.bennett": ("question", "call"),
    "dana.whitfield": ("email",),
    "rafael.souza": ("push inactive", "sms"),
    "ivan.horvat": ("push", "sms pending"),
}
_WITHOUT = ("STAGED", "PROVISIONED")
_ANSWERS: dict[str, person.Answer] = {"henrik.dahl": "reject", "maya.goldberg": "nothing", "leila.hosseini": "nothing"}


def prepare(org: Org, logins: Iterable[str]) -> None:
    """Give each of these people what they have; others keep none."""
    for place, login in enumerate(logins):
        user = find_login(org, login)
        assert user is not None  # one of the company
        if user["status"] in _WITHOUT:
            continue
        account = login.partition("@")[0]
        held = _OTHERS.get(account, _USUAL)
        for number, what in enumerate(held):
            _give(org, user, what, place, okta_time(org.clock() - DAY * (200 - place - 20 * number)))
        if any(what == "push" for what in held):
            person.answer_always(org, user["id"], _ANSWERS.get(account, "approve"), 1)


def _give(org: Org, user: Row, what: str, place: int, since: str) -> None:
    type, _, how = what.partition(" ")
    status = {"pending": "PENDING_ACTIVATION", "inactive": "INACTIVE"}.get(how, "ACTIVE")

    def insert(type: str, profile: dict[str, Any], secret: str | None = None, provider: str = "OKTA") -> None:
        more = {"ends": 0.0} if status == "PENDING_ACTIVATION" and type == "push" else {}
        kind = kind_of(type, provider)
        tables.insert(org, user["id"], kind, profile, status, secret=secret, created=since, last_updated=since, **more)

    first, credential = user["first_name"], {"credentialId": user["login"]}
    device = _OLD_PHONE if how == "old" else _PHONES[place % len(_PHONES)]
    app = {**credential, **device, "name": f"{first}'s {device['name']}", "keys": [person.new_key()]}
    match type:
        case "push" if status == "PENDING_ACTIVATION":
            insert("push", {})
        case "push":
            insert("push", app)
            if how != "old":
                insert("token:software:totp", credential, codes.new_seed())
        case "sms" | "call":
            insert(type, {"phoneNumber": phone_number(f"+1 555 010 {2000 + place}")})
        case "signed_nonce":
            keys = [person.new_key(jwkType=use) for use in ("proofOfPossession", "userVerification")]
            insert(type, {**credential, **_LAPTOP, "name": f"{first}'s {_LAPTOP['name']}", "keys": keys})
        case "google":
            insert("token:software:totp", credential, codes.new_seed(), "GOOGLE")
        case "webauthn":
            key = {"appId": None, "version": None, "authenticatorName": "YubiKey 5C"}
            insert(type, {"credentialId": codes.new_seed(), **key}, provider="FIDO")
        case "token:hardware":
            insert(type, {"credentialId": f"{14_000_000 + place:012}"}, codes.new_seed(), "YUBICO")
        case "email":
            insert(type, {"email": user["email"]})
        case "question":
            asked = "favorite_art_piece"
            insert(type, {"question": asked, "questionText": QUESTIONS[asked]}, hidden(codes.new_seed()))
