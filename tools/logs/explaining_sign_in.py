"""Explaining why somebody cannot sign in."""

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.logs.attempts import succeeded, told
from tools.logs.seeing import hidden_note
from tools.logs.sign_in_causes import CERTAIN, LIKELY, Cause, causes, suspicious
from tools.logs.situation import FAILED_DAYS, MOST_EVENTS, Situation, days_since, situation
from tools.objects.users import NEVER, OnePerson
from tools.okta.client import OktaClient


class SignInProblem(Output):
    """`password_days` is how old the password is, `unread` what this connection could not read."""

    user: str
    status: str
    password_days: int | None = None
    last_sign_in: str
    causes: list[Cause]
    suspicious: list[str] | None = None
    unread: list[str] | None = None
    ask: list[str] | None = None
    note: str | None = None


@reads(
    scopes={"okta.logs.read", "okta.users.read"},
    helpful_scopes={"okta.policies.read"},
    observe=situation,
    words="cannot sign in, cannot log in, login fails, sign-in fails, why can't somebody sign in, locked out why, "
    "trouble signing in, login problem, sign-in trouble",
)
async def explain_sign_in_problem(request: OnePerson, okta: OktaClient, found: Situation) -> SignInProblem:
    """Explain why a person cannot sign in: likely causes with evidence, and the action that mends each."""
    user, ranked = found.user, causes(found)
    return SignInProblem(
        user=user.label,
        status=user.status,
        password_days=days_since(user.password_changed, found.now),
        last_sign_in=_last(found),
        causes=ranked,
        suspicious=suspicious(found) or None,
        unread=found.unread or None,
        ask=_ask(found, ranked) or None,
        note=" ".join(filter(None, (_summary(found, ranked), _bounded(found), hidden_note()))) or None,
    )


def _last(found: Situation) -> str:
    if event := next((one for one in found.attempts if succeeded(one)), None):
        return told([event])
    last = found.user.last_login
    return f"{last:%Y-%m-%d %H:%M} UTC" if last is not None else NEVER


def _summary(found: Situation, ranked: list[Cause]) -> str:
    if any(one.certainty in (CERTAIN, LIKELY) for one in ranked):
        return ""
    what = "Nothing certain was found" if ranked or found.unread else "Nothing was found"
    return f"{what} that keeps {found.user.label} from signing in."


def _bounded(found: Situation) -> str:
    return f"Only the last {MOST_EVENTS} attempts were read." if found.more else ""


def _ask(found: Situation, ranked: list[Cause]) -> list[str]:
    """What to ask the person, where the causes do not tell enough."""
    if any(one.certainty == CERTAIN for one in ranked):
        return []
    ask = ["Which message do they see, at which address or application, and when did they last try?"]
    if not found.attempts:
        ask.append(
            f"No attempt reached their account in {FAILED_DAYS} days. Which username do they type, and into which org?"
        )
    return ask
