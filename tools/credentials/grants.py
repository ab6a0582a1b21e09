"""Grants: the OAuth consents of people to applications, and the applications that hold tokens of theirs."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from tools.contract.action import reads
from tools.contract.outcomes import Observed, Output
from tools.contract.targets import Pending
from tools.objects.users import OnePerson, User
from tools.okta.client import OktaClient


class Grant(Observed):
    """A consent to one scope, as the User Grants API returns one."""

    client_id: str
    scope_id: str
    created: datetime | None = None


class GrantsOfPerson(Observed):
    """`clients` are the names of the applications, by their client ids."""

    user: User
    grants: tuple[Grant, ...]
    clients: dict[str, str]


class GrantRow(Output):
    application_id: str = Field(description="Its client id.")
    application: str | None = None
    scopes: list[str]
    since: datetime | None = Field(None, description="The first consent.")


class FoundGrants(Output):
    user_id: str
    login: str
    applications: list[GrantRow]
    note: str | None = None


async def grants_of_person(request: OnePerson, okta: OktaClient, pending: Pending) -> GrantsOfPerson:
    user, grants, clients = await asyncio.gather(
        pending.the(User), _grants(okta, request.user_id), okta.get("users", request.user_id, "clients")
    )
    listed: Iterable[Any] = clients if isinstance(clients, list) else ()
    names = {str(one["client_id"]): str(one.get("client_name") or "") for one in listed}
    return GrantsOfPerson(user=user, grants=grants, clients=names)


async def _grants(okta: OktaClient, user: str) -> tuple[Grant, ...]:
    pages = okta.pages("users", user, "grants", limit=200)
    return tuple([Grant.model_validate(one) async for page in pages for one in page])


@reads(
    scopes={"okta.users.read"},
    observe=grants_of_person,
    words="OAuth consents of a person, which applications may act for somebody, consent of an app, refresh tokens",
)
async def list_user_grants(request: OnePerson, okta: OktaClient, found: GrantsOfPerson) -> FoundGrants:
    """List the OAuth grants of a person: which applications may act in their name, with which scopes.

    An application without scopes holds a refresh token of theirs, but needed no consent. For the applications that
    they can sign in to, use list_user_applications.
    """
    return FoundGrants(
        user_id=found.user.id,
        login=found.user.login,
        applications=[_row(found, id) for id in dict.fromkeys((*found.clients, *(g.client_id for g in found.grants)))],
        note=None if found.clients or found.grants else "They let no application act in their name.",
    )


def _row(found: GrantsOfPerson, id: str) -> GrantRow:
    own = [grant for grant in found.grants if grant.client_id == id]
    return GrantRow(
        application_id=id,
        application=found.clients.get(id) or None,
        scopes=sorted(grant.scope_id for grant in own),
        since=min((grant.created for grant in own if grant.created), default=None),
    )
