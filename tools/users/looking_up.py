"""Finding people: one whose name is known exactly, or those who fit."""

from tools.contract.action import reads
from tools.contract.targets import Pending, the
from tools.objects.managers import account_of_manager
from tools.objects.profile import (
    UserDetails,
)
from tools.objects.users import USER, OnePerson, User
from tools.okta.client import OktaClient
from tools.search.people import FoundPeople, SearchUsers, find_people


@reads(
    scopes={"okta.users.read"},
    observe=the(USER),
    words="profile of a person, account details, status of an account",
)
async def lookup_user(request: OnePerson, okta: OktaClient, user: User) -> UserDetails:
    """Look up one person by exact id, login or e-mail: status, attributes and dates. search_users finds by name."""
    return UserDetails.of(user, await account_of_manager(okta, user))


async def found_people(request: SearchUsers, okta: OktaClient, pending: Pending) -> FoundPeople:
    return await find_people(request, okta)


@reads(
    scopes={"okta.users.read"},
    observe=found_people,
    words="list of users, list suspended or deactivated or locked out users, who joined, never signed in",
)
async def search_users(request: SearchUsers, okta: OktaClient, found: FoundPeople) -> FoundPeople:
    """Search people. All filters must match; text is case-insensitive. Without filters, returns everyone.

    Use lookup_user when you know the id, login or e-mail. Includes deactivated people, except with group_id; filter by
    status to narrow it. Dates look like 2026-01-31 (midnight UTC) or 2026-01-31T09:00:00Z; “after” includes that time.
    Returns id, status, login, name, department, title and the dates you filter by.
    """
    return found
