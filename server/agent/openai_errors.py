"""Explains the errors that the OpenAI SDK raises, and tells whether a retry can help."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime

import httpx2
import openai

from server.agent.model import ContextTooLong, ModelError

PASSING = {"server_error", "rate_limit_exceeded", "overloaded_error", "slow_down"}
"""Codes of errors that arrive in the middle of an answer, without an HTTP status."""
AGAIN_STATUSES = {408, 409, 429}
LONGEST_WORDS = 400
TOO_LONG = ("context length", "context_length", "context window", "maximum context")
"""How servers without an error code for it say that a conversation is too long."""


@contextmanager
def explained(model: str) -> Iterator[None]:
    """Turn errors of a request to the model into a ModelError."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _status(error, model) from None
    except (openai.APIConnectionError, httpx2.HTTPError) as error:
        late = isinstance(error, openai.APITimeoutError | httpx2.TimeoutException)
        # A server that took the request and is silent is still working: a retry would give it the same work again.
        silent = isinstance(error, httpx2.ReadTimeout) or isinstance(error.__cause__, httpx2.ReadTimeout)
        raise ModelError(
            "The model's server does not answer." if late else "The connection to the model's server failed.",
            code="model_unreachable",
            retryable=not silent,
            next_step="Check the network, and OPENAI_BASE_URL if it is set.",
        ) from None
    except openai.APIError as error:
        message = error.body if isinstance(error.body, str) else error.message
        raise failed(error.code or error.type, message) from None
    except (ValueError, TypeError, AttributeError):
        raise not_the_form() from None


def not_the_form() -> ModelError:
    """The error for a response that is not an answer of the API, such as a proxy's page."""
    return ModelError(
        "The model's server sent an answer that does not follow the API.",
        next_step="Check OPENAI_BASE_URL and OKTA_ACTIONS_MODEL_API.",
    )


def is_stream(response: httpx2.Response) -> bool:
    """Whether a response declares that it is streamed."""
    return response.headers.get("content-type", "").lower().startswith("text/event-stream")


def failed(code: object, message: str) -> ModelError:
    """The error for an answer that the server itself calls failed. Some servers use an HTTP status as the code."""
    if _too_long(code, message):
        return ContextTooLong()
    status = int(str(code)) if str(code).isdecimal() else None
    again = code in PASSING if status is None else _passes(status)
    return ModelError(f"The model's server reports: {message}", retryable=again)


def ended_early() -> ModelError:
    """The error for an answer that broke off without a reason."""
    return ModelError("The model's answer broke off.", code="model_unreachable", retryable=True)


def cut_off(reason: str) -> ModelError:
    """The error for an answer that the server cut short."""
    return ModelError(
        f"The model's server ended the answer early ({reason}).", next_step="Ask again, or for less at a time."
    )


def _status(error: openai.APIStatusError, model: str) -> ModelError:
    code, status, words = error.code, error.status_code, _words(error)
    if _too_long(code, words):
        return ContextTooLong()
    if status in (401, 403):
        # The server's own words may repeat part of the key.
        return ModelError(f"The model's server does not accept the key ({status}).", next_step="Check OPENAI_API_KEY.")
    if status == 404:
        return ModelError(
            f"The model's server does not know the model {model}, or this API.",
            next_step="Check OKTA_ACTIONS_MODEL, OPENAI_BASE_URL and OKTA_ACTIONS_MODEL_API.",
        )
    if code == "insufficient_quota":
        return ModelError("The account of OPENAI_API_KEY has no credit left.", next_step="Check its plan and billing.")
    again = _passes(status)
    return ModelError(
        f"The model's server answered {status}: {words}",
        retryable=again,
        retry_after=_retry_after(error.response.headers) if again else None,
        next_step="Try again later." if again else None,
    )


def _words(error: openai.APIStatusError) -> str:
    """What the server says was wrong, in any format: OpenAI's errors, FastAPI's `detail`, or plain text."""
    words = _said(error.body)
    if not words:
        with suppress(httpx2.StreamError, UnicodeDecodeError):
            words = error.response.text
    return " ".join(words.split())[:LONGEST_WORDS] or "no reason was given"


def _said(body: object, depth: int = 4) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, list) and depth:
        return "; ".join(filter(None, (_said(one, depth - 1) for one in body[:5])))
    if not isinstance(body, dict) or not depth:
        return ""
    where = body.get("loc")
    place = ".".join(map(str, where)) + ": " if isinstance(where, list) else ""
    said = next(
        filter(None, (_said(body.get(name), depth - 1) for name in ("message", "msg", "error", "detail", "errors"))), ""
    )
    return f"{place}{said}" if said else ""


def _passes(status: int) -> bool:
    return status in AGAIN_STATUSES or status >= 500


def _too_long(code: object, message: str) -> bool:
    return code == "context_length_exceeded" or any(words in message.lower() for words in TOO_LONG)


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds to wait (RFC 9110, 10.2.3), given as a number or a date; OpenAI also gives milliseconds."""
    with suppress(ValueError, KeyError):
        return float(headers["retry-after-ms"]) / 1000
    value = headers.get("retry-after", "")
    with suppress(ValueError):
        return float(value)
    with suppress(ValueError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    return None
