"""The policy file: the rules as an administrator wrote them, and which of them are a floor."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from server.machine.ownership import check_private
from server.machine.placeholders import is_placeholder, not_expanded
from server.policy.rules import FREE, Rules, reason
from tools.okta.errors import InvalidInput

FLOOR = "floor"
"""The table of a policy file whose rules cannot be weakened."""


@dataclass(frozen=True)
class PolicyFile:
    """The content of one file. `rules` apply unless a variable or option overrides them, `floor` always applies."""

    path: Path
    rules: Rules
    floor: Rules


def read_policy(path: Path) -> PolicyFile:
    """The content of a policy file.

    Raises:
        InvalidInput: it cannot be read, others could have written it, or it holds an invalid rule.
    """
    try:
        check_private(path, "The policy", code="policy_not_private")
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput(f"The policy {path} cannot be read: {error.strerror}.", code="invalid_policy") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The policy {path} is not TOML: {error}.", code="invalid_policy") from None
    floor = told.pop(FLOOR, {})
    if not isinstance(floor, dict):
        raise _not_understood(path, (f"{FLOOR} is a table of rules, written as [{FLOOR}]",))
    return PolicyFile(path, _rules(path, told), _rules(path, floor, f"{FLOOR}."))


def _rules(path: Path, told: Mapping[str, Any], within: str = "") -> Rules:
    for rule, value in told.items():
        for one in value if isinstance(value, list) else [value]:
            if any(is_placeholder(text, address=rule not in FREE) for text in _texts(one)):
                raise not_expanded(f"{within}{rule} in the policy {path}", str(one))
    try:
        return Rules.model_validate(told)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise _not_understood(path, tuple(within + _mistake(dict(detail)) for detail in details)) from None


def _not_understood(path: Path, causes: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(f"The policy {path} is not valid", code="invalid_policy", causes=causes)


def _texts(value: Any) -> list[str]:
    """The texts in one entry or in one table of entries."""
    told = value.values() if isinstance(value, dict) else (value,)
    return [text for text in told if isinstance(text, str)]


def _mistake(detail: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"{name} is not a rule; the rules are {', '.join(Rules.model_fields)}"
    return f"{name}: {reason(detail)}"
