"""Worlds: what each action's own test module says of it, for the tests that go over all actions.

Each module in `tests/toolsets` says at its top, of the actions of its toolset:

- `WORLDS`, by name of each write: a `World`, in which the write has something to do;
- `READS`, by name of each read: what makes something for it to find, and gives the arguments that find it;
- `READ_REQUESTS`: regular expressions of the GET requests that its actions may send;
- `PHRASINGS`, by name of each action: at least five ways in which people and models ask for it, of different kinds: a
  sentence, keywords, another language, vague words, a guess at its name;
- `NAMES`: by argument, values worth trying in arbitrary calls, where its schema does not tell any that mean something.

What is made for an action holds a word in all its names, so that no two are alike and every text that names one of
them can be told from every other.
"""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from connected_org import Org
from ledger import do
from server.door.actions import ACTIONS
from server.door.discovery import StandIn
from server.policy.rules import Rules
from server.program import Program
from server.settings import load
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect

Arguments = dict[str, Any]
Make = Callable[[Org, str], Arguments]

TESTS = Path(__file__).parents[1]
FOLDER = TESTS / "toolsets"
CALLED = {name: action for name, action in ACTIONS.items() if not isinstance(action, StandIn)}
"""The actions that do something themselves."""
LISTED = [action.name for action in ACTIONS.values() if action.neutral or action.name in Rules().direct_actions]
"""What clients see as tools of their own where no rule says otherwise."""
ROOM = {"changes_per_minute": 10**9, "changes_per_hour": 10**9, "ask_from": 10**9}
"""Settings under which no number of changes is too many."""
USER, GROUP = "00u[A-Za-z0-9]{17}", "00g[A-Za-z0-9]{17}"
"""Ids in paths of requests."""


@dataclass(frozen=True)
class World:
    """A world in which a write has something to do.

    `make` makes its targets anew, with names that hold the word given, and gives the call's arguments. `is_done` asks
    the org whether what the write is for is there. `event` is what the System Log calls the change, which happens
    once. `requests` is a regular expression of the requests beside GET that the write may send, each as
    "METHOD /api/v1/...". `meddle` changes a target as somebody else would, to a text given, so that what a person was
    asked about it is not so any more; it neither does the write nor stands in its way.
    """

    make: Make
    is_done: Callable[[Org, Arguments], bool]
    event: str
    requests: str
    meddle: Callable[[Org, Arguments, str], None]
    shows: bool = True
    """Whether Okta shows afterwards what was done. Of a mail or an ended session only the System Log tells."""
    changes: bool = True
    """Whether anything is changed by it. A push that asks somebody who they are changes nothing."""
    gone: bool = False
    """Whether what the call names is gone afterwards, so that the same call finds it no more."""
    anew: bool = False
    """Whether Okta does it anew each time, so that no fact tells of a state in which it was just done."""
    unseen: tuple[str, ...] = ()
    """Statuses of people in which Okta shows nothing of what the write is about."""
    after: str = ""
    """The write that this one takes back, which is done first with the arguments that `make` gives. Then this one has
    only the change's id, and the other functions are still given those arguments."""


@dataclass(frozen=True)
class Ready:
    """A write that can be called now, with `arguments`; `text` is in the names of all that was made for it."""

    name: str
    text: str
    arguments: Arguments
    world: World
    org: Org
    made: Arguments

    @property
    def is_done(self) -> bool:
        return self.world.is_done(self.org, self.made)

    def meddle(self, text: str) -> None:
        self.world.meddle(self.org, self.made, text)


async def ready(name: str, org: Org, text: str = "") -> Ready:
    """Make the world of a write."""
    world = worlds()[name]
    text = text or word()
    made = arguments = world.make(org, text)
    if world.after:
        async with Program(load(confirm=(), **ROOM)) as program:
            arguments = {"change_id": (await do(program, world.after, **made))["change_id"]}
    return Ready(name, text, arguments, world, org, made)


def is_write(action: Definition) -> bool:
    return action.effect is not Effect.READ


def write_names() -> list[str]:
    return [action.name for action in CALLED.values() if is_write(action)]


def read_names() -> list[str]:
    return [action.name for action in CALLED.values() if not is_write(action)]


# What is collected


@cache
def worlds() -> Mapping[str, World]:
    """The world of every write, in the order of the catalogue."""
    return _collected("WORLDS", of_writes=True)


@cache
def reads() -> Mapping[str, Make]:
    """What makes something for every read to find."""
    return _collected("READS", of_writes=False)


@cache
def phrasings() -> Mapping[str, tuple[str, ...]]:
    """How each action is asked for."""
    return {name: asked for module in _modules() for name, asked in getattr(module, "PHRASINGS", {}).items()}


@cache
def read_requests() -> re.Pattern[str]:
    """The GET requests, path with query, that any action may send."""
    return re.compile("|".join(f"(?:{one})" for module in _modules() for one in getattr(module, "READ_REQUESTS", ())))


def write_requests(name: str) -> re.Pattern[str]:
    """The requests beside GET that an action may send. One that leads to other actions may send what those may."""
    action = CALLED.get(name)
    if action is None or not is_write(action):
        return re.compile("nothing at all")
    allowed = [world.requests for world in worlds().values()] if action.leads_to else [worlds()[name].requests]
    return re.compile("|".join(f"(?:{one})" for one in allowed if one))


@cache
def names() -> Mapping[str, st.SearchStrategy[Any]]:
    """Values worth trying, by name of argument."""
    found: dict[str, list[st.SearchStrategy[Any]]] = {}
    for module in _modules():
        for argument, values in getattr(module, "NAMES", {}).items():
            found.setdefault(argument, []).append(values)
    return {argument: st.one_of(values) for argument, values in found.items()}


def moments(model: type[ActionInput]) -> dict[str, st.SearchStrategy[Any]]:
    """Moments, by each argument of a list that bounds a time."""
    at = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
    return {field: at for field in model.model_fields if field.endswith(("_after", "_before"))}


@cache
def _modules() -> tuple[ModuleType, ...]:
    return tuple(importlib.import_module(f"tests.toolsets.{path.stem}") for path in sorted(FOLDER.glob("test_*.py")))


def _collected(table: str, *, of_writes: bool) -> dict[str, Any]:
    declared = {module.__name__.rpartition(".")[2]: getattr(module, table, {}) for module in _modules()}
    if faults := list(faults_of(table, declared, CALLED, of_writes=of_writes)):
        raise LookupError("\n".join(faults))
    merged = {name: one for module in declared.values() for name, one in module.items()}
    return {name: merged[name] for name in CALLED if name in merged}


def faults_of(
    table: str, declared: Mapping[str, Mapping[str, Any]], catalogue: Mapping[str, Definition], *, of_writes: bool
) -> Iterator[str]:
    """A sentence for each entry that the tables of the modules should not have, or lack."""
    kind, other = ("write", "read") if of_writes else ("read", "write")
    seen: dict[str, str] = {}
    for module, entries in declared.items():
        for name in entries:
            action, place = catalogue.get(name), f"tests/toolsets/{module}.py: {table}"
            if action is None:
                yield f"{place} has {name}, which is no action."
            elif is_write(action) is not of_writes:
                yield f"{place} has {name}, which is a {other}: {table} is for each {kind}."
            elif name in seen:
                yield f"{place} has {name}, which tests/toolsets/{seen[name]}.py has already."
            seen.setdefault(name, module)
    for action in catalogue.values():
        if is_write(action) is of_writes and action.name not in seen:
            yield f"{action.name} is a {kind} and has no world: put it into {table} of {_home(action.toolset)}."


def _home(toolset: str) -> str:
    return f"tests/toolsets/test_{toolset}.py"


_numbers = count()
_LETTERS = "bcdfghjklmnprstvwz"


def word() -> str:
    """A word of six letters that was not given before in this process."""
    number, letters = next(_numbers), ""
    for _ in range(5):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return f"q{letters}"
