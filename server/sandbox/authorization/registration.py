"""Apps made and changed by administrators, as in RFC 7591.

Source: https://developer.okta.com/docs/reference/api/oauth-clients/ for the paths, the settings and the refusals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from server.sandbox.authorization import clients
from server.sandbox.authorization.access import app_actor
from server.sandbox.authorization.client_roles import named_client
from server.sandbox.authorization.clients import WITH_SECRET, OAuthClient
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.authorization.problems import OAuthProblem, invalid_client
from server.sandbox.authorization.public_keys import BadKey, public_key
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.listings import Listing
from server.sandbox.log import record

BLANK = "The field cannot be left blank"
_TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105
_GRANTS = {
    "browser": {"authorization_code", "implicit", "refresh_token", "interaction_code"},
    "native": {
        *("authorization_code", "implicit", "password", "refresh_token", "interaction_code"),
        *(DEVICE_CODE, _TOKEN_EXCHANGE),
    },
    "service": {"client_credentials", _TOKEN_EXCHANGE},
    "web": {"authorization_code", "implicit", "refresh_token", "client_credentials", "interaction_code"},
}
_NEEDED = {"native": {"authorization_code", DEVICE_CODE}, "web": {"authorization_code"}}
"""Grants of which a client must have one."""
_METHODS = {
    "browser": ["none"],
    "native": ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    "service": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    "web": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
}
_WITHOUT_REDIRECT = {"client_credentials", "password", DEVICE_CODE}
_ADDRESSES = ("client_uri", "logo_uri", "initiate_login_uri", "tos_uri", "policy_uri")
_READ_ONLY = ("client_id_issued_at", "client_secret_expires_at")


@dataclass
class _Settings:
    """What a request says about a client, checked."""

    name: str
    type: str
    auth_method: str
    redirect_uris: list[str]
    grant_types: list[str]
    keys: list[dict[str, Any]]
    dpop: bool
    details: dict[str, Any] = field(default_factory=dict)


def refused(name: str, why: str) -> OAuthProblem:
    return OAuthProblem("invalid_client_metadata", f"{name}: {why}")


def _text(sent: Mapping[str, Any], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise refused(name, "The field must be a string")
    return value or None


def _texts(sent: Mapping[str, Any], name: str, default: list[str]) -> list[str]:
    value = sent.get(name)
    if value is None:
        return default
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise refused(name, "The field must be an array of strings")
    return list(dict.fromkeys(value))


def _one_of(name: str, value: str, allowed: list[str]) -> str:
    if value not in allowed:
        raise refused(name, f"'{value}' is not valid. Valid values: [{', '.join(allowed)}]")
    return value


def _checked(call: ApiCall, before: OAuthClient | None) -> _Settings:
    """The settings that were sent: all of them, for nothing is changed by half."""
    sent = call.body()
    for read_only in _READ_ONLY if before else ():
        if read_only in sent:
            raise refused(read_only, "The field is read-only")
    if before and sent.get("client_id", before.id) != before.id:
        raise refused("client_id", "The field cannot be changed")
    name = _text(sent, "client_name")
    if name is None:
        raise refused("client_name", BLANK)
    if call.org.database.one("SELECT id FROM clients WHERE name = ? AND id <> ?", name, before.id if before else ""):
        raise refused("client_name", "An object with this field already exists in the current organization")
    type = _one_of(
        "application_type", _text(sent, "application_type") or (before.type if before else "web"), list(_GRANTS)
    )
    if before and type != before.type:
        raise refused("application_type", "The field cannot be changed")
    usual = before.auth_method if before else "none" if type == "browser" else "client_secret_basic"
    method = _text(sent, "token_endpoint_auth_method") or usual
    _one_of("token_endpoint_auth_method", method, _METHODS[type])
    grant_types = _grant_types(sent, type)
    dpop = sent.get("dpop_bound_access_tokens", False)
    if not isinstance(dpop, bool):
        raise refused("dpop_bound_access_tokens", "The field must be a boolean")
    if sent.get("jwks_uri") is not None:
        raise refused("jwks_uri", "This org takes keys in jwks only")
    return _Settings(
        name,
        type,
        method,
        _redirect_uris(sent, "redirect_uris", needed=not _WITHOUT_REDIRECT & set(grant_types)),
        grant_types,
        _keys(sent, needed=method == "private_key_jwt"),
        dpop,
        {
            **{address: _text(sent, address) for address in _ADDRESSES},
            "response_types": _response_types(sent, type, grant_types),
            "post_logout_redirect_uris": _redirect_uris(sent, "post_logout_redirect_uris", needed=False),
        },
    )


def _grant_types(sent: Mapping[str, Any], type: str) -> list[str]:
    grants = _texts(sent, "grant_types", ["client_credentials" if type == "service" else "authorization_code"])
    for one in grants:
        _one_of("grant_types", one, sorted(_GRANTS[type]))
    needed = _NEEDED.get(type)
    if not grants or (needed and not needed & set(grants)):
        raise refused("grant_types", BLANK if not grants else f"One of [{', '.join(sorted(needed or ()))}] is required")
    return grants


def _response_types(sent: Mapping[str, Any], type: str, grants: list[str]) -> list[str]:
    """What the authorization endpoint may answer, which follows from the grants and must agree with them."""
    by_code, implied = "authorization_code" in grants, ["token"] if "client_credentials" in grants else []
    found = _texts(sent, "response_types", ["code"] if by_code else implied)
    for one in found:
        _one_of("response_types", one, ["code", "token", "id_token"])
    if by_code != ("code" in found):
        raise refused("response_types", "'code' and the grant type 'authorization_code' require each other")
    return found


def _redirect_uris(sent: Mapping[str, Any], name: str, *, needed: bool) -> list[str]:
    uris = _texts(sent, name, [])
    if needed and not uris:
        raise refused(name, BLANK)
    for uri in uris:
        try:
            parts = urlsplit(uri)
        except ValueError:
            parts = urlsplit("")
        # Apps on a device have schemes of their own, without a host (RFC 8252, section 7.1).
        if not parts.scheme or "#" in uri or (parts.scheme in ("http", "https") and not parts.hostname):
            raise refused(name, f"'{uri}' is not a valid redirect URI: it must be absolute and without a fragment")
    return uris


def _keys(sent: Mapping[str, Any], *, needed: bool) -> list[dict[str, Any]]:
    jwks = sent.get("jwks")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if jwks is not None and not isinstance(keys, list):
        raise refused("jwks", "The field must be a JSON Web Key Set")
    if needed and not keys:
        raise refused("jwks", BLANK)
    try:
        found = [public_key(key) for key in keys or []]
    except BadKey as error:
        raise refused("jwks", str(error)) from None
    named = [key.get("kid") for key in found]
    if len(found) > 1 and (None in named or len(set(named)) < len(named)):
        raise refused("jwks", "All keys must have a unique kid")
    return found


def _render(call: ApiCall, client: OAuthClient, secret: str | None = None) -> dict[str, Any]:
    rows = call.org.database.all("SELECT * FROM client_keys WHERE client_id = ? ORDER BY rowid", client.id)
    details = client.details
    optional = {
        "post_logout_redirect_uris": details.get("post_logout_redirect_uris"),
        "initiate_login_uri": details.get("initiate_login_uri"),
        "tos_uri": details.get("tos_uri"),
        "policy_uri": details.get("policy_uri"),
        "jwks": {"keys": [_jwk(row) for row in rows]} if rows else None,
    }
    return {
        "client_id": client.id,
        **({"client_secret": secret} if secret else {}),
        "client_id_issued_at": int(client.created),
        **({"client_secret_expires_at": 0} if client.auth_method in WITH_SECRET else {}),
        "client_name": client.name,
        "client_uri": details.get("client_uri"),
        "logo_uri": details.get("logo_uri"),
        "redirect_uris": list(client.redirect_uris),
        "response_types": details.get("response_types") or ["code"],
        "grant_types": sorted(client.grant_types),
        "token_endpoint_auth_method": client.auth_method,
        "application_type": client.type,
        "dpop_bound_access_tokens": client.dpop,
        **{name: value for name, value in optional.items() if value},
    }


def _jwk(row: Any) -> dict[str, Any]:
    return {"use": None, **clients.key_of(row), "status": row["status"]}


def _found(call: ApiCall) -> OAuthClient:
    client = clients.find(call.org, call.part("id"))
    if client is None:
        raise invalid_client("Invalid value for 'client_id' parameter.")
    return client


def _record(call: ApiCall, what: str, id: str) -> None:
    record(call.org, call.request, f"app.oauth2.client.lifecycle.{what}", app_actor(call.org, id))


def _create(call: ApiCall) -> Response:
    settings = _checked(call, None)
    id, secret = clients.register_client(
        call.org,
        settings.name,
        type=settings.type,
        auth_method=settings.auth_method,
        grant_types=settings.grant_types,
        redirect_uris=settings.redirect_uris,
        jwks={"keys": settings.keys},
        dpop=settings.dpop,
        rotates=settings.type == "browser",
        role=None,
        details=settings.details,
    )
    _record(call, "create", id)
    client = clients.find(call.org, id)
    assert client is not None  # it was just made
    return ok(_render(call, client, secret), status=201)


def _list(call: ApiCall) -> Response:
    listing = Listing("clients", default=20, most=200, keep=("q",))
    if q := call.query.get("q"):
        listing.require("lower(substr(name, 1, ?)) = ?", len(q), q.lower())
    return listing.answer(call, lambda row: _render(call, clients.made_of(call.org, row)))


def _get(call: ApiCall) -> Response:
    return ok(_render(call, _found(call)))


def _replace(call: ApiCall) -> Response:
    before = _found(call)
    settings = _checked(call, before)
    call.org.database.run(
        "UPDATE clients SET name = ?, auth_method = ?, redirect_uris = ?, grant_types = ?, dpop = ?, details = ? "
        "WHERE id = ?",
        *(settings.name, settings.auth_method, dump(settings.redirect_uris), dump(settings.grant_types)),
        *(settings.dpop, dump(settings.details), before.id),
    )
    clients.replace_keys(call.org, before.id, settings.keys)
    secret = clients.shown_secret(call.org, before.id) if settings.auth_method in WITH_SECRET else None
    if settings.auth_method not in WITH_SECRET:
        call.org.database.run("DELETE FROM client_secrets WHERE client_id = ?", before.id)
    elif not before.secrets:
        secret = clients.add_secret(call.org, before.id)["secret"]
    _record(call, "update", before.id)
    return ok(_render(call, _found(call), secret))


def _new_secret(call: ApiCall) -> Response:
    """A secret instead of those that there were."""
    client = named_client(call)
    if client.auth_method not in WITH_SECRET:
        raise refused("token_endpoint_auth_method", f"A client whose method is '{client.auth_method}' has no secret")
    call.org.database.run("DELETE FROM client_secrets WHERE client_id = ?", client.id)
    made = clients.add_secret(call.org, client.id)
    _record(call, "update", client.id)
    return ok(_render(call, client, made["secret"]))


def _delete(call: ApiCall) -> Response:
    client = _found(call)
    _record(call, "delete", client.id)
    clients.delete(call.org, client.id)
    return no_content()


_CLIENTS = "/oauth2/v1/clients"
ENDPOINTS = [
    Endpoint("GET", _CLIENTS, _list, "okta.clients.read"),
    Endpoint("POST", _CLIENTS, _create, "okta.clients.manage"),
    Endpoint("GET", f"{_CLIENTS}/{{id}}", _get, "okta.clients.read"),
    Endpoint("PUT", f"{_CLIENTS}/{{id}}", _replace, "okta.clients.manage"),
    Endpoint("DELETE", f"{_CLIENTS}/{{id}}", _delete, "okta.clients.manage"),
    Endpoint("POST", f"{_CLIENTS}/{{id}}/lifecycle/newSecret", _new_secret, "okta.clients.manage"),
]
