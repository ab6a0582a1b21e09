"""No answer is longer than a model can take in: a list ends at a whole row, with the cursor that goes on behind it.

The cursor is the action's own: an answer that is too long is asked for again with as many rows as fit. So this holds
for every list, whatever its rows hold and however its cursors are made.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

from server.door.results import Result
from tools.contract.arguments import ActionInput
from tools.text.lines import cut, visible
from tools.text.tokens import most_tokens

MOST_TOKENS = 10_000
"""Limit on an answer."""
_ROOM = 9_000
"""What the answer itself may have: notes and what a surface adds take the rest."""
_NARROWER = ((4000, 400), (2000, 200), (1000, 100), (500, 100), (250, 60), (120, 40), (60, 20), (60, 8), (30, 3))
"""Maximum lengths of texts and of lists and objects in an answer, tried until it fits."""
_ROUNDS = 4
_WHOLE = ("next_cursor", "change_id", "connection")

R = TypeVar("R", bound=ActionInput)


async def fitted(request: R, read: Callable[[R], Awaitable[Result]]) -> Result:
    """What a read answers, short enough.

    Raises:
        ActionError: it is refused, or fails.
    """
    result, wanted = await read(request), request
    for left in reversed(range(_ROUNDS)):
        content = result.content
        rows = _rows(wanted, content)
        if _fits(content) or len(rows) < 2:
            break
        # The rows may be longer the second time, when others changed them meanwhile.
        most = min(_fitting(content, rows), len(rows) - 1) if left else 1
        wanted = request.model_copy(update={"limit": most})
        result = await read(wanted)
    result = narrowed(result)
    if wanted is not request and (shown := len(_rows(wanted, result.content))):
        more = f"Only {shown} of these fit into one answer; continue with next_cursor."
        result = replace(result, cut_note=f"{more} {result.cut_note}".strip())
    return result


def narrowed(result: Result) -> Result:
    """The result with its texts cut as far as it takes."""
    content = result.content
    if _fits(content):
        return result
    for text, items in _NARROWER:
        shown = {name: value if name in _WHOLE else _narrowed(value, text, items) for name, value in content.items()}
        if _fits(shown):
            break
    shown = {name: value for name, value in shown.items() if name != "connection" or not result.connection}
    told = f"Texts are cut to {text} characters, and lists to {items} entries, to fit; ask for less at a time."
    return replace(result, cut_to=shown, cut_note=told)


def _fits(content: dict[str, Any]) -> bool:
    text = _written(content)
    return len(text.encode("utf-8", "surrogatepass")) <= _ROOM or most_tokens(text) <= _ROOM


def _written(value: Any) -> str:
    """A value as a model gets it."""
    return json.dumps(visible(value), ensure_ascii=False, separators=(",", ":"))


def _rows(request: ActionInput, content: dict[str, Any]) -> list[Any]:
    """The rows that the request's limit counts, if it has one: the longest list of objects in the answer."""
    if not {"limit", "cursor"} <= type(request).model_fields.keys():
        return []
    return max((value for value in content.values() if _is_rows(value)), key=len, default=[])


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _fitting(content: dict[str, Any], rows: list[Any]) -> int:
    """How many of the rows fit, at least one."""
    others = {name: value for name, value in content.items() if value is not rows}
    room = _ROOM - most_tokens(_written(others)) - 200
    for count, row in enumerate(rows):
        room -= most_tokens(_written(row))
        if room < 0:
            return max(1, count)
    return len(rows)


def _narrowed(value: Any, text: int, items: int) -> Any:
    if isinstance(value, str):
        return cut(value, text)
    if isinstance(value, list):
        return [_narrowed(one, text, items) for one in value[:items]]
    if isinstance(value, dict):
        return {cut(name, text): _narrowed(one, text, items) for name, one in list(value.items())[:items]}
    return value
