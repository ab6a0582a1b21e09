"""What `find_actions` answers: small enough that finding costs a model less than the list of all tools would."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from tools.contract.listing import ListedAction
from tools.contract.outcomes import Output

MOST_SCHEMAS = 3
MOST_TOKENS = 1500
"""What an answer may be, in tokens of o200k_base."""
LARGEST_SCHEMA = 650
"""Tokens that are kept for the first one's schema; that of search_users has 600."""
CHARACTERS_PER_TOKEN = 4.0
"""At least, in rows like these: compact JSON of English descriptions has 4.2 to 4.9."""
ASK_BY_NAME = "To get the input_schema of an action without one here, find it by its name."
NOTHING_FITS = "Nothing here fits. Say what is to be done to whom or what, such as “add a person to a group”."


class FoundAction(Output):
    name: str
    effect: Literal["read", "write", "destructive"]
    description: str
    input_schema: dict[str, Any] | None = Field(None, description="Of the first ones only.")
    reason: str | None = Field(None, description="Why it is withheld now; absent if it can be run.")


class FoundActions(Output):
    actions: list[FoundAction] = Field(description="Best first.")
    not_here: list[str] = Field([], description="What no action here does, and where it is done.")
    note: str | None = None


def answer(
    actions: Sequence[ListedAction], elsewhere: Iterable[object] = (), reasons: Mapping[str, str] | None = None
) -> FoundActions:
    """The answer with these actions, best first. `reasons` tells by name why some are withheld.

    The first few come with their schemas, as long as all of it stays below `MOST_TOKENS`; the first always does. Those
    that are withheld need none, for they cannot be called. The last ones are left out if even the rows are too many.
    """
    reasons = reasons or {}
    told = [str(one) for one in elsewhere]
    rows = [_row(action, reasons.get(action.name), whole=place < MOST_SCHEMAS) for place, action in enumerate(actions)]
    while len(rows) > 1 and _tokens(_answer(rows, told)) > MOST_TOKENS - LARGEST_SCHEMA:
        rows.pop()
    callable_places = [place for place, row in enumerate(rows) if row.reason is None][:MOST_SCHEMAS]
    for place in callable_places:
        schema = {"input_schema": actions[place].input_schema}
        wider = [*rows[:place], rows[place].model_copy(update=schema), *rows[place + 1 :]]
        if place == callable_places[0] or _tokens(_answer(wider, told)) <= MOST_TOKENS:
            rows = wider
    return _answer(rows, told)


def _answer(rows: list[FoundAction], elsewhere: list[str]) -> FoundActions:
    if not rows and not elsewhere:
        return FoundActions(actions=[], note=NOTHING_FITS)
    without = any(row.input_schema is None and row.reason is None for row in rows)
    return FoundActions(actions=rows, not_here=elsewhere, note=ASK_BY_NAME if without else None)


def _row(action: ListedAction, reason: str | None, *, whole: bool) -> FoundAction:
    told = action.description if whole else action.description.partition("\n")[0]
    description = " ".join(told.split())  # a model is shown a line break as the two characters that stand for it
    return FoundAction(name=action.name, effect=action.effect.value, description=description, reason=reason)


def _tokens(found: FoundActions) -> float:
    sent = json.dumps(found.model_dump(exclude_none=True), separators=(",", ":"), ensure_ascii=False)
    return len(sent) / CHARACTERS_PER_TOKEN
