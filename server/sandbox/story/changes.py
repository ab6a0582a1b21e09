"""What administrators changed, so that the org is as it is."""

from server.sandbox import people
from server.sandbox.story.telling import MAC, Story

_JOINED = (
    # Days ago, by whom, who, and into which group.
    (11.2, "samir.patel", "anja.kowalska", "Night Desk"),
    (9.1, "samir.patel", "wei.zhang", "VPN Users"),
    (8.4, "tess.nguyen", "chloe.laurent", "VPN Users"),
    (6.9, "samir.patel", "jane.doe", "VPN Users"),
    (3.3, "tess.nguyen", "leila.hosseini", "VPN Users"),
)


def tell(story: Story) -> None:
    for days, administrator, account, group in _JOINED:
        _joined(story, story.before(days), administrator, account, group)


def _joined(story: Story, moment: float, administrator: str, account: str, name: str) -> None:
    """Somebody is put into a group; only what is so still is told."""
    by, user, group = story.person(administrator), story.person(account), story.group(name)
    if by is None or user is None or group is None:
        return
    held = "SELECT 1 FROM memberships WHERE group_id = ? AND user_id = ?"
    if story.org.database.one(held, group["id"], user["id"]) is None:
        return
    path = f"/api/v1/groups/{group['id']}/users/{user['id']}"
    client = story.at_office(by, MAC)
    targets = people.as_target(user), group
    story.happened(moment, "group.user_membership.add", people.as_target(by), client, targets, path=path)
