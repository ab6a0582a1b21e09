"""What a query means as a whole: whom its names name, what it asks or orders, and what shall end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.finding.meanings import Lexicon
from tools.finding.questions import has_ended, is_history, is_question, wanted
from tools.finding.slots import DOING, KINDS, SAME_KIND, Reading, Slot

NAMED = 0.45
"""How surely somebody is meant if a name is all that is said."""
_SAID = 0.46
_THING, _OWNER, _WHO = 0.6, 0.8, 0.6
"""The same of the name of a thing, of whoever owns what is listed, and of those who are asked for by `who`."""
_SEVERAL = 0.8
GROUPED = frozenset(("group", "application", "rule"))
"""Where one of these is said, the name of a thing is of one of them."""
_PLACED = DOING | {"user", "member", "application"}
"""Of what it is said where it is put: `in Sales` names a group then, and in `the time in Tokyo` nothing."""
_PLACING = frozenset(("add", "remove"))
"""Verbs that say of somebody where they are put: the second name is that of a group."""
_STANDING = frozenset(("assign", "add"))
"""Verbs of what stands, in questions."""
_STATUSES = frozenset(("suspend", "lock", "deactivate", "activate", "unlock", "delete"))
"""Verbs that also say what somebody's status is."""
_ENDED = (
    ("suspend", frozenset(("activate", "undo", "clear")), ("unsuspend",)),
    ("lock", frozenset(("remove", "undo", "clear")), ("unlock",)),
    ("assign", frozenset(("remove", "delete", "undo", "clear")), ("unassign",)),
    ("member", frozenset(("delete", "undo", "clear")), ("remove", "member", "group")),
)
"""States, the verbs that end them, and what it is called to do so."""
_ENDING = frozenset(("sign_in", "delete", "explain", "unassign", "remove", "deactivate"))
"""What says by itself what shall end."""


@dataclass
class NamesSaid:
    """How many names there are of people, of things, and of what may be either, by where somebody is put."""

    people: int = 0
    things: int = 0
    places: int = 0


def make_sense(
    found: Reading,
    text: str,
    words: Sequence[str],
    names: NamesSaid,
    known: Lexicon,
    kind_of: Callable[[str], str],
    kind_of_compound: Callable[[str], str],
) -> None:
    """Take up in the reading what its words say together."""
    said = found.meant(_SAID)
    found.question = is_question(text, words, known)
    if not found.question and has_ended(words, known):
        _end(found)
    _turn(found)
    _name(found, names, said)
    if _is_history(found, words, known):
        found.slots = [Slot(slot.notions, distinct=False) for slot in found.slots]
        found.say("log")
        found.say("search")
        found.question = True
        return
    found.wanted, found.listing = wanted(text, words, kind_of, known)
    if found.question and not found.listing and words[0] in known.whether and found.named:
        _tell_status(found)
    if not found.wanted:
        found.wanted = next(filter(None, map(kind_of_compound, words)), "")
    found.listing = found.listing or (found.question and "count" in said)
    if found.question:  # what is assigned, and nothing that is to be
        standing = DOING | {"lock"} if found.listing else _STANDING
        found.slots = [slot.without(standing) for slot in found.slots]
    elif found.surely & DOING and "list" not in found.surely:
        found.wanted, found.listing = "", False
    if found.listing and found.wanted != "user" and found.named and len(found.kinds) == 1:
        found.kinds |= {"user"}  # the groups of Jane
        found.say("user", _OWNER, distinct=False)
    if found.listing and "lookup" in found.surely:
        found.say("list", _SEVERAL, distinct=False)  # who wants to see several wants a list
    elif not found.listing and "factor" in found.kinds and "whole" in said:
        found.kinds |= {"whole"}
    if found.wanted == "user" and "user" not in said:
        found.say("user", _WHO, distinct=False)


def _name(found: Reading, names: NamesSaid, said: set[str]) -> None:
    """Whom and what the names name."""
    things = names.things
    things += names.people > 1 and not _PLACING.isdisjoint(found.surely)
    things += bool(names.places) and not _PLACED.isdisjoint(said)
    if (things or (names.people and "member" in said)) and said.isdisjoint(GROUPED):
        found.say("group", _THING, distinct=False)
    if names.people and "user" not in said:
        found.say("user", NAMED, distinct=False)
    found.named = bool(names.people) or any(not slot.distinct and slot.first == "user" for slot in found.slots)
    found.kinds = frozenset(SAME_KIND.get(one, one) for one in found.surely if one in KINDS)


def _turn(found: Reading) -> None:
    """Who ends a suspension suspends nobody: what is ended, and that it is, are one verb."""
    said = found.surely
    for state, enders, verbs in _ENDED:
        if state in said and said & enders and not said & {"session", "explain"}:
            kept = [slot for slot in found.slots if slot.first not in enders and slot.first != state]
            found.slots = [*(Slot(((verb, 1.0),)) for verb in verbs), *kept]
            return


def _end(found: Reading) -> None:
    """What somebody shall no longer have is taken away."""
    if not found.surely & _ENDING:
        kept = [slot for slot in found.slots if slot.first not in _STANDING and slot.first != "access"]
        found.slots = [Slot((("unassign", 0.9), ("remove", 0.9))), *kept]


def _tell_status(found: Reading) -> None:
    """Whether somebody is suspended is told by looking them up."""
    if {slot.first for slot in found.slots} & _STATUSES and not found.kinds - {"user"}:
        found.slots = [slot.without(_STATUSES) for slot in found.slots]
        found.say("lookup")
        found.say("user")


def _is_history(found: Reading, words: Sequence[str], known: Lexicon) -> bool:
    """Whether it is asked who did something, or when; when somebody was made stands in their own record."""
    done = DOING if words[0] in known.who else DOING - {"create"}
    return is_history(words, known) and not done.isdisjoint(found.surely) and "preview" not in found.surely
