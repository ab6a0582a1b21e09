"""The first page of a list: one request, which tells whether there is more."""

from dataclasses import dataclass
from typing import Any

from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.okta.refusals import unless_refused

COUNTED = 200
"""Entries of a list that are counted: what Okta sends in about the time of any other request."""


@dataclass(frozen=True)
class FirstPage:
    """The first entries of a list. `whole`: there are no others."""

    entries: list[dict[str, Any]]
    whole: bool

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(str(one.get("id")) for one in self.entries)


async def first_page(okta: OktaClient, *segments: str, limit: int = COUNTED, **query: Any) -> FirstPage | None:
    """The first entries of a list; None if Okta does not let this connection read it.

    Raises:
        ActionError: Okta cannot be asked at all now, or has no such list.
    """
    found = await unless_refused(okta.page(*segments, limit=limit, **query), NotFound)
    return FirstPage(found[0], found[1] is None) if found is not None else None
