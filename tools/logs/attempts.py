"""Attempts to sign in: why each failed, and whether it was the person's own.

Reasons: support.okta.com, "Common Okta Login Failures" and "Understanding VERIFICATION_ERROR in System Log";
help.okta.com, "Suspicious activity events"; the descriptions of Okta's event types.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tools.logs.events import Event
from tools.logs.kinds import FAILURES
from tools.search.matching import moment
from tools.text.quoting import quote


class Why(StrEnum):
    """Why an attempt failed."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - no password
    LOCKED = "locked_out"
    EXPIRED = "password_expired"
    WRONG_FACTOR = "factor_failed"
    REJECTED = "push_rejected"
    PHISHING = "phishing"
    POLICY = "denied_by_policy"
    NETWORK = "blocked_network"
    USERNAME = "wrong_username"
    ELSEWHERE = "password_not_allowed"
    UNASSIGNED = "application_not_assigned"
    APPLICATION = "application_failed"
    OTHER = "other_failure"


_BY_TYPE = {
    "app.generic.unauth_app_access_attempt": Why.UNASSIGNED,
    "application.policy.sign_on.deny_access": Why.POLICY,
    "policy.evaluate_sign_on": Why.POLICY,
    "security.request.blocked": Why.NETWORK,
    "security.threat.detected": Why.NETWORK,
    "user.account.lock": Why.LOCKED,
    "user.authentication.sso": Why.APPLICATION,
    "user.mfa.okta_verify.deny_push": Why.REJECTED,
}
_BY_REASON = {
    "INVALID_CREDENTIALS": Why.WRONG_PASSWORD,
    "LOCKED_OUT": Why.LOCKED,
    "PASSWORD_EXPIRED": Why.EXPIRED,
    "NETWORK_ZONE_BLACKLIST": Why.NETWORK,
    "UNKNOWN_USER": Why.USERNAME,
    "VERIFICATION_ERROR": Why.USERNAME,
    "PASSWORD_BASED_LOGIN_DISALLOWED": Why.ELSEWHERE,
}
_BY_WORDS = (
    ("phishing", Why.PHISHING),
    ("rejected", Why.REJECTED),
    ("declined", Why.REJECTED),
    ("policy", Why.POLICY),
    ("deny", Why.POLICY),
    ("expired", Why.EXPIRED),
)
_SIGN_INS = ("user.session.", "user.authentication.", "user.mfa.", "app.oauth2.authorize", "app.oauth2.signon")
"""Beginnings of types whose failures are failed sign-ins. Administrators fail at much else."""
_BY_FACTOR = ("user.authentication.auth_via_mfa", "user.mfa.okta_verify")


def why(event: Event) -> Why | None:
    """Why an attempt failed; None if it is no failed one."""
    if event.type == "user.mfa.okta_verify.deny_push":
        return Why.REJECTED  # whose result is that the push was answered
    if event.result not in FAILURES:
        return None
    if found := _BY_TYPE.get(event.type):
        return found
    if not event.type.startswith(_SIGN_INS):
        return None
    reason = event.reason.casefold()
    if worded := next((kind for words, kind in _BY_WORDS if words in reason), None):
        return worded
    if event.type.startswith(_BY_FACTOR):
        return Why.WRONG_FACTOR
    return _BY_REASON.get(event.reason.upper(), Why.OTHER)


def succeeded(event: Event) -> bool:
    return event.type == "user.session.start" and event.result == "SUCCESS"


@dataclass(frozen=True)
class Usual:
    """From where somebody signs in: the addresses, and the countries with most of their sign-ins."""

    addresses: frozenset[str]
    countries: frozenset[str]

    @classmethod
    def of(cls, attempts: Iterable[Event]) -> "Usual":
        good = [one for one in attempts if succeeded(one) and one.debug("threatSuspected") != "true"]
        countries = Counter(one.country for one in good if one.country)
        # One sign-in from somewhere else may be that of whoever attacks them.
        home = {country for country, times in countries.items() if times == max(countries.values()) or times > 2}
        return cls(frozenset(one.ip for one in good if not home or one.country in home), frozenset(home))

    def is_strange(self, event: Event) -> bool:
        """Whether an attempt does not look like the person's own. Nothing is strange where nothing is known."""
        if event.debug("threatSuspected") == "true":
            return True
        if not self.addresses or event.ip in self.addresses or not event.ip:
            return False
        return not event.country or event.country not in self.countries


def at(event: Event) -> str:
    """When it happened, to the minute."""
    read = moment(event.published)
    return f"{read:%Y-%m-%d %H:%M} UTC" if read is not None else "at an unknown time"


def told(events: Sequence[Event]) -> str:
    """Attempts of one kind as a line of evidence: how many, when, why, from where. They are newest first."""
    last = events[0]
    times = f"{len(events)} times, last " if len(events) > 1 else ""
    reason = f", reason {quote(last.reason, 120)}" if last.reason else ""
    return f"{times}{at(last)}: {last.type} {last.result}{reason}{_from(events)}"


def _from(events: Sequence[Event]) -> str:
    last = events[0]
    if last.masked or not last.ip:
        return ""
    place = f" ({quote(last.place)})" if last.place else ""
    device = f", {quote(last.device)}" if last.device else ""
    zone = f", network zone {quote(last.zone)}" if last.zone else ""
    others = len({one.ip for one in events}) - 1
    more = f", and {others} other addresses" if others > 0 else ""
    return f", from {last.ip}{place}{device}{zone}{more}"
