"""Text for clients that may render Markdown, as many do with what an MCP server asks a person: all of it is plain."""

import re

from tools.characters import escaped

# What begins a link, an image, HTML, code, emphasis, a strike, a table, a formula, an entity or an escape. Within a
# word an underscore begins nothing; an address becomes a link by its colon or, without one, by its www.
_ACTIVE = re.compile(
    r"[`*\[\]<>|~$]|\\(?=[!-/:-@\[-`{-~])|(?<!\w)_|_(?!\w)|&(?=#|\w)|(?<=[A-Za-z]):(?=//)|(?<=[Ww]{3})\."
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain(*lines: str) -> str:
    """Lines that look the same whether they are rendered as Markdown or not, but for a few backslashes."""
    return "\n".join(_ACTIVE.sub(r"\\\g<0>", escaped(line)) for line in lines)


def written(text: str) -> str:
    """What a text in Markdown says, for who renders none: its escapes are undone."""
    return _ESCAPE.sub(r"\1", text)
