"""Everything that runs actions, wired together from the settings."""

from server.connections.manager import ConnectionManager
from server.connections.vault import Vault
from server.door import Door
from server.settings import Settings
from server.store import Store
from server.tickets import Tickets


class Program:
    """The store, the vault, the connections and the door of one process, for one connection."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.store_file)
        self.vault = Vault(settings)
        self.connections = ConnectionManager(settings, self.store, self.vault)
        self.door = Door(self.connections, Tickets(self.store))

    async def aclose(self) -> None:
        await self.connections.aclose()
        await self.store.aclose()
