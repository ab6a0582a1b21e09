"""The condition of a group rule in words."""

from collections.abc import Mapping

from tools.objects.attribute_names import field_of
from tools.objects.rule_conditions import Node, parse
from tools.text.quoting import name_of, quote

_CALLS = {
    "String.startsWith": "{} begins with {}",
    "String.stringContains": "{} contains {}",
    "String.toLowerCase": "{} in lower case",
    "String.toUpperCase": "{} in upper case",
    "String.substringAfter": "what follows {1} in {0}",
    "String.substringBefore": "what precedes {1} in {0}",
    "Arrays.contains": "{} contains {}",
    "isMemberOfGroup": "member of the group {}",
    "isMemberOfAnyGroup": "member of one of the groups {*}",
    "isMemberOfGroupName": "member of the group {}",
    "isMemberOfGroupNameStartsWith": "member of a group whose name begins with {}",
    "isMemberOfGroupNameContains": "member of a group whose name contains {}",
    "isMemberOfGroupNameRegex": "member of a group whose name matches {}",
}
_COMPARED = {"==": "is", "!=": "is not"}


def in_words(expression: str, groups: Mapping[str, str] | None = None) -> str | None:
    """The condition in words, with values in quotes; None where it has a form that is not supported here.

    `groups` are names by ids.
    """
    node = parse(expression)
    return None if node is None else _worded(node, groups or {})


def _worded(node: Node, groups: Mapping[str, str]) -> str | None:
    parts = [_worded(one, groups) for one in node.of]
    if None in parts:
        return None
    of = [part for part in parts if part is not None]
    match node.kind:
        case "or" | "and":
            return f" {node.kind} ".join(
                f"({text})" if one.kind in ("or", "and") else text for one, text in zip(node.of, of, strict=True)
            )
        case "not":
            return f"not ({of[0]})" if node.of[0].kind in ("or", "and") else f"not {of[0]}"
        case "==" | "!=":
            return f"{of[0]} {_COMPARED[node.kind]} {'empty' if of[1] == 'nothing' else of[1]}"
        case "value":
            return _value(node.value, groups)
        case "attribute":
            return name_of(field_of(node.value))
        case "status":
            return "status"
    form = _CALLS.get(node.value)
    if form is None:
        return None
    if "{*}" in form:
        return form.replace("{*}", ", ".join(of)) if of else None
    wanted = max(form.count("{"), 1)
    return form.format(*of) if len(of) == wanted else None


def _value(value: object, groups: Mapping[str, str]) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return quote(groups.get(str(value), str(value)))
