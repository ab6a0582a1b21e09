"""What the client tells OpenTelemetry: every request that is sent, and what is left of Okta's rate limits.

Attributes are those of the semantic conventions for HTTP clients, but never `url.full`: it holds ids and queries.
Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
"""

from functools import cache, partial
from typing import TYPE_CHECKING, Protocol, Self
from weakref import ref

import httpx2

from tools.telemetry import Span, meter

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation

WORDS = frozenset(
    {
        *("api", "v1", "oauth2", "idp", "meta", "iam", "internal"),
        *("users", "me", "groups", "apps", "clients", "rules", "owners", "members", "user", "default", "types"),
        *("roles", "targets", "catalog", "assignments", "assignees", "permissions", "resource-sets", "bindings"),
        *(
            "factors",
            "authenticators",
            "methods",
            "sessions",
            "devices",
            "grants",
            "tokens",
            "schemas",
            "linkedObjects",
        ),
        *("logs", "policies", "zones", "domains", "brands", "credentials", "appLinks", "blocks", "org", "mappings"),
        *("lifecycle", "activate", "deactivate", "reactivate", "suspend", "unsuspend", "unlock", "expire_password"),
        *("expire_password_with_temp_password", "transactions"),
        *(
            "reset_password",
            "reset_factors",
            "verify",
            "transactions",
            "enroll",
            "change_password",
            "forgot_password",
            "revoke",
        ),
    }
)
"""The parts of paths that are Okta's own. Any other part is an id or a name, or is shown as one: a word that is missing
here hides something, and one that is not listed can tell nothing."""
BUCKET = "okta_actions.bucket"


class HasHeadroom(Protocol):
    """A client whose rate limits are watched."""

    host: str

    def headroom(self) -> dict[str, tuple[int, int]]: ...


class Sending(Span):
    """The span of one request; `resent` counts those before it that were the same."""

    __slots__ = ("_method", "_resent", "_url")

    def __init__(self, method: str, url: httpx2.URL, resent: int) -> None:
        super().__init__("okta.request", "CLIENT")
        self._method = method
        self._url = url
        self._resent = resent

    def __enter__(self) -> Self:
        super().__enter__()
        if self.is_recorded:
            self.tell("http.request.method", self._method)
            self.tell("url.template", template(self._url))
            self.tell("server.address", self._url.host)
            self.tell("server.port", self._url.port or (443 if self._url.scheme == "https" else 80))
            self.tell("http.request.resend_count", self._resent or None)
        return self

    def answered(self, status: int) -> None:
        self.tell("http.response.status_code", status)
        if status >= 400:
            self.fail(str(status))


def template(url: httpx2.URL) -> str:
    """The path of a URL with `{id}` in place of whatever names something."""
    return _general(url.raw_path.partition(b"?")[0].decode("ascii"), "{id}")


def _general(path: str, unknown: str) -> str:
    return "/".join(part if part in WORDS or not part else unknown for part in path.split("/"))


_WATCHED: list["ref[HasHeadroom]"] = []


def watch(client: HasHeadroom) -> None:
    """Let the rate limits of a client be read, as long as it lives."""
    if (made := meter()) is not None:
        _WATCHED[:] = [*(one for one in _WATCHED if one() is not None), ref(client)]
        _make_gauges(made)


@cache
def _make_gauges(made: "Meter") -> None:
    for index, (name, meaning) in enumerate(
        (
            ("remaining", "Requests that Okta allows in the rest of this window"),
            ("limit", "Requests that Okta allows in a window"),
        )
    ):
        made.create_observable_gauge(
            f"okta_actions.rate_limit.{name}", [partial(_observe, index)], unit="{request}", description=meaning
        )


def _observe(index: int, options: "CallbackOptions") -> "list[Observation]":
    """The least that any client of an org has seen, by bucket. It runs in the thread that exports."""
    from opentelemetry.metrics import Observation

    least: dict[tuple[str, str], int] = {}
    for watched in tuple(_WATCHED):
        if (client := watched()) is None:
            continue
        for bucket, counts in client.headroom().items():
            method, _, path = bucket.rpartition(" ")
            key = (client.host, f"{method} {_general(path, '*')}".strip())
            least[key] = min(least.get(key, counts[index]), counts[index])
    return [Observation(count, {"server.address": host, BUCKET: bucket}) for (host, bucket), count in least.items()]
