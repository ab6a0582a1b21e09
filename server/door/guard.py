"""Decides what may run now, on whom, and what a person must confirm: to offer actions, and again at every call."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.connections.models import Connection, repair
from server.connections.scopes import missing_scopes
from server.door.foresight import Led, look_ahead
from server.door.given import Standings, ways_by_rules, ways_in, ways_out
from server.door.hiding import Hiding
from server.door.knowledge import Knowledge, domain_of
from server.door.managed import ManagedPeople
from server.door.naming import allow_names, led_by_names
from server.door.patterns import fits, matching
from server.policy.allowing import forbidden
from server.policy.rules import PolicyRefusal, Rules
from server.store.freezing import Frozen
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect
from tools.contract.kinds import Identity, Kind, OktaObject, Standing
from tools.contract.listing import ListedAction
from tools.contract.preview import Preview
from tools.contract.targets import Targets
from tools.elsewhere import near
from tools.objects.applications import APPLICATION, Application
from tools.objects.groups import GROUP, Group, giving, granting
from tools.objects.side_effects import Claims, Joins, Leaves, Mails, Profiles, Regains
from tools.objects.users import User
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, MissingScope
from tools.okta.reads import earliest
from tools.text.likeness import skeleton
from tools.text.lines import capitalized
from tools.text.quoting import quote


@dataclass(frozen=True)
class Offer:
    """An action, and the reason why it cannot be run now, if any."""

    action: ListedAction
    reason: str | None

    def row(self) -> dict[str, Any]:
        """The action as a row of the catalogue."""
        return {
            "action": self.action.name,
            "toolset": self.action.toolset,
            "effect": self.action.effect.value,
            "asks": self.action.asks or "never",
            "scopes": sorted(self.action.scopes),
            **({"undone_by": undone_by} if (undone_by := self.action.undone_by) else {}),
            "offered": self.reason is None,
            **({"reason": self.reason} if self.reason else {}),
            **({"not_here": list(not_here)} if (not_here := near(self.action.name)) else {}),
        }


MOST_NAMED = 3
"""Applications that a question names of those that a group gives."""
Told = Mapping[str, Mapping[str, Any]]
"""What Okta told of the targets of a write, by kind and id."""


class Guard:
    """Applies the rules of one process."""

    def __init__(self, rules: Rules, actions: Mapping[str, ListedAction]) -> None:
        """`actions`: every action that can be called, by name."""
        self.rules = rules
        self._actions = actions
        self.knowledge = Knowledge()
        self.hiding = Hiding(rules.hidden_attributes, rules.hidden_in_lists)

    def offers(self, connection: Connection | None) -> list[Offer]:
        """Every action: those that the rules allow are offered; once connected, only if the scopes cover them."""
        return [
            Offer(action, str(why) if (why := self._why_not(action, connection)) else None)
            for action in self._actions.values()
        ]

    def may_undo(self, connection: Connection) -> bool:
        """Whether changes may be undone through the connection."""
        return self._why_not(self._actions["undo_change"], connection) is None

    def permit(self, action: ListedAction, connection: Connection | None) -> None:
        """Accept an action that may run.

        Raises:
            PolicyRefusal: a rule forbids it. MissingScope: the connection was not granted a scope that it needs.
        """
        if why := self._why_not(action, connection):
            raise why

    def permit_now(self, action: Definition, frozen: Frozen | None) -> None:
        """Accept an action that no freeze stops.

        Raises:
            PolicyRefusal: it is frozen.
        """
        if frozen is not None and (frozen.reads or action.effect is not Effect.READ):
            raise frozen.refusal()

    def permit_named(self, action: Definition, named: Iterable[str], connection: Connection | None) -> None:
        """Let an action without scopes of its own look up the people in these arguments, if the caller may.

        Otherwise its answer would tell somebody who may not look people up whether they exist.

        Raises:
            PolicyRefusal, MissingScope: the action that looks them up may not run.
        """
        if action.scopes:
            return
        for argument in named:
            lookup = self._actions[action.references[argument].lookup]
            if (why := self._why_not(lookup, connection)) is None:
                continue
            if isinstance(why, PolicyRefusal):
                told = f"{argument} must be looked up with {lookup.name}, which may not run."
                why = PolicyRefusal(why.rule, told)
            raise why

    def _why_not(self, action: ListedAction, connection: Connection | None) -> ActionError | None:
        if why := forbidden(self.rules, action):
            return why
        if action.leads_to:
            # It counts as the calls that it leads to: if none of them may run, it may not either.
            inner = [
                one
                for one in self._actions.values()
                if one.effect in action.leads_to and not one.neutral and not one.leads_to
            ]
            reasons = [self._why_not(one, connection) for one in inner]
            return reasons[0] if all(reasons) else None
        if connection is None or not (missing := missing_scopes(self.rules, action, connection)):
            return None
        apart = "Without it, protected administrators cannot be recognized."
        return MissingScope(missing[0], why="" if missing[0] in action.scopes else apart, reconnect=repair(connection))

    def managed(self, okta: OktaClient, connection: Connection, *, since: float) -> ManagedPeople | None:
        """The only people who may be looked up and changed, if a rule names them.

        `since`: the earliest moment at which what is known of the org may have been asked for; see `Knowledge`.
        """
        if not (entries := self.rules.managed_users):
            return None
        return ManagedPeople(entries, self.knowledge, okta, connection, since=since)

    async def asked(self, okta: OktaClient, connection: Connection, action: Definition, request: ActionInput) -> Told:
        """Ask Okta which targets are administrators or grant administration, by the ids in the request.

        Of what the call names nothing counts as known: it is asked in this pass.

        Raises:
            ActionError: Okta cannot be asked at all now.
        """

        async def asked(kind: Kind[Any]) -> Mapping[str, Any]:
            ids = action.named(request, kind)
            if kind is GROUP:
                return await self.knowledge.groups(okta, connection, ids, since=earliest())
            return await kind.protection.asked(okta, ids)

        kinds = [kind for kind in action.kinds if kind.protection.grants or not self.rules.allow_administrators]
        told = await asyncio.gather(*map(asked, kinds))
        return dict(zip((kind.name for kind in kinds), told, strict=True))

    def standings(self, action: Definition, targets: Targets, told: Told) -> Standings:
        """What the targets may do and give, from what Okta told. One that cannot be checked counts as administrator."""
        return {
            one.id: kind.protection.standing(one, told[kind.name].get(one.id))
            for kind in action.kinds
            if kind.name in told
            for one in targets.all(kind.type)
        }

    def protect(
        self,
        connection: Connection,
        action: Definition,
        targets: Targets,
        standings: Standings,
        *,
        lowers: bool,
        undoes: bool,
    ) -> tuple[str, ...]:
        """Accept a write on these objects: unconditionally, or with a person's yes for the reasons returned.

        A write that only takes away (`lowers`) passes with a yes where the opposite write would be refused.

        Raises:
            PolicyRefusal: one of them is protected.
        """
        reasons = []
        named = [(kind, one) for kind in action.kinds for one in targets.all(kind.type)]
        administer = {one.id: why for _, one in named if (why := standings.get(one.id, Standing()).administers)}
        lowered = lowers and any(kind.protection.grants and one.id in administer for kind, one in named)
        identity = _identity(connection)
        for kind, one in named:
            if why := kind.protection.own(one, identity):
                raise PolicyRefusal("own_identity", why, fixed=True)
            self._protect_listed(kind, one)
            if one.id not in administer:
                continue
            if lowered or (lowers and undoes):
                reasons.append(administer[one.id])
            elif not self.rules.allow_administrators:
                raise PolicyRefusal("allow_administrators", administer[one.id])
        return tuple(reasons)

    def _protect_listed(self, kind: Kind[Any], one: OktaObject, way: str = "") -> None:
        """Accept an object if the rules that list its kind allow it.

        `way`: how somebody would get into it, if the call does not name it.
        """
        protection = kind.protection
        whom = f"{way}{one.label}"
        listed = (protection.names(one),) if protection.leads_to is None else protection.leads_to(one)
        managed = getattr(self.rules, protection.managed) if protection.managed and not protection.found else ()
        for names in listed:
            if protection.protected and (pattern := matching(getattr(self.rules, protection.protected), *names)):
                why = f"{whom}, which is protected." if way else f"{whom} is protected ({quote(pattern)})."
                raise PolicyRefusal(protection.protected, why)
            if managed and not matching(managed, *names):
                why = f"{whom}, which is not on the list." if way else f"{whom} is not on the list."
                raise PolicyRefusal(str(protection.managed), why)

    def protect_names(self, preview: Preview) -> None:
        """Accept a write that gives somebody these logins and addresses.

        Raises:
            PolicyRefusal: one of them is protected: it belongs to somebody important, or can be mistaken for theirs.
        """
        claims = [one.address for one in preview.all(Claims)]
        if pattern := matching(self.rules.protected_users, *claims):
            raise PolicyRefusal("protected_users", f"the login or address is protected ({quote(pattern)}).")
        if pattern := matching(self.rules.protected_users, *claims, fold=skeleton):
            raise PolicyRefusal(
                "protected_users", f"the login or address can be mistaken for a protected one ({quote(pattern)})."
            )

    async def foresee(
        self,
        okta: OktaClient,
        connection: Connection,
        targets: Targets,
        standings: Standings,
        preview: Preview,
        *,
        since: float,
    ) -> tuple[str, ...]:
        """Accept a write for its consequences; returns the reasons why a person should confirm it.

        `since`: the earliest moment at which what is known of the org may have been asked for; see `Knowledge`.

        Raises:
            PolicyRefusal: group rules may lead into groups that are protected, not managed, or grant administration;
                or a group's name is not allowed. ActionError: Okta cannot be asked at all now.
        """
        reasons = [preview.escalates] if preview.escalates else []
        reasons += allow_names(self.rules, preview)
        joins = [standings.get(one.group.id, Standing()) for one in preview.all(Joins)]
        reasons += [one.administers for one in joins if one.administers]
        reasons += [text for one in preview.all(Joins) for text in self._given(one, standings)]
        by_hand = ways_in(preview, standings)
        (by_name, unread), ahead, held, strange, given, taken = await asyncio.gather(
            led_by_names(self.knowledge, okta, connection, preview, since=since),
            look_ahead(self.knowledge, okta, connection, preview, since=since),
            self._held_reasons(okta, connection, targets, preview, since=since),
            self._strange_domain(okta, connection, targets, preview, since=since),
            self._protect_given(okta, connection, by_hand, since=since),
            self._protect_taken(okta, connection, ways_out(preview, targets), since=since),
        )
        reasons += [*held, *([strange] if strange else []), *given, *taken]
        for one in by_name:
            self._let_into(one)
            reasons.append(
                f"{capitalized(one.rule_label)} asks who is in it, and may move people into or out of {one.label}."
            )
        if ahead.unread or unread:
            reasons.append("Okta does not let this connection read group rules, which may lead into further groups.")
        sensitive = [led for led in ahead.into if self._matters(led) or giving(led.gives)]
        sensitive += [led for led in ahead.out_of if self._matters(led)]
        member_of = await _groups_of(okta, preview) if sensitive else frozenset()
        entered = list(by_name)
        for led in sensitive:
            if led in ahead.into and led.id not in member_of:
                reasons.append(self._let_into(led))
                entered.append(led)
            elif led in ahead.out_of and led.id in member_of:
                reasons.append(f"{capitalized(led.rule_label)} may take them out of {led.label}.")
        reasons += await self._protect_given(okta, connection, ways_by_rules(entered), since=since)
        return tuple(dict.fromkeys(reasons))

    def _given(self, joins: Joins, standings: Standings) -> list[str]:
        """What else a group gives whoever joins it, and which of that administers.

        Raises:
            PolicyRefusal: it gives an application that is protected, or in which people administer Okta.
        """
        reasons, way = [], f"{joins.group.label} gives "
        for application in joins.applications:
            reasons += self._protect_application(application, way)
        labels = [application.label for application in joins.applications]
        if labels and joins.whole and len(labels) <= MOST_NAMED:
            named = " and ".join(", ".join(some) for some in (labels[:-1], labels[-1:]) if some)
            return [*reasons, f"{way}{named}."]
        gives = standings.get(joins.group.id, Standing()).gives
        return [*reasons, *([gives] if gives else [])]

    def _protect_application(self, application: Application, way: str) -> list[str]:
        """Why a person should confirm that somebody gets an application in this `way`.

        Raises:
            PolicyRefusal: it is protected, or people administer Okta in it.
        """
        self._protect_listed(APPLICATION, application, way)
        why = APPLICATION.protection.standing(application, None).administers
        if why and not self.rules.allow_administrators:
            raise PolicyRefusal("allow_administrators", f"{way}{application.label}: {why}")
        return [why] if why else []

    async def _protect_given(
        self, okta: OktaClient, connection: Connection, ways: Mapping[str, str], *, since: float
    ) -> list[str]:
        """Accept what groups give, by the id of each and the way into it; returns why a person should confirm it.

        Raises:
            PolicyRefusal: one gives an application that is protected, or in which people administer Okta.
        """
        if self.rules.allow_administrators and not self.rules.protected_applications:
            return []
        found, unread = await self._applications(okta, connection, ways, since=since)
        return [*unread, *(why for way, one in found for why in self._protect_application(one, way))]

    async def _protect_taken(
        self, okta: OktaClient, connection: Connection, ways: Mapping[str, str], *, since: float
    ) -> list[str]:
        """Accept that people lose what groups give; returns why a person should confirm it.

        Raises:
            PolicyRefusal: one gives an application that is protected.
        """
        if not self.rules.protected_applications:
            return []
        found, unread = await self._applications(okta, connection, ways, since=since)
        for way, one in found:
            self._protect_listed(APPLICATION, one, way)
        return unread

    async def _applications(
        self, okta: OktaClient, connection: Connection, ways: Mapping[str, str], *, since: float
    ) -> tuple[list[tuple[str, Application]], list[str]]:
        """The applications that groups give, by id, each with the way; and a sentence for each that cannot be read."""
        read = (self.knowledge.applications(okta, connection, id, since=since) for id in ways)
        told = list(zip(ways.values(), await asyncio.gather(*read), strict=True))
        unread = [
            f"{capitalized(way)}applications that this connection cannot read." for way, all in told if all is None
        ]
        return [(way, one) for way, all in told for one in all or ()], unread

    def _matters(self, led: Led) -> bool:
        """Whether rules should not quietly add people to a group or remove them."""
        if led.gives is None or granting(led.gives.group, led.gives):
            return True
        try:
            self._protect_listed(GROUP, led.gives.group)
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
        self._protect_listed(GROUP, led.gives.group, way)
        why = granting(led.gives.group, led.gives)
        if not why:
            return f"{capitalized(way)}{led.label}. {giving(led.gives)}"
        if not self.rules.allow_administrators:
            raise PolicyRefusal("allow_administrators", f"{way}{led.label}: {why}")
        return f"{capitalized(way)}{led.label}. {why}"

    async def _held_reasons(
        self, okta: OktaClient, connection: Connection, targets: Targets, preview: Preview, *, since: float
    ) -> list[str]:
        """The groups granting administration among those that somebody keeps, or loses with the account."""
        held = [one.group for one in preview.all(Leaves)] + [one.group for one in preview.all(Regains)]
        groups = {group.id: group for group in held if group not in targets.all(Group)}
        groups = {id: group for id, group in groups.items() if group.type != "BUILT_IN"}
        told = await self.knowledge.groups(okta, connection, groups, since=since)
        found = [why for id, group in groups.items() if (why := granting(group, told.get(id)))]
        return [f"{why} They are a member of it." for why in found]

    async def _strange_domain(
        self, okta: OktaClient, connection: Connection, targets: Targets, preview: Preview, *, since: float
    ) -> str:
        """Why an activation link needs a person's confirmation."""
        besides = next((user.id for user in targets.all(User)), None)
        for domain in dict.fromkeys(domain_of(one.address) for one in preview.all(Mails)):
            if self.rules.mail_domains:
                own = any(fits(domain, domain_of(known)) for known in self.rules.mail_domains)
            else:
                own = await self.knowledge.has_people_at(okta, connection, domain, besides, since=since)
            if not own:
                hidden = any(self.hiding.everywhere(name) for name in ("email", "secondEmail"))
                which = "a mail domain" if hidden else f"the mail domain {quote(domain)}"
                return f"The link goes to {which}, which is not a known domain of this org."
        return ""

    def asks(self, action: Definition, reasons: Iterable[str]) -> bool:
        """Whether a person must confirm a write that escalates for these reasons."""
        return bool(_effects(action, reasons) & set(self.rules.confirm))

    def demand_reason(self, action: Definition, reasons: Iterable[str], reason: str | None) -> None:
        """Accept a write that has a reason, if a rule requires one.

        Raises:
            PolicyRefusal: the reason is missing, or does not match the rule.
        """
        for effect, pattern in self.rules.require_reason.items():
            if effect in _effects(action, reasons) and not (reason and re.search(pattern, reason)):
                error = PolicyRefusal(
                    "require_reason",
                    f"{action.name} needs a reason that matches “{pattern}”; "
                    + (f"it was “{reason}”." if reason else "none was given."),
                )
                error.next_step = "Pass it with --reason in a terminal, or as okta-actions/reason in _meta over MCP."
                raise error


def _effects(action: Definition, reasons: Iterable[str]) -> set[str]:
    """The effects of a write, in the terms of the rules confirm and require_reason."""
    found = {"write"}
    if action.effect is Effect.DESTRUCTIVE:
        found.add("destructive")
    if any(reasons):
        found.add("escalation")
    return found


def _identity(connection: Connection) -> Identity:
    return Identity(connection.user_id or "", connection.login or "", connection.client_id or "")


async def _groups_of(okta: OktaClient, preview: Preview) -> frozenset[str]:
    """The ids of the groups that the person is in."""
    id = next((profiles.id for profiles in preview.all(Profiles)), None)
    if id is None:
        return frozenset()
    pages = okta.pages("users", id, "groups")
    return frozenset([str(group["id"]) async for page in pages for group in page])
