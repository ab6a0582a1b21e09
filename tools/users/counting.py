"""Counting people."""

from tools.contract.action import reads
from tools.contract.targets import Pending
from tools.okta.client import OktaClient
from tools.search.counting import CountedUsers, CountUsers, count_people


async def counted(request: CountUsers, okta: OktaClient, pending: Pending) -> CountedUsers:
    return await count_people(request, okta)


@reads(
    scopes={"okta.users.read"},
    observe=counted,
    words="how many people, number of users, headcount, total, statistics, breakdown by status or department",
)
async def count_users(request: CountUsers, okta: OktaClient, count: CountedUsers) -> CountedUsers:
    """Count people, with the filters of search_users. All filters must match; without filters, counts everyone.

    Use it for “how many”: it returns numbers only. at_least is true where Okta's lists are too long for one call.
    """
    return count
