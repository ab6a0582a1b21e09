"""The authorization server's addresses."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.sandbox.authorization import authorize, cross_origin, device, grants, keys, pushed
from server.sandbox.authorization.access import possession_problem, sent_credential
from server.sandbox.authorization.grants import Form
from server.sandbox.authorization.metadata import metadata
from server.sandbox.authorization.scopes import MANAGEMENT_SCOPES as MANAGEMENT_SCOPES
from server.sandbox.authorization.tables import kept
from server.sandbox.authorization.tokens import about
from server.sandbox.org import Org
from server.sandbox.problems import EmptyProblem


def _with_form(handle: Callable[[Request, Form], Response]) -> Callable[[Request], Any]:
    """A handler of what was sent in the query or as a form, in one transaction."""

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":  # whether a page may ask; what it is told is in the headers of every answer
            return Response()
        sent = dict(request.query_params) if request.method == "GET" else await grants.form(request)
        org: Org = request.app.state.org
        with org.database.transaction():
            return handle(request, sent)

    return answer


def _public_keys(request: Request, sent: Form) -> Response:
    return JSONResponse(keys.public_keys(request.app.state.org))


def _userinfo(request: Request, sent: Form) -> Response:
    """OpenID Connect Core, section 5.3."""
    org: Org = request.app.state.org
    scheme, token = sent_credential(request)
    row = org.database.one("SELECT * FROM access_tokens WHERE token = ? AND ends > ?", kept(token), org.clock())
    user = org.database.one("SELECT * FROM users WHERE id = ?", row["user_id"]) if row else None
    if scheme not in ("Bearer", "DPoP") or row is None or user is None:
        told = 'Bearer error="invalid_token", error_description="The access token is invalid."'
        raise EmptyProblem(401, {"www-authenticate": told})
    if (problem := possession_problem(request, token, scheme, row["thumbprint"])) is not None:
        raise EmptyProblem(401, {"www-authenticate": problem})
    scopes = row["scopes"].split()
    if "openid" not in scopes:
        told = 'Bearer error="insufficient_scope", error_description="The access token must provide the openid scope."'
        raise EmptyProblem(403, {"www-authenticate": told})
    return JSONResponse(about(user, scopes))


def _metadata(request: Request, sent: Form) -> Response:
    return metadata(request, MANAGEMENT_SCOPES)


_FORMS: list[tuple[str, list[str], Callable[[Request, Form], Response]]] = [
    ("/.well-known/openid-configuration", ["GET"], _metadata),
    ("/.well-known/oauth-authorization-server", ["GET"], _metadata),
    ("/oauth2/v1/authorize", ["GET", "POST"], authorize.begin),
    ("/oauth2/v1/par", ["POST"], pushed.push),
    ("/oauth2/v1/logout", ["GET", "POST"], authorize.sign_out),
    (authorize.CONSENT_PATH, ["POST"], authorize.answer_consent),
    ("/login", ["POST"], authorize.sign_in),
    ("/oauth2/v1/token", ["POST"], grants.token),
    ("/oauth2/v1/revoke", ["POST"], grants.revoke),
    ("/oauth2/v1/introspect", ["POST"], grants.introspect),
    ("/oauth2/v1/keys", ["GET"], _public_keys),
    ("/oauth2/v1/userinfo", ["GET", "POST"], _userinfo),
    ("/oauth2/v1/device/authorize", ["POST"], device.start),
    ("/activate", ["GET", "POST"], device.activate),
]
ROUTES = [
    Route(path, _with_form(handle), methods=[*methods, *(["OPTIONS"] if path in cross_origin.PATHS else [])])
    for path, methods, handle in _FORMS
]
