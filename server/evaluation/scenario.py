"""Scenarios, read from YAML: an org, a person with a request, and the required result."""

import hashlib
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from server.agent.model import INSTALL_AGENT
from server.agent.scripted import Round, ScriptedCall
from server.door.actions import LISTED
from server.mcp.tools import tool
from server.policy.rules import Rules
from tools.okta.errors import InvalidInput

FailureKind = Literal["missing", "unwanted", "leaked", "over_budget", "error"]
"""Why a run fails: the wanted state is missing; something unwanted changed; a forbidden text leaked;
the calls exceeded the budget; a turn ended without an answer."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"“{text}” is not a regular expression ({error})") from None
    return text


def _an_action(name: str) -> str:
    if name not in LISTED:
        raise ValueError(f"there is no action “{name}”")
    return name


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _as_call(value: Any) -> Any:
    """A call, written as the action's name with its arguments."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, arguments),) = value.items()
        return {"name": name, "arguments": arguments or {}}
    return value


def _as_round(value: Any) -> Any:
    """A round of a script: a text is said, a mapping is one call, a list is several at once."""
    return {"say": value} if isinstance(value, str) else {"calls": [_as_call(call) for call in _as_list(value)]}


Pattern = Annotated[str, AfterValidator(_pattern)]
ActionName = Annotated[str, AfterValidator(_an_action)]
Play = Annotated[list[Annotated[Round, BeforeValidator(_as_round)]], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactorState(_Part):
    """A factor that is added. `device` is the name of the phone that Okta Verify is set up on."""

    type: Literal["push", "sms", "call", "email"]
    device: str | None = None
    phone: str = "+1 555 010 3000"


class PersonState(_Part):
    """A new person, or, if the login exists, the differences from that person.

    `answers`: what they do with every push that is sent to them.
    """

    login: str
    status: Literal["STAGED", "PROVISIONED", "ACTIVE", "SUSPENDED", "DEPROVISIONED"] | None = None
    profile: dict[str, Any] = {}
    groups: list[str] = []
    factors: list[FactorState] = []
    answers: Literal["approve", "reject", "time_out", "nothing"] | None = None


class GroupState(_Part):
    """A new group, or, if the name exists, the differences from it; `grants` is an administrator's role."""

    name: str
    description: str | None = None
    members: list[str] = []
    grants: str | None = None


class ApplicationState(_Part):
    """A new application, or, if the label exists, the people and groups that have it besides."""

    label: str
    people: list[str] = []
    groups: list[str] = []


class GroupRuleState(_Part):
    """A new group rule, which is active and adds people to groups."""

    name: str
    expression: str
    groups: list[str] = Field(min_length=1)


class FailedSignIn(_Part):
    """A sign-in with a wrong password, which the System Log has. `agent` is what the client calls itself."""

    login: str
    agent: str = "Mozilla/5.0"
    times: int = Field(1, ge=1, le=20)


class OrgState(_Part):
    """Differences from the demo org. `history` are calls that were made and confirmed before the person came."""

    size: int | None = Field(None, description="People in all, filled up with people without a story.")
    groups: list[GroupState] = []
    people: list[PersonState] = []
    applications: list[ApplicationState] = []
    group_rules: list[GroupRuleState] = []
    sign_ins: list[FailedSignIn] = []
    history: list[Annotated[ScriptedCall, BeforeValidator(_as_call)]] = []
    rules: Rules = Rules()


class ScriptedReply(_Part):
    """What the person says, once, when the model's last words match."""

    to: Pattern = r"[?？]"
    say: str


class Members(_Part):
    inside: list[str] = []
    outside: list[str] = []


class GroupEnd(Members):
    """A group with these attributes and members. A new one has no attributes but these."""

    name: str | None = None
    description: str | None = None

    def attributes(self) -> dict[str, str]:
        return {name: value for name in ("name", "description") if (value := getattr(self, name)) is not None}


class WantedChange(_Part):
    """A change that the journal must have. `of` are logins and names of groups; `undoes`: it undoes another one."""

    action: ActionName
    of: list[str] = []
    outcome: Literal["done", "declined"] = "done"
    confirmed: bool | None = None
    undoes: bool | None = None


class WantedEnd(_Part):
    """How the org must end: attributes and status of people (a list: any of these; null: not set), groups, and the
    people and groups that have applications. People, groups and applications that are `gone` do not exist any more;
    `factors_gone` are patterns of factors that people must not have any more.

    Everything else must be unchanged, and the journal must have nothing about it but the changes that it must and
    those that it `may` have. Each pattern in `says` must be found in the model's answers.
    """

    people: dict[str, dict[str, Any]] = {}
    groups: dict[str, GroupEnd] = {}
    applications: dict[str, Members] = {}
    factors_gone: dict[str, list[Pattern]] = {}
    gone: list[str] = []
    changes: list[WantedChange] = []
    may: list[WantedChange] = []
    says: list[Pattern] = []


class BadScript(_Part):
    fails: FailureKind
    plays: Play


class Scenario(_Part):
    """`says` are the person's messages, a turn each; `replies` come between if they match. Questions that match one
    of `confirms` are answered yes, all others no. `never_said` must not be in anything that the model says.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    kind: str
    says: Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
    org: OrgState = OrgState()
    replies: list[ScriptedReply] = []
    confirms: list[Pattern] = []
    wanted: WantedEnd = WantedEnd()
    never_said: list[str] = []
    calls: int = Field(ge=0, description="Most calls that may be made.")
    good: Play
    bad: BadScript

    @property
    def full_name(self) -> str:
        return f"{self.kind}/{self.name}"

    @cached_property
    def edition(self) -> str:
        """Identifies this wording of the scenario and of everything else that a model is told."""
        return hashlib.sha256(f"{self.model_dump_json()}\n{_told()}".encode()).hexdigest()[:12]

    def is_called(self, pattern: str) -> bool:
        return any(fnmatchcase(name, pattern) for name in (self.name, self.kind, self.full_name))


@cache
def _told() -> str:
    """The instructions and all tools, regardless of which ones a scenario's rules leave."""
    prompts = resources.files("prompts")
    instructions = [(prompts / name).read_text("utf-8") for name in ("agent.md", "instructions.md")]
    tools = [tool(action).model_dump_json(by_alias=True) for action in LISTED.values()]
    return "\n".join((*instructions, *tools))


def own_scenarios() -> Traversable:
    """The folder of the scenarios that come with the program."""
    return resources.files("prompts") / "evaluation"


def load_scenarios(folder: Traversable, only: str = "*") -> list[Scenario]:
    """The scenarios in a folder's YAML files, where each file is one kind.

    Raises:
        InvalidInput: a file holds no scenarios, two have the same name, or no scenario has a wanted name.
    """
    if find_spec("yaml") is None:
        raise InvalidInput("Scenarios are YAML, and PyYAML is not installed.", code="no_yaml", next_step=INSTALL_AGENT)
    try:
        files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    except OSError as error:
        raise InvalidInput(
            f"{folder} cannot be read as a folder of scenarios: {error.strerror}.",
            code="no_scenario",
            next_step="Give a folder of YAML files with --scenarios, or leave it out for those that come along.",
        ) from None
    scenarios = [scenario for file in files for scenario in _read(file)]
    for place, scenario in enumerate(scenarios):
        if any(scenario.name == earlier.name for earlier in scenarios[:place]):
            raise _mistake(f"Two scenarios are called {scenario.name}.")
    if not (chosen := [scenario for scenario in scenarios if scenario.is_called(only)]):
        raise InvalidInput(f"No scenario is called “{only}”.", code="no_scenario")
    return chosen


def _read(file: Traversable) -> Iterator[Scenario]:
    import yaml

    try:
        listed = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _mistake(f"{file.name} is not YAML: {error}") from None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise _mistake(f"{file.name} is not a list of scenarios.")
    for number, one in enumerate(listed, 1):
        try:
            yield Scenario.model_validate({**one, "kind": file.name.removesuffix(".yaml")})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _mistake(f"{file.name}, scenario {number} ({one.get('name')}): {where}: {first['msg']}.") from None


def _mistake(text: str) -> InvalidInput:
    return InvalidInput(" ".join(text.split()), code="invalid_scenario")
