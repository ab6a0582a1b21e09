"""Every action on Okta, in the order in which surfaces list them.

What lists and rules need of them is kept in a file beside this module, so that start-up imports none: a toolset is
imported when one of its actions is first called. tests/tools/test_schemas.py keeps the file true.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module, resources
from types import ModuleType

from tools.contract.action import Action
from tools.contract.listing import CatalogueEntry, ListedAction
from tools.contract.record import UndoneBy
from tools.direct import DIRECT

TOOLSETS = (
    "users",
    "lifecycle",
    "credentials",
    "memberships",
    "groups",
    "group_rules",
    "applications",
    "roles",
    "logs",
)
KEPT = "catalogue.json"


class Catalogue(Mapping[str, Action]):
    """The actions by their names; `listed` has what can be told of them without importing any."""

    @cached_property
    def listed(self) -> Mapping[str, CatalogueEntry]:
        kept = json.loads(resources.files(__package__).joinpath(KEPT).read_bytes())
        return {one["name"]: CatalogueEntry.read(one) for one in kept}

    def load(self, names: Iterable[str]) -> None:
        """Import the toolsets of these actions, for calls that will follow."""
        for toolset in {self.listed[name].toolset for name in names if name in self}:
            module_of(toolset)

    def __getitem__(self, name: str) -> Action:
        action: Action = getattr(module_of(self.listed[name].toolset), name)
        return action

    def __contains__(self, name: object) -> bool:
        return name in self.listed

    def __iter__(self) -> Iterator[str]:
        return iter(self.listed)

    def __len__(self) -> int:
        return len(self.listed)


CATALOGUE = Catalogue()


def defined() -> dict[str, Action]:
    """The actions as their toolsets define them: what the file is made of.

    Raises:
        TypeError: see `require_whole`.
    """
    found = {action.name: action for toolset in TOOLSETS for action in _actions(module_of(toolset))}
    require_whole(found)
    if missing := [name for name in DIRECT if name not in found]:
        raise TypeError(f"tools/direct.py names what is no action: {', '.join(missing)}.")
    return found


def entries() -> list[CatalogueEntry]:
    """The entries of the catalogue, as the file should have them."""
    return [CatalogueEntry.of(action) for action in defined().values()]


def module_of(toolset: str) -> ModuleType:
    return import_module(f"{__package__}.{toolset}")


def _actions(toolset: ModuleType) -> list[Action]:
    """The actions of a toolset, in its own order: a folder lists them in `__all__`."""
    names = getattr(toolset, "__all__", vars(toolset))
    return [found for name in names if isinstance(found := getattr(toolset, name), Action)]


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


def needed_scopes(actions: Iterable[ListedAction] | None = None) -> tuple[str, ...]:
    """The OAuth scopes that these actions need, or tell more with; without any named, those of all of them."""
    found: Iterable[ListedAction] = CATALOGUE.listed.values() if actions is None else actions
    return tuple(sorted({scope for action in found for scope in action.scopes | action.helpful_scopes}))
