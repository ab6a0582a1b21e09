"""Factors as the API shows them.

Recorded for questions and SMS (TestAccResourceOktaUserFactorQuestion_crud in okta/terraform-provider-okta,
enroll_factor in Shopify/oktakit), shown for push by bgarlow/mfaonly_oktaverifypush and for keys and Okta FastPass by
okta-sdk-java#965; all else as in Okta's Factors API. What a factor that is not active yet needs to be
activated is in `_embedded`, the seed of a token too.
"""

import json
from sqlite3 import Row
from typing import Any

from server.sandbox.factors.kinds import KINDS, kind_of
from server.sandbox.identifiers import new_token, okta_time
from server.sandbox.org import Org

TIME_STEP = 30
"""Seconds in which a token shows one code."""


def link(href: str, *methods: str) -> dict[str, Any]:
    return {"href": href, "hints": {"allow": list(methods)}}


def here(base: str, row: Row) -> str:
    """The address of a factor."""
    return f"{base}/api/v1/users/{row['user_id']}/factors/{row['id']}"


def render(base: str, org: Org, row: Row) -> dict[str, Any]:
    profile = json.loads(row["profile"])
    shown = {
        "id": row["id"],
        "factorType": row["type"],
        "provider": row["provider"],
        "vendorName": row["provider"],
        "status": row["status"],
        "created": row["created"],
        **({"lastVerified": row["last_verified"]} if row["last_verified"] else {}),
        "lastUpdated": row["last_updated"],
        **({"profile": profile} if profile else {}),
        "_links": _links(base, row),
    }
    if row["status"] == "PENDING_ACTIVATION" and (embedded := _activation(base, org, row)):
        shown["_embedded"] = {"activation": embedded}
    return shown


def _links(base: str, row: Row) -> dict[str, Any]:
    address, pending = here(base, row), row["status"] == "PENDING_ACTIVATION"
    user = f"{base}/api/v1/users/{row['user_id']}"
    links: dict[str, Any] = {}
    if row["type"] == "question":
        links["questions"] = link(f"{user}/factors/questions", "GET")
    elif not pending:
        links["verify"] = link(f"{address}/verify", "POST")
    elif row["type"] == "push":
        links["poll"] = link(f"{address}/lifecycle/activate/poll", "POST")
    else:
        links["activate"] = link(f"{address}/lifecycle/activate", "POST")
        if kind_of(row["type"], row["provider"]).sends:
            links["resend"] = [{"name": row["type"], **link(f"{address}/resend", "POST")}]
    links["self"] = link(address, "GET") if pending else link(address, "GET", "DELETE")
    links["user"] = link(user, "GET")
    return links


def _activation(base: str, org: Org, row: Row) -> dict[str, Any] | None:
    """What whoever activates a factor needs to know."""
    if row["type"] == "push":
        activation = push_activation(base, org, row)
        if activation["factorResult"] == "WAITING":
            activation["_links"]["qrcode"] = _qr_code(base, row)
        return activation
    if row["type"] == "webauthn":
        return _credential_options(org, row)
    if not kind_of(row["type"], row["provider"]).seeded:
        return None
    return {
        "timeStep": TIME_STEP,
        "sharedSecret": row["secret"],
        "encoding": "base32",
        "keyLength": len(row["secret"]),
        "_links": {"qrcode": _qr_code(base, row)},
    }


def push_activation(base: str, org: Org, row: Row) -> dict[str, Any]:
    """Where the activation of a push factor is, and the links by which it is sent to a device."""
    address = here(base, row)
    if row["ends"] <= org.clock():
        return {"factorResult": "TIMEOUT", "_links": {"activate": link(f"{address}/lifecycle/activate", "POST")}}
    send = [{"name": way, **link(f"{address}/lifecycle/activate/{way}", "POST")} for way in ("email", "sms")]
    return {"expiresAt": okta_time(row["ends"]), "factorResult": "WAITING", "_links": {"send": send}}


def _qr_code(base: str, row: Row) -> dict[str, str]:
    return {"href": f"{here(base, row)}/qr/20111_{new_token(40)}", "type": "image/png"}


def _credential_options(org: Org, row: Row) -> dict[str, Any]:
    """W3C Web Authentication: PublicKeyCredentialCreationOptions."""
    user = org.database.one("SELECT login, first_name, last_name FROM users WHERE id = ?", row["user_id"])
    assert user is not None  # the row refers to them
    return {
        "attestation": "direct",
        "authenticatorSelection": {"userVerification": "preferred", "requireResidentKey": False},
        "challenge": row["secret"],
        "excludeCredentials": [],
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in (-7, -257)],
        "rp": {"name": "Sandbox"},
        "u2fParams": {"appid": ""},
        "user": {
            "displayName": f"{user['first_name']} {user['last_name']}",
            "name": user["login"],
            "id": row["user_id"],
        },
    }


def catalog(base: str, org: Org, user_id: str, rows: list[Row]) -> list[dict[str, Any]]:
    """The kinds that a person can enrol, each with how far they are."""
    factors = f"{base}/api/v1/users/{user_id}/factors"
    held = {(row["type"], row["provider"]): row["status"] for row in rows}
    phones = {
        row["type"]: {"id": row["id"], "profile": {"phoneNumber": row["number"]}, "status": "ACTIVE"}
        for row in org.database.all("SELECT * FROM phones WHERE user_id = ?", user_id)
    }
    return [
        {
            "factorType": kind.type,
            "provider": kind.provider,
            "vendorName": kind.provider,
            "_links": {
                **({"questions": link(f"{factors}/questions", "GET")} if kind.type == "question" else {}),
                "enroll": link(factors, "POST"),
            },
            "status": held.get((kind.type, kind.provider), "NOT_SETUP"),
            "enrollment": "OPTIONAL",
            **({"_embedded": {"phones": [phones[kind.type]]}} if kind.type in phones else {}),
        }
        for kind in KINDS
        if kind.by_api
    ]
