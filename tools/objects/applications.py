"""Applications: their model, how they are found, and what protects them.

Okta calls an application's own name its `label`; its `name` is the key of the integration that it is an instance of.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from tools.contract.arguments import Named, Reference
from tools.contract.kinds import Identity, Kind, OktaObject, Protection, Standing, ambiguous
from tools.objects.ids import APPLICATION_ID, read_by_id
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.text.likeness import plain
from tools.text.lines import readable
from tools.text.quoting import quote

ADMIN_CONSOLE = "saasure"
"""The integration of the Okta Admin Console."""


class Application(OktaObject):
    """An application as the Applications API returns one."""

    name: str = Field(alias="label")
    integration: str = Field(alias="name")
    status: str
    sign_on_mode: str | None = None

    @property
    def label(self) -> str:
        shows = plain(self.name) and self.name == " ".join(self.name.split())
        return quote(self.name) + ("" if shows else f" (id {self.id})")


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
        next_step=f"Did you mean {hint}?" if hint else "Send an application's exact name (case-sensitive) or its id.",
    )


async def _beginning(okta: OktaClient, name: str) -> list[Application]:
    """The applications whose names begin with this text, case included: Okta compares only the beginning."""
    pages = okta.pages("apps", q=name, limit=200)
    return [Application.model_validate(one) async for page in pages for one in page]


def _own(application: Application, identity: Identity) -> str:
    # The id of an application that uses OAuth is its client id.
    return f"this connection signs in through {application.label}." if application.id == identity.client_id else ""


def _names(application: Application) -> tuple[str, ...]:
    return (application.id, application.name)


async def _nothing(okta: OktaClient, ids: tuple[str, ...]) -> Mapping[str, Any]:
    """What an application grants is told by its own model."""
    return {}


def _standing(application: Application, told: None) -> Standing:
    console = application.integration == ADMIN_CONSOLE
    return Standing(f"{application.label} is the Okta Admin Console." if console else "")


APPLICATION = Kind(
    type=Application,
    find=find_application,
    id=APPLICATION_ID,
    name="application",
    lookup="lookup_application",
    protection=Protection(
        own=_own, names=_names, asked=_nothing, standing=_standing, protected=None, managed=None, grants=True
    ),
)
ApplicationRef = Annotated[
    Named, Reference(APPLICATION), Field(description="Okta application id, or the application's exact name.")
]
