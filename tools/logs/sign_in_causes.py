"""What may keep somebody from signing in, likeliest first: each with its evidence and with what mends it."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ConfigDict
from pydantic.json_schema import SkipJsonSchema

from tools.contract.outcomes import Output
from tools.logs.attempts import Usual, Why, at, succeeded, told, why
from tools.logs.events import SOMEBODY, Event
from tools.logs.situation import Situation, days_since, in_order, inside, most_days
from tools.objects.factors import Factor
from tools.objects.passwords import is_kept_elsewhere, keeper
from tools.objects.statuses import meaning
from tools.text.lines import readable
from tools.text.quoting import quote, quote_address

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"
_ORDER = (CERTAIN, LIKELY, POSSIBLE)
MOST_NAMED = 5
_OF_STATUS = {
    "STAGED": ("activate_user", "Activate them; Okta mails a link to set a password."),
    "PROVISIONED": ("resend_activation", "Mail them the activation link again."),
    "RECOVERY": ("reset_password", "Mail them the link to set a new password again."),
    "LOCKED_OUT": ("unlock_user", "Unlock them."),
    "SUSPENDED": ("unsuspend_user", "Somebody suspended them on purpose: ask before you lift it."),
    "DEPROVISIONED": ("activate_user", "They were deactivated on purpose: ask before you activate them again."),
}
_CHANGED_BY = {
    "RECOVERY": ("user.account.reset_password",),
    "LOCKED_OUT": ("user.account.lock",),
    "SUSPENDED": ("user.lifecycle.suspend",),
    "DEPROVISIONED": ("user.lifecycle.deactivate",),
    "PROVISIONED": ("user.lifecycle.activate", "user.lifecycle.reactivate", "user.lifecycle.create"),
    "STAGED": ("user.lifecycle.create",),
    "PASSWORD_EXPIRED": ("user.account.expire_password", "user.lifecycle.password_mass_expiry"),
}
"""What events say who brought somebody into a status, and when."""


class Cause(Output):
    """cause, certainty, what, evidence; mend, action and arguments where something mends it."""

    # No field is in the schema: they speak for themselves, and a model would pay for them on every request.
    model_config = ConfigDict(frozen=True, extra="allow")

    cause: SkipJsonSchema[str]
    certainty: SkipJsonSchema[str]


def cause(kind: str, certainty: str, what: str, evidence: list[str], **mends: Any) -> Cause:
    shown = {name: value for name, value in mends.items() if value}
    return Cause(cause=kind, certainty=certainty, what=what, evidence=evidence, **shown)


def causes(found: Situation) -> list[Cause]:
    """Everything that may keep the person from signing in."""
    finders: tuple[Callable[[Situation], Iterator[Cause]], ...] = (
        _status,
        _blocks,
        _policy,
        _age,
        _attempts,
        _factors,
    )
    told = [one for finder in finders for one in finder(found)]
    seen: dict[str, Cause] = {}
    for one in sorted(told, key=lambda one: _ORDER.index(one.certainty)):
        seen.setdefault(one.cause, one)
    return list(seen.values())


def _status(found: Situation) -> Iterator[Cause]:
    user = found.user
    if user.status == "PASSWORD_EXPIRED":
        what = "Their password has expired: they must set a new one when they next sign in."
        yield cause("password_expired", LIKELY, what, _changed(found), **_new_password(found))
    elif user.status in _OF_STATUS:
        action, mend = _OF_STATUS[user.status]
        what = f"They are {user.status}: {meaning(user.status)}."
        evidence = _changed(found)
        if user.status == "LOCKED_OUT":
            evidence += _failures(found, Why.WRONG_PASSWORD, Why.LOCKED)
        if user.status == "RECOVERY" and is_kept_elsewhere(found.user):
            yield cause("recovery", CERTAIN, what, evidence, **_new_password(found))
            return
        yield cause(user.status.lower(), CERTAIN, what, evidence, mend=mend, action=action, arguments=_them(found))


def _changed(found: Situation) -> list[str]:
    """Since when they have the status, and who brought them into it."""
    user = found.user
    since = f"status {user.status} since {user.status_changed:%Y-%m-%d %H:%M} UTC" if user.status_changed else ""
    types = _CHANGED_BY.get(user.status, ())
    by = next((f"{at(one)}: {one.type} by {_who(one)}" for one in found.changes if one.type in types), "")
    return [one for one in (since, by) if one]


def _who(event: Event) -> str:
    return SOMEBODY if event.masked else quote_address(event.actor.label)


def _blocks(found: Situation) -> Iterator[Cause]:
    for block in found.blocks or ():
        devices = str(inside(block, "appliesTo") or "").upper()
        which = "any device" if devices == "ANY_DEVICES" else "devices that Okta does not know"
        certainty = CERTAIN if devices == "ANY_DEVICES" else LIKELY
        told = readable(f"{inside(block, 'type')} {devices}")[:80]
        what = f"Okta blocks their sign-ins from {which}, after too many failed attempts."
        yield cause(
            "blocked_devices",
            certainty,
            what,
            [f"block {told}"],
            mend="Lift the block by unlocking them.",
            action="unlock_user",
            arguments=_them(found),
        )


def _policy(found: Situation) -> Iterator[Cause]:
    decided = _deciding(found)
    if decided is None:
        return
    policy, rule = decided
    named = f"sign-on policy {quote(str(policy.get('name')))}, rule {quote(str(rule.get('name')))}"
    signon = inside(rule, "actions", "signon")
    if inside(signon, "access") == "DENY":
        what = "Okta's sign-on policy for them denies every sign-in."
        yield cause("denied_by_policy", CERTAIN, what, [named], mend="Whoever administers sign-on policies changes it.")
    elif inside(signon, "requireFactor") is True and found.factors is not None and not _working(found):
        what = "Their sign-on policy asks for a factor, and they have none: they must enroll one as they sign in."
        yield cause(
            "no_factor", POSSIBLE, what, [named, _listed(found)], mend="Ask whether they are asked to set up one."
        )


def _deciding(found: Situation) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The sign-on policy and the rule of it that decide wherever no network zone does: the first for any network."""
    for policy in found.speaking(found.sign_on):
        rules = inside(policy, "_embedded", "rules")
        for rule in in_order(rules if isinstance(rules, list) else ()):
            anywhere = (inside(rule, "conditions", "network", "connection") or "ANYWHERE") == "ANYWHERE"
            if rule.get("status") == "ACTIVE" and anywhere:
                return policy, rule
    return None


def _age(found: Situation) -> Iterator[Cause]:
    policy = next(iter(found.speaking(found.password)), None)
    most, days = most_days(policy), days_since(found.user.password_changed, found.now)
    if found.user.status != "ACTIVE" or is_kept_elsewhere(found.user) or not most or days is None or days < most:
        return
    name = quote(str((policy or {}).get("name")))
    what = f"Their password is {days} days old, and expires after {most}: they must set a new one to sign in."
    yield cause("password_expired", LIKELY, what, [f"password policy {name}: {most} days"], **_new_password(found))


def _attempts(found: Situation) -> Iterator[Cause]:
    """What their own attempts failed by. What they got past since is no longer in their way."""
    usual = Usual.of(found.attempts)
    last = next((place for place, one in enumerate(found.attempts) if succeeded(one)), len(found.attempts))
    by_reason: dict[Why, list[tuple[int, Event]]] = {}
    for place, event in enumerate(found.attempts):
        if (reason := why(event)) is not None and not usual.is_strange(event):
            by_reason.setdefault(reason, []).append((place, event))
    for reason, placed in by_reason.items():
        stands = placed[0][0] < last or reason in (Why.UNASSIGNED, Why.APPLICATION)
        events = [event for _, event in placed]
        yield _failed(found, reason, events, LIKELY if stands else POSSIBLE, passed=not stands)


def _failed(found: Situation, reason: Why, events: list[Event], certainty: str, *, passed: bool) -> Cause:
    what, mends = _meaning(found, reason, events)
    since = " They have signed in since." if passed else ""
    return cause(reason.value, certainty, f"{what}{since}", [told(events)], **({} if passed else mends))


def _meaning(found: Situation, reason: Why, events: list[Event]) -> tuple[str, dict[str, Any]]:
    match reason:
        case Why.WRONG_PASSWORD:
            return "The password that they typed was wrong.", _new_password(found)
        case Why.LOCKED:
            if found.user.status == "LOCKED_OUT":
                return "They tried while they were locked out.", _by("unlock_user", found, "Unlock them.")
            return "They were locked out then, and are not now.", {"mend": "Ask them to try again."}
        case Why.EXPIRED:
            return "Their password had expired.", _new_password(found)
        case Why.REJECTED:
            return "They, or whoever has their device, rejected the push.", {
                "mend": "Ask whether they rejected it. If they did not sign in then, somebody has their password.",
            }
        case Why.WRONG_FACTOR:
            return "They did not get past their second factor.", _new_factor(found, events[0])
        case Why.PHISHING:
            return "Okta FastPass saw a page that passes for Okta's, and refused.", {
                "mend": "Ask which address they opened, and tell whoever is in charge of security.",
            }
        case Why.POLICY:
            rules = ", ".join(dict.fromkeys(quote(one.name) for one in events[0].targets if one.name)) or "a policy"
            return f"Okta's policies denied it: {rules}.", {
                "mend": "Ask where they were, with which device. Whoever administers sign-on policies can change it.",
            }
        case Why.NETWORK:
            return "Okta blocked the network that they came from.", {
                "mend": "Ask them to try from another network. Whoever administers network zones can let it in.",
            }
        case Why.USERNAME:
            return "Okta did not accept the username, or the person's status at that time.", {
                "mend": f"Ask which username they type; theirs is {quote_address(found.user.login)}."
            }
        case Why.ELSEWHERE:
            return "They may not sign in with a password.", {"mend": "They sign in where their account is kept."}
        case Why.UNASSIGNED:
            return _unassigned(found, events)
        case Why.APPLICATION:
            apps = ", ".join(dict.fromkeys(one.label for event in events for one in event.targets if _is_app(one.type)))
            return f"They got into Okta, but not into {quote(apps) if apps else 'an application'}.", {
                "mend": "Look at their account there, and at the application's settings."
            }
        case Why.OTHER:
            return "Okta refused without a reason that is known here.", {"mend": "Look it up with search_system_log."}


def _unassigned(found: Situation, events: list[Event]) -> tuple[str, dict[str, Any]]:
    apps = [one for one in events[0].targets if _is_app(one.type)]
    if not apps:
        return "They opened an application that they are not assigned to.", {"mend": "Ask which one."}
    app = apps[0]
    return f"They opened {quote(app.name)}, which they are not assigned to.", {
        "mend": "Assign it, if they should have it.",
        "action": "assign_user_to_application",
        "arguments": {"application_id": app.id, **_them(found)},
    }


def _is_app(type: str) -> bool:
    return type == "AppInstance"


def _factors(found: Situation) -> Iterator[Cause]:
    for factor in found.factors or ():
        if factor.status == "PENDING_ACTIVATION":
            what = f"They never finished enrolling {factor.kind}."
            mend = "Remove it, so that they can enroll anew."
            yield cause("factor_pending", POSSIBLE, what, [_listed(found)], mend=mend, **_removing(found, factor))


def _new_factor(found: Situation, event: Event) -> dict[str, Any]:
    """What mends a factor: that one, if it is known which; else all of them."""
    working, kind = _working(found), event.debug("factor").casefold()
    meant = [one for one in working if kind and one.factor_type.partition(":")[0] in kind] or working
    if len(meant) == 1:
        mend = f"If they no longer have {meant[0].kind}, remove it, so that they can enroll anew."
        return {"mend": mend, **_removing(found, meant[0])}
    return _by("reset_all_factors", found, "If they lost what they have, let them enroll anew. Verify who is asking.")


def _removing(found: Situation, factor: Factor) -> dict[str, Any]:
    return {"action": "reset_factor", "arguments": {**_them(found), "factor_id": factor.id}}


def _working(found: Situation) -> list[Factor]:
    return [one for one in found.factors or () if one.works]


def _listed(found: Situation) -> str:
    """Their factors, and whether each works."""
    told = [f"{one.kind} {readable(one.status)[:30]}" for one in found.factors or ()]
    return f"factors: {', '.join(told[:MOST_NAMED])}" if told else "factors: none"


def _new_password(found: Situation) -> dict[str, Any]:
    if (other := keeper(found.user)) is not None:
        return {"mend": f"Their password is kept by {other[0]}, not by Okta: it is changed {other[1]}."}
    return _by("reset_password", found, "If they do not know it, mail them a link to set a new one.")


def _by(action: str, found: Situation, mend: str) -> dict[str, Any]:
    return {"mend": mend, "action": action, "arguments": _them(found)}


def _them(found: Situation) -> dict[str, str]:
    return {"user_id": found.user.id}


def _failures(found: Situation, *reasons: Why) -> list[str]:
    events = [one for one in found.attempts if why(one) in reasons]
    return [told(events)] if events else []


def suspicious(found: Situation) -> list[str]:
    """What does not look like the person's own: failures from elsewhere, and sign-ins that followed them."""
    usual = Usual.of(found.attempts)
    strange = [one for one in found.attempts if (why(one) is not None or succeeded(one)) and usual.is_strange(one)]
    failed, got_in = [one for one in strange if why(one)], [one for one in strange if succeeded(one)]
    lines = []
    if failed:
        lines.append(f"Possible attack, unlike where they usually sign in from: {told(failed)}.")
    if got_in:
        lines.append(
            f"Somebody signed in from there: {told(got_in)}. Ask the person; if it was not them, use clear_sessions "
            "and reset_password."
        )
    reported = [one for one in found.changes if one.type == "user.account.report_suspicious_activity_by_enduser"]
    return [*lines, *(f"They reported suspicious activity: {at(one)}." for one in reported[:1])]
