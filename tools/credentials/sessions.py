"""Sessions: where people are signed in."""

from typing import Any

from pydantic import Field

from tools.contract.action import writes
from tools.contract.definition import Effect
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.contract.targets import the
from tools.objects.users import USER, OnePerson, User
from tools.okta.client import OktaClient


class ClearSessions(OnePerson):
    revoke_tokens: bool = Field(
        False, description="Whether to revoke the OAuth tokens that applications hold for them, too."
    )


class ClearedSessions(Outcome):
    user_id: str | None = None
    login: str | None = None


def what_clearing_does(request: ClearSessions, user: User) -> Preview:
    tokens = (
        "OAuth tokens that applications hold for them are revoked."
        if request.revoke_tokens
        else "OAuth tokens that applications hold for them stay."
    )
    return Preview(
        f"Sign {user.label}, {user.status}, out everywhere.",
        headline=f"Sign {user.address} out everywhere.",
        consequence="All their Okta sessions end, on every device; they can sign in again at once. " + tokens,
        details=(f"Person: {user.described}.", "Sessions that applications keep themselves are not ended."),
        # Okta lists nobody's sessions.
        before={},
        after={"sessions": "ended", **({"tokens": "revoked"} if request.revoke_tokens else {})},
    )


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    observe=the(USER),
    preview=what_clearing_does,
    undo="an ended session does not come back; they sign in again.",
    words="sign out everywhere, log out of all devices, end sessions, revoke tokens, kick out",
)
async def clear_sessions(request: ClearSessions, okta: OktaClient, user: User) -> ClearedSessions:
    """Sign a person out everywhere: all their Okta sessions end. To keep them out, use suspend_user."""
    more: dict[str, Any] = {"oauthTokens": True} if request.revoke_tokens else {}
    await okta.delete("users", user.id, "sessions", **more)
    revoked = " and revoked their OAuth tokens" if request.revoke_tokens else ""
    return ClearedSessions.done(
        user_id=user.id, login=user.login, message=f"Signed {user.label} out everywhere{revoked}."
    )
