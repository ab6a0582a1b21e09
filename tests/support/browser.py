"""A person's browser: it keeps cookies, follows redirects, and fills in the forms of pages."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

import anyio
import httpx2

from server.sandbox.running import RunningSandbox


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag == "input" and "name" in given:
            self.found[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self.found[-1].buttons.append((given.get("name", ""), given.get("value", "")))


@dataclass
class Page:
    url: str
    status: int
    text: str

    @property
    def form(self) -> Form:
        forms = _Forms()
        forms.feed(self.text)
        (form,) = forms.found
        return form


class Browser:
    def __init__(self) -> None:
        self._client = httpx2.Client(follow_redirects=True, timeout=20)

    @classmethod
    def signed_in(cls, sandbox: RunningSandbox) -> Self:
        """The administrator's browser, with a session at the org and the app's consent given."""
        browser = cls()
        name, value = sandbox.demo.session_cookie
        browser._client.cookies.set(name, value, domain="127.0.0.1")
        return browser

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open(self, url: str) -> Page:
        return self._page(self._client.get(url))

    def submit(self, page: Page, press: str = "", **fields: str) -> Page:
        """Fill in the page's one form and press the button with the value `press`."""
        form = page.form
        values = {**form.fields, **fields, **{name: value for name, value in form.buttons if name and value == press}}
        url = urljoin(page.url, form.action)
        if form.method == "post":
            return self._page(self._client.post(url, data=values))
        return self._page(self._client.get(url, params=values))

    def sign_in(self, page: Page, sandbox: RunningSandbox) -> Page:
        return self.submit(page, username=sandbox.demo.admin_login, password=sandbox.demo.admin_password)

    async def present(self, url: str) -> None:
        """Go where a sign-in starts and let it run its course."""
        await anyio.to_thread.run_sync(self.open, url)

    @staticmethod
    def _page(response: httpx2.Response) -> Page:
        return Page(str(response.url), response.status_code, response.text)
