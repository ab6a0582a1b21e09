"""The apps that may ask for tokens, as the org keeps them."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from server.sandbox.authorization.assignments import role_id
from server.sandbox.authorization.tables import kept
from server.sandbox.database import dump
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
WITH_SECRET = frozenset({"client_secret_basic", "client_secret_post"})
"""Values of `token_endpoint_auth_method` whose clients have secrets."""


@dataclass(frozen=True)
class OAuthClient:
    """An app of the org, under the names that RFC 7591 gives to its settings."""

    id: str
    name: str
    type: str
    """`web`, `native`, `browser` or `service`."""
    auth_method: str
    redirect_uris: tuple[str, ...]
    grant_types: frozenset[str]
    scopes: frozenset[str]
    """The okta.* scopes that an administrator granted to it."""
    secrets: tuple[str, ...]
    """Its active secrets, hashed."""
    keys: tuple[dict[str, Any], ...]
    """Its active public keys."""
    roles: tuple[str, ...]
    """The administrator roles that the app itself has."""
    rotates: bool
    leeway: int
    access_lifetime: int
    dpop: bool
    """Whether its tokens must be bound to a key."""
    details: Mapping[str, Any]
    """Settings that nothing here depends on, such as the address of a logo."""
    created: float

    @property
    def public(self) -> bool:
        return self.auth_method == "none"


def register_client(
    org: Org,
    name: str,
    *,
    grant_types: Sequence[str] = ("authorization_code", "refresh_token"),
    redirect_uris: Sequence[str] = (),
    scopes: Sequence[str] = (),
    secret: bool = True,
    jwks: Mapping[str, Any] | None = None,
    rotates: bool = True,
    leeway: int = 30,
    access_lifetime: int = 3600,
    dpop: bool = False,
    role: str | None = "ORG_ADMIN",
    type: str | None = None,
    auth_method: str | None = None,
    details: Mapping[str, Any] | None = None,
    id: str | None = None,
    secret_text: str | None = None,
) -> tuple[str, str | None]:
    """A new app: its client id, and its client secret unless it is public or has keys. Lifetimes are in seconds.

    `type` and `auth_method` follow from the rest where they are not given, `id` and `secret_text` are made up.
    """
    if auth_method is None:
        auth_method = "private_key_jwt" if jwks is not None else "client_secret_basic" if secret else "none"
    if type is None:
        type = "service" if "client_credentials" in grant_types else "native" if auth_method == "none" else "web"
    id = id or new_id("0oa")
    with org.database.transaction():
        _insert(
            org,
            {
                "id": id,
                "name": name,
                "type": type,
                "auth_method": auth_method,
                "redirect_uris": dump(list(redirect_uris)),
                "grant_types": dump(list(grant_types)),
                "details": dump(dict(details or {})),
                "rotates": rotates,
                "leeway": leeway,
                "access_lifetime": access_lifetime,
                "dpop": dpop,
                "created": org.clock(),
            },
        )
        for jwk in (jwks or {}).get("keys", []):
            add_key(org, id, jwk)
        grant(org, id, scopes)
        if role is not None:
            add_role(org, id, role)
        made = add_secret(org, id, secret_text)["secret"] if auth_method in WITH_SECRET else None
    return id, made


def _insert(org: Org, row: Mapping[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    org.database.run(f"INSERT INTO clients ({names}) VALUES ({marks})", *row.values())


def find(org: Org, id: str | None) -> OAuthClient | None:
    row = org.database.one("SELECT * FROM clients WHERE id = ?", id)
    return made_of(org, row) if row is not None else None


def find_active(org: Org, id: str | None) -> OAuthClient | None:
    """The app, unless it is switched off: nobody signs in to it then, and it gets no tokens."""
    off = org.database.one("SELECT 1 FROM apps WHERE client_id = ? AND status <> 'ACTIVE'", id)
    return None if off else find(org, id)


def made_of(org: Org, row: Row) -> OAuthClient:
    id = row["id"]

    def held(what: str, where: str) -> tuple[Any, ...]:
        return tuple(one[0] for one in org.database.all(f"SELECT {what} FROM {where} ORDER BY rowid", id))

    return OAuthClient(
        id=id,
        name=row["name"],
        type=row["type"],
        auth_method=row["auth_method"],
        redirect_uris=tuple(json.loads(row["redirect_uris"])),
        grant_types=frozenset(json.loads(row["grant_types"])),
        scopes=frozenset(held("scope", "app_grants WHERE client_id = ?")),
        secrets=held("hash", "client_secrets WHERE client_id = ? AND status = 'ACTIVE'"),
        keys=tuple(json.loads(jwk) for jwk in held("jwk", "client_keys WHERE client_id = ? AND status = 'ACTIVE'")),
        roles=held("type", "client_roles WHERE client_id = ?"),
        rotates=bool(row["rotates"]),
        leeway=row["leeway"],
        access_lifetime=row["access_lifetime"],
        dpop=bool(row["dpop"]),
        details=json.loads(row["details"]),
        created=row["created"],
    )


def delete(org: Org, id: str) -> None:
    """Remove an app, with everything that it was given."""
    for table in ("codes", "device_codes", "access_tokens", "refresh_tokens", "consents"):
        org.database.run(f"DELETE FROM {table} WHERE client_id = ?", id)
    org.database.run("DELETE FROM clients WHERE id = ?", id)


def add_secret(org: Org, id: str, secret: str | None = None, status: str = "ACTIVE") -> Row:
    secret, row = secret or secrets.token_urlsafe(48), new_id("ocs")
    org.database.run(
        "INSERT INTO client_secrets VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(row, id, secret, kept(secret), status, org.now(), org.now()),
    )
    return _by_id(org, "client_secrets", row)


def shown_secret(org: Org, id: str) -> str | None:
    """An active secret of the app, if the org knows one as it is."""
    row = org.database.one(
        "SELECT secret FROM client_secrets WHERE client_id = ? AND status = 'ACTIVE' AND secret IS NOT NULL", id
    )
    return row["secret"] if row else None


def add_key(org: Org, id: str, jwk: Mapping[str, Any], status: str = "ACTIVE") -> Row:
    """Keep a public key. One without a name gets one that says nothing about it, as in Okta's Admin Console."""
    named = {"kid": new_key_id(), **{name: value for name, value in jwk.items() if value is not None}}
    row = new_id("pks")
    org.database.run(
        "INSERT INTO client_keys VALUES (?, ?, ?, ?, ?, ?)", *(row, id, dump(named), status, org.now(), org.now())
    )
    return _by_id(org, "client_keys", row)


def key_of(row: Row) -> dict[str, Any]:
    """The public key of a row, with its kid."""
    return dict(json.loads(row["jwk"]))


def replace_keys(org: Org, id: str, jwks: Sequence[Mapping[str, Any]]) -> None:
    """Keep these keys and no others. One that is there already stays as it is."""
    wanted = {json.dumps(jwk, sort_keys=True) for jwk in jwks}
    for row in org.database.all("SELECT * FROM client_keys WHERE client_id = ?", id):
        held = json.dumps(key_of(row), sort_keys=True)
        if held not in wanted:
            org.database.run("DELETE FROM client_keys WHERE id = ?", row["id"])
        wanted.discard(held)
    for jwk in wanted:
        add_key(org, id, json.loads(jwk))


def new_key_id() -> str:
    """A kid as Okta chooses one: it looks like a thumbprint and is none."""
    return secrets.token_urlsafe(32)


def _by_id(org: Org, table: str, id: str) -> Row:
    row = org.database.one(f"SELECT * FROM {table} WHERE id = ?", id)
    assert row is not None  # it was just put there
    return row


def grant(org: Org, id: str, scopes: Iterable[str], granted_by: Mapping[str, str] | None = None) -> None:
    """Let the app ask for scopes; those that were granted before stay as they are."""
    rows = [(new_id("oag"), id, scope, dump(granted_by), org.now()) for scope in scopes]
    org.database.connection.executemany("INSERT OR IGNORE INTO app_grants VALUES (?, ?, ?, ?, ?)", rows)


def add_role(org: Org, id: str, type: str) -> bool:
    """Give the app an administrator role. False if it has it."""
    row = (role_id(type, "irb"), id, type, org.now())
    return org.database.run("INSERT OR IGNORE INTO client_roles VALUES (?, ?, ?, ?)", *row).rowcount > 0


def set_aside(org: Org) -> None:
    """Make room for the tables of today where a file of an earlier version has another one of the same name."""
    if any(row["name"] == "jwks" for row in org.database.all("PRAGMA table_info(clients)")):
        org.database.run("ALTER TABLE clients RENAME TO earlier_clients")


def take_over(org: Org) -> None:
    """Bring over what was set aside: one secret, all keys, the scopes and the role in the app's own row."""
    if not org.database.all("PRAGMA table_info(earlier_clients)"):
        return
    with org.database.transaction():
        for row in org.database.all("SELECT * FROM earlier_clients"):
            jwks, grant_types = json.loads(row["jwks"]), json.loads(row["grant_types"])
            method = "private_key_jwt" if jwks["keys"] else "client_secret_basic" if row["secret"] else "none"
            kind = "service" if "client_credentials" in grant_types else "native" if method == "none" else "web"
            same = ("id", "name", "redirect_uris", "grant_types", "rotates", "leeway", "access_lifetime")
            _insert(
                org,
                {
                    **{name: row[name] for name in same},
                    "type": kind,
                    "auth_method": method,
                    "details": "{}",
                    "dpop": _if_there(row, "dpop", 0),
                    "created": org.clock(),
                },
            )
            for jwk in jwks["keys"]:
                add_key(org, row["id"], jwk)
            grant(org, row["id"], row["scopes"].split())
            if role := _if_there(row, "role", None):
                add_role(org, row["id"], role)
            if row["secret"]:
                org.database.run(
                    "INSERT INTO client_secrets VALUES (?, ?, NULL, ?, 'ACTIVE', ?, ?)",
                    *(new_id("ocs"), row["id"], row["secret"], org.now(), org.now()),
                )
        org.database.run("DROP TABLE earlier_clients")


def _if_there(row: Row, name: str, otherwise: Any) -> Any:
    return row[name] if name in row.keys() else otherwise  # noqa: SIM118
