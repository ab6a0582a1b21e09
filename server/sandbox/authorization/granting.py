"""Groups that cannot be given an administrator's role, whichever way it is given."""

from server.sandbox import groups, rules
from server.sandbox.endpoints import ApiCall
from server.sandbox.problems import OktaProblem

MOST_ADMINISTRATORS = 5000


def refuse_group(call: ApiCall, group_id: str) -> None:
    """Refuse a role for a group whose members nobody chose, or too many (Okta's list of error codes).

    Raises:
        OktaProblem: the group is built in, too large, or filled by a group rule.
    """
    group = groups.find(call.org, group_id)
    if group["type"] == "BUILT_IN":
        raise OktaProblem(400, "E0000211", f"Roles cannot be granted to built-in groups: {group['name']}")
    members = call.org.database.all(
        "SELECT 1 FROM memberships WHERE group_id = ? LIMIT ?", group_id, MOST_ADMINISTRATORS + 1
    )
    if len(members) > MOST_ADMINISTRATORS:
        told = f"Roles can only be granted to groups with {MOST_ADMINISTRATORS} or less users. {group['name']}"
        raise OktaProblem(400, "E0000193", told)
    rules.refuse_role(call.org, group_id)
