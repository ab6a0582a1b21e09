"""Who has which application: of a person, and of an application."""

import asyncio
from typing import Any

from pydantic import Field

from tools.applications.rows import (
    AccountStatus,
    ApplicationUser,
    GivingGroup,
    HeldApplication,
    Scope,
    assignment_of,
)
from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.contract.targets import Pending
from tools.objects.applications import Application, OneApplication
from tools.objects.users import OnePerson, User
from tools.okta.client import OktaClient
from tools.okta.expressions import quoted
from tools.search.filters import Words, begins
from tools.search.scanning import NextCursor, Page, PagedInput, anything, read, scan


class ListUserApplications(PagedInput, OnePerson):
    pass


class HeldApplications(Output):
    applications: list[HeldApplication]
    next_cursor: NextCursor = None
    note: str | None = None


async def held(request: ListUserApplications, okta: OktaClient, pending: Pending) -> tuple[User, Page]:
    """The dashboard's own list, appLinks, has neither what is hidden or switched off nor how somebody got it."""
    whose = {"filter": f"user.id eq {quoted(request.user_id)}", "expand": f"user/{request.user_id}"}
    listed = read(okta, "apps", begin=request.begin(okta), limit=request.limit, **whose)
    return await asyncio.gather(pending.the(User), listed)


@reads(
    scopes={"okta.apps.read"},
    observe=held,
    words="user applications, what apps does somebody have, check app access, what can somebody access",
)
async def list_user_applications(
    request: ListUserApplications, okta: OktaClient, found: tuple[User, Page]
) -> HeldApplications:
    """List the applications of a person: directly or through which group, and with which user name.

    For why they have one, or why not, use explain_user_access.
    """
    user, page = found
    return HeldApplications(
        applications=[_held(entry, user) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note=None if page.entries or page.end or request.cursor else f"{user.label} has no applications.",
    )


def _held(entry: dict[str, Any], user: User) -> HeldApplication:
    application = Application.model_validate(entry)
    assignment = (entry.get("_embedded") or {}).get("user") or {}
    return HeldApplication(
        id=application.id,
        name=application.name,
        status=application.status,
        sign_on=application.sign_on,
        **assignment_of(assignment, user.profile),
    )


class ListApplicationUsers(PagedInput, OneApplication):
    words: Words | None = Field(
        None, description="The beginning of a first name, last name, login or user name in the application."
    )
    scope: Scope | None = Field(None, description="USER: assigned directly. GROUP: a group gives it.")
    status: str | None = Field(None, max_length=40, description="The person's status in Okta, such as ACTIVE.")
    account_status: AccountStatus | None = Field(None, description="Status of the account in the application.")

    def fits(self, entry: dict[str, Any]) -> bool:
        row = _user(entry)
        profile = _person(entry).get("profile") or {}
        # Nobody is found by a hidden attribute, such as the e-mail address that Okta's own search looks into.
        names = (row.login, row.user_name, profile.get("firstName"), profile.get("lastName"))
        return (
            begins(self.words, names)
            and self.scope in (None, row.scope)
            and self.status in (None, row.status)
            and self.account_status in (None, row.account_status)
        )


class ApplicationUsers(Output):
    users: list[ApplicationUser]
    next_cursor: NextCursor = None
    note: str | None = None


async def users(request: ListApplicationUsers, okta: OktaClient, pending: Pending) -> tuple[Application, Page]:
    """Okta's `q` compares the beginnings of names with one text, so it is asked for the first word only."""
    listed = scan(
        okta,
        *("apps", request.application_id, "users"),
        begin=request.begin(okta),
        limit=request.limit,
        fits=request.fits,
        person=_person,
        q=request.words.split()[0] if request.words else None,
        expand="user",
    )
    return await asyncio.gather(pending.the(Application), listed)


@reads(
    scopes={"okta.apps.read"},
    observe=users,
    words="application users, who uses an app, who has access to an application",
)
async def list_application_users(
    request: ListApplicationUsers, okta: OktaClient, found: tuple[Application, Page]
) -> ApplicationUsers:
    """List the people who have an application: directly or through a group, and with which user name.

    lookup_application counts them; list_application_groups lists the groups through which people have it.
    """
    application, page = found
    filtered = bool(request.words or request.scope or request.status or request.account_status)
    short = (filtered or sight().people is not None) and page.end is not None and len(page.entries) < request.limit
    nobody = not page.entries and page.end is None and request.cursor is None and sight().people is None
    return ApplicationUsers(
        users=[_user(entry) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note="Not everyone was scanned yet; continue with next_cursor."
        if short
        else f"Nobody has {application.label}{' and matches the filters' * filtered}."
        if nobody
        else None,
    )


def _person(entry: dict[str, Any]) -> dict[str, Any]:
    """The person whom an assignment is about; only the id is sure where Okta does not embed them."""
    person: dict[str, Any] = (entry.get("_embedded") or {}).get("user") or {"id": entry.get("id")}
    return person


def _user(entry: dict[str, Any]) -> ApplicationUser:
    person = _person(entry)
    profile = person.get("profile") or {}
    names = (profile.get("firstName"), profile.get("lastName"))
    return ApplicationUser(
        id=str(entry["id"]),
        status=person.get("status"),
        login=profile.get("login"),
        name=" ".join(str(name) for name in names if name) or None,
        **assignment_of(entry, profile),
    )


class ListApplicationGroups(PagedInput, OneApplication):
    pass


class GivingGroups(Output):
    groups: list[GivingGroup]
    next_cursor: NextCursor = None
    note: str | None = None


async def giving(request: ListApplicationGroups, okta: OktaClient, pending: Pending) -> tuple[Application, Page]:
    """Okta sends no fewer than 20 of them at once, so it is not asked for as few as are wanted."""
    segments = ("apps", request.application_id, "groups")
    how: dict[str, Any] = {"begin": request.begin(okta), "limit": request.limit, "expand": "group"}
    return await asyncio.gather(pending.the(Application), scan(okta, *segments, **how, fits=anything))


@reads(
    scopes={"okta.apps.read"}, observe=giving, words="application groups, which groups give access to an application"
)
async def list_application_groups(
    request: ListApplicationGroups, okta: OktaClient, found: tuple[Application, Page]
) -> GivingGroups:
    """List the groups that give an application to their members, with the priority and attributes of each.

    For the applications of one group, use list_group_applications.
    """
    application, page = found
    return GivingGroups(
        groups=[GivingGroup.of(entry) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note=None if page.entries or page.end or request.cursor else f"No group gives {application.label}.",
    )
