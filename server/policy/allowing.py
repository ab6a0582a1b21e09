"""Which actions the rules allow, whoever calls and whatever is connected."""

from server.policy.rules import PolicyRefusal, Rules
from tools.catalogue import CATALOGUE
from tools.contract.definition import Effect
from tools.contract.listing import CatalogueEntry, ListedAction
from tools.off import OFF


def forbidden(rules: Rules, action: ListedAction) -> PolicyRefusal | None:
    """Which rule forbids an action; None where all of them let it run.

    An action that leads to others is judged as what it is called here; the guard judges it by those.
    """
    name, toolset = action.name, action.toolset
    if rules.read_only and action.effect is not Effect.READ:
        return PolicyRefusal("read_only", f"{name} writes.")
    if name in rules.deny_actions:
        return PolicyRefusal("deny_actions", f"{name} is denied.")
    if toolset in rules.deny_toolsets:
        return PolicyRefusal("deny_toolsets", f"{name} belongs to the toolset {toolset}.")
    named = name in rules.allow_actions or toolset in rules.allow_toolsets
    if toolset in OFF and toolset not in rules.enable_toolsets and not named:
        return PolicyRefusal("enable_toolsets", f"{name} belongs to the toolset {toolset}, which is off by default.")
    allowed = action.neutral or named
    if (rules.allow_actions or rules.allow_toolsets) and not allowed:
        rule = "allow_actions" if rules.allow_actions else "allow_toolsets"
        return PolicyRefusal(rule, f"{name} is not allowed.")
    return None


def allowed_actions(rules: Rules) -> list[CatalogueEntry]:
    """The actions that the rules let run."""
    return [action for action in CATALOGUE.listed.values() if forbidden(rules, action) is None]
