"""Administrator roles that people hold, directly or through a group, as Okta's Role Assignments API tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.objects.ids import GROUP_ID
from tools.okta.client import OktaClient

GROUPS, APPLICATIONS = "targets/groups", "targets/catalog/apps"
"""What a role may be limited to, as Okta calls it."""


@dataclass(frozen=True)
class HeldRole:
    """`through` is the id of the group that gives it, if one does. `limits` are the names of what it is limited to."""

    id: str
    name: str
    type: str
    through: str | None = None
    resource_set: str | None = None
    limits: tuple[str, ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "HeldRole":
        assignee = ((told.get("_links") or {}).get("assignee") or {}).get("href")
        group = GROUP_ID.search(str(assignee)) if told.get("assignmentType") == "GROUP" else None
        return cls(
            id=str(told.get("id")),
            name=str(told.get("label") or told.get("type")),
            type=str(told.get("type")),
            through=group[0] if group else None,
            resource_set=told.get("resource-set"),
            limits=tuple(_limits((told.get("_embedded") or {}).get("targets") or {})),
        )


def _limits(targets: Mapping[str, Any]) -> list[str]:
    groups = [str((one.get("profile") or {}).get("name") or one.get("id")) for one in targets.get("groups") or ()]
    applications = (targets.get("catalog") or {}).get("apps") or ()
    return [
        *(f"group {name}" for name in groups),
        *(f"application {one.get('displayName') or one.get('name')}" for one in applications),
    ]


async def roles_of(okta: OktaClient, user_id: str, expand: str | None = None) -> list[HeldRole]:
    """The roles that a person holds. `expand`: with what each is limited to, of one kind."""
    return [HeldRole.of(one) for one in await okta.get("users", user_id, "roles", expand=expand)]
