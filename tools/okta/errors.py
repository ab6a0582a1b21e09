"""Refusals and failures, from Okta or from us, in a form that a person or a model can act on."""

from typing import Any, Literal

from tools.text.lines import cut, readable, visible
from tools.text.redaction import redacted

By = Literal["okta", "okta-actions"]
RECONNECT = "okta-actions connect"
"""The command that signs in again, if the connection is not known."""

MOST_CAUSES = 20
LONGEST_CAUSE = 500
LONGEST_SUMMARY = 8000
LONGEST_STEP = 2000


class ActionError(Exception):
    """A refusal or failure. `str(error)` is one or two lines: what was refused and why, then what to do next.

    `code` is Okta's error code or a short word of ours; `retry_after` is in seconds. All of it is limited in length,
    however long the request or the answer was.
    """

    code = "failed"
    by: By = "okta-actions"

    def __init__(
        self,
        summary: str,
        *,
        code: str | None = None,
        by: By | None = None,
        causes: tuple[str, ...] = (),
        okta_request_id: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        next_step: str | None = None,
    ) -> None:
        self.summary = cut(redacted(readable(cut(summary, 2 * LONGEST_SUMMARY))), LONGEST_SUMMARY)
        super().__init__(self.summary)
        self.code = readable(code) if code else self.code
        self.by = by or self.by
        self.causes = tuple(
            cut(redacted(readable(cut(cause, 2 * LONGEST_CAUSE))), LONGEST_CAUSE) for cause in causes[:MOST_CAUSES]
        )
        if len(causes) > MOST_CAUSES:
            self.causes += (f"and {len(causes) - MOST_CAUSES} more",)
        self.okta_request_id = readable(okta_request_id) if okta_request_id else None
        self.retryable = retryable
        self.retry_after = retry_after
        self.next_step = visible(cut(next_step, LONGEST_STEP)) if next_step is not None else None
        self.change_id: str | None = None
        """The id under which the change was recorded, if it was one."""
        self.ended: Literal["failed", "partly", "unknown"] | None = None
        """How the change ended, as the journal has it, if it was one."""
        self.place = ""
        """The connection and org that it was about, if there are others."""

    def __str__(self) -> str:
        what = " ".join(text if text[-1:] in ".!?" else f"{text}." for text in (self.summary, *self.causes))
        if self.okta_request_id:
            what += f" (Okta {self.code}, request {self.okta_request_id})"
        if self.place:
            what += f" (Connection: {self.place})"
        return f"{what}\nNext: {self.next_step}" if self.next_step else what

    def details(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "code": self.code,
            "by": self.by,
            "summary": self.summary,
            "causes": list(self.causes),
            "okta_request_id": self.okta_request_id,
            "retryable": self.retryable,
            "retry_after": self.retry_after,
            "next_step": self.next_step,
            "change_id": self.change_id,
            "connection": self.place or None,
        }

    @property
    def maybe_done(self) -> bool:
        """Whether the request may have been carried out all the same."""
        return False


class InvalidInput(ActionError):
    """The call makes no sense as sent; nothing was asked of Okta that could change anything."""

    code = "invalid_input"


class NotFound(ActionError):
    """Nothing has the name or id that was sent."""

    code = "not_found"


class Ambiguous(ActionError):
    """Several things have the name that was sent."""

    code = "ambiguous"


class MissingScope(ActionError):
    """The connection was not granted an OAuth scope (RFC 6750, `insufficient_scope`)."""

    code = "missing_scope"

    def __init__(self, scope: str, why: str = "", *, reconnect: str = RECONNECT, **more: Any) -> None:
        """`reconnect`: the command that signs the connection in again."""
        super().__init__(
            f"The connection lacks the scope {scope}. {why}".strip(),
            next_step=f"Grant it to the app in the Admin Console (Okta API Scopes), then run: {reconnect}",
            **more,
        )
        self.scope = scope


class Unauthorized(ActionError):
    """Okta no longer accepts the connection's token."""

    code = "unauthorized"


class RateLimited(ActionError):
    """Okta's rate limit is used up for longer than a call may wait."""

    code = "rate_limited"


class HalfDone(ActionError):
    """Only part of it was done; the summary says which."""

    code = "half_done"


class Unreachable(ActionError):
    """The network or Okta did not answer. `maybe_done`: the request may have been received and carried out."""

    code = "unreachable"

    def __init__(self, summary: str, *, maybe_done: bool = False, **more: Any) -> None:
        super().__init__(summary, **more)
        self._maybe_done = maybe_done

    @property
    def maybe_done(self) -> bool:
        return self._maybe_done


class OktaError(ActionError):
    """Okta answered with a status outside 2xx."""

    code = "okta_error"
    by: By = "okta"

    def __init__(self, summary: str, *, status: int, **more: Any) -> None:
        super().__init__(summary, **more)
        self.status = status

    @property
    def maybe_done(self) -> bool:
        """A server error, of Okta or of a proxy in front of it, may have come after the request was carried out."""
        return (self.status >= 500 and self.status != 501) or self.status < 300
