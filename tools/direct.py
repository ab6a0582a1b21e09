"""Which actions are tools of their own, unless a rule says otherwise; the others are found and run by their names."""

DIRECT = (
    "lookup_user",
    "search_users",
    "create_user",
    "update_user_profile",
    "activate_user",
    "deactivate_user",
    "suspend_user",
    "unlock_user",
    "reset_password",
    "reset_all_factors",
    "add_user_to_group",
    "remove_user_from_group",
    "lookup_group",
    "search_groups",
    "search_system_log",
    "explain_sign_in_problem",
)
"""What administrators do daily. A model pays for each of these with every request: at most 20 in all are direct."""
