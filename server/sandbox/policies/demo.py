"""The policies of the demo org: passwords of the staff grow old, and one network cannot sign in."""

from server.sandbox import networks
from server.sandbox.identifiers import okta_time
from server.sandbox.org import Org
from server.sandbox.policies import tables

STAFF = "Domain Users"
"""The group whose passwords expire."""
MOST_DAYS, ATTEMPTS = 90, 10
NETWORK = "Blocked networks"
"""Both the zone and the policy are called so."""
RULE = "Deny from blocked networks"
_RANGES = ("198.51.100.0/24",)
_DAY = 24 * 3600.0
AGE = 400
"""Days since the policies were made; the zone is younger."""
BLOCKED = 1.9
"""Days since the network was blocked."""


def prepare(org: Org, groups: dict[str, str], everyone: str) -> None:
    """`groups` are ids by name."""
    tables.prepare(org)
    first, lately = okta_time(org.clock() - AGE * _DAY), okta_time(org.clock() - BLOCKED * _DAY)
    conditions = {"people": {"groups": {"include": [groups[STAFF]]}}, "authProvider": {"provider": "OKTA"}}
    settings = tables.password_settings(days=MOST_DAYS, attempts=ATTEMPTS, warned=5)
    told = "Passwords of employees expire"
    policy = tables.insert(
        org,
        tables.PASSWORD,
        "Staff passwords",
        {"conditions": conditions, "settings": settings},
        description=told,
        created=first,
    )
    tables.insert_rule(org, policy, "PASSWORD", "Everywhere", tables.password_rule(), created=first)
    gateways = [{"type": "CIDR", "value": range} for range in _RANGES]
    document = {"type": "IP", "usage": "POLICY", "system": False, "gateways": gateways, "proxies": None}
    zone = networks.insert(org, NETWORK, document, created=lately)
    conditions = {"people": {"groups": {"include": [everyone]}}}
    told = "Networks from which the org was attacked"
    policy = tables.insert(org, tables.SIGN_ON, NETWORK, {"conditions": conditions}, description=told, created=lately)
    ruled = {
        "conditions": {
            "people": {"users": {"exclude": []}},
            "network": {"connection": "ZONE", "include": [zone]},
            "authContext": {"authType": "ANY"},
        },
        "actions": tables.sign_on_actions("DENY"),
    }
    tables.insert_rule(org, policy, "SIGN_ON", RULE, ruled, created=lately)
