"""The index: which entry is meant by a query, best first. BM25F over the fields of an entry, on notions.

S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), section 3.6, has BM25F.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from tools.finding.reading import read_entry, read_query
from tools.finding.slots import KINDS, SAME_KIND, Reading, Slot, a_set_of

T = TypeVar("T")

# What a word weighs, by the field that it stands in, and how much a long field weakens it.
NAME, WORDS, DESCRIPTION, REST, ARGUMENTS = 3.0, 2.0, 0.8, 0.3, 0.2
SPREAD = {NAME: 0.4, WORDS: 0.3, DESCRIPTION: 0.5, REST: 0.7, ARGUMENTS: 0.8}
SATURATION = 1.2
PAIR = 0.5
"""What two notions that follow each other weigh beside those themselves."""
AGAIN = 0.15
"""What is left of the points of a notion that the query has said already."""
REPLACING = 0.8
"""What the next best meaning of a word weighs if no entry has its best one."""
UNKNOWN = 2.0
"""What a word that means nothing here speaks against the query being about anything here, in units of rarity."""
ALONE, OF_SOMEBODY = 4.0, 2.0
"""How much more it does where nothing of what Okta has is spoken of: a verb alone may be about anything."""
OBJECTS = KINDS | a_set_of(
    """
    password profile email activation sign_in schema access segment address unlock lock suspend unsuspend deactivate
    activate grant enroll
    """
)
"""What speaks of Okta by itself."""
MOST_UNKNOWN = 5
LEAST_FIT = 0.33
"""How much of a query must be about an entry for it to be found, from 0 to 1."""
LEAST_POINTS, LEAST_POINTS_ALONE = 0.5, 2.0
"""The score with which something is found at all."""
NAMED = 0.8
LEAST_FIT_NAMED = 0.3
"""The same for an entry whose name is all there: the rest may be about whom it is done to, and why."""
LEAST_SCORE = 0.4
"""Of the best one's score, what another must have to be found."""
VERB = 0.5
"""What a name's verb is of the name beside what it acts on: people have many words for verbs."""
LIKE_NAME = 0.9
"""What it is worth to ask by other words than an entry's name."""
SEEING = frozenset(("list", "search", "lookup"))
"""What is wanted by those who name a thing and say nothing of what to do with it."""
UNSAID = 0.5
"""What is left of the score of an entry that does something of which nothing is said."""
LEAST_SAID = 0.4
UNFIT = 0.3
"""What is left of the score of an entry that nothing of the query fits."""
READING = a_set_of("list search lookup count export explain preview review summarize verify simulate read")
"""Verbs of what changes nothing."""
ASKED = 0.55
"""What is left of the score of an entry that changes something if the query asks and orders nothing."""
ASKED_FOR_A_LIST = 0.35
"""The same if it asks for a list."""
OF_KIND, OF_ANOTHER_KIND = 1.25, 0.6
"""What an entry that lists things is worth if the query wants a list of such things, or of others."""
UNMET, UNSAID_KIND = 0.68, 0.78
"""What is left for each kind of object that the query speaks of and the entry does not, and the other way round."""
OF_ONE = 0.68
"""What is left of the score of an entry that shows one thing if a list is wanted."""
NAMED_NONE = 0.75
"""What is left of the score of an entry that lists everything of a kind if the query names somebody."""
NOBODY = 0.9
"""The same for what is done to a person and something else if no person is spoken of."""
DEFAULT = frozenset(("user", "change", "log"))
"""Whom something is done to if nothing is said."""
SPOKEN_OF = frozenset(("password", "activation", "sign_in", "whole", "segment", "schema"))
"""What else is missed in a query if it is in a name."""
LISTING = frozenset(("list", "search"))
WITHOUT_NAME = 0.35
"""What is left of the score of an entry if nothing of its name is in the query."""


@dataclass(frozen=True)
class Findable(Generic[T]):
    """`of` is found by all the other fields. What has several names is meant by each."""

    of: T
    names: tuple[str, ...]
    words: str = ""
    description: str = ""
    arguments: str = ""
    least_fit: float = 0.0


@dataclass(frozen=True)
class Match(Generic[T]):
    """`fit` tells how much of the query is about it, from 0 to 1."""

    of: T
    score: float
    fit: float


class WordIndex(Generic[T]):
    """Finds entries by queries in several languages. It is made once and never changes."""

    def __init__(self, entries: Iterable[Findable[T]]) -> None:
        self._entries = tuple(entries)
        fields = [_fields(entry) for entry in self._entries]
        lengths = {weight: max(1.0, sum(len(one[weight]) for one in fields) / max(1, len(fields))) for weight in SPREAD}
        frequencies = Counter(notion for one in fields for notion in {n for terms in one.values() for n in terms})
        self._rarity = {notion: self._rarity_of(count) for notion, count in frequencies.items()}
        self._unseen = self._rarity_of(0)
        self._names = [
            (
                *((1.0, self._shares(name)) for name in entry.names),
                *((LIKE_NAME, self._shares(words)) for words in _phrases(entry)),
            )
            for entry in self._entries
        ]
        firsts = [[next(iter(shares)) for _, shares in names if shares] for names in self._names]
        self._all_verbs = SEEING | {
            notion
            for entry, notions in zip(self._entries, firsts, strict=True)
            for notion in notions[: len(entry.names)]
        }
        self._verbs = [self._all_verbs.intersection(notions) for notions in firsts]
        self._changing = [not verbs & READING for verbs in map(frozenset, firsts_of(self._entries))]
        self._kinds = [_kinds(entry) for entry in self._entries]
        self._lists_all = [
            len(kinds) == 1 and "list" in verbs for kinds, verbs in zip(self._kinds, self._verbs, strict=True)
        ]
        self._listed = [_listed(entry.names[0]) for entry in self._entries]
        self._exact = {name: at for at, entry in enumerate(self._entries) for name in entry.names}
        self._tellings = [frozenset(one[NAME].keys() | one[WORDS].keys()) for one in fields]
        self._postings: dict[str, list[tuple[int, float]]] = {}
        for at, one in enumerate(fields):
            for notion, weight in _weighed(one, lengths).items():
                saturated = weight * (SATURATION + 1) / (weight + SATURATION)
                self._postings.setdefault(notion, []).append((at, saturated * self._rarity[notion]))

    def _rarity_of(self, count: int) -> float:
        return math.log(1 + (len(self._entries) - count + 0.5) / (count + 0.5))

    def find(self, query: str, limit: int = 10) -> tuple[Match[T], ...]:
        """What the query is about, best first; nothing if it is about nothing here."""
        reading = read_query(query, self._postings)
        slots = list(dict.fromkeys(self._known(slot) for slot in reading.slots))
        score: dict[int, float] = {}
        fitting: dict[int, float] = {}
        matched: dict[int, dict[str, float]] = {}
        for slot in slots:
            for at, (points, notion, weight) in self._best(slot, matched).items():
                seen = matched.setdefault(at, {})
                score[at] = score.get(at, 0) + points
                seen[notion] = max(seen.get(notion, 0), weight)
                if slot.distinct:
                    told = max((sure for one, sure in slot.notions if one in self._tellings[at]), default=0)
                    fitting[at] = fitting.get(at, 0) + told * self._importance(slot)
        for pair in reading.pairs():
            for at, points in self._postings.get(pair, ()):
                score[at] = score.get(at, 0) + PAIR * points
        whole = self._whole(slots, reading)
        verbs = any(slot.distinct and slot.first in self._all_verbs for slot in slots)
        spoken_of = reading.spoken_of
        least = LEAST_POINTS if not reading.unknown or _about(slots) else LEAST_POINTS_ALONE
        found = []
        if (exact := self._exact.get(query.strip())) is not None:
            found.append(Match(self._entries[exact].of, 2 * max(score.pop(exact, 1.0), *score.values(), 1.0), 1.0))
        for at, points in score.items():
            fit = min(1.0, fitting.get(at, 0) / (whole or 1.0))
            covered = self._covered(at, matched.get(at, {}))
            if (fit < self._entries[at].least_fit and covered < 1) or fit < (
                LEAST_FIT if covered < NAMED else LEAST_FIT_NAMED
            ):
                continue
            points *= (WITHOUT_NAME + (1 - WITHOUT_NAME) * covered) * (UNFIT + (1 - UNFIT) * fit)
            points *= 1 if self._is_said(at, matched.get(at, {}), verbs=verbs and not reading.question) else UNSAID
            points *= self._suits(at, reading, spoken_of)
            if points >= least:
                found.append(Match(self._entries[at].of, points, fit))
        found.sort(key=lambda one: -one.score)
        return tuple(one for one in found if one.score >= LEAST_SCORE * found[0].score)[:limit]

    def _known(self, slot: Slot) -> Slot:
        """The slot with those of its notions that are here, if any is: what is said is then one of these."""
        here = [(notion, weight) for notion, weight in slot.notions if notion in self._postings]
        if not here or len(here) == len(slot.notions):
            return slot
        raised = max(1.0, REPLACING * slot.notions[0][1] / here[0][1])
        return Slot(tuple((notion, weight * raised) for notion, weight in here), slot.distinct)

    def _best(self, slot: Slot, matched: Mapping[int, Mapping[str, float]]) -> dict[int, tuple[float, str, float]]:
        """By entry, the notion by which the slot matches it best: its points, itself, and how surely it is meant."""
        best: dict[int, tuple[float, str, float]] = {}
        for notion, weight in slot.notions:
            for at, points in self._postings.get(notion, ()):
                before = matched[at].get(notion, 0) if at in matched else 0
                gained = points * max(weight - before, AGAIN * weight)
                if at not in best or gained > best[at][0]:
                    best[at] = (gained, notion, weight)
        return best

    def _suits(self, at: int, reading: Reading, spoken_of: frozenset[str]) -> float:
        """How well the entry answers in kind: who asks orders no change, and `which groups` wants no people."""
        worth = 1.0
        said, kinds = reading.kinds, self._kinds[at]
        if kinds:
            worth *= UNMET ** min(2, len(said - kinds)) * UNSAID_KIND ** min(2, len(kinds - spoken_of - DEFAULT))
            if len(kinds) > 1 and "user" in kinds - said and not reading.named:
                worth *= NOBODY
        if (reading.question or reading.listing) and self._changing[at]:
            return worth * (ASKED_FOR_A_LIST if reading.listing else ASKED)
        if reading.wanted and (listed := self._listed[at]):
            worth *= OF_KIND if reading.wanted in listed else OF_ANOTHER_KIND
        if reading.listing and not self._verbs[at].isdisjoint(("lookup", "explain")):
            worth *= OF_ONE
        if reading.named and self._lists_all[at]:
            worth *= NAMED_NONE
        return worth

    def _whole(self, slots: list[Slot], reading: Reading) -> float:
        """What an entry would get that is about all that is asked."""
        asked = sum(self._importance(slot) for slot in slots if slot.distinct)
        alone = 1 if _about(slots) else OF_SOMEBODY if reading.named else ALONE
        return asked + UNKNOWN * alone * min(MOST_UNKNOWN, reading.unknown)

    def _shares(self, name: str) -> dict[str, float]:
        """How much each notion of a name is of it: what is acted on is more than the verb, which has more synonyms."""
        notions = dict.fromkeys(_notions(read_entry(name)))
        shares = {notion: self._rarity[notion] * (1 if at else VERB) for at, notion in enumerate(notions)}
        whole = sum(shares.values()) or 1
        return {notion: share / whole for notion, share in shares.items()}

    def _importance(self, slot: Slot) -> float:
        return max(weight * self._rarity.get(notion, self._unseen) for notion, weight in slot.notions)

    def _covered(self, at: int, matched: Mapping[str, float]) -> float:
        """How much of an entry's name, or of other words for it, the query says: from 0 to 1."""
        return max(
            worth * sum(matched.get(notion, 0) * share for notion, share in shares.items())
            for worth, shares in self._names[at]
        )

    def _is_said(self, at: int, matched: Mapping[str, float], *, verbs: bool) -> bool:
        """Whether the query says what the entry does; without any `verbs` it asks to see something."""
        wanted = self._verbs[at]
        return any(matched.get(verb, 0) >= LEAST_SAID for verb in wanted) or not (verbs or SEEING.isdisjoint(wanted))


def _about(slots: list[Slot]) -> bool:
    """Whether anything of what Okta has is spoken of."""
    return any(
        (slot.distinct or slot.notions[0][1] == 1) and not OBJECTS.isdisjoint(notion for notion, _ in slot.notions)
        for slot in slots
    )


def _fields(entry: Findable[T]) -> dict[float, Counter[str]]:
    """The notions of each field, by the field's weight."""
    # A description names other actions, which it is not about.
    lines = [" ".join(word for word in line.split() if "_" not in word) for line in entry.description.split("\n")]
    first, rest = lines[0], " ".join(lines[1:])
    texts: dict[float, tuple[str, ...]] = {DESCRIPTION: (first,), REST: (rest,), ARGUMENTS: (entry.arguments,)}
    texts |= {NAME: entry.names, WORDS: _phrases(entry)}
    return {
        weight: Counter(notion for text in of for notion in _terms(text, in_pairs=weight in (NAME, WORDS)))
        for weight, of in texts.items()
    }


_ALSO = {"member": "user", "administrator": "user", "owner": "user", "user": "member"}


def firsts_of(entries: Iterable[Findable[T]]) -> Iterator[list[str]]:
    """The verbs of each entry's names."""
    for entry in entries:
        readings = map(read_entry, entry.names)
        yield [reading.slots[0].first for reading in readings if reading.slots]


def _listed(name: str) -> frozenset[str]:
    """What it lists, if that is what it does: `list_user_groups` lists groups."""
    notions = [slot.first for slot in read_entry(name).slots]
    if len(notions) < 2 or notions[0] not in LISTING:
        return frozenset()
    return frozenset((notions[-1], _ALSO.get(notions[-1], notions[-1])))


def _kinds(entry: Findable[T]) -> frozenset[str]:
    """The kinds of objects that its names speak of."""
    names = [[slot.first for slot in read_entry(name).slots] for name in entry.names]
    notions = [
        notion for name in names for notion in (*name[:1], *("segment" if one == "export" else one for one in name[1:]))
    ]
    return frozenset(SAME_KIND.get(notion, notion) for notion in notions if notion in KINDS | SPOKEN_OF)


def _phrases(entry: Findable[T]) -> tuple[str, ...]:
    return tuple(words for words in map(str.strip, entry.words.split(",")) if words)


def _terms(text: str, *, in_pairs: bool) -> list[str]:
    reading = read_entry(text)
    return [*_notions(reading), *(reading.pairs() if in_pairs else ())]


def _notions(reading: Reading) -> list[str]:
    return [slot.first for slot in reading.slots if slot.distinct]


def _weighed(fields: Mapping[float, Counter[str]], lengths: Mapping[float, float]) -> dict[str, float]:
    weighed: dict[str, float] = {}
    for weight, terms in fields.items():
        norm = 1 - SPREAD[weight] + SPREAD[weight] * len(terms) / lengths[weight]
        for notion, count in terms.items():
            # An entry with several names says the same in each.
            weighed[notion] = weighed.get(notion, 0) + weight * min(count, 1 if weight == NAME else 2) / norm
    return weighed
