"""Every action there is, in the order in which surfaces list them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType, ModuleType

from tools import applications, group_rules, groups, lifecycle, memberships, roles, users
from tools.contract.action import Action
from tools.contract.definition import Definition
from tools.contract.record import UndoneBy
from tools.direct import DIRECT

TOOLSETS = (users, lifecycle, memberships, groups, group_rules, applications, roles)


def _actions(toolset: ModuleType) -> list[Action]:
    """The actions of a toolset, in its own order: a folder lists them in `__all__`."""
    names = getattr(toolset, "__all__", vars(toolset))
    return [found for name in names if isinstance(found := getattr(toolset, name), Action)]


CATALOGUE: Mapping[str, Action] = MappingProxyType(
    {action.name: action for toolset in TOOLSETS for action in _actions(toolset)}
)


def require_whole(catalogue: Mapping[str, Action]) -> None:
    """Refuse a catalogue in which an action is undone, or an object looked up, by an action that does not exist.

    Raises:
        TypeError: says which, and the nearest name.
    """
    for action in catalogue.values():
        for kind in action.kinds:
            if kind.lookup not in catalogue:
                raise TypeError(f"{action.name}: a {kind.name} is looked up by {kind.lookup}, which does not exist.")
        if not isinstance(action.undo, UndoneBy):
            continue
        undone_by = catalogue.get(action.undo.action)
        if undone_by is None or undone_by.preview is None:
            near = get_close_matches(action.undo.action, catalogue, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise TypeError(f"{action.name} is undone by {action.undo.action}, which is no write.{hint}")


require_whole(CATALOGUE)
if missing := [name for name in DIRECT if name not in CATALOGUE]:
    raise TypeError(f"tools/direct.py names what is no action: {', '.join(missing)}.")


def needed_scopes(actions: Iterable[Definition] | None = None) -> tuple[str, ...]:
    """The OAuth scopes that these actions need; without any named, those that all of them do."""
    found: Iterable[Definition] = CATALOGUE.values() if actions is None else actions
    return tuple(sorted({scope for action in found for scope in action.scopes}))
