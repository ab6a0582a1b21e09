"""What a person let apps do: the scopes that they consented to, and the refresh tokens that apps hold for them.

Shapes: OAuth2ScopeConsentGrant, OAuth2Client and OAuth2RefreshToken of Okta's OpenAPI description; a grant that is not
there is recorded (delete_grants_error in department-of-veterans-affairs/vets-api).
"""

from collections.abc import Callable, Iterable
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import people
from server.sandbox.authorization import clients
from server.sandbox.authorization.access import app_actor
from server.sandbox.authorization.clients import OAuthClient
from server.sandbox.authorization.tokens import revoke_family
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import okta_time
from server.sandbox.listings import Listing
from server.sandbox.log import record
from server.sandbox.problems import not_found
from server.sandbox.users import named


def _client(call: ApiCall) -> OAuthClient:
    client = clients.find(call.org, call.part("client"))
    if client is None:
        raise not_found(call.part("client"), "PublicClientApp")
    return client


def _links(call: ApiCall, row: Row, address: str, **more: Any) -> dict[str, Any]:
    client, user = clients.find(call.org, row["client_id"]), people.find(call.org, row["user_id"])
    title = client.name if client else "unknown"
    return {
        "app": {"href": f"{call.base}/api/v1/apps/{row['client_id']}", "title": title},
        "self": {"href": address, "hints": {"allow": ["GET", "DELETE"]}},
        **more,
        "client": {"href": f"{call.base}/oauth2/v1/clients/{row['client_id']}", "title": title},
        "user": {
            "href": f"{call.base}/api/v1/users/{user['id']}",
            "title": people.as_target(user)["displayName"],
        },
    }


def _render_grant(call: ApiCall, row: Row) -> dict[str, Any]:
    address = f"{call.base}/api/v1/users/{row['user_id']}/grants/{row['id']}"
    expanded = call.query.get("expand") == "scope"
    return {
        "id": row["id"],
        "status": "ACTIVE",
        "created": row["created"],
        "createdBy": {"id": row["user_id"], "type": "User"},
        "lastUpdated": row["created"],
        "issuer": call.base,
        "clientId": row["client_id"],
        "userId": row["user_id"],
        "scopeId": row["scope"],
        "source": "END_USER",
        **({"_embedded": {"scope": {"id": row["scope"]}}} if expanded else {}),
        "_links": _links(call, row, address),
    }


def _render_token(call: ApiCall, row: Row) -> dict[str, Any]:
    here = f"{call.base}/api/v1/users/{row['user_id']}/clients/{row['client_id']}/tokens/{row['id']}"
    scopes, created = row["scopes"].split(), okta_time(row["created"])
    expanded = {"_embedded": {"scopes": [{"id": scope, "name": scope} for scope in scopes]}}
    return {
        "id": row["id"],
        "status": "ACTIVE",
        "created": created,
        "lastUpdated": created,
        "expiresAt": okta_time(row["ends"]),
        "issuer": call.base,
        "clientId": row["client_id"],
        "userId": row["user_id"],
        "scopes": scopes,
        **(expanded if call.query.get("expand") == "scope" else {}),
        "_links": _links(call, row, here, revoke={"href": here, "hints": {"allow": ["DELETE"]}}),
    }


def _listed(call: ApiCall, table: str, render: Callable[[ApiCall, Row], Any], conditions: dict[str, Any]) -> Response:
    listing = Listing(table, default=20, most=200, keep=("expand", "scopeId"))
    for condition, value in conditions.items():
        listing.require(condition, value)
    return listing.answer(call, lambda row: render(call, row))


def list_grants(call: ApiCall) -> Response:
    scope = {"scope = ?": call.query["scopeId"]} if "scopeId" in call.query else {}
    return _listed(call, "consents", _render_grant, {"user_id = ?": named(call)["id"], **scope})


def _grant(call: ApiCall) -> Row:
    user, id = named(call), call.part("grant")
    row = call.org.database.one("SELECT * FROM consents WHERE user_id = ? AND id = ?", user["id"], id)
    if row is None:
        raise not_found(id, "OAuth2Grant")
    return row


def get_grant(call: ApiCall) -> Response:
    return ok(_render_grant(call, _grant(call)))


def revoke_grant(call: ApiCall) -> Response:
    row = _grant(call)
    call.org.database.run("DELETE FROM consents WHERE id = ?", row["id"])
    record(call.org, call.request, "app.oauth2.as.consent.revoke", *_targets(call, row["client_id"]))
    return no_content()


def revoke_grants(call: ApiCall) -> Response:
    """The next time each app asks for consent again. The tokens that apps hold stay as they are."""
    call.org.database.run("DELETE FROM consents WHERE user_id = ?", named(call)["id"])
    record(call.org, call.request, "app.oauth2.as.consent.revoke.user", *_targets(call))
    return no_content()


def _targets(call: ApiCall, client_id: str | None = None) -> Iterable[dict[str, Any]]:
    return [people.as_target(named(call)), *([app_actor(call.org, client_id)] if client_id else [])]


def list_clients(call: ApiCall) -> Response:
    """The apps that have anything of a person, without a Link header."""
    user = named(call)
    rows = call.org.database.all(
        "SELECT client_id FROM consents WHERE user_id = ?1 UNION SELECT client_id FROM refresh_tokens "
        "WHERE user_id = ?1 AND replaced IS NULL AND ends > ?2 ORDER BY client_id",
        *(user["id"], call.org.clock()),
    )
    found = [client for row in rows if (client := clients.find(call.org, row["client_id"])) is not None]
    here = f"{call.base}/api/v1/users/{user['id']}/clients"
    return ok(
        [
            {
                "client_id": client.id,
                "client_name": client.name,
                "client_uri": None,
                "logo_uri": None,
                "_links": {part: {"href": f"{here}/{client.id}/{part}"} for part in ("grants", "tokens")},
            }
            for client in found
        ]
    )


def list_grants_of_client(call: ApiCall) -> Response:
    user, client = named(call), _client(call)
    return _listed(call, "consents", _render_grant, {"user_id = ?": user["id"], "client_id = ?": client.id})


def revoke_grants_of_client(call: ApiCall) -> Response:
    user, client = named(call), _client(call)
    call.org.database.run("DELETE FROM consents WHERE user_id = ? AND client_id = ?", user["id"], client.id)
    record(call.org, call.request, "app.oauth2.as.consent.revoke.user.client", *_targets(call, client.id))
    return no_content()


def _of_client(call: ApiCall) -> dict[str, Any]:
    """Which refresh tokens an app can still use."""
    user, client = named(call), _client(call)
    return {
        "user_id = ?": user["id"],
        "client_id = ?": client.id,
        "replaced IS NULL AND ends > ?": call.org.clock(),
    }


def list_tokens(call: ApiCall) -> Response:
    return _listed(call, "refresh_tokens", _render_token, _of_client(call))


def _token(call: ApiCall) -> Row:
    conditions, id = _of_client(call), call.part("token")
    where = " AND ".join(conditions)
    row = call.org.database.one(f"SELECT * FROM refresh_tokens WHERE {where} AND id = ?", *conditions.values(), id)
    if row is None:
        raise not_found(id, "OAuth2RefreshTokenTx")
    return row


def get_token(call: ApiCall) -> Response:
    return ok(_render_token(call, _token(call)))


def revoke_token(call: ApiCall) -> Response:
    """The access tokens that came of it go with it."""
    return _revoked(call, [_token(call)])


def revoke_tokens(call: ApiCall) -> Response:
    conditions = _of_client(call)
    where = " AND ".join(conditions)
    return _revoked(call, call.org.database.all(f"SELECT * FROM refresh_tokens WHERE {where}", *conditions.values()))


def _revoked(call: ApiCall, rows: list[Row]) -> Response:
    for row in rows:
        revoke_family(call.org, row["family"])
        record(call.org, call.request, "app.oauth2.token.revoke", *_targets(call, row["client_id"]))
    return no_content()


_GRANTS = "/api/v1/users/{user}/grants"
_CLIENT = "/api/v1/users/{user}/clients/{client}"
ENDPOINTS = [
    Endpoint("GET", _GRANTS, list_grants, "okta.users.read"),
    Endpoint("DELETE", _GRANTS, revoke_grants, "okta.users.manage"),
    Endpoint("GET", f"{_GRANTS}/{{grant}}", get_grant, "okta.users.read"),
    Endpoint("DELETE", f"{_GRANTS}/{{grant}}", revoke_grant, "okta.users.manage"),
    Endpoint("GET", "/api/v1/users/{user}/clients", list_clients, "okta.users.read"),
    Endpoint("GET", f"{_CLIENT}/grants", list_grants_of_client, "okta.users.read"),
    Endpoint("DELETE", f"{_CLIENT}/grants", revoke_grants_of_client, "okta.users.manage"),
    Endpoint("GET", f"{_CLIENT}/tokens", list_tokens, "okta.users.read"),
    Endpoint("DELETE", f"{_CLIENT}/tokens", revoke_tokens, "okta.users.manage"),
    Endpoint("GET", f"{_CLIENT}/tokens/{{token}}", get_token, "okta.users.read"),
    Endpoint("DELETE", f"{_CLIENT}/tokens/{{token}}", revoke_token, "okta.users.manage"),
]
