"""What the catalogue refuses when it is made: an undo that no action does, and a reference that nothing finds."""

from dataclasses import replace
from typing import Annotated

import pytest

from tools.catalogue import CATALOGUE, require_whole
from tools.contract.action import Action, ActionInput, Effect, Reference
from tools.contract.record import Back, UndoneBy
from tools.objects.models import Observed

UNDONE = [name for name, action in CATALOGUE.items() if isinstance(action.undo, UndoneBy)]


@pytest.mark.parametrize("name", UNDONE)
def test_an_undo_by_an_action_of_no_such_name_makes_no_catalogue(name: str) -> None:
    undo = CATALOGUE[name].undo
    assert isinstance(undo, UndoneBy)
    misspelt = replace(CATALOGUE[name], undo=replace(undo, action=undo.action.replace("user", "usr")))
    with pytest.raises(TypeError, match=f"{name} is undone by .*Did you mean {undo.action}?"):
        require_whole({**CATALOGUE, name: misspelt})


@pytest.mark.parametrize("by", [name for name, action in CATALOGUE.items() if action.effect is Effect.READ])
def test_no_change_is_undone_by_a_read(by: str) -> None:
    wrong = replace(CATALOGUE["suspend_user"], undo=UndoneBy(by, lambda change: Back({})))
    with pytest.raises(TypeError, match="is no write"):
        require_whole({**CATALOGUE, "suspend_user": wrong})


class Device(Observed):
    id: str


class OfADevice(ActionInput):
    device_id: Annotated[str, Reference(Device)]


class OfDevices(ActionInput):
    device_ids: list[Annotated[str, Reference(Device)]]


@pytest.mark.parametrize("input", [OfADevice, OfDevices])
def test_a_reference_to_what_nothing_finds_makes_no_catalogue(input: type[ActionInput]) -> None:
    made: Action = replace(CATALOGUE["lookup_user"], name="lookup_device", input=input)
    with pytest.raises(TypeError, match=r"lookup_device: device_ids? names a Device, which nothing finds"):
        require_whole({**CATALOGUE, "lookup_device": made})
