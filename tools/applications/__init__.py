"""The toolset `applications`: applications, and who has which."""

from tools.applications.assigning import assign_user_to_application, unassign_user_from_application
from tools.applications.group_assigning import assign_group_to_application, unassign_group_from_application
from tools.applications.listing import list_application_groups, list_application_users, list_user_applications
from tools.applications.looking_up import lookup_application, search_applications

__all__ = [
    "assign_group_to_application",
    "assign_user_to_application",
    "list_application_groups",
    "list_application_users",
    "list_user_applications",
    "lookup_application",
    "search_applications",
    "unassign_group_from_application",
    "unassign_user_from_application",
]
