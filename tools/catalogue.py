"""Every action there is, in the order in which surfaces list them."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from tools import applications, changes, groups, lifecycle, memberships, users
from tools.contract.action import Action
from tools.contract.record import UndoneBy

TOOLSETS = (users, lifecycle, memberships, groups, applications, changes)

CATALOGUE: Mapping[str, Action] = MappingProxyType(
    {found.name: found for toolset in TOOLSETS for found in vars(toolset).values() if isinstance(found, Action)}
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


def needed_scopes(*, read_only: bool = False) -> tuple[str, ...]:
    """The OAuth scopes that the actions need, or those of them that only read."""
    scopes = sorted(set().union(*(action.scopes for action in CATALOGUE.values())))
    if read_only:
        scopes = sorted(
            {scope.removesuffix(".manage") + ".read" if scope.endswith(".manage") else scope for scope in scopes}
        )
    return tuple(scopes)
