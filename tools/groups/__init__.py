"""The toolset `groups`: groups themselves."""

from tools.groups.changing import update_group
from tools.groups.creating import create_group
from tools.groups.deleting import delete_group
from tools.groups.listing import list_group_applications, list_group_owners
from tools.groups.looking_up import lookup_group, search_groups
from tools.groups.reviewing import review_group_access

__all__ = [
    "create_group",
    "delete_group",
    "list_group_applications",
    "list_group_owners",
    "lookup_group",
    "review_group_access",
    "search_groups",
    "update_group",
]
