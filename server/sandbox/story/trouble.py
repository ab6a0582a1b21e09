"""Who could not sign in, and why: a password that has expired, and somebody locked out."""

from sqlite3 import Row

from server.sandbox import people
from server.sandbox.story.telling import MINUTE, Story

LOCKED_OUT_AFTER = 10
"""Attempts, as the password policy has it."""


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
    began, phone, who = story.before(1, 2), story.at_home(user), people.as_target(user)
    for attempt in range(LOCKED_OUT_AFTER):
        story.fails(began + attempt * 40, user, phone)
    locked = began + LOCKED_OUT_AFTER * 40 - 39
    story.happened(locked, "user.account.lock", who, phone, (who,), result="FAILURE", reason="LOCKED_OUT")
    for later in (9, 12, 95):
        story.fails(began + later * MINUTE, user, story.at_office(user), "LOCKED_OUT")
