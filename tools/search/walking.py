"""Walks through a list of people page by page, to count or to export them, as far as one call should go.

What ends a walk early is the time that clients wait, the use of the org's rate limit, which everybody who calls Okta's
API there shares, and a number of requests.
"""

import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tools.okta.client import OktaClient
from tools.okta.errors import RateLimited
from tools.okta.limits import bucket
from tools.search.cursors import Place
from tools.search.people import PeopleList
from tools.search.scanning import Page, anything, largest, scan

SECONDS = 20.0
"""How long a call walks. Clients of MCP wait a minute as a rule, and one request may take half of that."""
MOST_REQUESTS = 500
SHARE = 2
"""The part of a rate limit that is left to others: one in so many."""


@dataclass
class Bound:
    """How far one call walks. The first page is always read."""

    requests: int = MOST_REQUESTS
    seconds: float = SECONDS
    _began: float = field(default_factory=time.monotonic)

    def reached(self, okta: OktaClient, segments: tuple[str, ...], requests: int) -> bool:
        if requests >= self.requests or time.monotonic() - self._began >= self.seconds:
            return True
        left, most = okta.headroom().get(bucket("GET", segments), (1, 1))
        return left * SHARE < most


async def walk(okta: OktaClient, listing: PeopleList, begin: Place, bound: Bound) -> AsyncIterator[Page]:
    """The pages of a list, each as large as Okta sends them. Where the walk ends early, the last one has an end.

    Raises:
        RateLimited: there is nothing left of the rate limit for the first page.
    """
    segments, query = listing.segments, listing.query
    at: Place | None = begin
    requests = 0
    while at is not None and not (requests and bound.reached(okta, segments, requests)):
        try:
            page = await scan(
                okta,
                *segments,
                begin=at,
                limit=sys.maxsize,
                fits=listing.fits or anything,
                requests=1,
                at_once=largest(segments, query),
                **query,
            )
        except RateLimited:
            if not requests:
                raise
            return
        requests += 1
        at = page.end
        yield page
