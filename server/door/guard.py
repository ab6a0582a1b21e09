"""What may run now, on whom, and what a person must confirm. Asked to offer actions, and again at every call."""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from server.connections.models import ROLES_SCOPE, Connection, repair
from server.connections.scopes import missing_scopes
from server.door.foresight import Led, look_ahead
from server.door.knowledge import Gives, Knowledge, domain_of
from server.policy.allowing import forbidden
from server.policy.rules import PolicyRefusal, Rules
from tools.catalogue import CATALOGUE
from tools.contract.action import Action, Effect, Preview, Targets
from tools.elsewhere import near
from tools.objects.models import Group, User
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, MissingScope, NotFound, RateLimited, Unauthorized, Unreachable
from tools.text.likeness import as_address, as_latin, folded, skeleton
from tools.text.lines import capitalized
from tools.text.quoting import quote

_LOOKUPS: dict[type, str] = {User: "lookup_user", Group: "lookup_group"}
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
            **({"not_here": list(not_here)} if (not_here := near(self.action.name)) else {}),
        }


@dataclass(frozen=True)
class Standing:
    """What the targets of a write may do in Okta's administration, as far as Okta tells us."""

    administrators: dict[str, str]
    """By id of a person: why they count as an administrator."""
    granting: dict[str, str]
    """By id of a group: why it counts as one that grants administration."""
    applications: dict[str, str]
    """By id of a group: how many applications it gives."""


class Guard:
    """The rules of one process, applied."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._knowledge = Knowledge()

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

    def permit_named(self, action: Action, named: Iterable[str], connection: Connection | None) -> None:
        """Let an action without scopes of its own look up whom these arguments name.

        Its answer would tell whether they exist, to somebody who may not look them up.

        Raises:
            PolicyRefusal, MissingScope: what looks them up may not run.
        """
        if action.scopes:
            return
        for argument in named:
            lookup = _LOOKUPS.get(action.references[argument])
            if lookup is None or (why := self._why_not(CATALOGUE[lookup], connection)) is None:
                continue
            if isinstance(why, PolicyRefusal):
                why = PolicyRefusal(why.rule, f"{argument} has to be looked up as {lookup} does, which may not run.")
            raise why

    def _why_not(self, action: Action, connection: Connection | None) -> ActionError | None:
        if why := forbidden(self.rules, action):
            return why
        if action.becomes is not None:
            # It is what it becomes: where no write may run, neither may it.
            reasons = [self._why_not(one, connection) for one in CATALOGUE.values() if one.preview is not None]
            return reasons[0] if all(reasons) else None
        if connection is None or not (missing := missing_scopes(self.rules, action, connection)):
            return None
        apart = "Without it administrators, who are protected, cannot be told apart."
        why_it = apart if missing[0] == ROLES_SCOPE and ROLES_SCOPE not in action.scopes else ""
        return MissingScope(missing[0], why=why_it, reconnect=repair(connection))

    async def standing(self, okta: OktaClient, connection: Connection, targets: Targets) -> Standing:
        """Ask Okta which targets are administrators, or grant administration. Who cannot be looked at counts as one.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """
        people = () if self.rules.allow_administrators else targets.users
        told, found = await asyncio.gather(
            self._knowledge.groups(okta, connection, [group.id for group in targets.groups], fresh=True),
            asyncio.gather(*(_administrator(okta, user) for user in people)),
        )
        return Standing(
            {user.id: why for user, why in zip(people, found, strict=True) if why},
            {group.id: why for group in targets.groups if (why := _granting(group, told.get(group.id)))},
            {group.id: why for group in targets.groups if (why := _giving(told.get(group.id)))},
        )

    def protect(
        self, connection: Connection, targets: Targets, standing: Standing, *, lowers: bool, undoes: bool
    ) -> tuple[str, ...]:
        """Let a write on these people and groups pass: as it is, or for the reasons returned only with a person's yes.

        What only takes away (`lowers`) passes with a yes, where the same in the other direction would be refused.

        Raises:
            PolicyRefusal: one of them is protected.
        """
        reasons = []
        lowered = lowers and any(group.id in standing.granting for group in targets.groups)
        for user in targets.users:
            if connection.user_id == user.id or (folded(connection.login or "") == folded(user.login) != ""):
                raise PolicyRefusal("own_identity", f"{user.label} is whom this connection acts as.", fixed=True)
            names = (user.id, user.login, user.email, str(user.profile.get("secondEmail") or ""))
            if pattern := _matching(self.rules.protected_users, *names):
                raise PolicyRefusal("protected_users", f"{user.label} is protected ({quote(pattern)}).")
            if why := standing.administrators.get(user.id):
                if not lowered and not (undoes and lowers):
                    raise PolicyRefusal("allow_administrators", why)
                reasons.append(why)
        for group in targets.groups:
            self._protect_group(group)
            if why := standing.granting.get(group.id):
                if lowers:
                    reasons.append(why)
                elif not self.rules.allow_administrators:
                    raise PolicyRefusal("allow_administrators", why)
        return tuple(reasons)

    def _protect_group(self, group: Group, way: str = "") -> None:
        """`way`: how somebody would get into it, where the call does not name it."""
        whom = f"{way}{group.label}"
        if pattern := _matching(self.rules.protected_groups, group.id, group.name):
            raise PolicyRefusal(
                "protected_groups",
                f"{whom}, which is protected." if way else f"{whom} is protected ({quote(pattern)}).",
            )
        if self.rules.managed_groups and not _matching(self.rules.managed_groups, group.id, group.name):
            raise PolicyRefusal(
                "managed_groups", f"{whom}, which is not among them." if way else f"{whom} is not among them."
            )

    def protect_names(self, preview: Preview) -> None:
        """Let a write pass that gives somebody these logins and addresses.

        Raises:
            PolicyRefusal: one of them is protected: it is somebody's who matters, or passes for one.
        """
        if pattern := _matching(self.rules.protected_users, *preview.claims):
            raise PolicyRefusal("protected_users", f"the login or address is protected ({quote(pattern)}).")
        if pattern := _matching(self.rules.protected_users, *preview.claims, fold=skeleton):
            raise PolicyRefusal(
                "protected_users", f"the login or address passes for one that is protected ({quote(pattern)})."
            )

    async def foresee(
        self,
        okta: OktaClient,
        connection: Connection,
        targets: Targets,
        standing: Standing,
        preview: Preview,
        *,
        fresh: bool,
    ) -> tuple[str, ...]:
        """Let a write pass for what follows from it; the reasons why a person should confirm it.

        `fresh`: what is known is read again, for a person's yes rests on it.

        Raises:
            PolicyRefusal: group rules may lead into groups that are protected, not managed, or grant administration.
                ActionError: Okta cannot be asked at all now.
        """
        reasons = [preview.escalates] if preview.escalates else []
        for known in (standing.granting, standing.applications):
            reasons += [known[group.id] for group in preview.joins if group.id in known]
        ahead, held, strange = await asyncio.gather(
            look_ahead(self._knowledge, okta, connection, preview, fresh=fresh),
            self._held_reasons(okta, connection, targets, preview, fresh=fresh),
            self._strange_domain(okta, connection, targets, preview, fresh=fresh),
        )
        reasons += [*held, *([strange] if strange else [])]
        if ahead.unread:
            reasons.append("Okta does not let this connection read group rules, which may lead into further groups.")
        sensitive = [led for led in ahead.into if self._matters(led) or _giving(led.gives)]
        sensitive += [led for led in ahead.out_of if self._matters(led)]
        member_of = await _groups_of(okta, preview) if sensitive else frozenset()
        for led in sensitive:
            if led in ahead.into and led.id not in member_of:
                reasons.append(self._let_into(led))
            elif led in ahead.out_of and led.id in member_of:
                reasons.append(f"{capitalized(led.rule_label)} may take them out of {led.label}.")
        return tuple(reasons)

    def _matters(self, led: Led) -> bool:
        """Whether a group is one that rules should not quietly lead into or out of."""
        if led.gives is None or _granting(led.gives.group, led.gives):
            return True
        try:
            self._protect_group(led.gives.group)
        except PolicyRefusal:
            return True
        return False

    def _let_into(self, led: Led) -> str:
        """Why a person should know that a rule may lead into this group.

        Raises:
            PolicyRefusal: nobody may be led into it.
        """
        way = f"{led.rule_label} may put them into "
        if led.gives is None:
            return f"{capitalized(way)}the group {led.label}, which this connection cannot read."
        self._protect_group(led.gives.group, way)
        why = _granting(led.gives.group, led.gives)
        if not why:
            return f"{capitalized(way)}{led.label}. {_giving(led.gives)}"
        if not self.rules.allow_administrators:
            raise PolicyRefusal("allow_administrators", f"{way}{led.label}: {why}")
        return f"{capitalized(way)}{led.label}. {why}"

    async def _held_reasons(
        self, okta: OktaClient, connection: Connection, targets: Targets, preview: Preview, *, fresh: bool
    ) -> list[str]:
        """Which of the groups that somebody keeps, or loses with the account, grant administration."""
        groups = {group.id: group for group in (*preview.leaves, *preview.regains) if group not in targets.groups}
        groups = {id: group for id, group in groups.items() if group.type != "BUILT_IN"}
        told = await self._knowledge.groups(okta, connection, groups, fresh=fresh)
        found = [why for id, group in groups.items() if (why := _granting(group, told.get(id)))]
        return [f"{why} They are a member of it." for why in found]

    async def _strange_domain(
        self, okta: OktaClient, connection: Connection, targets: Targets, preview: Preview, *, fresh: bool
    ) -> str:
        """Why an activation link should not go out unasked."""
        besides = targets.users[0].id if targets.users else None
        for domain in dict.fromkeys(map(domain_of, preview.mails)):
            if self.rules.mail_domains:
                own = any(fnmatchcase(domain, _pattern(domain_of(known))) for known in self.rules.mail_domains)
            else:
                own = await self._knowledge.has_people_at(okta, connection, domain, besides, fresh=fresh)
            if not own:
                return f"The link goes to the mail domain {quote(domain)}, which is not known as this org's."
        return ""

    def asks(self, action: Action, reasons: Iterable[str]) -> bool:
        """Whether a person must confirm what escalates for these reasons."""
        return bool(_effects(action, reasons) & set(self.rules.confirm))

    def demand_reason(self, action: Action, reasons: Iterable[str], reason: str | None) -> None:
        """Let a write pass that says why it is wanted, where a rule asks for that.

        Raises:
            PolicyRefusal: there is no reason, or none as the rule wants it.
        """
        for effect, pattern in self.rules.require_reason.items():
            if effect in _effects(action, reasons) and not (reason and re.search(pattern, reason)):
                error = PolicyRefusal(
                    "require_reason",
                    f"{action.name} needs a reason that contains “{pattern}”; "
                    + (f"it was “{reason}”." if reason else "none was given."),
                )
                error.next_step = "Give it with --reason in a terminal, or over MCP as okta-actions/reason in _meta."
                raise error


def _effects(action: Action, reasons: Iterable[str]) -> set[str]:
    """What a write does, in the words of the rules confirm and require_reason."""
    found = {"write"}
    if action.effect is Effect.DESTRUCTIVE:
        found.add("destructive")
    if any(reasons):
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
    return _ADMIN.search(folded(_CAMEL.sub(" ", as_latin(name)))) is not None


def _granting(group: Group, gives: Gives | None) -> str:
    """Why a group counts as one that grants administration: by its name, or by what Okta says of it."""
    if named_like_administrators(group.name):
        return f"{group.label} is named like a group of administrators."
    if gives is None or gives.administration is None:
        return f"Okta does not tell whether {group.label} grants administration."
    return f"{group.label} grants administration." if gives.administration else ""


def _giving(gives: Gives | None) -> str:
    """How many applications a group gives, if any."""
    count = gives.applications if gives else None
    return f"{gives.group.label} gives {count} application{'s' * (count != 1)}." if gives and count else ""


async def _groups_of(okta: OktaClient, preview: Preview) -> frozenset[str]:
    """The ids of the groups that the person is in."""
    if preview.profiles is None or preview.profiles.id is None:
        return frozenset()
    pages = okta.pages("users", preview.profiles.id, "groups")
    return frozenset([str(group["id"]) async for page in pages for group in page])


def _matching(patterns: Iterable[str], *texts: str, fold: Callable[[str], str] = folded) -> str | None:
    """The first pattern that fits one of the texts. Only * is special; see `likeness` for what does not matter."""
    told = [name for text in texts if text and (name := fold(as_address(text)))]
    return next((p for p in patterns if any(fnmatchcase(text, _pattern(fold(as_address(p)))) for text in told)), None)


def _pattern(folded: str) -> str:
    return folded.replace("[", "[[]").replace("?", "[?]")
