"""Names that groups get and lose: the rules go by names, so a name must not let anything past them."""

from server.connections.models import Connection
from server.door.foresight import Led
from server.door.knowledge import Knowledge
from server.door.patterns import matching
from server.policy.managed import ManagedEntry
from server.policy.rules import PolicyRefusal, Rules
from tools.contract.preview import Preview
from tools.objects.groups import Group, named_like_administrators
from tools.objects.side_effects import Names
from tools.okta.client import OktaClient
from tools.text.likeness import folded, skeleton
from tools.text.quoting import quote


def allow_names(rules: Rules, preview: Preview) -> tuple[str, ...]:
    """Accept a write that names, renames or deletes groups; returns the reasons why a person should confirm it.

    Raises:
        PolicyRefusal: a rule protects the name, goes by it, or would not cover the group any more.
    """
    return tuple(reason for one in preview.all(Names) for reason in _allow(rules, one))


def _allow(rules: Rules, one: Names) -> tuple[str, ...]:
    _leave_to_rules(rules, one)
    if one.after is None:
        return ()
    name = quote(one.after)
    if pattern := matching(rules.protected_groups, one.after):
        raise PolicyRefusal("protected_groups", f"the name {name} is protected ({quote(pattern)}).")
    if pattern := matching(rules.protected_groups, one.after, fold=skeleton):
        why = f"the name {name} can be mistaken for a protected one ({quote(pattern)})."
        raise PolicyRefusal("protected_groups", why)
    reasons = []
    if named_like_administrators(one.after):
        why = f"{name} is named like a group of administrators."
        if not rules.allow_administrators:
            raise PolicyRefusal("allow_administrators", why)
        reasons.append(why)
    if rules.managed_groups:
        if not matching(rules.managed_groups, one.after, *((one.before.id,) if one.before else ())):
            raise PolicyRefusal("managed_groups", f"the name {name} is not on the list.")
        if one.before is None:
            reasons.append(f"The rule managed_groups then lets the members of {name} be changed here.")
    return tuple(reasons)


def _leave_to_rules(rules: Rules, one: Names) -> None:
    """Accept a write after which the rule `managed_users` still means the people of the same groups.

    Raises:
        PolicyRefusal: the rule names one by the name that comes or goes.
    """
    entries = [entry.text for entry in map(ManagedEntry.parse, rules.managed_users) if entry.by == "group"]
    gone = one.before is not None and one.after is None
    names = [*([one.before.name] if one.before else []), *([one.after] if one.after else [])]
    for text in entries:
        if (gone and one.before and text == one.before.id) or folded(text) in map(folded, names):
            raise PolicyRefusal("managed_users", f"it names the people of the group {quote(text)}.")


async def led_by_names(
    knowledge: Knowledge, okta: OktaClient, connection: Connection, preview: Preview, *, since: float
) -> tuple[tuple[Led, ...], bool]:
    """The groups into or out of which rules may move people because groups are renamed or deleted.

    Also whether that could not be determined.

    Raises:
        ActionError: Okta cannot be asked at all now.
    """
    named = [one for one in preview.all(Names) if one.before is not None]
    if not named:
        return (), False
    rules = await knowledge.rules(okta, connection, since=since)
    if rules is None:
        return (), True
    meant = [group for one in named for group in _meant(one)]
    moved = {id: rule for rule in rules if any(map(rule.asks_for, meant)) for id in rule.targets}
    gives = await knowledge.groups(okta, connection, moved, since=since)
    return tuple(Led(rule.name, id, gives.get(id)) for id, rule in moved.items()), False


def _meant(one: Names) -> tuple[Group, ...]:
    """The group as rules may ask for it before and after. By its id they find a renamed one as before."""
    assert one.before is not None
    if one.after is None:
        return (one.before,)
    return tuple(Group(id="", type=one.before.type, profile={"name": name}) for name in (one.before.name, one.after))
