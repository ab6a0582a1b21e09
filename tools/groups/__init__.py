"""The toolset `groups`: groups themselves."""

from tools.groups.changing import update_group
from tools.groups.creating import create_group
from tools.groups.deleting import delete_group
from tools.groups.looking_up import lookup_group, search_groups

__all__ = ["create_group", "delete_group", "lookup_group", "search_groups", "update_group"]
