"""Every action there is, in the order in which surfaces list them."""

from collections.abc import Mapping
from types import MappingProxyType

from tools import groups, lifecycle, memberships, users
from tools.action import Action

TOOLSETS = (users, lifecycle, memberships, groups)

CATALOGUE: Mapping[str, Action] = MappingProxyType(
    {found.name: found for toolset in TOOLSETS for found in vars(toolset).values() if isinstance(found, Action)}
)
