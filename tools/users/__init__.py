"""The toolset `users`: people and their attributes."""

from tools.users.counting import count_users
from tools.users.creating import create_user
from tools.users.deleting import delete_user
from tools.users.exporting import export_group_members, export_users
from tools.users.looking_up import lookup_user, search_users
from tools.users.schema import get_user_schema
from tools.users.updating import update_user_profile

__all__ = [
    "count_users",
    "create_user",
    "delete_user",
    "export_group_members",
    "export_users",
    "get_user_schema",
    "lookup_user",
    "search_users",
    "update_user_profile",
]
