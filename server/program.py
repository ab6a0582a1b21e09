"""Everything that runs actions, wired together from the settings."""

from server.connections.manager import ConnectionManager
from server.door import Door
from server.settings import Settings
from server.store import Store
from server.tickets import Tickets


class Program:
    """The store, the connection and the door of one process. Use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.connections = ConnectionManager(settings, self.store)
        self.door = Door(self.connections, Tickets(self.store))

    async def __aenter__(self) -> "Program":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connections.aclose()
        await self.store.aclose()
