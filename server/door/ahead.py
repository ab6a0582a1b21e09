"""Asks Okta before the answer is needed: what the same call asked lately, and what ids mean that names had lately.

It decides nothing. A name is resolved anew every time, and what was guessed wrong is asked again.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.connections.models import Connection
from server.door.knowledge import OF_MANY, RULES, Fact, Knowledge
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, texts
from tools.objects.users import USER
from tools.okta.client import OktaClient

K = TypeVar("K")
V = TypeVar("V")

MOST = 1000
"""Names and calls that are remembered, each."""


@dataclass(frozen=True)
class AskedBefore:
    """What a call asked: `urls` of reads, and `facts` about the org, which may have been known already."""

    urls: tuple[str, ...]
    facts: frozenset[Fact]


class EarlyReads:
    """What one process remembers of its calls."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._ids: _Latest[tuple[str, str, str], str] = _Latest()
        self._calls: _Latest[tuple[str, ...], AskedBefore] = _Latest()
        self._facts: dict[tuple[str, str], frozenset[Fact]] = {}
        """By org and action: what its last call wanted to know of the org."""
        self._of_people: dict[str, tuple[str, ...]] = {}
        """By action: what its last call read of the person it names, below the person's own URL."""

    def guess(self, connection: Connection, action: Definition, request: ActionInput) -> ActionInput | None:
        """The request with ids in place of names, from what the names meant last; None if one was never met."""
        ids: dict[str, str | list[str]] = {}
        for field, kind in action.references.items():
            named = texts(request, field)
            found = [
                text if kind.is_id(text) else self._ids.get((connection.org_url, kind.name, text)) for text in named
            ]
            known = [id for id in found if id is not None]
            if len(known) < len(named):
                return None
            if named:
                ids[field] = known if isinstance(getattr(request, field), list) else known[0]
        return request.model_copy(update=ids)

    def met(self, connection: Connection, action: Definition, request: ActionInput, resolved: ActionInput) -> None:
        """Remember what the names in a request meant."""
        for field, kind in action.references.items():
            for text, id in zip(texts(request, field), texts(resolved, field), strict=True):
                if text != id:
                    self._ids.put((connection.org_url, kind.name, text), id)

    def again(
        self, okta: OktaClient, connection: Connection, action: Definition, request: ActionInput, since: float
    ) -> None:
        """Ask what this call asked the last time, as a question's call does when its answer comes."""
        if (asked := self._calls.get(_key(connection, action, request))) is not None:
            for url in asked.urls:
                okta.again(url)
            self._knowledge.ahead(okta, connection, asked.facts, since=since)

    def learn(self, connection: Connection, action: Definition, request: ActionInput, asked: AskedBefore) -> None:
        """Remember what a call asked."""
        self._calls.put(_key(connection, action, request), asked)

    def likely(
        self, okta: OktaClient, connection: Connection, action: Definition, request: ActionInput, since: float
    ) -> None:
        """Ask what the last call of the action asked, of the people in this request. They are named by ids."""
        facts = self._facts.get((connection.org_url, action.name), _likely(action))
        self._knowledge.ahead(okta, connection, facts, since=since)
        for id in action.named(request, USER):
            for below in self._of_people.get(action.name, ()):
                okta.again(f"{okta.org_url}/api/v1/users/{id}{below}")

    def learn_likely(
        self, connection: Connection, action: Definition, request: ActionInput, asked: AskedBefore
    ) -> None:
        """Remember what a call of an action asked that others of its calls may ask too."""
        # What it wanted to know about particular groups holds for its own person only.
        self._facts[(connection.org_url, action.name)] = frozenset(fact for fact in asked.facts if fact[0] in OF_MANY)
        people = [f"/api/v1/users/{id}" for id in action.named(request, USER)]
        below = [url.partition(one)[2] for one in people for url in asked.urls if one in url]
        self._of_people[action.name] = tuple(dict.fromkeys(path for path in below if path.startswith("/")))


def _likely(action: Definition) -> frozenset[Fact]:
    """What the first call of a write wants to know of the org."""
    return frozenset({RULES}) if USER in action.kinds or getattr(action, "creates", None) is USER else frozenset()


def _key(connection: Connection, action: Definition, request: ActionInput) -> tuple[str, ...]:
    # Arguments may be long.
    arguments = hashlib.sha256(repr(request).encode()).hexdigest()
    return (connection.name, connection.org_url, action.name, arguments)


class _Latest(Generic[K, V]):
    """The values that were put last."""

    def __init__(self) -> None:
        self._held: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        return self._held.get(key)

    def put(self, key: K, value: V) -> None:
        self._held[key] = value
        self._held.move_to_end(key)
        while len(self._held) > MOST:
            self._held.popitem(last=False)
