"""The okta.* scopes that an administrator can grant to an app.

Source: Okta's API description 5.1.0, and https://developer.okta.com/docs/api/oauth2/ for `clients`, `factors` and
`.self`, which the description does not name.
"""


def _scopes(names: str, *verbs: str) -> list[str]:
    return [f"okta.{name}.{verb}" for name in names.split() for verb in verbs]


MANAGEMENT_SCOPES = [
    *_scopes("users groups schemas userTypes apps roles sessions orgs", "manage", "read"),
    "okta.logs.read",
    *_scopes("appGrants clients factors linkedObjects devices networkZones userRisk", "manage", "read"),
    *_scopes("apiTokens policies", "manage", "read"),
]
"""What the sandbox's own apps are granted: the scopes of everything that administers people and what they reach."""

_OTHERS = """
agentPools aiAgents authenticators authorizationServers behaviors brands captchas deviceAssurance deviceIntegrations
devicePostureChecks domains dr emailDomains emailServers eventHooks features identitySources idps inlineHooks logStreams
manifests oauthIntegrations principalRateLimits privilegedResources profileMappings pushProviders rateLimits
realmAssignments realms riskProviders securityEventsProviders serviceAccounts templates threatInsights trustedOrigins
uischemas
"""

KNOWN_SCOPES = frozenset(
    {
        *MANAGEMENT_SCOPES,
        *_scopes(_OTHERS, "manage", "read"),
        *_scopes("directories.groups riskEvents support.cases", "manage"),
        *_scopes("users", "manage.self", "read.self"),
        *_scopes("authenticators", "manage.self"),
        "okta.clients.register",
        "okta.operations.read",
    }
)
