"""Applications: their model, how they are found, and what protects them.

Okta calls an application's own name its `label`; its `name` is the key of the integration that it is an instance of.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasPath, Field

from tools.contract.arguments import ActionInput, Named, Reference
from tools.contract.kinds import Identity, Kind, OktaObject, Protection, Standing, ambiguous
from tools.objects.ids import APPLICATION_ID, read_by_id
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.text.likeness import plain
from tools.text.lines import readable
from tools.text.quoting import quote

ADMINISTRATIVE = {
    "saasure": "is the Okta Admin Console",
    "okta_flow_sso": "is Okta Workflows, whose flows administer the org",
    "flow": "is the client with which Okta Workflows administers the org",
    "okta_privileged_access_sso": "is Okta Privileged Access, which gives access to servers and secrets",
    "okta_org2org": "is an Org2Org connection, which makes accounts in another Okta org",
    "partner_portal": "is the Partner Admin Portal, in which partners administer people",
}
"""Integrations in which people administer Okta, or get what administrators have; Okta reserves their names.

The dashboard, its browser plugin, access requests and access certifications are not among them: everybody uses those.
An application's own API scopes are not looked at either. It uses them with the role of whoever has signed in, or with
its own role as a client, to which no assignment adds anything.
"""

SignOn = Literal["SAML", "OIDC", "SWA", "WS-Federation", "basic authentication", "bookmark", "API service"]
SIGN_ON: Mapping[str, SignOn] = {
    "SAML_2_0": "SAML",
    "SAML_1_1": "SAML",
    "OPENID_CONNECT": "OIDC",
    "BROWSER_PLUGIN": "SWA",
    "AUTO_LOGIN": "SWA",
    "SECURE_PASSWORD_STORE": "SWA",
    "WS_FEDERATION": "WS-Federation",
    "BASIC_AUTH": "basic authentication",
    "BOOKMARK": "bookmark",
}
"""Okta's sign-on modes in the words of administrators. Okta fills in a password in all that are SWA."""


class Application(OktaObject):
    """An application as the Applications API returns one. Its keys and secrets are not among what is read."""

    name: str = Field(alias="label")
    integration: str = Field(alias="name")
    status: str
    sign_on_mode: str | None = None
    client_id: str | None = Field(None, validation_alias=AliasPath("credentials", "oauthClient", "client_id"))
    client_type: str | None = Field(None, validation_alias=AliasPath("settings", "oauthClient", "application_type"))

    @property
    def label(self) -> str:
        shows = plain(self.name) and self.name == " ".join(self.name.split())
        return quote(self.name) + ("" if shows else f" (id {self.id})")

    @property
    def sign_on(self) -> SignOn | None:
        """How people sign on to it; None for a mode that is not known here."""
        return "API service" if self.client_type == "service" else SIGN_ON.get(self.sign_on_mode or "")


async def find_application(okta: OktaClient, text: str) -> Application:
    """The one application with this id or exactly this name, which may be in quotation marks.

    Raises:
        NotFound: no application has it; those whose names differ only in case are suggested. Ambiguous: several have
            it.
    """
    if APPLICATION_ID.fullmatch(text):
        return await read_by_id(okta, "apps", text, Application, "an application")
    beginning: list[Application] = []
    # The marks may be part of one application's name and not of another's.
    for name in dict.fromkeys((text, text.removeprefix("“").removesuffix("”"))):
        beginning = await _beginning(okta, name)
        found = [one for one in beginning if one.name == name]
        if len(found) > 1:
            raise ambiguous("applications", text, [f"{one.id} {one.status}" for one in found])
        if found:
            return found[0]
    hint = ", ".join(f"{one.label} ({one.id})" for one in beginning[:5])
    raise NotFound(
        f"No application has the exact name “{readable(text)}”.",
        next_step=f"Did you mean {hint}?"
        if hint
        else "Send an application's exact name (case-sensitive) or its id; search_applications finds them by words.",
    )


async def _beginning(okta: OktaClient, name: str) -> list[Application]:
    """The applications whose names begin with this text, case included: Okta compares only the beginning."""
    pages = okta.pages("apps", q=name, limit=200)
    return [Application.model_validate(one) async for page in pages for one in page]


async def read_assignment(okta: OktaClient, application: str, *whose: str) -> dict[str, Any] | None:
    """An application's assignment as Okta shows it: `whose` is `users` or `groups` and an id. None if there is none."""
    try:
        found: dict[str, Any] = await okta.get("apps", application, *whose)
    except NotFound:
        return None
    return found


def giver(assignment: Mapping[str, Any]) -> tuple[str, str | None]:
    """The id and name of the group that Okta names as giving it; an empty id and None where it names none."""
    group = (assignment.get("_links") or {}).get("group")
    if not isinstance(group, Mapping):
        return "", None
    return str(group.get("href") or "").rpartition("/")[2], group.get("name")


def set_attributes(assignment: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes in the application that the assignment sets."""
    return {name: value for name, value in (assignment.get("profile") or {}).items() if value not in (None, "", [])}


def _own(application: Application, identity: Identity) -> str:
    # The id of an application that uses OAuth is its client id, unless somebody chose another one.
    own = identity.client_id in (application.id, application.client_id) and identity.client_id
    return f"this connection signs in through {application.label}." if own else ""


def _names(application: Application) -> tuple[str, ...]:
    return (application.id, application.name)


async def _nothing(okta: OktaClient, ids: tuple[str, ...]) -> Mapping[str, Any]:
    """What an application grants is told by its own model."""
    return {}


def _standing(application: Application, told: None) -> Standing:
    what = ADMINISTRATIVE.get(application.integration)
    return Standing(f"{application.label} {what}." if what else "")


APPLICATION = Kind(
    type=Application,
    find=find_application,
    id=APPLICATION_ID,
    name="application",
    lookup="lookup_application",
    protection=Protection(
        own=_own,
        names=_names,
        asked=_nothing,
        standing=_standing,
        protected="protected_applications",
        managed=None,
        grants=True,
    ),
)
ApplicationRef = Annotated[Named, Reference(APPLICATION), Field(description="Okta id or exact name.")]


class OneApplication(ActionInput):
    """The arguments of an action that needs nothing but an application."""

    application_id: ApplicationRef
