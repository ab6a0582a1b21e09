"""What may run now, on whom, and what a person must confirm. Asked to offer actions, and again at every call."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from server.connections.models import ROLES_SCOPE, Connection, repair
from server.policy import PolicyRefusal, Rules
from tools.action import Action, Effect, Preview, Targets
from tools.catalogue import CATALOGUE
from tools.models import Group, User
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, MissingScope, NotFound, RateLimited, Unauthorized, Unreachable

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ADMIN = re.compile(r"admin(?:s|istrators?|istration)?(?![a-z])")


@dataclass(frozen=True)
class Offer:
    """An action, and why it cannot be run now, if it cannot."""

    action: Action
    reason: str | None

    def row(self) -> dict[str, Any]:
        """The action as a row of the catalogue."""
        return {
            "action": self.action.name,
            "toolset": self.action.toolset,
            "effect": self.action.effect.value,
            "asks": self.action.asks or "never",
            "scopes": sorted(self.action.scopes),
            **({"undone_by": self.action.undone_by} if self.action.undo else {}),
            "offered": self.reason is None,
            **({"reason": self.reason} if self.reason else {}),
        }


@dataclass(frozen=True)
class Standing:
    """What the targets of a write may do in Okta's administration, as far as Okta tells us."""

    administrators: dict[str, str]
    """By id of a person: why they count as an administrator."""
    granting: dict[str, str]
    """By id of a group: why it counts as one that grants administration."""


class Guard:
    """The rules of one process, applied."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def offers(self, actions: Iterable[Action], connection: Connection | None) -> list[Offer]:
        """What is offered: all that the rules allow until something is connected, then what the scopes cover too."""
        return [Offer(action, str(why) if (why := self._why_not(action, connection)) else None) for action in actions]

    def permit(self, action: Action, connection: Connection | None) -> None:
        """Let an action pass.

        Raises:
            PolicyRefusal: a rule forbids it. MissingScope: the connection was not granted what it needs.
        """
        if why := self._why_not(action, connection):
            raise why

    def _why_not(self, action: Action, connection: Connection | None) -> ActionError | None:
        rules, name, toolset = self.rules, action.name, action.toolset
        if rules.read_only and action.effect is not Effect.READ:
            return PolicyRefusal("read_only", f"{name} writes.")
        if name in rules.deny_actions:
            return PolicyRefusal("deny_actions", f"{name} is denied.")
        if toolset in rules.deny_toolsets:
            return PolicyRefusal("deny_toolsets", f"{name} belongs to the toolset {toolset}.")
        allowed = name in rules.allow_actions or toolset in rules.allow_toolsets
        if (rules.allow_actions or rules.allow_toolsets) and not allowed:
            rule = "allow_actions" if rules.allow_actions else "allow_toolsets"
            return PolicyRefusal(rule, f"{name} is not among what is allowed.")
        if action.becomes is not None:
            # It is what it becomes: where no write may run, neither may it.
            reasons = [self._why_not(one, connection) for one in CATALOGUE.values() if one.preview is not None]
            return reasons[0] if all(reasons) else None
        if connection is None or not connection.limited:
            return None
        if missing := action.missing_scopes(connection.scopes_granted):
            return MissingScope(missing[0], reconnect=repair(connection))
        on_people = action.effect is not Effect.READ and User in action.references.values()
        if on_people and not rules.allow_administrators and ROLES_SCOPE not in connection.scopes_granted:
            why = "Without it administrators, who are protected, cannot be told apart."
            return MissingScope(ROLES_SCOPE, why=why, reconnect=repair(connection))
        return None

    async def standing(self, okta: OktaClient, targets: Targets) -> Standing:
        """Ask Okta which targets are administrators, or grant administration. Who cannot be looked at counts as one.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        people = () if self.rules.allow_administrators else targets.users
        found = await asyncio.gather(
            *(_administrator(okta, user) for user in people),
            *(_granting(okta, group) for group in targets.groups),
        )
        administrators = {user.id: why for user, why in zip(people, found[: len(people)], strict=True) if why}
        granting = {group.id: why for group, why in zip(targets.groups, found[len(people) :], strict=True) if why}
        return Standing(administrators, granting)

    def protect(self, connection: Connection, targets: Targets, standing: Standing) -> None:
        """Let a write on these people and groups pass.

        Raises:
            PolicyRefusal: one of them is protected.
        """
        for user in targets.users:
            if connection.user_id == user.id or (connection.login or "").casefold() == user.login.casefold() != "":
                raise PolicyRefusal("own_identity", f"{user.label} is whom this connection acts as.", fixed=True)
            if pattern := _matching(self.rules.protected_users, user.id, user.login):
                raise PolicyRefusal("protected_users", f"{user.label} is protected (“{pattern}”).")
            if why := standing.administrators.get(user.id):
                raise PolicyRefusal("allow_administrators", why)
        for group in targets.groups:
            if pattern := _matching(self.rules.protected_groups, group.id, group.name):
                raise PolicyRefusal("protected_groups", f"{group.label} is protected (“{pattern}”).")
            if self.rules.managed_groups and not _matching(self.rules.managed_groups, group.id, group.name):
                raise PolicyRefusal("managed_groups", f"{group.label} is not among them.")
            if (why := standing.granting.get(group.id)) and not self.rules.allow_administrators:
                raise PolicyRefusal("allow_administrators", why)

    def protect_names(self, preview: Preview) -> None:
        """Let a write pass that gives somebody these logins and addresses.

        Raises:
            PolicyRefusal: one of them is protected: it is somebody's who matters, or passes for one.
        """
        if pattern := _matching(self.rules.protected_users, *preview.claims):
            raise PolicyRefusal("protected_users", f"the login or address is protected (“{pattern}”).")

    def reasons_to_ask(self, action: Action, preview: Preview, standing: Standing) -> tuple[bool, str]:
        """Whether a person must confirm, and what of it escalates, in words for them."""
        granting = (standing.granting.get(group.id, "") for group in preview.joins)
        escalates = " ".join(text for text in (preview.escalates, *granting) if text)
        return bool(_effects(action, escalates) & set(self.rules.confirm)), escalates

    def demand_reason(self, action: Action, escalates: str, reason: str | None) -> None:
        """Let a write pass that says why it is wanted, where a rule asks for that.

        Raises:
            PolicyRefusal: there is no reason, or none as the rule wants it.
        """
        for effect, pattern in self.rules.require_reason.items():
            if effect in _effects(action, escalates) and not re.search(pattern, reason or ""):
                error = PolicyRefusal(
                    "require_reason",
                    f"{action.name} needs a reason that contains “{pattern}”; "
                    + (f"it was “{reason}”." if reason else "none was given."),
                )
                error.next_step = "Give it with --reason in a terminal, or over MCP as okta-actions/reason in _meta."
                raise error


def _effects(action: Action, escalates: str) -> set[str]:
    """What a write does, in the words of the rules confirm and require_reason."""
    found = {"write"}
    if action.effect is Effect.DESTRUCTIVE:
        found.add("destructive")
    if escalates:
        found.add("escalation")
    return found


async def _administrator(okta: OktaClient, user: User) -> str:
    """Why a person counts as an administrator: by the roles that Okta tells of, or for want of being told."""
    try:
        roles = await okta.get("users", user.id, "roles")
    except (Unreachable, RateLimited, Unauthorized, NotFound):
        raise
    except ActionError:
        return f"Okta does not let this connection read whether {user.label} is an administrator."
    if not isinstance(roles, list):
        return f"Okta does not tell whether {user.label} is an administrator."
    names = sorted({str(role.get("label") or role.get("type")) for role in roles})
    return f"{user.label} is an administrator ({', '.join(names)})." if names else ""


def named_like_administrators(name: str) -> bool:
    """Whether a word of it is, or ends in, admin or administrator: `IT Admins`, `okta_sysadmins`, `HelpdeskAdmin`."""
    return _ADMIN.search(_CAMEL.sub(" ", name).casefold()) is not None


async def _granting(okta: OktaClient, group: Group) -> str:
    """Why a group counts as one that grants administration: by its name, or by what Okta says of it."""
    if named_like_administrators(group.name):
        return f"{group.label} is named like a group of administrators."
    try:
        listed = await okta.get("groups", filter=f'id eq "{group.id}"', expand="stats", limit=1)
    except (Unreachable, RateLimited, Unauthorized, NotFound):
        raise
    except ActionError:
        listed = []
    told = [one.get("_embedded", {}).get("stats", {}) for one in listed if one.get("id") == group.id]
    privilege = told[0].get("hasAdminPrivilege") if told else None
    if privilege is None:
        return f"Okta does not tell whether {group.label} grants administration."
    return f"{group.label} grants administration." if privilege else ""


def _matching(patterns: Iterable[str], *texts: str) -> str | None:
    """The first pattern that fits one of the texts. Only * is special, and case does not matter."""
    folded = [text.casefold() for text in texts if text]
    return next((p for p in patterns if any(fnmatchcase(text, _pattern(p)) for text in folded)), None)


def _pattern(text: str) -> str:
    return text.casefold().replace("[", "[[]").replace("?", "[?]")
