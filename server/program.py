"""Everything that runs actions, assembled from the settings."""

from functools import partial

from server.connections.manager import ConnectionManager
from server.connections.warmth import Warmth
from server.door.actions import LISTED
from server.door.door import Door
from server.door.guard import Guard
from server.door.keeping import Exports
from server.door.verified import VERIFIABLE
from server.journal.recording import Recorder
from server.policy.rules import check_names
from server.settings import Settings
from server.store.store import Store
from server.telemetry import configuring as telemetry
from tools.catalogue import CATALOGUE


class Program:
    """The store, the connections, the rules and the door of one process. Use as an async context manager.

    Raises:
        InvalidInput: the rules name something that does not exist.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.recorder = Recorder(self.store, settings)
        self.connections = ConnectionManager(settings, self.store, self.recorder)
        self.warmth = Warmth(self.connections, partial(CATALOGUE.load, settings.direct_actions))
        check_names(settings, LISTED, (action.toolset for action in LISTED.values()), VERIFIABLE)
        self.guard = Guard(settings, LISTED)
        self.door = Door(self.connections, self.guard, self.recorder, Exports(self.store, self.guard))

    async def __aenter__(self) -> "Program":
        telemetry.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.warmth.aclose()
        await self.connections.aclose()
        await self.store.aclose()
        telemetry.flush()
