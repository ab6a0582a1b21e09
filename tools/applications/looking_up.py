"""Finding applications: one whose name is known exactly, or those that fit."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, model_validator

from tools.applications.rows import ApplicationPage, ApplicationRow, GivingGroup
from tools.contract.action import reads
from tools.contract.targets import Pending
from tools.objects.applications import Application, OneApplication, SignOn
from tools.objects.groups import GroupRef
from tools.objects.users import UserRef
from tools.okta.client import OktaClient
from tools.okta.expressions import quoted
from tools.search.filters import Words, begins
from tools.search.first_pages import FirstPage, first_page
from tools.search.scanning import Page, PagedInput, noted, read, scan

MOST_GROUPS = 10
"""Groups that a lookup names."""


class SearchApplications(PagedInput):
    words: Words | None = Field(None, description="Words, or beginnings of words, of the name.")
    status: Literal["ACTIVE", "INACTIVE"] | None = Field(None, description="Status.")
    sign_on: SignOn | None = Field(None, description="How people sign on. SWA: Okta fills in a password.")
    user_id: UserRef | None = Field(None, description="Only what this person has: id, login or e-mail.")
    group_id: GroupRef | None = Field(None, description="Only what this group gives: id or exact name.")

    @model_validator(mode="after")
    def _of_one(self) -> "SearchApplications":
        if self.user_id is not None and self.group_id is not None:
            raise ValueError("send user_id or group_id, not both")
        return self

    def asked(self) -> str | None:
        """The filter that Okta applies: it is sure to take one condition."""
        if self.user_id is not None:
            return f"user.id eq {quoted(self.user_id)}"
        if self.group_id is not None:
            return f"group.id eq {quoted(self.group_id)}"
        return f"status eq {quoted(self.status)}" if self.status is not None else None

    def fits(self, entry: dict[str, Any]) -> bool:
        application = Application.model_validate(entry)
        return (
            begins(self.words, (application.name,))
            and self.status in (None, application.status)
            and self.sign_on in (None, application.sign_on)
        )

    @property
    def picks(self) -> bool:
        """Whether something is left to filter after Okta did. Its own `q` only finds how a name begins."""
        whose = self.user_id is not None or self.group_id is not None
        return self.words is not None or self.sign_on is not None or (whose and self.status is not None)


async def found_applications(request: SearchApplications, okta: OktaClient, pending: Pending) -> Page:
    how: dict[str, Any] = {"begin": request.begin(okta), "limit": request.limit, "filter": request.asked()}
    return await (scan(okta, "apps", **how, fits=request.fits) if request.picks else read(okta, "apps", **how))


@reads(
    scopes={"okta.apps.read"},
    observe=found_applications,
    words="list of applications, all apps, catalog, SAML apps, inactive apps",
)
async def search_applications(request: SearchApplications, okta: OktaClient, page: Page) -> ApplicationPage:
    """Search applications. All filters must match; text is case-insensitive. Without filters, returns every one.

    Use lookup_application when you know the id or exact name. For what one person has, and through which group,
    use list_user_applications.
    """
    short = request.picks and page.end is not None and len(page.entries) < request.limit
    return ApplicationPage(
        applications=[ApplicationRow.of(entry) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note="Not every application was scanned yet; continue with next_cursor."
        if short
        else noted(request, page, "No application"),
    )


class ApplicationDetails(ApplicationRow):
    sign_on_mode: str | None = None
    user_count: int | None = Field(None, description="People who have it.")
    group_count: int | None = Field(None, description="Groups that give it.")
    groups: list[GivingGroup] | None = Field(None, description="The first groups that give it.")
    note: str | None = None


@dataclass(frozen=True)
class Looked:
    application: Application
    users: FirstPage | None
    groups: FirstPage | None


async def looked(request: OneApplication, okta: OktaClient, pending: Pending) -> Looked:
    id = request.application_id
    application, users, groups = await asyncio.gather(
        pending.the(Application),
        first_page(okta, "apps", id, "users"),
        first_page(okta, "apps", id, "groups", expand="group"),
    )
    return Looked(application, users, groups)


@reads(
    scopes={"okta.apps.read"},
    observe=looked,
    words="kind of application, active application, configuration of an application, SAML or OIDC application, "
    "how many people have an application",
)
async def lookup_application(request: OneApplication, okta: OktaClient, found: Looked) -> ApplicationDetails:
    """Look up one application by id or exact name: status, how people sign on, how many have it, and which groups.

    Counts stop at 200; note says so. list_application_users and list_application_groups list all of them.
    """
    users, groups = found.users, found.groups
    more = {"user_count": users is not None and not users.whole, "group_count": groups is not None and not groups.whole}
    least = [name for name, is_least in more.items() if is_least]
    return ApplicationDetails(
        **ApplicationRow.shown(found.application),
        sign_on_mode=found.application.sign_on_mode,
        user_count=len(users.entries) if users else None,
        group_count=len(groups.entries) if groups else None,
        groups=[GivingGroup.of(entry) for entry in groups.entries[:MOST_GROUPS]] if groups else None,
        note=f"There are more than counted: {' and '.join(least)} is a minimum." if least else None,
    )
