"""Every action that can be called: those on Okta, and those about this server itself."""

from collections import ChainMap
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from server.door import changes, discovery, exports
from tools.catalogue import CATALOGUE
from tools.contract.definition import Definition
from tools.contract.listing import ListedAction
from tools.find import Finder
from tools.okta.errors import InvalidInput
from tools.text.lines import readable

OWN = (
    exports.read_export,
    changes.list_changes,
    changes.undo_change,
    discovery.find_actions,
    discovery.run_read,
    discovery.run_action,
)

_OWN = {action.name: action for action in OWN}
ACTIONS: Mapping[str, Definition] = ChainMap[str, Any](_OWN, CATALOGUE)  # type: ignore[arg-type]
"""In the order in which surfaces list them. Those on Okta are imported when they are asked for."""
LISTED: Mapping[str, ListedAction] = MappingProxyType({**CATALOGUE.listed, **_OWN})
"""The same as lists show them, without importing any."""

FINDABLE = {name: action for name, action in LISTED.items() if not action.neutral}
"""Those that can be looked for: all but what finds and runs them."""
FINDER = Finder(FINDABLE.values())


def find(name: str) -> Definition:
    """The action with this name.

    Raises:
        InvalidInput: there is none; the nearest name is suggested.
    """
    if action := ACTIONS.get(name):
        return action
    shown = readable(name[:60])
    nearest = get_close_matches(name[:100], ACTIONS, n=1, cutoff=0.85)
    if not nearest and (elsewhere := FINDER.meant(name)) is not None:
        raise InvalidInput(
            f"There is no action “{shown}”. {elsewhere}",
            code="unknown_action",
            next_step="Tell the person where it is done.",
        )
    nearest = nearest or get_close_matches(name[:100], ACTIONS, n=1)
    raise InvalidInput(
        f"There is no action “{shown}”.",
        code="unknown_action",
        next_step=f"Did you mean {nearest[0]}?" if nearest else f"Available: {', '.join(ACTIONS)}.",
    )
