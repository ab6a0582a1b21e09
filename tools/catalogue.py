"""Every action there is, in the order in which surfaces list them."""

from collections.abc import Mapping
from types import MappingProxyType

from tools import changes, groups, lifecycle, memberships, users
from tools.action import Action

TOOLSETS = (users, lifecycle, memberships, groups, changes)

CATALOGUE: Mapping[str, Action] = MappingProxyType(
    {found.name: found for toolset in TOOLSETS for found in vars(toolset).values() if isinstance(found, Action)}
)


def needed_scopes(*, read_only: bool = False) -> tuple[str, ...]:
    """The OAuth scopes that the actions need, or those of them that only read."""
    scopes = sorted(set().union(*(action.scopes for action in CATALOGUE.values())))
    if read_only:
        scopes = sorted(
            {scope.removesuffix(".manage") + ".read" if scope.endswith(".manage") else scope for scope in scopes}
        )
    return tuple(scopes)
