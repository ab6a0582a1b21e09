"""The public keys and the secrets of apps, one by one, so that they can be rotated.

Both under the app, where Okta's API description has them, and under the client of the same id.
"""

import base64
from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.authorization import clients
from server.sandbox.authorization.access import app_actor
from server.sandbox.authorization.client_roles import named_client
from server.sandbox.authorization.clients import WITH_SECRET, OAuthClient
from server.sandbox.authorization.public_keys import BadKey, public_key
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.problems import invalid, not_found

MOST_SECRETS = 2
Render = Callable[[str, Row], dict[str, Any]]


def _lifecycle(url: str, status: str) -> dict[str, Any]:
    """What can be done next: what is inactive can be activated and deleted, what is active deactivated."""
    if status == "ACTIVE":
        return {"deactivate": {"href": f"{url}/lifecycle/deactivate", "hints": {"allow": ["POST"]}}}
    return {
        "activate": {"href": f"{url}/lifecycle/activate", "hints": {"allow": ["POST"]}},
        "delete": {"href": url, "hints": {"allow": ["DELETE"]}},
    }


def _key(url: str, row: Row) -> dict[str, Any]:
    return {"use": None, "alg": None, **clients.key_of(row), **_times(url, row)}


def _secret(url: str, row: Row) -> dict[str, Any]:
    shown = {"client_secret": row["secret"]} if row["secret"] else {}
    digest = base64.urlsafe_b64encode(bytes.fromhex(row["hash"])[:16]).rstrip(b"=").decode()
    return {**shown, "secret_hash": digest, **_times(url, row)}


def _times(url: str, row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "status": row["status"],
        "created": row["created"],
        "lastUpdated": row["updated"],
        "_links": _lifecycle(f"{url}/{row['id']}", row["status"]),
    }


def _status(sent: dict[str, Any]) -> str:
    status = sent.get("status") or "ACTIVE"
    if status not in ("ACTIVE", "INACTIVE"):
        raise invalid("status", "status: The value must be one of ACTIVE, INACTIVE")
    return str(status)


def _add_key(call: ApiCall, client: OAuthClient) -> Row:
    sent = call.body()
    status = _status(sent)
    try:
        key = public_key(sent)
    except BadKey as error:
        raise invalid("jwk", f"jwk: {error}") from None
    if key.get("kid") in {clients.key_of(row)["kid"] for row in _rows(call, "client_keys", client)}:
        raise invalid("kid", "kid: An object with this field already exists in the current organization")
    return clients.add_key(call.org, client.id, key, status)


def _add_secret(call: ApiCall, client: OAuthClient) -> Row:
    sent = call.optional_body()
    status, given = _status(sent), sent.get("client_secret")
    if client.auth_method not in WITH_SECRET:
        raise invalid("client_secret", f"A client whose method is '{client.auth_method}' has no secret.")
    if given is not None and (not isinstance(given, str) or not 14 <= len(given) <= 100 or not given.isascii()):
        raise invalid("client_secret", "client_secret: The value must have 14 to 100 ASCII characters")
    if len(_rows(call, "client_secrets", client)) >= MOST_SECRETS:
        raise invalid("client_secret", f"A client can have at most {MOST_SECRETS} secrets.")
    return clients.add_secret(call.org, client.id, given, status)


def _rows(call: ApiCall, table: str, client: OAuthClient) -> list[Row]:
    return call.org.database.all(f"SELECT * FROM {table} WHERE client_id = ? ORDER BY rowid", client.id)


def _endpoints(table: str, entity: str, add: Callable[[ApiCall, OAuthClient], Row], render: Render) -> list[Endpoint]:
    name = "jwks" if table == "client_keys" else "secrets"

    def url(call: ApiCall) -> str:
        path = call.request.url.path
        return f"{call.base}{path[: path.index(f'/{name}')]}/{name}"

    def client_of(call: ApiCall) -> OAuthClient:
        return named_client(call, "AppInstance" if "/apps/" in call.request.url.path else "PublicClientApp")

    def one(call: ApiCall) -> Row:
        for row in _rows(call, table, client_of(call)):
            if row["id"] == call.part("one"):
                return row
        raise not_found(call.part("one"), entity)

    def changed(call: ApiCall, client_id: str) -> None:
        record(call.org, call.request, "app.oauth2.client.lifecycle.update", app_actor(call.org, client_id))

    def list_all(call: ApiCall) -> Response:
        return ok([render(url(call), row) for row in _rows(call, table, client_of(call))])

    def create(call: ApiCall) -> Response:
        client = client_of(call)
        made = add(call, client)
        changed(call, client.id)
        return ok(render(url(call), made), status=201)

    def get(call: ApiCall) -> Response:
        return ok(render(url(call), one(call)))

    def to_status(status: str) -> Callable[[ApiCall], Response]:
        def run(call: ApiCall) -> Response:
            row = one(call)
            if status == "INACTIVE" and not any(
                other["status"] == "ACTIVE" and other["id"] != row["id"]
                for other in _rows(call, table, client_of(call))
            ):
                raise invalid(name, f"The only active one of the client's {name} cannot be deactivated.")
            call.org.database.run(
                f"UPDATE {table} SET status = ?, updated = ? WHERE id = ?", status, call.org.now(), row["id"]
            )
            changed(call, row["client_id"])
            return ok(render(url(call), one(call)))

        return run

    def delete(call: ApiCall) -> Response:
        row = one(call)
        if row["status"] == "ACTIVE":
            raise invalid(name, f"One of the client's {name} that is active cannot be deleted: deactivate it first.")
        call.org.database.run(f"DELETE FROM {table} WHERE id = ?", row["id"])
        changed(call, row["client_id"])
        return no_content()

    found = []
    for root, resource in ((f"/api/v1/apps/{{id}}/credentials/{name}", "apps"), (f"{_CLIENT}/{name}", "clients")):
        read, manage = f"okta.{resource}.read", f"okta.{resource}.manage"
        found += [
            Endpoint("GET", root, list_all, read),
            Endpoint("POST", root, create, manage),
            Endpoint("GET", f"{root}/{{one}}", get, read),
            Endpoint("DELETE", f"{root}/{{one}}", delete, manage),
            Endpoint("POST", f"{root}/{{one}}/lifecycle/activate", to_status("ACTIVE"), manage),
            Endpoint("POST", f"{root}/{{one}}/lifecycle/deactivate", to_status("INACTIVE"), manage),
        ]
    return found


_CLIENT = "/oauth2/v1/clients/{id}"
ENDPOINTS = [
    *_endpoints("client_keys", "OAuth2ClientJsonWebKey", _add_key, _key),
    *_endpoints("client_secrets", "OAuth2ClientSecret", _add_secret, _secret),
]
