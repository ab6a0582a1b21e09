"""What Okta's answer means: the decoded body of a success, or the error that says what was refused."""

import re
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic_core import from_json

from tools.okta.errors import RECONNECT, ActionError, MissingScope, NotFound, OktaError, RateLimited, Unauthorized
from tools.okta.limits import retry_after
from tools.okta.secrets import Reveal, without_secrets
from tools.text.lines import readable

MOST_VALUES = 500_000
"""How many values an answer may hold: a page of 1,000 people with 100 attributes has 200,000."""

_SCOPE = re.compile(r'\bscope="([^"]{1,200})"')


@dataclass(frozen=True)
class OktaAnswer:
    """A complete answer."""

    status: int
    headers: httpx2.Headers
    content: bytes
    url: httpx2.URL
    reconnect: str = RECONNECT
    """The command that signs the connection in again."""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def body(answer: OktaAnswer, reveal: Reveal | None = None) -> Any:
    """The decoded body of a 2xx answer, without the secrets in it; None if it is empty.

    Raises:
        ActionError: the answer is no success, or comes from something that is not Okta.
    """
    if not answer.is_success:
        raise failure(answer)
    if not answer.content:
        return None
    try:
        found = decoded(answer.content)
    except ValueError:
        raise OktaError(
            f"{answer.url.host} answered {answer.status} with something that is not JSON; it may not be Okta.",
            code="not_okta",
            status=answer.status,
            next_step="Check the org URL, and whether a proxy or sign-in page intercepts requests.",
        ) from None
    return without_secrets(found, reveal)


def decoded(content: bytes) -> Any:
    """Decoded JSON. As Python objects may take a hundred times its memory, and deep stacks, both are limited first.

    Raises:
        ValueError: it is no JSON, or deeper than the parser goes (200 levels).
        OktaError: it holds more values than any answer of Okta's.
    """
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MOST_VALUES:
        raise OktaError(
            f"Okta answered with more than {MOST_VALUES} values; the answer was not read.",
            code="answer_too_large",
            status=200,
            next_step="Ask for less at a time.",
        )
    return from_json(content, allow_inf_nan=False)


def entries(answer: OktaAnswer) -> list[Any]:
    """The decoded entries of a list.

    Raises:
        ActionError: the answer is no success, or no list.
    """
    listed = body(answer)
    if not isinstance(listed, list):
        raise OktaError("Okta answered with something other than a list.", code="not_a_list", status=answer.status)
    return listed


def failure(answer: OktaAnswer) -> ActionError:
    """The error that a status outside 2xx stands for, with or without a body: an empty 403 is a refusal too."""
    challenge = answer.headers.get("www-authenticate", "")
    told = _told(answer)
    more: dict[str, Any] = {
        "code": told.get("errorCode"),
        "by": "okta",
        "causes": told.get("causes", ()),
        "okta_request_id": _plain(answer.headers.get("x-okta-request-id")),
    }
    status, summary = answer.status, told.get("errorSummary")
    if "insufficient_scope" in challenge:
        scope = _SCOPE.search(challenge)
        return MissingScope(
            scope.group(1) if scope else "that this needs",
            reconnect=answer.reconnect,
            by="okta",
            okta_request_id=more["okta_request_id"],
        )
    if status == 401 and more["code"] != _NO_FEATURE:
        more["code"] = more["code"] or "unauthorized"
        return Unauthorized(
            summary or "Okta no longer accepts the connection's token.",
            **more,
            next_step=f"Connect again: {answer.reconnect}",
        )
    if status == 404:
        more["code"] = more["code"] or "not_found"
        return NotFound(summary or "Okta found nothing there.", **more)
    if status == 429:
        more["code"] = more["code"] or "rate_limited"
        return RateLimited(summary or "Okta's rate limit is exhausted.", **more, retryable=True)
    wait = retry_after(answer.headers) if status >= 500 else None
    return OktaError(
        summary or f"Okta refused with status {status} and gave no reason.",
        **{**more, "code": more["code"] or f"http_{status}"},
        status=status,
        retryable=status >= 500 and status != 501,
        retry_after=wait,
        next_step=f"Try again in {round(wait)} s." if wait else _next_step(more["code"], status, answer.reconnect),
    )


_NO_FEATURE = "E0000015"
_MEANT = {
    "E0000015": "The org does not have this feature. Ask whoever manages its contract with Okta.",
    "E0000001": "Okta does not accept a value; the causes say which. Correct it, and call again.",
    "E0000014": "The credential was not accepted. Nothing was changed.",
    "E0000016": "They are activated already. Look them up: resend_activation mails the link again.",
    "E0000032": "They are not locked out any more, or a directory locked them. Look them up.",
    "E0000034": "Their status or password policy allows no reset. Look them up.",
    "E0000038": "Their status changed in between, or forbids it. Look them up: the status says what helps.",
    "E0000068": "The code or answer was wrong. Nothing was changed.",
    "E0000107": "The factor is not active. See list_factors.",
    "E0000112": "An activation is under way for them. Try again in a minute.",
    "E0000133": "A call was made just now. Try again in 30 s.",
    "E0000180": "An administrator switched this factor off in the org. See list_factors for another one.",
}
"""What to do about errors of Okta's that calls here lead to, by code: what they mean is in Okta's summary."""


def _next_step(code: str | None, status: int, reconnect: str) -> str | None:
    if code == "E0000006" or (status == 403 and code is None):
        return "The connected identity needs an admin role that allows this, for this person or group."
    if code in _MEANT:
        return _MEANT[code]
    if code == "E0000005":
        return f"Okta accepts no OAuth token for this, or the session has ended. Connect again: {reconnect}"
    if 300 <= status < 400:
        return "Check the org URL: Okta's API does not redirect."
    return "Try again later." if status >= 500 and status != 501 else None


def _told(answer: OktaAnswer) -> dict[str, Any]:
    """Okta's error object, as far as it is valid."""
    try:
        told = decoded(answer.content)
    except (ValueError, OktaError):
        return {}
    if not isinstance(told, dict):
        return {}
    causes = told.get("errorCauses")
    return {
        "errorCode": _plain(told.get("errorCode")),
        "errorSummary": _plain(told.get("errorSummary")),
        "causes": tuple(
            text
            for cause in (causes if isinstance(causes, list) else [])[:1000]
            if isinstance(cause, dict) and (text := _plain(cause.get("errorSummary")))
        ),
    }


def _plain(text: Any) -> str | None:
    """Text from the wire as one bounded line."""
    if not isinstance(text, str) or not text:
        return None
    return readable(text)[:500] or None
