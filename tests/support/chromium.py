"""Headless Chromium, driven over the WebDriver protocol (W3C WebDriver)."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest

from surface import free_port

PROGRAMS = ("chromium", "chromedriver")
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which the protocol names an element."""


def needed() -> None:
    """Skip the test where the programs are not installed; in CI, where they must be, fail it."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


class Chromium:
    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._port = free_port()

    def __enter__(self) -> Self:
        command = ["chromedriver", f"--port={self._port}"]
        self._driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._http = httpx2.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=60, trust_env=False)
        for _ in range(100):
            try:
                self._http.get("/status")
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        quiet = ["background-networking", "component-update", "sync", "gpu", "quic"]
        arguments = ["--headless", "--no-sandbox", "--no-first-run", f"--user-data-dir={self._profile}"]
        options = {"args": [*arguments, *(f"--disable-{name}" for name in quiet)]}
        made = self._http.post("/session", json={"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self._session = f"/session/{made.json()['value']['sessionId']}"
        return self

    def __exit__(self, *_: object) -> None:
        self._http.delete(self._session)
        self._http.close()
        self._driver.terminate()
        self._driver.wait()

    def open(self, url: str) -> None:
        self._do("url", url=url)

    def type(self, css: str, text: str) -> None:
        self._do(f"element/{self._find(css)}/value", text=text)

    def click(self, css: str) -> None:
        self._do(f"element/{self._find(css)}/click")

    @property
    def text(self) -> str:
        """What the page shows."""
        answer = self._http.get(f"{self._session}/element/{self._find('body')}/text")
        return str(answer.json()["value"])

    def _find(self, css: str) -> str:
        for _ in range(100):
            answer = self._http.post(f"{self._session}/element", json={"using": "css selector", "value": css})
            if answer.status_code == 200:
                return str(answer.json()["value"][_ELEMENT])
            time.sleep(0.1)
        raise AssertionError(f"{css} is not on the page")

    def _do(self, what: str, **sent: Any) -> None:
        answer = self._http.post(f"{self._session}/{what}", json=sent)
        assert answer.status_code == 200, answer.text
