"""The certificates that applications sign with, and the sign-on policy that each follows.

Shapes: TestAccAppSaml_userGroups in okta/terraform-provider-okta; test_get_app_keys and test_clone_app_key in
okta/okta-sdk-python.
"""

import base64
import json
import re
import secrets
from datetime import UTC, datetime
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.applications.documents import as_target, document_of, find
from server.sandbox.applications.kinds import orgs_kid
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import okta_time
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import invalid, not_found

FIRST_YEARS = 10
"""How long the certificate that an application begins with is valid."""
_YEAR = 365 * 24 * 3600.0


def _keys(org: Org, app: Row) -> list[Row]:
    """All keys of an application, by their kid: the one that it signs with, made when first asked for, and others.

    An application that signs nothing has the org's key (test_get_app_keys).
    """
    signing = document_of(org, app)["credentials"].get("signing", {}).get("kid") or orgs_kid(org)
    statement = "SELECT * FROM app_keys WHERE app_id = ? ORDER BY kid"
    rows = org.database.all(statement, app["id"])
    if signing not in {row["kid"] for row in rows}:
        _insert(org, app["id"], signing, _made(org, FIRST_YEARS))
        rows = org.database.all(statement, app["id"])
    return rows


def _insert(org: Org, app_id: str, kid: str, key: dict[str, Any]) -> None:
    org.database.run("INSERT OR IGNORE INTO app_keys VALUES (?, ?, ?)", app_id, kid, dump({**key, "kid": kid}))


def _made(org: Org, years: int) -> dict[str, Any]:
    """A new key with a certificate that it signed itself; the private part is nobody's, for nothing is signed here."""
    # These imports take long, and few ask for a certificate.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    now = org.clock()
    ends = now + years * _YEAR
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(datetime.fromtimestamp(now, UTC))
    certificate = builder.not_valid_after(datetime.fromtimestamp(ends, UTC)).sign(key, hashes.SHA256())
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "created": okta_time(now),
        "lastUpdated": okta_time(now),
        "expiresAt": okta_time(ends),
        "use": "sig",
        "x5c": [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()],
        "x5t#S256": _text(certificate.fingerprint(hashes.SHA256())),
        "e": _text(numbers.e.to_bytes(3)),
        "n": _text(numbers.n.to_bytes(256)),
    }


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _named(call: ApiCall, app: Row) -> dict[str, Any]:
    for row in _keys(call.org, app):
        if row["kid"] == call.part("kid"):
            key: dict[str, Any] = json.loads(row["jwk"])
            return key
    raise not_found(call.part("kid"), "JsonWebKey")


def list_keys(call: ApiCall) -> Response:
    return ok([json.loads(row["jwk"]) for row in _keys(call.org, find(call.org, call.part("app")))])


def get_key(call: ApiCall) -> Response:
    return ok(_named(call, find(call.org, call.part("app"))))


def generate_key(call: ApiCall) -> Response:
    """A key more. The application signs with it when it is named in `credentials.signing.kid`."""
    app = find(call.org, call.part("app"))
    years = call.query.get("validityYears", "")
    if not years.isdecimal() or not 2 <= int(years) <= 10:
        raise invalid("validityYears", "validityYears: The validity must be between 2 and 10 years")
    _keys(call.org, app)
    kid = secrets.token_urlsafe(32)
    _insert(call.org, app["id"], kid, _made(call.org, int(years)))
    record(call.org, call.request, "application.lifecycle.update", as_target(app))
    return ok(json.loads(next(row["jwk"] for row in _keys(call.org, app) if row["kid"] == kid)), status=201)


def clone_key(call: ApiCall) -> Response:
    """Let another application have the same key."""
    key = _named(call, find(call.org, call.part("app")))
    target = find(call.org, call.query.get("targetAid", ""))
    _insert(call.org, target["id"], key["kid"], key)
    record(call.org, call.request, "application.lifecycle.update", as_target(target))
    return ok(key, status=201)


def follow_policy(call: ApiCall) -> Response:
    """Let sign-ins follow another policy. Its id is taken on trust, for recordings name policies of other orgs."""
    app, policy = find(call.org, call.part("app")), call.part("policy")
    if not re.fullmatch(r"(rst|00p)[A-Za-z0-9]{17}", policy):
        raise not_found(policy, "Policy")
    call.org.database.run("UPDATE apps SET policy_id = ? WHERE id = ?", policy, app["id"])
    record(call.org, call.request, "application.lifecycle.update", as_target(app))
    return no_content()


_APP = "/api/v1/apps/{app}"
ENDPOINTS = [
    Endpoint("GET", f"{_APP}/credentials/keys", list_keys, "okta.apps.read"),
    Endpoint("POST", f"{_APP}/credentials/keys/generate", generate_key, "okta.apps.manage"),
    Endpoint("GET", f"{_APP}/credentials/keys/{{kid}}", get_key, "okta.apps.read"),
    Endpoint("POST", f"{_APP}/credentials/keys/{{kid}}/clone", clone_key, "okta.apps.manage"),
    Endpoint("PUT", f"{_APP}/policies/{{policy}}", follow_policy, "okta.apps.manage"),
]
