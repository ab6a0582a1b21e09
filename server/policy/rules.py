"""The rules: what may be done here, to whom, how fast, and what a person must confirm.

They come from one TOML file (`docs/policy.example.toml` is an annotated example), and each is a setting too.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode

from server.policy import hidden
from server.policy.managed import checked
from tools.direct import DIRECT
from tools.off import OFF
from tools.okta.errors import ActionError, InvalidInput

Asked = Literal["destructive", "escalation", "write"]
FREE = ("protected_groups", "protected_applications", "managed_groups", "require_reason")
"""The rules that may hold any character, since names of groups and applications may."""

_QUOTES = "\"'"
_NOTHING = ("none", "null", "nil", "undefined")


def _split(value: Any) -> Any:
    """Split a variable's comma-separated list. `none` is the empty list, since an empty text means not set.

    Raises:
        ValueError: it has no entries, or uses another list syntax, so that its entries would match nothing.
    """
    if not isinstance(value, str):
        if isinstance(value, list) and any(isinstance(one, str) and not one.strip() for one in value):
            raise ValueError("an entry is empty and matches nothing")
        return value
    text = value.strip()
    if text == "none":
        return []
    if text.casefold() in _NOTHING:
        raise ValueError("it is a program's text for no value; for an empty list, set it to none")
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not parts:
        raise ValueError("it names nothing; for an empty list, set it to none")
    if text.startswith(('["', "['")) or any(part[0] in _QUOTES and part[-1] in _QUOTES for part in parts):
        raise ValueError("separate the entries with commas, without brackets and quotes")
    return parts


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def _by_effect(value: Any) -> Any:
    """Parse a variable's `EFFECT=PATTERN` parts, separated by semicolons, or its one pattern for every write."""
    if not isinstance(value, str):
        return value
    if value.strip() == "none":
        return {}
    parts = [part.strip() for part in value.split(";") if part.strip()]
    named = (
        part.partition("=") if part.partition("=")[0] in get_args(Asked) else ("write", "=", part) for part in parts
    )
    return {effect: pattern for effect, _, pattern in named}


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Rules(BaseModel):
    """Every rule. Patterns are texts in which * stands for anything; case does not matter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    read_only: bool = Field(False, description="Allow no writes, and request only scopes that read.")
    dry_run: bool = Field(False, description="Turn every write into a dry run.")
    allow_toolsets: Names = Field((), description="Allow only these toolsets, and what allow_actions names.")
    allow_actions: Names = Field((), description="Allow only these actions, and what allow_toolsets names.")
    enable_toolsets: Names = Field(
        (),
        description=f"Toolsets to switch on that are off by default ({', '.join(OFF)}). allow_toolsets and "
        "allow_actions switch on what they name, too.",
    )
    deny_toolsets: Names = Field((), description="Deny these toolsets. Takes precedence over allow.")
    deny_actions: Names = Field((), description="Deny these actions. Takes precedence over allow.")
    direct_actions: Names = Field(
        (*DIRECT, "undo_change"),
        description="Actions that MCP clients see as tools of their own. find_actions finds all others; run_read and "
        "run_action run them.",
    )
    protected_users: Names = Field(
        (),
        description="Protected people, by id, login, e-mail or pattern: no action may change them or give their login "
        "to someone else.",
    )
    protected_groups: Names = Field(
        (),
        description="Protected groups, by id, name or pattern: no action may change them or give away their name.",
    )
    protected_applications: Names = Field(
        (),
        description="Protected applications, by id, name or pattern: no action may change them, give them to anyone or "
        "take them away.",
    )
    managed_groups: Names = Field(
        (), description="If set, only these groups may be created, changed, or have their members changed."
    )
    managed_users: Annotated[Names, AfterValidator(checked)] = Field(
        (),
        description="If set, only these people may be looked up, listed and changed: patterns, group:NAME or "
        "attribute=value.",
    )
    hidden_attributes: Annotated[Names, AfterValidator(hidden.checked)] = Field(
        (),
        description="Attributes of people that are never shown and cannot be searched, by name or pattern.",
    )
    hidden_in_lists: Annotated[Names, AfterValidator(hidden.checked)] = Field(
        ("secondEmail", "mobilePhone", "streetAddress"),
        description="Attributes that lists of people never include.",
    )
    allow_administrators: bool = Field(
        False, description="Allow changes to administrators and to groups that grant administration."
    )
    changes_per_minute: int = Field(
        60, ge=0, description="Maximum number of changes per minute, for each calling program."
    )
    changes_per_hour: int = Field(
        600, ge=0, description="Maximum number of changes per hour, for each calling program."
    )
    confirm: Annotated[tuple[Asked, ...], NoDecode, BeforeValidator(_split)] = Field(
        ("destructive", "escalation"), description="Effects that a person must confirm: destructive, escalation, write."
    )
    change_requests: bool = Field(
        False,
        description="If nobody can confirm at the client, keep the request for `okta-actions approve`.",
    )
    ask_from: int = Field(
        10,
        ge=0,
        description="Number of changes by one action that a program may make per minute before a person is asked.",
    )
    pushes_per_person: int = Field(
        3,
        ge=0,
        description="Maximum number of pushes that verify_person sends one person in ten minutes, for all callers.",
    )
    verify_first: Names = Field(
        (),
        description="Actions on a person that need a success of verify_person first: for the same person, by the same "
        "caller, at most ten minutes ago.",
    )
    mail_domains: Names = Field(
        (),
        description="Mail domains that may receive activation links without confirmation. Default: the domains of "
        "people who have signed in.",
    )
    require_reason: Annotated[dict[Asked, Pattern], NoDecode, BeforeValidator(_by_effect)] = Field(
        default_factory=dict,
        description="Regular expression that the reason of a write must match, by effect, such as "
        "`destructive=INC[0-9]+`. Without an effect, it applies to every write.",
    )


class PolicyRefusal(ActionError):
    """A rule of this server forbids it. Nothing was done."""

    code = "refused_by_policy"

    def __init__(self, rule: str, why: str, *, fixed: bool = False) -> None:
        """`fixed`: the rule cannot be changed by anybody."""
        super().__init__(
            f"Not done: the rule {rule} forbids it: {why}",
            next_step="No setting allows it. An administrator can do it in the Okta Admin Console."
            if fixed
            else f"Ask the administrator of this server to change {rule} (policy file or OKTA_ACTIONS_{rule.upper()}).",
        )
        self.rule = rule

    def details(self) -> dict[str, Any]:
        return {**super().details(), "rule": self.rule}


TOGETHER = ("allow_toolsets", "allow_actions")
"""The rules whose allowed actions add up: if one of them is set, the other one's actions are allowed too."""

NEUTRAL = ("direct_actions",)
"""The rules that allow and forbid nothing: none of their values is weaker than another."""


def lowered(written: Rules, given: Rules) -> list[str]:
    """The rules in `given`, those in force, that are weaker than in `written`."""
    found = _allowing_more(written, given)
    for name in written.model_fields_set.difference(TOGETHER, NEUTRAL):
        wanted, holds = getattr(written, name), getattr(given, name)
        if wanted != holds and _WEAKER[name](wanted, holds):
            found.add(name)
    return sorted(found, key=list(Rules.model_fields).index)


def raised(name: str, floor: Rules) -> Any:
    """The value of an unset rule under a floor: the default, as far as the floor allows it."""
    wanted, default = getattr(floor, name), getattr(Rules(), name)
    if name in TOGETHER or name in NEUTRAL:
        return wanted
    if not _WEAKER[name](wanted, default):
        return default
    return tuple(dict.fromkeys((*wanted, *default))) if _WEAKER[name] is _fewer else wanted


def _allowing_more(written: Rules, given: Rules) -> set[str]:
    """The rules of TOGETHER that allow more than both did."""
    wanted = {name: set(getattr(written, name)) for name in TOGETHER}
    holds = {name: set(getattr(given, name)) for name in TOGETHER}
    if not any(wanted.values()):
        return set()
    if not any(holds.values()):
        # Neither is set any more, so everything is allowed.
        return {name for name in TOGETHER if wanted[name]}
    return {name for name in TOGETHER if not holds[name] <= wanted[name]}


def _fewer(written: Any, holds: Any) -> bool:
    return not set(written) <= set(holds)


def _wider(written: Any, holds: Any) -> bool:
    """Compare lists of what alone is allowed: an empty one means everything."""
    return bool(written) and (not holds or not set(holds) <= set(written))


def _more_domains(written: Any, holds: Any) -> bool:
    """Compare lists of domains: an empty one means the org's own domains, a set other than the one written."""
    return not set(holds) <= set(written) or bool(written and not holds)


def _more_names(written: Any, holds: Any) -> bool:
    return not set(holds) <= set(written)


def _off(written: Any, holds: Any) -> bool:
    return bool(written) and not holds


def _on(written: Any, holds: Any) -> bool:
    return bool(holds) and not written


def _more(written: Any, holds: Any) -> bool:
    return bool(holds > written)


def _other(written: Any, holds: Any) -> bool:
    """Compare patterns by effect: a different pattern may be weaker, so it counts as weaker."""
    return any(holds.get(effect) != pattern for effect, pattern in written.items())


_WEAKER: dict[str, Callable[[Any, Any], bool]] = {
    "read_only": _off,
    "dry_run": _off,
    "enable_toolsets": _more_names,
    "deny_toolsets": _fewer,
    "deny_actions": _fewer,
    "protected_users": _fewer,
    "protected_groups": _fewer,
    "protected_applications": _fewer,
    "managed_groups": _wider,
    "managed_users": _wider,
    "hidden_attributes": _fewer,
    "hidden_in_lists": _fewer,
    "allow_administrators": _on,
    "changes_per_minute": _more,
    "changes_per_hour": _more,
    "confirm": _fewer,
    "change_requests": _on,
    "require_reason": _other,
    "ask_from": _more,
    "pushes_per_person": _more,
    "verify_first": _fewer,
    "mail_domains": _more_domains,
}


def reason(detail: Mapping[str, Any]) -> str:
    """Pydantic's objection to a value, worded as the rest of a sentence."""
    text = str(detail["msg"]).removeprefix("Value error, ")
    return f"{text[:1].lower()}{text[1:]}"


def check_names(
    rules: Rules, actions: Iterable[str], toolsets: Iterable[str], about_people: Iterable[str] = ()
) -> None:
    """Refuse to start with rules about actions or toolsets that do not exist: a misspelt denial would deny nothing.

    `about_people`: the writes that name a person, of whom the rule verify_first may speak.

    Raises:
        InvalidInput: naming them.
    """
    for given, known in (
        (
            {name: getattr(rules, name) for name in ("allow_actions", "deny_actions", "direct_actions")},
            sorted(actions),
        ),
        ({"verify_first": rules.verify_first}, sorted(about_people)),
        ({"allow_toolsets": rules.allow_toolsets, "deny_toolsets": rules.deny_toolsets}, sorted(set(toolsets))),
        ({"enable_toolsets": rules.enable_toolsets}, sorted(OFF)),
    ):
        for rule, names in given.items():
            if unknown := sorted(set(names) - set(known)):
                raise InvalidInput(
                    f"The rule {rule} names what does not exist: {', '.join(unknown)}.",
                    code="invalid_policy",
                    next_step=f"There are: {', '.join(known)}.",
                )
