"""Kinds of events in the words of administrators, such as “failed sign-ins”, and the event types that each stands for.

Words of five languages are understood, by the same analysis that finds actions. What no kind here is called is looked
for among the names of all event types.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tools.finding.stems import plain
from tools.logs.event_types import nearest, spelt, stems, worded
from tools.okta.errors import InvalidInput
from tools.okta.expressions import Compare, Either, Expression
from tools.text.lines import readable

if TYPE_CHECKING:
    from tools.finding.index import WordIndex

FAILURES = ("FAILURE", "DENY")
SUCCESSES = ("SUCCESS", "ALLOW")
OUTCOMES = {"FAILURE": FAILURES, "SUCCESS": SUCCESSES}
"""What Okta calls the results that count as each of ours."""

_TABLE = """
sign in | user.session.start user.authentication.auth* | login, log in, logon, signed in, authentication, sign-ins
application sign in | user.authentication.sso app.oauth2.signon | single sign-on, SSO, opened an application, app login
sign out | user.session.end user.authentication.slo | logout, log out, logoff
end sessions | user.session.clear user.session.expire user.authentication.universal_logout* | cleared sessions, \
session cleared, session revoked, sign out everywhere
lockout | user.account.lock* | account locked, locked out, lock, locked, lockouts
unlock | user.account.unlock* | account unlocked
password reset | user.account.reset_password | reset password, forgot password, \
restablecimiento de contraseña, restablecer contraseña
password change | user.account.update_password | changed password, update password, new password
password | user.account.reset_password user.account.update_password user.account.expire_password | passwords
password expired | user.account.expire_password user.lifecycle.password_mass_expiry | expire password
MFA | user.mfa.* user.authentication.auth_via_mfa | factor, factors, authenticator, multifactor, two factor
MFA challenge | user.authentication.auth_via_mfa user.mfa.okta_verify* system.push.send_factor_verify_push | factor \
verification, second factor, push, verify
MFA reset | user.mfa.factor.reset_all user.mfa.factor.deactivate | reset factors, factor reset, removed factor, \
authenticator reset
MFA enrollment | user.mfa.factor.activate device.enrollment.create | enrolled factor, factor activated, new factor
user created | user.lifecycle.create | create user, new user, account created
user activated | user.lifecycle.activate user.lifecycle.reactivate | activate user
user deactivated | user.lifecycle.deactivate | deactivate user, offboarded
user suspended | user.lifecycle.suspend | suspend user
user unsuspended | user.lifecycle.unsuspend | unsuspend user, suspension lifted
user deleted | user.lifecycle.delete* | delete user
profile change | user.account.update_profile user.account.update_primary_email user.account.update_secondary_email | \
user updated, update profile, attribute changed, email changed
account change | user.lifecycle.* | status change, lifecycle, user status
group change | group.lifecycle.* group.profile.update group.user_membership.add group.user_membership.remove | group, \
groups changed
group created | group.lifecycle.create | create group, new group
group deleted | group.lifecycle.delete | delete group
group membership | group.user_membership.add group.user_membership.remove | membership change, members, group members
added to group | group.user_membership.add | member added, joined a group, add user to group
removed from group | group.user_membership.remove | member removed, left a group, remove user from group
group rule | group.user_membership.rule.* | group rules, rule changed
admin role change | user.account.privilege.* group.privilege.* app.oauth2.client.privilege.* \
iam.resourceset.bindings.* | administrator, admin privilege, role
admin role granted | user.account.privilege.grant group.privilege.grant app.oauth2.client.privilege.grant \
iam.resourceset.bindings.add | granted administrator, role assigned, new administrator, privilege granted
admin role revoked | user.account.privilege.revoke group.privilege.revoke app.oauth2.client.privilege.revoke \
iam.resourceset.bindings.delete | revoked administrator, role removed, privilege revoked
application assignment | application.user_membership.add group.application_assignment.add | assigned application, \
application access given, app assigned, app assignments
application unassignment | application.user_membership.remove group.application_assignment.remove | unassigned \
application, application access removed
application change | application.lifecycle.* | application created, application changed, app configuration
application access denied | app.generic.unauth_app_access_attempt application.policy.sign_on.deny_access | not \
assigned, unauthorized access
sign-on policy evaluation | policy.evaluate_sign_on | policy evaluated, sign-on denied, access policy
policy change | policy.lifecycle.* policy.rule.* application.policy.* | policies changed, policy rule
network zone | zone.* security.zone.* network_zone.* | network zones, blocked address, blocked IP
threat | security.threat.detected security.attack.* security.password_spray.detected security.request.blocked \
security.breached_credential.detected | attack, blocked request, suspicious, password spray, brute force
suspicious activity report | user.account.report_suspicious_activity_by_enduser | reported suspicious activity
risk | user.risk.* | user risk, risk level
API token | system.api_token.* | api tokens, token created
OAuth token | app.oauth2.token.* app.oauth2.as.token.* | access token, refresh token
OAuth client | app.oauth2.client.* | client change, client secret
consent | app.oauth2.admin.consent.* app.oauth2.consent.* app.oauth2.as.consent.* | consent granted, grants
device | device.lifecycle.* device.enrollment.* device.user.* | device change, devices
impersonation | user.session.impersonation.* | support access
Admin Console access | user.session.access_admin_app | admin console opened, admin sign in
rate limit | system.org.rate_limit.* | rate limits exceeded
mail | system.email.* | email sent, delivery, e-mail
import | system.import.* app.user_management.* | provisioning, imported users, synchronization
"""
_FAILED = (
    *("fail", "unsuccess", "wrong", "bad", "denied", "deny", "denials", "rejected", "reject", "refus", "error"),
    *("fehlgeschlagen", "gescheitert", "abgelehnt", "echou", "echec", "rejet", "fallid", "rechazad", "denegad"),
)
_SUCCEEDED = ("success", "erfolgreich", "reussi", "exitos")
_UNSPACED = {"失敗": "FAILURE", "拒否": "FAILURE", "成功": "SUCCESS"}
"""How events ended, in words and in the beginnings of words."""


@dataclass(frozen=True)
class EventKinds:
    """The types that words stand for, `*` at the end of a beginning, and how such events ended if the words say so."""

    types: tuple[str, ...] = ()
    outcome: str | None = None

    def expressions(self) -> list[Expression]:
        if not self.types:
            return []
        return [Either(tuple(_of(one) for one in self.types))]


def _of(pattern: str) -> Expression:
    if pattern.endswith("*"):
        return Compare("eventType", "sw", pattern.removesuffix("*"))
    return Compare("eventType", "eq", pattern)


def event_kinds(text: str) -> EventKinds:
    """What a kind in words, event types, or several of these with commas between them stand for.

    Raises:
        InvalidInput: one of them is no kind of event.
    """
    types: dict[str, None] = {}
    outcomes = set[str | None]()
    for one in filter(None, map(str.strip, text.split(","))):
        found = _kind(one)
        types |= dict.fromkeys(found.types)
        outcomes.add(found.outcome)
    outcome = outcomes.pop() if len(outcomes) == 1 else None
    return EventKinds(tuple(types), outcome)


def _kind(text: str) -> EventKinds:
    if types := spelt(text):
        return EventKinds(types)
    words, outcome = _without_outcome(text)
    if not words and outcome:
        return EventKinds((), outcome)  # “failures” of whatever kind
    if "." not in text:
        for said, ended in ((text, None), (words, outcome)):
            if exact := _phrases().get(stems(said)):
                return EventKinds(_kinds()[exact], ended)
        found = _index().find(words, 1)
        if found and found[0].fit >= 0.8:
            return EventKinds(_kinds()[found[0].of], outcome)
        if types := worded(text):
            return EventKinds(types)
        if types := worded(words):
            return EventKinds(types, outcome)
        if found:
            return EventKinds(_kinds()[found[0].of], outcome)
    near = nearest(text)
    hint = (
        f"Did you mean {', '.join(near)}?"
        if near
        else "Say it in words, such as sign-in, password reset, group change."
    )
    raise InvalidInput(
        f"kind: “{readable(text)[:60]}” is no kind of event.",
        code="unknown_event_kind",
        next_step=f"{hint} Or leave kind out and use text.",
    )


def _without_outcome(text: str) -> tuple[str, str | None]:
    """The words without those that say how it ended, and how it ended."""
    kept, outcome = [], None
    for word in text.replace("-", " - ").split():
        folded = plain(word)
        if folded.startswith(_FAILED):
            outcome = "FAILURE"
        elif folded.startswith(_SUCCEEDED):
            outcome = "SUCCESS"
        else:
            kept.append(word)
    words = " ".join(kept).replace(" - ", "-")
    for unspaced, result in _UNSPACED.items():
        if unspaced in words:
            words, outcome = words.replace(unspaced, ""), result
    return words.strip(), outcome


@cache
def _kinds() -> dict[str, tuple[str, ...]]:
    return {name: types for name, types, _ in _rows()}


def _rows() -> list[tuple[str, tuple[str, ...], str]]:
    rows = [[part.strip() for part in line.split("|")] for line in _TABLE.strip().splitlines()]
    return [(name, tuple(types.split()), words) for name, types, words in rows]


@cache
def _phrases() -> dict[frozenset[str], str]:
    """Each phrase of the table, as stems, with its kind. The index takes what only comes near one."""
    phrased = [(phrase, name) for name, _, words in _rows() for phrase in (name, *words.split(","))]
    return {stems(phrase): name for phrase, name in reversed(phrased)}


@cache
def _index() -> "WordIndex[str]":
    from tools.finding.index import Findable, WordIndex  # with its lexicon, which takes long to read

    return WordIndex(Findable(name, (name.replace(" ", "_"),), words) for name, _, words in _rows())
