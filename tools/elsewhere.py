"""What people ask for and no action here does, with where it is done. A new action replaces its entry: delete it."""

from dataclasses import dataclass

from tools.objects.console import CONSOLE, PERSON


@dataclass(frozen=True)
class Elsewhere:
    """`names` are what a tool for it would be called, and `words` other ways to ask for it, with commas between.

    `near` is the action that comes so close that it may be taken for it, if any.
    """

    what: str
    where: str
    names: tuple[str, ...]
    words: str = ""
    near: str = ""

    def __str__(self) -> str:
        return f"No action here {self.what}; it is done {self.where}."


def _at(place: str, *rows: tuple[str, str, str, str] | tuple[str, str, str]) -> tuple[Elsewhere, ...]:
    """Entries of one place: what, names, words, and near where there is one."""
    return tuple(
        Elsewhere(row[0], place, tuple(row[1].split()), row[2], row[3] if len(row) == 4 else "") for row in rows
    )


RULES = f"{CONSOLE}: Directory, Groups, Rules"
APPS = f"{CONSOLE}: Applications, the application"

PEOPLE = (
    *_at(
        "by the person at the next sign-in, as after reset_factor",
        ("enrols a factor for somebody", "enroll_factor activate_factor", "register a yubikey for somebody"),
    ),
    *_at(f"{PERSON}, Devices", ("lists the devices of a person", "list_user_devices", "which laptop")),
    *_at(
        f"{PERSON}, Applications, the application, OAuth grants",
        ("revokes OAuth consents of a person", "revoke_user_grants", "take back the consent of an app"),
    ),
    *_at(
        f"{PERSON}, Profile, risk", ("reads or sets a person's risk level", "get_user_risk set_user_risk", "risk score")
    ),
    *_at(
        f"{CONSOLE}: Directory, People, More actions, Import users from CSV",
        ("imports many people from a file", "import_users bulk_create_users", "CSV upload, mass creation"),
    ),
    *_at(
        f"{CONSOLE}: Reports, Reports",
        (
            "makes reports on access or sign-ins",
            "run_report usage_report",
            "current assignments, report of unused apps",
        ),
    ),
    *_at(
        "in steps: list_user_groups of the one, then add_user_to_group of the other for each group",
        ("copies one person's access to another", "copy_user_access clone_user", "same groups as a colleague"),
    ),
    *_at(
        "by one call for each person",
        (
            "changes many people at once",
            "start_batch bulk_update get_batch list_batches",
            "bulk, mass update, batch job",
        ),
    ),
    *_at(
        f"{CONSOLE}: Directory, Profile Editor",
        ("edits the user schema", "add_custom_attribute", "new attribute, add a custom field", "get_user_schema"),
        ("edits the mapping of attributes", "update_profile_mapping", "attribute mapping of an application"),
        ("creates user types", "create_user_type", "another kind of people"),
    ),
    *_at(
        f"{CONSOLE}: Directory, Self-Service Registration",
        ("sets up self-registration", "configure_self_registration", "let customers sign up by themselves"),
    ),
)

GROUPS = (
    *_at(
        f"{CONSOLE}: Directory, Groups, the group, Owners",
        (
            "changes who owns a group",
            "assign_group_owner remove_group_owner",
            "make somebody responsible for a group",
            "list_group_owners",
        ),
    ),
    *_at(
        RULES,
        (
            "edits group rules",
            "create_group_rule update_group_rule activate_group_rule deactivate_group_rule delete_group_rule",
            "new dynamic group, switch a group rule on or off",
            "lookup_group_rule",
        ),
    ),
    *_at(
        f"{APPS}, Push Groups",
        ("pushes groups to an application", "push_group", "group push, sync a group to an application"),
    ),
)

APPLICATIONS = (
    *_at(
        f"{CONSOLE}: Applications",
        (
            "adds, renames or deletes applications",
            "create_application delete_application update_application rename_application",
            "integrate a new SaaS",
            "lookup_application",
        ),
        (
            "activates or deactivates applications",
            "activate_application deactivate_application",
            "switch off an app for all",
            "lookup_application",
        ),
    ),
    *_at(
        f"{APPS}, Assignments",
        ("edits somebody's user name in an application", "update_application_user", "attributes in an app"),
    ),
    *_at(
        f"{APPS}, Sign On",
        ("edits SAML or its certificates", "rotate_saml_certificate", "metadata, signing certificate, SSO setup"),
    ),
    *_at(
        f"{APPS}, Provisioning",
        ("sets up provisioning to an application", "configure_provisioning", "SCIM, sync accounts"),
    ),
    *_at(
        f"{APPS}, General",
        ("shows or rotates client secrets", "rotate_client_secret", "OAuth client secret, OIDC credentials"),
    ),
    *_at(
        f"{APPS}, Import",
        ("imports accounts from an application", "import_application_users", "HR import, Workday sync"),
    ),
)

ACCESS = (
    *_at(
        f"{CONSOLE}: Security, Administrators",
        (
            "grants or revokes administrator roles",
            "assign_user_role unassign_user_role assign_group_role unassign_group_role assign_admin_role make_admin",
            "make somebody admin, super admin, admin rights, privileges",
            "add_user_to_group",
        ),
        (
            "lists the administrator roles of a group",
            "list_group_roles",
            "roles of a group, does a group give admin rights",
            "lookup_group",
        ),
        ("makes custom roles or resource sets", "create_custom_role create_resource_set", "delegated administration"),
    ),
    *_at(
        f"{CONSOLE}: Identity Governance, Access Certifications",
        (
            "reviews or certifies access",
            "create_access_certification",
            "recertification campaign, attestation campaign",
            "review_group_access",
        ),
    ),
    *_at(
        f"{CONSOLE}: Identity Governance, Access Requests",
        (
            "handles requests for access",
            "create_access_request approve_access_request",
            "request catalogue, approval of access requests",
        ),
    ),
    *_at(
        f"{CONSOLE}: Directory, Devices",
        (
            "lists, suspends or deactivates devices",
            "lookup_device list_devices suspend_device unsuspend_device deactivate_device activate_device",
            "stolen laptop, lost device",
        ),
    ),
)

SECURITY = (
    *_at(
        f"{CONSOLE}: Security, Networks",
        ("reads or edits network zones", "list_network_zones create_network_zone", "allowed countries, proxies"),
        ("blocks or unblocks an IP address", "block_address unblock_address block_ip", "blacklist, attacker's address"),
    ),
    *_at(
        f"{CONSOLE}: Security, API, Tokens",
        ("lists, makes or revokes API tokens", "list_api_tokens revoke_api_token create_api_token", "API key"),
    ),
    *_at(
        f"{CONSOLE}: Security, API",
        (
            "edits authorization servers, scopes or claims",
            "create_authorization_server",
            "OAuth scopes, access token claims",
        ),
        ("edits trusted origins", "create_trusted_origin", "CORS, redirect"),
    ),
    *_at(
        f"{CONSOLE}: Security, Global Session Policy and Authentication Policies",
        (
            "reads, edits or simulates sign-on policies",
            "list_policies list_policy_rules update_policy simulate_sign_in",
            "conditional access, require MFA for an app, session lifetime",
        ),
    ),
    *_at(
        f"{CONSOLE}: Security, Authenticators",
        (
            "edits the password policy or which authenticators people may use",
            "update_password_policy update_authenticator",
            "password length, password complexity, allow FIDO passkeys for all",
        ),
    ),
    *_at(
        f"{CONSOLE}: Security, Device Assurance Policies",
        ("sets what devices must fulfil", "create_device_assurance_policy", "device trust, managed device, compliance"),
    ),
    *_at(
        f"{CONSOLE}: Security, Identity Providers",
        ("connects identity providers", "create_identity_provider", "federation, social login, inbound SAML"),
    ),
    *_at(
        f"{CONSOLE}: Security, General",
        (
            "edits ThreatInsight or security notifications",
            "configure_threatinsight",
            "threat protection, notification mails",
        ),
    ),
    *_at(
        f"{CONSOLE}: Security, HealthInsight",
        ("judges the org's security settings", "health_check security_score", "posture of the org"),
    ),
    *_at(
        f"{CONSOLE}: Security, Behavior Detection",
        ("edits behavior detection", "update_behavior_rule", "impossible travel, new device detection"),
    ),
)

LOGS = (
    *_at(
        f"{CONSOLE}: Reports, Rate Limits",
        ("shows the use of rate limits", "get_rate_limits", "too many requests, 429, API limits"),
    ),
)

ORG = (
    *_at(
        f"{CONSOLE}: Customizations, Brands",
        ("edits branding or the sign-in page", "update_brand upload_logo", "theme, colors, look and feel"),
        ("sets up a custom domain", "create_custom_domain", "custom URL, vanity domain, TLS certificate of the domain"),
        (
            "edits templates of mails",
            "update_email_template",
            "text of the welcome mail, SMS template, sender address",
        ),
    ),
    *_at(
        f"{CONSOLE}: Directory, Directory Integrations",
        ("connects Active Directory or LDAP", "create_directory_integration import_from_ad", "AD import, LDAP sync"),
    ),
    *_at(
        f"{CONSOLE}: Dashboard, Agents",
        ("watches or updates AD, LDAP and RADIUS agents", "list_agents update_agent", "agent down, agent version"),
    ),
    *_at(
        f"{CONSOLE}: Workflow, Workflows console",
        ("makes or runs Okta Workflows", "create_workflow run_workflow", "flow, automation"),
    ),
    *_at(
        f"{CONSOLE}: Workflow, Automations",
        ("makes automations", "create_automation", "deactivate inactive people automatically, schedule"),
    ),
    *_at(
        f"{CONSOLE}: Workflow, Event Hooks or Inline Hooks",
        (
            "makes event hooks or inline hooks",
            "create_event_hook create_inline_hook",
            "webhook, callback to our server",
        ),
    ),
    *_at(
        f"{CONSOLE}: Settings, Account",
        ("gives Okta's support access, or opens a case", "grant_support_access open_support_case", "contact support"),
    ),
    *_at(
        f"{CONSOLE}: Settings, Features",
        ("turns features of the org on or off", "list_features enable_feature", "early access, beta"),
    ),
    *_at(
        "with Okta's own API by a program of yours",
        ("calls Okta's API as such", "run_operation find_operations call_api", "raw request, REST endpoint"),
    ),
)

NOT_HERE = (*PEOPLE, *GROUPS, *APPLICATIONS, *ACCESS, *SECURITY, *LOGS, *ORG)


def near(action: str) -> tuple[str, ...]:
    """What the action may be looked for by mistake, a sentence each."""
    return tuple(str(one) for one in NOT_HERE if one.near == action)
