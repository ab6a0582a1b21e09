"""Applications, and what people and groups have of them, as lists show them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field

from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.objects.applications import Application, SignOn, giver, set_attributes
from tools.objects.groups import Group
from tools.search.scanning import NextCursor

Scope = Literal["USER", "GROUP"]
"""Whether somebody was assigned an application by themselves, or has it through a group."""
AccountStatus = Literal[
    "ACTIVE",
    "APPROVED",
    "DEPROVISIONED",
    "IMPLICIT",
    "IMPORTED",
    "INACTIVE",
    "MATCHED",
    "PENDING",
    "PROVISIONED",
    "REVOKED",
    "STAGED",
    "SUSPENDED",
    "UNASSIGNED",
]


class ApplicationRow(Output):
    id: str
    name: str
    status: str = Field(description="People can use it only while it is ACTIVE.")
    sign_on: SignOn | None = None
    integration: str = Field(description="The kind of application.")

    @classmethod
    def shown(cls, application: Application) -> dict[str, Any]:
        """The fields that every answer about an application shares."""
        one = application
        return {
            "id": one.id,
            "name": one.name,
            "status": one.status,
            "sign_on": one.sign_on,
            "integration": one.integration,
        }

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Self:
        """An application from one of Okta's lists. Nothing else in the entry is looked at: it may hold secrets."""
        return cls(**cls.shown(Application.model_validate(entry)))


class ApplicationPage(Output):
    applications: list[ApplicationRow]
    next_cursor: NextCursor = None
    note: str | None = None


def assignment_of(entry: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """What an assignment says: `entry` is Okta's, `profile` is that of the person who has it."""
    return {
        "scope": "GROUP" if entry.get("scope") == "GROUP" else "USER",
        "group": giver(entry)[1],
        "user_name": _user_name((entry.get("credentials") or {}).get("userName"), profile),
        "account_status": entry.get("status"),
        "assigned": entry.get("created"),
    }


def _user_name(name: Any, profile: Mapping[str, Any]) -> str | None:
    """The user name in the application, unless it is a value that the rules hide, such as an e-mail address."""
    if not isinstance(name, str) or sight().hides("user_name"):
        return None
    login = str(profile.get("login") or "")
    if name.casefold() in _forms(login):
        return name
    hidden = [value for attribute, value in profile.items() if isinstance(value, str) and sight().hides(attribute)]
    return None if any(name.casefold() in _forms(value) for value in hidden) else name


def _forms(value: str) -> tuple[str, str]:
    """A value as user names are made of it: whole, or the part before the @."""
    return value.casefold(), value.partition("@")[0].casefold()


class Assigned(Output):
    """What somebody has of an application."""

    scope: Scope = Field(description="USER: assigned directly. GROUP: a group gives it.")
    group: str | None = Field(None, description="The group that gives it, where Okta tells.")
    user_name: str | None = Field(None, description="The user name in the application.")
    account_status: str | None = None
    assigned: datetime | None = None


class HeldApplication(Assigned):
    id: str
    name: str
    status: str = Field(description="People can use it only while it is ACTIVE.")
    sign_on: SignOn | None = None


class ApplicationUser(Assigned):
    id: str
    status: str | None = Field(None, description="The person's status in Okta.")
    login: str | None = None
    name: str | None = None


class GivingGroup(Output):
    """A group that gives an application."""

    id: str
    name: str | None = None
    type: str | None = None
    priority: int | None = Field(
        None, description="Of several groups, the one with the lowest number decides the attributes."
    )
    attributes: dict[str, Any] | None = Field(None, description="What its members get in the application.")

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Self:
        """From a list of an application's groups, in which the groups themselves are embedded."""
        embedded = (entry.get("_embedded") or {}).get("group")
        group = Group.model_validate(embedded) if embedded else None
        return cls(
            id=str(entry["id"]),
            name=group.name if group else None,
            type=group.type if group else None,
            priority=entry.get("priority"),
            attributes=set_attributes(entry) or None,
        )
