"""Applications that sign people in with OpenID Connect: each is an OAuth client, and kept as one."""

from typing import Any

from server.sandbox.applications.kinds import Document
from server.sandbox.authorization import clients
from server.sandbox.authorization.clients import WITH_SECRET
from server.sandbox.authorization.public_keys import BadKey, public_key
from server.sandbox.database import dump
from server.sandbox.org import Org
from server.sandbox.problems import invalid

_TYPES = ("web", "native", "browser", "service")
_METHODS = ("none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt")
_OWN = frozenset({"redirect_uris", "grant_types", "application_type", "jwks", "dpop_bound_access_tokens"})
"""Settings that a client has a place of its own for; all others are its details."""


def wanted_id(org: Org, id: str, document: Document) -> str:
    """The client id of a new application: its own id, unless another one was sent.

    Raises:
        OktaProblem: somebody has it.
    """
    wanted = (document["credentials"].get("oauthClient") or {}).get("client_id") or id
    if clients.find(org, wanted) is not None:
        raise invalid("client_id", "client_id: An object with this field already exists in the current organization")
    return str(wanted)


def take_secret(document: Document) -> str | None:
    """A client secret that was sent, which is kept with the client alone."""
    secret = (document["credentials"].get("oauthClient") or {}).pop("client_secret", None)
    return str(secret) if secret else None


def register(org: Org, client_id: str, label: str, document: Document, secret: str | None) -> None:
    """Make the client of an application whose row is there."""
    credentials = document["credentials"].get("oauthClient") or {}
    settings = document["settings"].get("oauthClient") or {}
    kind, keys = _kind(settings), _keys(settings)
    usual = "none" if kind in ("browser", "native") else "private_key_jwt" if keys else "client_secret_basic"
    method = _method(credentials.get("token_endpoint_auth_method") or usual)
    clients.register_client(
        org,
        label,
        id=client_id,
        type=kind,
        auth_method=method,
        grant_types=_texts(settings, "grant_types") or ["authorization_code"],
        redirect_uris=_texts(settings, "redirect_uris"),
        jwks={"keys": keys},
        dpop=bool(settings.get("dpop_bound_access_tokens")),
        rotates=kind == "browser",
        role=None,
        details=_details(settings),
        secret_text=secret,
    )


def change(org: Org, client_id: str, label: str, document: Document) -> None:
    """Carry the settings of an application over to its client."""
    credentials = document["credentials"].get("oauthClient") or {}
    settings = document["settings"].get("oauthClient") or {}
    before = clients.find(org, client_id)
    assert before is not None  # both are made and removed together
    method = _method(credentials.get("token_endpoint_auth_method") or before.auth_method)
    org.database.run(
        "UPDATE clients SET name = ?, auth_method = ?, redirect_uris = ?, grant_types = ?, dpop = ?, details = ? "
        "WHERE id = ?",
        *(label, method, dump(_texts(settings, "redirect_uris") if settings else list(before.redirect_uris))),
        dump(_texts(settings, "grant_types") or sorted(before.grant_types)),
        *(bool(settings.get("dpop_bound_access_tokens", before.dpop)), dump(_details(settings) or before.details)),
        client_id,
    )
    if "jwks" in settings:
        clients.replace_keys(org, client_id, _keys(settings))
    if method in WITH_SECRET and not before.secrets:
        clients.add_secret(org, client_id)


def delete(org: Org, client_id: str | None) -> None:
    if client_id is not None:
        clients.delete(org, client_id)


def _kind(settings: Document) -> str:
    kind = settings.get("application_type") or "web"
    if kind not in _TYPES:
        raise invalid("application_type", f"application_type: The type must be one of {', '.join(_TYPES)}")
    return str(kind)


def _method(method: Any) -> str:
    if method not in _METHODS:
        name = "token_endpoint_auth_method"
        raise invalid(name, f"{name}: The method must be one of {', '.join(_METHODS)}")
    return str(method)


def _texts(settings: Document, name: str) -> list[str]:
    value = settings.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise invalid(name, f"{name}: The field must be an array of strings")
    return value


def _keys(settings: Document) -> list[dict[str, Any]]:
    try:
        return [public_key(key) for key in (settings.get("jwks") or {}).get("keys") or []]
    except BadKey as error:
        raise invalid("jwks", f"jwks: {error}") from None


def _details(settings: Document) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in _OWN}
