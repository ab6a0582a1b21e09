"""The authorization endpoint: a person signs in, consents, and is sent back with a code (RFC 6749, section 4.1)."""

import secrets
from sqlite3 import Row
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.sandbox import people
from server.sandbox.applications.opening import record_sign_on
from server.sandbox.authorization import clients, keys, pages, pushed, sessions
from server.sandbox.authorization.assignments import held as held_roles
from server.sandbox.authorization.clients import OAuthClient
from server.sandbox.authorization.grants import Form
from server.sandbox.authorization.tables import kept
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org
from server.sandbox.problems import Denied

CODE_LIFETIME = 300
"""Seconds."""
OPENID_SCOPES = frozenset({"openid", "profile", "email", "address", "phone", "offline_access", "groups"})
CONSENT_PATH = "/oauth2/v1/authorize/consent"


def begin(request: Request, sent: Form) -> Response:
    """The endpoint itself: a pushed request is looked up, and a session token begins a session on the way."""
    org: Org = request.app.state.org
    asked = pushed.restored(org, sent)
    if asked is None:
        return pages.error("The 'request_uri' parameter is invalid or has expired.")
    token = asked.get("sessionToken")
    cookie = sessions.redeem(org, token) if token else None
    response = authorize(request, {name: asked[name] for name in asked if name != "sessionToken"}, cookie)
    if cookie is not None:
        sessions.remember(response, cookie)
    return response


def authorize(request: Request, sent: Form, cookie: str | None = None) -> Response:
    """Send the person to sign in, to consent, or straight back with a code if both are remembered.

    Errors go to the client's redirect URI, but only where that is known to be the client's.
    """
    org: Org = request.app.state.org
    client = clients.find_active(org, sent.get("client_id"))
    if client is None:
        return pages.error("Invalid value for 'client_id' parameter.")
    if sent.get("redirect_uri") not in client.redirect_uris:
        return pages.error("The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.")
    if problem := _problem(client, sent):
        return _back(sent, error=problem[0], error_description=problem[1])
    session = sessions.current(request, cookie)
    again = sent.get("prompt") == "login"
    if session is None or again:
        if sent.get("prompt") == "none":
            told = "The client specified not to prompt, but the user is not logged in."
            return _back(sent, error="login_required", error_description=told)
        after = urlencode({name: value for name, value in sent.items() if name != "prompt"})
        return pages.sign_in(f"/oauth2/v1/authorize?{after}", login=sent.get("login_hint", ""))
    user = people.find(org, session.user_id)
    scopes = permitted(org, client, user, sent["scope"].split())
    if isinstance(scopes, tuple):
        return _back(sent, error=scopes[0], error_description=scopes[1])
    if not consented(org, client, user, scopes):
        return pages.consent(client.name, user["login"], scopes, CONSENT_PATH, session.proof, query=urlencode(sent))
    app = org.database.one("SELECT * FROM apps WHERE client_id = ?", client.id)
    if app is not None:
        record_sign_on(org, request, user, app, "SP_INITIATED")
    return _back(sent, code=_code(org, client, user, sent, scopes, session.began))


def _problem(client: OAuthClient, sent: Form) -> tuple[str, str] | None:
    """What is wrong with a request whose client and redirect URI are right."""
    if sent.get("response_type") != "code":
        return "unsupported_response_type", "The response type is not supported by the authorization server."
    if "authorization_code" not in client.grant_types:
        return "unauthorized_client", "The client is not authorized to use the provided grant type."
    if not sent.get("state"):
        return "invalid_request", "The authentication request has an invalid 'state' parameter."
    if not sent.get("scope"):
        return "invalid_scope", "The authorization server resource does not have any configured default scopes."
    if sent.get("code_challenge_method", "S256") != "S256":
        return "invalid_request", "The 'code_challenge_method' must be S256."
    if client.public and not sent.get("code_challenge"):
        return (
            "invalid_request",
            "PKCE code challenge is required when the token endpoint authentication method is 'NONE'.",
        )
    return None


def permitted(org: Org, client: OAuthClient, user: Row, wanted: list[str]) -> list[str] | tuple[str, str]:
    """The scopes that a person may grant: of the okta.* ones those that the app has and an administrator may use.

    Others of the okta.* scopes are dropped without a word, as Okta does. Or an error and its description.
    """
    unknown = [scope for scope in wanted if scope not in OPENID_SCOPES and not scope.startswith("okta.")]
    if unknown:
        told = "One or more scopes are not configured for the authorization server resource."
        return "invalid_scope", told
    administrates = bool(held_roles(org, user["id"]))
    allowed = [scope for scope in wanted if scope in OPENID_SCOPES or (administrates and scope in client.scopes)]
    if not allowed:
        return "access_denied", "You are not allowed any of the requested scopes."
    return allowed


def consented(org: Org, client: OAuthClient, user: Row, scopes: list[str]) -> bool:
    held = org.database.all("SELECT scope FROM consents WHERE user_id = ? AND client_id = ?", user["id"], client.id)
    return set(scopes) <= {row["scope"] for row in held}


def remember_consent(org: Org, client_id: str, user_id: str, scopes: list[str]) -> None:
    now = org.now()
    rows = [(user_id, client_id, scope, new_id("oag"), now) for scope in scopes]
    org.database.connection.executemany("INSERT OR IGNORE INTO consents VALUES (?, ?, ?, ?, ?)", rows)


def answer_consent(request: Request, sent: Form) -> Response:
    """What a person pressed on the consent page."""
    org: Org = request.app.state.org
    session = sessions.current(request)
    asked = dict(parse_qsl(sent.get("query", "")))
    client = clients.find_active(org, asked.get("client_id"))
    if session is None or client is None or not secrets.compare_digest(sent.get("proof", ""), session.proof):
        return pages.error("The form has expired. Start again.")
    if asked.get("redirect_uri") not in client.redirect_uris:
        return pages.error("The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.")
    if sent.get("answer") != "allow":
        told = "The resource owner denied the request."
        return _back(asked, error="access_denied", error_description=told)
    user = people.find(org, session.user_id)
    scopes = permitted(org, client, user, asked.get("scope", "").split())
    if isinstance(scopes, list):
        remember_consent(org, client.id, user["id"], scopes)
    return authorize(request, asked)


def _code(org: Org, client: OAuthClient, user: Row, sent: Form, scopes: list[str], signed_in: float) -> str:
    code, now = secrets.token_urlsafe(32), org.clock()
    org.database.run("DELETE FROM codes WHERE ends < ?", now - CODE_LIFETIME)
    org.database.run(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        *(kept(code), client.id, user["id"], sent["redirect_uri"], " ".join(scopes)),
        *(sent.get("code_challenge"), sent.get("nonce"), signed_in, now + CODE_LIFETIME),
    )
    return code


def _back(sent: Form, **answer: str) -> Response:
    """To the client, with its state."""
    uri = sent["redirect_uri"]
    if sent.get("state"):
        answer["state"] = sent["state"]
    return RedirectResponse(f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(answer)}", 302)


def sign_out(request: Request, sent: Form) -> Response:
    """End the session in this browser (OpenID Connect RP-Initiated Logout), and go back to where its client listens."""
    org: Org = request.app.state.org
    sessions.end(request)
    client = clients.find(org, sent.get("client_id") or keys.audience(org, sent.get("id_token_hint", "")))
    back = sent.get("post_logout_redirect_uri")
    if back is None:
        response = pages.page("Signed out", "<p>You are signed out of this org.</p>")
    elif client is None or back not in client.redirect_uris:
        response = pages.error("The 'post_logout_redirect_uri' parameter must be a redirect URI of the client app.")
    else:
        response = _back({**sent, "redirect_uri": back}) if sent.get("state") else RedirectResponse(back, 302)
    response.delete_cookie(sessions.COOKIE)
    return response


def sign_in(request: Request, sent: Form) -> Response:
    """The sign-in page's form; the person goes on to where they came from, which is always a page of ours."""
    return_to = sent.get("return_to", "")
    if not return_to.startswith(("/oauth2/v1/authorize?", "/activate", "/home/")):
        return pages.error("The form has expired. Start again.")
    response = RedirectResponse(return_to, 303)
    login = sent.get("username", "")
    try:
        proven = sessions.sign_in(request, login, sent.get("password", ""), response)
    except Denied as denied:
        return pages.refused(denied.summary)
    return response if proven else pages.sign_in(return_to, failed=True, login=login)
