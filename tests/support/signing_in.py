"""An app that signs people in, and the browser in which they do it."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from browser import Browser, Page
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox

ELSEWHERE = "http://localhost:1/callback"
SCOPES = "openid offline_access okta.users.read okta.groups.manage"


class SigningApp:
    """An app that signs people in, with its own idea of what to send."""

    def __init__(self, sandbox: RunningSandbox, **more: Any) -> None:
        self.sandbox = sandbox
        settings: dict[str, Any] = {"redirect_uris": [ELSEWHERE], "scopes": ["okta.users.read", "okta.groups.manage"]}
        self.id, self.secret = register_client(sandbox.org, "An app", **{**settings, **more})
        self.verifier = secrets.token_urlsafe(48)

    def authorize_url(self, **more: str | None) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        sent = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": ELSEWHERE,
            "scope": SCOPES,
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **more,
        }
        return f"{self.sandbox.url}/oauth2/v1/authorize?" + urlencode({k: v for k, v in sent.items() if v is not None})

    def token(self, **sent: str) -> httpx2.Response:
        auth = httpx2.BasicAuth(self.id, self.secret) if self.secret else None
        if not self.secret:
            sent.setdefault("client_id", self.id)
        return httpx2.post(f"{self.sandbox.url}/oauth2/v1/token", data=sent, auth=auth)

    def exchange(self, code: str, **more: str) -> httpx2.Response:
        sent = {"code": code, "redirect_uri": ELSEWHERE, "code_verifier": self.verifier, **more}
        return self.token(grant_type="authorization_code", **sent)

    def refresh(self, token: str, **more: str) -> httpx2.Response:
        return self.token(grant_type="refresh_token", refresh_token=token, **more)

    def call(self, access_token: str, path: str = "/api/v1/users/me") -> httpx2.Response:
        return httpx2.get(f"{self.sandbox.url}{path}", headers={"authorization": f"Bearer {access_token}"})


def sent_back(app: SigningApp, **more: str | None) -> dict[str, str]:
    """What the browser of the signed-in administrator brings back, consent given by a click where it is asked for."""
    with StoppingBrowser(app.sandbox) as browser:
        page = browser.open(app.authorize_url(**more))
        if "Allow" in page.text:
            page = browser.submit(page, press="allow")
        return dict(parse_qsl(urlsplit(page.url).query))


class StoppingBrowser(Browser):
    """A browser that shows where it was sent instead of going to the app's address."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        super().__init__()
        self._client = httpx2.Client(follow_redirects=True, event_hooks={"response": [self._stop]})
        name, value = sandbox.demo.session_cookie
        self._client.cookies.set(name, value, domain="127.0.0.1")
        self.stopped_at = ""

    def _stop(self, response: httpx2.Response) -> None:
        if response.headers.get("location", "").startswith(ELSEWHERE):
            self.stopped_at = response.headers["location"]
            response.status_code = 200

    def open(self, url: str) -> Page:
        return self._arrived(super().open(url))

    def submit(self, page: Page, press: str = "", **fields: str) -> Page:
        return self._arrived(super().submit(page, press, **fields))

    def _arrived(self, page: Page) -> Page:
        arrived = Page(self.stopped_at, page.status, "") if self.stopped_at else page
        self.stopped_at = ""
        return arrived


def tokens(app: SigningApp, **more: str | None) -> dict[str, Any]:
    answer = app.exchange(sent_back(app, **more)["code"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
