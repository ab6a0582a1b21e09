"""A requested write with all that was read for it, before it is decided."""

import hashlib
from dataclasses import dataclass
from typing import Any

from server.connections.models import Connection
from server.door.given import Standings
from server.door.managed import ManagedPeople
from server.door.pace import Pace
from server.journal.chain import dumped
from server.journal.history import Recorded
from server.journal.matter import Matter, kept
from server.policy.caller import Caller
from server.policy.rules import Rules
from tools.contract.action import Action
from tools.contract.arguments import ActionInput
from tools.contract.preview import Preview
from tools.contract.targets import Targets
from tools.okta.client import OktaClient


@dataclass(frozen=True)
class Attempt:
    """A requested write: what, on whom, through which connection, and which change it undoes."""

    caller: Caller
    connection: Connection
    okta: OktaClient
    action: Action
    request: ActionInput
    targets: Targets
    before: Any
    """What was observed."""
    standings: Standings
    since: float
    """The earliest moment at which what the guard knows of the org may have been asked for."""
    dry_run: bool = False
    undoes: Recorded | None = None
    preface: str = ""
    """What a person is told first."""
    about: str = ""
    """The change it undoes, in one line."""
    loses: str = ""
    """What an undo does not bring back: if set, a person must confirm it even if the action does not ask."""

    must_ask: bool = False
    """Whether a person must confirm it whatever the rules say."""

    reason: str | None = None
    """Why it is wanted, in the caller's words."""
    place: str = ""
    """The connection and org, if a person must be told which of several it is."""
    managed: ManagedPeople | None = None
    """The only people who may be changed, if a rule limits them."""

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments as sent, with names resolved to ids."""
        return self.request.model_dump(mode="json", exclude_unset=True)

    def matter(self, preview: Preview) -> Matter:
        """The details to record."""
        return Matter(
            caller=self.caller,
            connection=self.connection.name,
            org=self.connection.org_url,
            identity=self.connection.identity,
            action=self.action.name,
            arguments=self.arguments,
            targets=tuple(
                (kind.name, one.id, one.label) for kind in self.action.kinds for one in self.targets.all(kind.type)
            ),
            before=kept(preview.before),
            wanted=kept(preview.after),
            text=preview.text,
            undoes=self.undoes.row.sequence if self.undoes else None,
            reason=self.reason,
        )

    def pace(self, rules: Rules) -> Pace:
        """The limits that it counts towards."""
        return Pace.of(rules, self.caller, self.action.name, undoes=self.undoes is not None)

    def seal(self, shown: str) -> str:
        """What a yes is bound to: who asked, where, for what, and everything that the person was `shown`."""
        place = f"{self.connection.name} {self.connection.org_url} {self.connection.user_id}"
        state = self.before.seal() if self.before else ""
        undoes = self.undoes.id if self.undoes else ""
        request = self.request.model_dump_json()
        bound = [self.caller.everything, place, self.action.name, request, state, shown, undoes]
        return hashlib.sha256(dumped(bound).encode()).hexdigest()
