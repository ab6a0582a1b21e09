"""Who could not sign in, and why: a password that has expired, and somebody locked out."""

from sqlite3 import Row

from server.sandbox import people
from server.sandbox.story.telling import MINUTE, Story

LOCKED_OUT_AFTER = 10
"""Attempts, as the password policy has it."""


LOCKED = 1.08
"""Days since somebody was locked out."""
_APART = 40
"""Seconds between attempts."""


def tell(story: Story) -> None:
    expired = story.person("lucia.ferrari")
    if expired is not None:
        client = story.at_office(expired)
        for days, minutes in ((2.2, 0), (2.2, 3), (0.4, 0)):
            story.fails(story.before(days) + minutes * MINUTE, expired, client, "PASSWORD_EXPIRED")
    locked = story.person("carlos.vega")
    if locked is not None:
        _locked_out(story, locked)


def _locked_out(story: Story, user: Row) -> None:
    """A phone that still has the old password tries it until the account is locked; then its owner tries."""
    locked, phone, who = story.before(LOCKED), story.at_home(user), people.as_target(user)
    began = locked - LOCKED_OUT_AFTER * _APART
    for attempt in range(1, LOCKED_OUT_AFTER + 1):
        story.fails(began + attempt * _APART - 0.1, user, phone)
    story.happened(locked, "user.account.lock", who, phone, (who,), result="FAILURE", reason="LOCKED_OUT")
    for later in (9, 12, 95):
        story.fails(locked + later * MINUTE, user, story.at_office(user), "LOCKED_OUT")
