"""The facts of a change can be asked for in any state: a preview, which may rely on more, is not needed for them."""

from dataclasses import replace
from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, do, recorded
from server.door.door import Result
from server.journal import reconciling
from server.journal.history import History
from server.program import Program
from tools.catalogue import CATALOGUE
from tools.contract.action import Action
from writes import WRITES, ready


def relying_on_already(action: Action) -> Action:
    """The action with a preview that takes for granted what `already` looks at."""

    def preview(request: Any, before: Any) -> Any:
        assert action.already(request, before) is None
        assert action.preview is not None
        return action.preview(request, before)

    return replace(action, preview=preview)


STRICT = {name: relying_on_already(action) if action.preview else action for name, action in CATALOGUE.items()}
NAMES = [name for name in WRITES if CATALOGUE[name].preview is not None]


@pytest.mark.parametrize("name", NAMES)
async def test_a_preview_may_rely_on_what_already_checked(
    connected: None, program: Program, org: Org, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    arguments = await ready(name, org)
    for module in ("server.door.door", "server.journal.reconciling"):
        monkeypatch.setattr(f"{module}.CATALOGUE", STRICT)
    change = (await do(program, name, **arguments))["change_id"]
    connection = await program.connections.connected()
    okta = await program.connections.client(connection)
    now = await reconciling.facts_now(await recorded(program, change), okta, History(program.recorder, connection))
    done = await recorded(program, change)
    assert reconciling.judge(done, now)[0] == "done"
    again = await program.door.call(CALLER, name, arguments)
    if isinstance(again, Result):
        assert again.content["changed"] is False
    else:
        assert "taken" in str(getattr(again, "error", again)), again
