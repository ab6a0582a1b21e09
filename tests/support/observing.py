"""What the door sees of a call, asked as the door asks: whom it names, and what it would do."""

from dataclasses import dataclass
from typing import Any

from server.program import Program
from tools.catalogue import CATALOGUE
from tools.contract.action import Action
from tools.contract.kinds import Kind, OktaObject
from tools.contract.preview import Preview
from tools.contract.resolving import resolve
from tools.contract.targets import Pending, Targets
from tools.contract.validation import validate
from tools.okta.client import OktaClient


@dataclass(frozen=True)
class Named:
    """A call with what it names found."""

    action: Action
    request: Any
    targets: Targets
    okta: OktaClient

    async def preview(self) -> Preview:
        """What it would do to its targets as they are now."""
        assert self.action.preview is not None
        return self.action.preview(
            self.request, await self.action.observe(self.request, self.okta, Pending(self.targets))
        )

    @property
    def objects(self) -> list[OktaObject]:
        """What it is done to: the objects that arguments name one by one, and not in a list."""
        single = {
            getattr(self.request, field)
            for field, kind in self.action.references.items()
            if isinstance(kind, Kind) and not isinstance(getattr(self.request, field), list)
        }
        return [found for found in self.targets.objects if found.id in single]


async def named(program: Program, name: str, arguments: dict[str, Any]) -> Named:
    action = CATALOGUE[name]
    okta = await program.connections.client(await program.connections.connected())
    return Named(action, *await resolve(action, validate(action, arguments), okta), okta)
