"""An attack from one address abroad: a few passwords tried on many people, one that fits, and pushes until somebody
might tap yes."""

from typing import Any

from server.sandbox import people
from server.sandbox.log import BY_FACTOR
from server.sandbox.policies import demo
from server.sandbox.story.telling import MINUTE, PUSH, SCRIPT, STRANGER, WINDOWS, Story

_SPRAYED = (
    *("priya.raman", "marcus.reid", "elena.vasquez", "harold.bennett", "ruth.adeyemi", "samir.patel", "wei.zhang"),
    *("victoria.chan", "andrew.walsh", "jane.doe", "chloe.laurent", "yuki.tanaka", "peter.svensson", "grace.okafor"),
    *("leila.hosseini", "omar.haddad", "tess.nguyen", "daniel.novak"),
)
_NOBODY = ("admin@example.com", "info@example.com", "root@example.com")
_SUSPECTED = {"threatSuspected": "true"}


def tell(story: Story) -> None:
    _spray(story)
    _fatigue(story)
    _afterwards(story)


def _spray(story: Story) -> None:
    """Two passwords, each tried on everybody; one of them is Wei Zhang's."""
    stranger, moment = story.client(STRANGER, SCRIPT), story.before(6, 3)
    for _password in range(2):
        for login in _NOBODY:
            moment += story.chance.uniform(20, 50)
            story.fails(moment, login, stranger, "VERIFICATION_ERROR")
        for account in _SPRAYED:
            moment += story.chance.uniform(20, 50)
            if (user := story.person(account)) is not None:
                story.fails(moment, user, stranger)
        moment += 10 * MINUTE
    victim = story.person("wei.zhang")
    if victim is None:
        return
    browser = story.client(STRANGER, WINDOWS)
    session = story.signs_in(moment, victim, browser)
    for number, app in enumerate(story.applications(victim)):
        story.opens(moment + 60 + 90 * number, victim, browser, app, session)


def _fatigue(story: Story) -> None:
    """Somebody whose password is known is asked to approve, again and again, and says no."""
    victim = story.person("alex.kim")
    if victim is None:
        return
    who, stranger = people.as_target(victim), story.client(STRANGER, WINDOWS)
    began = story.before(2, 15)
    for number in range(8):
        moment = began + number * 75
        more: dict[str, Any] = {"transaction": story.request(), "debug": _SUSPECTED}
        story.evaluated(moment, victim, stranger, "CHALLENGE", **more)
        story.happened(moment + 1, "system.push.send_factor_verify_push", who, stranger, (who,), **more)
        story.happened(moment + 14, "user.mfa.okta_verify.deny_push", who, stranger, (who,), **more)
        story.happened(
            moment + 14.2,
            "user.authentication.auth_via_mfa",
            who,
            stranger,
            (who,),
            result="FAILURE",
            reason="INVALID_CREDENTIALS",
            context=BY_FACTOR,
            **{**more, "debug": {**PUSH, **_SUSPECTED}},
        )
    story.happened(
        began + 12 * MINUTE,
        "user.account.report_suspicious_activity_by_enduser",
        who,
        story.at_home(victim),
        (who,),
        debug={"suspiciousActivityEventType": "user.mfa.okta_verify.deny_push"},
    )


def _afterwards(story: Story) -> None:
    """Once the address is blocked, its next attempt is refused by the policy."""
    victim = story.person("wei.zhang")
    if victim is None:
        return
    story.evaluated(
        story.before(1, 4),
        victim,
        story.client(STRANGER, WINDOWS, demo.NETWORK),
        "DENY",
        (demo.NETWORK, demo.RULE),
        debug=_SUSPECTED,
    )
