"""The catalogue is whole: undos that exist, and parts that take the arguments of their action."""

from dataclasses import replace
from inspect import signature
from typing import Any, get_type_hints

import pytest

from tools.catalogue import CATALOGUE, require_whole
from tools.contract.action import Action
from tools.contract.definition import Effect
from tools.contract.record import Back, UndoneBy

UNDONE = [name for name, action in CATALOGUE.items() if isinstance(action.undo, UndoneBy)]


@pytest.mark.parametrize("name", UNDONE)
def test_an_undo_by_an_action_of_no_such_name_makes_no_catalogue(name: str) -> None:
    undo = CATALOGUE[name].undo
    assert isinstance(undo, UndoneBy)
    misspelt = replace(CATALOGUE[name], undo=replace(undo, action=f"{undo.action}s"))
    with pytest.raises(TypeError, match=f"{name} is undone by .*Did you mean {undo.action}?"):
        require_whole({**CATALOGUE, name: misspelt})


@pytest.mark.parametrize("by", [name for name, action in CATALOGUE.items() if action.effect is Effect.READ])
def test_no_change_is_undone_by_a_read(by: str) -> None:
    wrong = replace(CATALOGUE["suspend_user"], undo=UndoneBy(by, lambda change: Back({})))
    with pytest.raises(TypeError, match="is no write"):
        require_whole({**CATALOGUE, "suspend_user": wrong})


@pytest.mark.parametrize("action", CATALOGUE.values(), ids=CATALOGUE)
def test_every_part_of_an_action_takes_its_arguments(action: Action) -> None:
    """Of two functions with other arguments the type checker makes one with both, which nobody calls."""
    for part in (action.observe, action.preview, action.refuse, action.unchanged, action.lowers):
        if part is not None:
            first = next(iter(signature(part).parameters))
            taken = get_type_hints(part)[first]
            assert taken is Any or issubclass(action.input, taken), part
