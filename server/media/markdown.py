"""Plain text for clients that may render Markdown, as many do with the questions of an MCP server.

As many clients do not, only characters that would begin markup are escaped: `R&D_team`, `C++` and `a*b` stay as they
are.
"""

import re
from collections import Counter

from tools.text.characters import escaped

# The first group marks up only between two of its kind: code, emphasis, strikes, formulas, tables. An underscore within
# a word marks up nothing. The others mark up alone: links, images, HTML, quotations, escapes, entities. An address
# becomes a link by its colon or, without one, by its www.
_ACTIVE = re.compile(
    r"(?P<paired>[`*~$|]|(?<!\w)_|_(?!\w))|\[(?=[\[^])|\](?=[(\[:])|<(?=[A-Za-z/!?])|(?<![^ \n])>"
    r"|\\(?=[!-/:-@\[-`{-~])|&(?=#?\w{1,40};)|(?<=[A-Za-z]):(?=//)|(?<=[Ww]{3})\."
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_RULE_OF_A_TABLE = frozenset("|:- ")


def plain(*lines: str) -> str:
    """Lines that look the same whether they are rendered as Markdown or not, but for a few backslashes."""
    text = "\n".join(map(escaped, lines))
    counted = Counter(found["paired"] for found in _ACTIVE.finditer(text))
    marking = {sign for sign, count in counted.items() if sign and count > 1}
    if "||" not in text and not any(_RULE_OF_A_TABLE.issuperset(line) for line in text.split("\n")):
        marking.discard("|")
    return _ACTIVE.sub(lambda found: found[0] if found["paired"] and found[0] not in marking else f"\\{found[0]}", text)


def written(text: str) -> str:
    """The plain text of Markdown, with its escapes undone, for clients that do not render it."""
    return _ESCAPE.sub(r"\1", text)
