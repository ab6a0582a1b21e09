"""What Okta's objects look like to the actions, and what actions return."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from tools.text.likeness import plain
from tools.text.lines import bounded, readable, short_name
from tools.text.quoting import quote, quote_address


class Observed(BaseModel):
    """The state of a target, read from Okta once per round; a confirmation is sealed to it."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True)

    def seal(self) -> str:
        """The part of the state that a person's yes depends on."""
        return self.model_dump_json()


NEVER = "never"
"""The last sign-in of who never signed in."""

ACTIVATED = ("PROVISIONED", "ACTIVE", "PASSWORD_EXPIRED", "RECOVERY", "LOCKED_OUT")
"""Where activating may lead, sooner or later: Okta, and the person by setting a password, decide."""


class User(Observed):
    """A user as the Users API returns one; statuses and attributes that we do not know pass through."""

    kind: ClassVar[str] = "user"

    id: str
    status: str
    created: datetime | None = None
    activated: datetime | None = None
    status_changed: datetime | None = None
    # Signing in does not change what a person agreed to, so these two are not sealed.
    last_login: datetime | None = None
    last_updated: datetime | None = None
    profile: dict[str, Any]

    def seal(self) -> str:
        return self.model_dump_json(exclude={"last_login", "last_updated"})

    @property
    def login(self) -> str:
        return str(self.profile.get("login") or "")

    @property
    def email(self) -> str:
        return str(self.profile.get("email") or "")

    @property
    def name(self) -> str:
        """First and last name, as the directory has them."""
        names = (self.profile.get("firstName"), self.profile.get("lastName"))
        return " ".join(str(name) for name in names if name)

    @property
    def label(self) -> str:
        """How a person is named to people: `Jane Doe <jane.doe@example.com>`."""
        # Nobody's name may look like a login.
        name = short_name(self.name.replace("<", "").replace(">", ""))
        return f"{name} <{readable(self.login)}>".lstrip()

    @property
    def address(self) -> str:
        """How a question names a person: by the login, of which there is one in an org."""
        return quote_address(self.login) if self.login else self.id

    @property
    def described(self) -> str:
        """Who it is: what the directory says, each with its label; the id too where that may deceive."""
        department = self.profile.get("department")
        told = (
            f"name {quote(self.name)}" if self.name else "no name",
            f"status {self.status}",
            *([f"department {quote(str(department))}"] if department else []),
        )
        looks = plain(self.login, address=True) and plain(f"{self.name} {department or ''}")
        return ", ".join((*told, *([] if looks else [f"id {self.id}"])))


class Group(Observed):
    """A group as the Groups API returns one."""

    kind: ClassVar[str] = "group"

    id: str
    type: str
    profile: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.profile.get("name") or "")

    @property
    def label(self) -> str:
        return quote(self.name) + ("" if plain(self.name) else f" (id {self.id})")


class Output(BaseModel):
    """An answer of an action. What is not known is left out of it when it is sent, rather than null.

    Values are as the directory has them, up to a length; whoever shows an answer takes it through the door of that
    medium.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _cut_all_text(cls, values: Any) -> Any:
        return bounded(values)


class ManagerAccount(Output):
    """The account of somebody's manager, and by which attribute it was found."""

    id: str
    login: str
    found_by: str


class Outcome(Output):
    """What every write answers: how it went. Failures are errors, never an outcome.

    `would` and `asks` are of a dry run: what it would do, and whether a person must confirm it.
    """

    success: bool = Field(description="False: not confirmed.")
    changed: bool = Field(description="False: it was so already.")
    change_id: str | None = None
    answer: str | None = None
    message: str | None = None
    dry_run: bool | None = None
    would: str | None = None
    asks: bool | None = None

    def facts(self) -> dict[str, Any]:
        """What Okta answered of the facts that the change is about, for the record."""
        return {}

    def made(self) -> tuple[str, str, str] | None:
        """Kind, id and name of what it created, if anything."""
        return None
