"""What a text is about, as notions: the same analysis for what is asked and for what is found."""

import re
from collections.abc import Container, Iterator
from functools import lru_cache

from tools.finding.meanings import Inflected, Lexicon, Meaning, lexicon
from tools.finding.sense import GROUPED, NamesSaid, make_sense
from tools.finding.slots import DOING, KINDS, Reading, Slot
from tools.finding.stems import plain, stem

LONGEST = 1000
"""Characters of a query that are read."""
MOST_WORDS = 150
_MOST_REPAIRED = 12
"""Unknown words of a query that are compared with what they may have been meant to be."""
_REPAIRED = 0.8
_SHORTEST_REPAIRED = 6
_SHORTEST_REPAIRED_STEM = 7
_INDISTINCT = 0.6
"""What a word weighs that also stands in sentences about anything, such as `get`."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_QUOTED = re.compile('["“„«「][^"“”„«»「」]{1,80}["”“»」]')
_WORD = re.compile(r"[^\W_]+")
_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff々]+")
_BY_SCRIPT = re.compile("([\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff々]+)")
_UNREAD = re.compile("[\u30a1-\u30fa\u30fc]{2,}|[\u3400-\u9fff々]+")
_NAME_BEFORE = re.compile("[\u30a1-\u30fa\u30fc\u3400-\u9fff々]+$")
_BEHIND_NAMES = frozenset(map(plain, ["グループ", "チーム", "さん", "アプリ", "部", "課", "様", "氏", "社員"]))
"""Behind which Japanese writes names: what stands before them need not be known."""
_POSSESSIVE = re.compile(r"\b(?!What|Who|It|That|Let|There|Here|How|Where|He|She)[A-Z]\w+['’]s\b")
_PREFIXED = re.compile(r"(?i)\b(un|re|de)-(?=[a-z])")
_QUOTED_BY_APOSTROPHES = re.compile(r"(?<!\w)'[^']{1,80}'(?!\w)")
_MOST_INSIDE = 4
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KINDS = {"00u": "user", "00g": "group", "0oa": "application"}
_LENGTH_OF_ID = 20
_PRODUCT = 0.9
_PEOPLE = frozenset(["user", "users", "person", "people", "member", "members", "account", "accounts"])
"""Whose groups are theirs; the interns group has its name from them."""
_SHORTEST_COMPOUND = 8


def read_query(text: str, vocabulary: Container[str]) -> Reading:
    """What is asked. `vocabulary` has the notions of the index: other words are unknown, if they cannot be repaired."""
    return _Analysis(lexicon(), vocabulary).read(text[:LONGEST])


@lru_cache(maxsize=1024)
def read_entry(text: str) -> Reading:
    """What the text of an entry is about. A word that is a notion means that one alone."""
    return _Analysis(lexicon(), None).read(text)


class _Analysis:
    def __init__(self, known: Lexicon, vocabulary: Container[str] | None) -> None:
        self._known = known
        self._vocabulary = vocabulary
        self._repairs = _MOST_REPAIRED
        self._found = Reading()
        self._names = NamesSaid()
        self._known_meanings: dict[tuple[str, bool], list[tuple[Meaning, ...]]] = {}
        self._begins = False

    def read(self, text: str) -> Reading:
        if self._vocabulary is None:
            return self._read(self._words(text))
        words = self._words(self._without_names(text))
        found = self._read(words)
        if words:
            folded = [word for word, _ in words]
            make_sense(found, text, folded, self._names, self._known, self._kind_of, self._kind_of_compound)
        return found

    def _kind_of_compound(self, word: str) -> str:
        """Of `Gruppenmitglieder` and `Mitgliederliste`, members."""
        parts = self._meanings(word) if len(word) > _SHORTEST_COMPOUND else []
        if len(parts) < 2:
            return ""
        of = parts[-2] if any(notions[0] == "list" for notions, _ in parts[-1]) else parts[-1]
        return next((notions[-1] for notions, weight in of if weight == 1 and notions[-1] in KINDS), "")

    def _words(self, text: str) -> list[tuple[str, str]]:
        """The words, folded and as written."""
        whole = self._known.whole
        return [
            one
            for word in _WORD.findall(text)[:MOST_WORDS]
            for one in ([(word.lower(), word)] if word[0].isupper() and word.lower() in whole else _humps(word))
        ]

    def _kind_of(self, word: str) -> str:
        """Which kind of thing a word is for, if it is."""
        for meanings in self._meanings(word)[-1:]:
            for notions, weight in meanings:
                if weight == 1 and notions[-1] in KINDS:
                    return notions[-1]
        return ""

    def _read(self, words: list[tuple[str, str]]) -> Reading:
        stems = [stem(word) for word, _ in words]
        at = 0
        while at < len(words):
            if phrase := self._phrase(words, stems, at):
                length, inside, meanings = phrase
                self._say(meanings)
                for place in inside:
                    self._inside(*words[place])
                at += length
                continue
            if (
                at
                and words[at][1][0].isupper()
                and words[at - 1][0] in self._known.into
                and not self._kind_of(words[at][0])
            ):
                self._names.places += 1
            if self._vocabulary is not None and at + 1 < len(words) and self._names_next(*words[at], words[at + 1][0]):
                self._names.things += 1
                at += 1
                continue
            if self._vocabulary is not None and at and self._is_name(words[at][1], *words[at - 1]):
                self._names.things += 1
                at += 1
                continue
            if self._vocabulary is not None and at == 1 and self._is_whom(words):
                self._names.people += 1
                at += 1
                continue
            self._begins = not at and (len(words) < 2 or words[1][0] not in self._known.to_me)
            ordered = not at and len(words) > 1 and words[1][0] in self._known.articles
            self._one(*words[at], first=at == 0, verb=ordered)
            at += 1
        return self._found

    def _inside(self, word: str, written: str) -> None:
        """What stands inside a phrase: whoever is unknown there is somebody, as in `take jane out`."""
        if (
            word.isascii()
            and word not in self._known.products
            and not (word in self._known.stops or self._meanings(word, named=True))
        ):
            self._names.people += 1
        else:
            self._one(word, written, first=False)

    def _one(self, word: str, written: str, *, first: bool, verb: bool = False) -> None:
        if self._vocabulary is not None and word in self._known.products and written[0].isupper():
            self._say(((("application",), _PRODUCT),))
            return
        for run in self._scripts(word):
            if _JAPANESE.fullmatch(run):
                self._unspaced(run)
            else:
                self._word(run, name=0.0 if verb or not written[0].isupper() else 0.5 if first else 1.0)

    def _without_names(self, text: str) -> str:
        """The text without what names somebody or something; an address or id says of what kind it is."""
        text, owners = _POSSESSIVE.subn(" ", text)
        self._names.people += owners
        text = _QUOTED_BY_APOSTROPHES.sub(" ", _QUOTED.sub(" ", _PREFIXED.sub(r"\1", text)))
        words = []
        for word in text.split():
            id = word.strip(".,;:!?()")
            kind = _KINDS.get(id[:3]) if len(id) == _LENGTH_OF_ID and id.isalnum() else None
            if kind or "@" in word[1:-1]:
                self._found.slots.append(Slot(((kind or "user", 1.0),), distinct=False))
            elif self._is_name_of_thing(id):
                self._names.things += 1
            else:
                words.append(word)
        return " ".join(words)

    def _is_name_of_thing(self, word: str) -> bool:
        """`Sales-EMEA` is a name; a `Slack-App` is an app, and of `MFA-Faktoren` both parts are known."""
        parts = word.split("-")
        if len(parts) < 2 or not word[0].isupper() or not all(part and not part[0].islower() for part in parts):
            return False
        kinds = [self._kind_of(plain(part)) for part in parts]
        known = [bool(kind or self._meanings(plain(part))) for kind, part in zip(kinds, parts, strict=True)]
        return not all(known) and not (kinds[-1] and not parts[-1].endswith("s"))

    def _scripts(self, word: str) -> list[str]:
        """A word, parted where Japanese characters follow others: it writes no spaces between them."""
        return [word] if word.isascii() else [one for one in _BY_SCRIPT.split(word) if one]

    def _phrase(
        self, words: list[tuple[str, str]], stems: list[str], at: int
    ) -> tuple[int, list[int], tuple[Meaning, ...]] | None:
        """The longest phrase that begins here: how many words it takes, which of them are not its own, what it means.

        People stand inside phrases: `sign her out`, `kick Bob out of`.
        """
        for word in dict.fromkeys((words[at][0], stems[at])):
            for key, meanings in self._known.phrases.get(word, ()):
                end, inside = at + 1, list[int]()
                for part in key[1:]:
                    while end < len(stems) and part not in (stems[end], words[end][0]) and len(inside) < _MOST_INSIDE:
                        if not self._may_stand_inside(*words[end]):
                            break
                        inside.append(end)
                        end += 1
                    if end >= len(stems) or part not in (stems[end], words[end][0]):
                        break
                    end += 1
                else:
                    return end - at, inside, meanings
        return None

    def _is_whom(self, words: list[tuple[str, str]]) -> bool:
        """`add jane to`: whoever is unknown behind a verb is somebody."""
        word, after = words[1][0], words[2][0] if len(words) > 2 else ""
        if (
            not word.isascii()
            or not word.isalpha()
            or word in self._known.stops
            or word in self._known.products
            or (after and after not in self._known.stops)
        ):
            return False
        return not DOING.isdisjoint(self._found.surely) and not self._meanings(word, named=True)

    def _names_next(self, word: str, written: str, kind: str) -> bool:
        """`the Sales group`: a name before the kind of thing that it is."""
        if self._kind_of(word) == "user" and word.removesuffix("s") in self._known.written and word not in _PEOPLE:
            return self._kind_of(kind) == "group" and kind in self._known.written
        unknown = written[0].isupper() and word not in self._known.products and word not in self._known.stops
        return unknown and self._kind_of(kind) in GROUPED and not self._meanings(word, named=True)

    def _is_name(self, written: str, kind: str, kind_written: str) -> bool:
        """`the group Everyone`: what has a capital after the kind of thing that it is. German gives all nouns one."""
        of_things = written[0].isupper() and self._kind_of(kind) in GROUPED
        return (
            of_things
            and not (kind.endswith("s") and kind in self._known.written)
            and (kind_written[0].islower() or kind not in self._known.written)
        )

    def _may_stand_inside(self, word: str, written: str) -> bool:
        return (
            written[0].isupper()
            or word in self._known.inside
            or not (word in self._known.stops or self._meanings(word))
        )

    def _say(self, meanings: tuple[Meaning, ...], *, sure: float = 1.0, distinct: bool = True) -> None:
        """Take up what a word means: of all its meanings the first notions, then the second ones, and so on."""
        for position in range(max(len(notions) for notions, _ in meanings)):
            weights: dict[str, float] = {}
            for notions, weight in meanings:
                if position < len(notions):
                    weights[notions[position]] = max(weights.get(notions[position], 0), weight * sure)
            if self._vocabulary is not None:
                for notion, weight in [*weights.items()]:
                    for other, likely in self._known.related.get(notion, ()):
                        weights[other] = max(weights.get(other, 0), weight * likely)
            ranked = tuple(sorted(weights.items(), key=lambda one: -one[1]))
            self._found.slots.append(Slot(ranked, distinct))

    def _word(self, word: str, *, name: float) -> None:
        """`name`: how likely it is that an unknown word is somebody's name."""
        if meanings := self._meanings(word, named=name == 1):
            distinct = word not in self._known.stops or self._begins
            for one in meanings:
                self._say(one, sure=1.0 if distinct else _INDISTINCT, distinct=distinct)
        elif word in self._known.stops or len(word) == 1 or word.isdigit():
            return
        elif self._vocabulary is None:
            self._say((((stem(word),), 1.0),))
        elif name < 1 and (repaired := self._repaired(word)):
            for one in repaired:
                self._say(one, sure=_REPAIRED)
        else:
            self._names.people += name == 1 or (name > 0 and self._begins)
            self._found.unknown += 1 - name

    def _meanings(self, word: str, *, named: bool = False) -> list[tuple[Meaning, ...]]:
        key = word, named
        if (found := self._known_meanings.get(key)) is None:
            found = self._known_meanings[key] = self._look_up(word, named=named)
        return found

    def _look_up(self, word: str, *, named: bool) -> list[tuple[Meaning, ...]]:
        """What a word means, a compound's parts one by one; nothing if that is not known.

        One that is `named`, with a capital, is no word of the index that the lexicon does not have: Sales is nobody's.
        """
        known, stemmed = self._known, stem(word)
        if self._vocabulary is None and (word in known.notions or stemmed in known.notions):
            return [(((word if word in known.notions else stemmed,), 1.0),)]
        if found := known.words.get(word):
            return [found]
        found = known.words.get(stemmed, ())
        if self._vocabulary is None or word in known.stops:
            return [found] if found else []
        # `retirer` looks like a form of `retire`: what it may mean in any language counts.
        for language in known.languages:
            if len(parts := _parts(language, word)) > 1 and not found:
                return parts
            found = (*found, *(parts[0] if len(parts) == 1 else ()))
        if not found and not named and stemmed in self._vocabulary:
            return [(((stemmed,), 1.0),)]
        return [found] if found else []

    def _repaired(self, word: str) -> list[tuple[Meaning, ...]]:
        """What a word means that is one letter away from another."""
        if len(word) < _SHORTEST_REPAIRED or not word.isascii() or len(word) > 24 or not self._repairs:
            return []
        self._repairs -= 1
        known = self._known
        for near in _near(word):
            if near in known.written or near.removesuffix("s") in known.written:
                return [known.words[near if near in known.written else near.removesuffix("s")]]
        if len(stemmed := stem(word)) >= _SHORTEST_REPAIRED_STEM:
            for near in _near(stemmed):
                if len(near) >= _SHORTEST_REPAIRED_STEM and (meanings := known.words.get(near)):
                    return [meanings]
        return []

    def _unspaced(self, run: str) -> None:
        known, at, unread = self._known, 0, ""
        while at < len(run):
            for length in range(min(known.longest_unspaced, len(run) - at), 0, -1):
                piece = run[at : at + length]
                if meanings := known.unspaced.get(piece):
                    self._say(meanings, distinct=piece not in known.stops)
                elif piece not in known.stops:
                    continue
                if piece in _BEHIND_NAMES:
                    unread = _NAME_BEFORE.sub("", unread)
                unread += " "
                at += length
                break
            else:
                unread += run[at]
                at += 1
        # Its grammar is written in hiragana; what is left in other characters is a word that nobody knows here.
        self._found.unknown += len(_UNREAD.findall(unread))


def _humps(word: str) -> list[tuple[str, str]]:
    """The words of one written in camel case, folded and as written.

    Inside of `resetPassword` a capital names nobody; `GitHub` is a name.
    """
    humps = _HUMP.split(word)
    written = humps if len(humps) == 1 or word[0].isupper() else [hump.lower() for hump in humps]
    return [(one, hump) for hump in written if (one := plain(hump))]


def _parts(language: Inflected, word: str) -> list[tuple[Meaning, ...]]:
    if found := language.parts(word):
        return found
    # German without umlauts on the keyboard.
    typed = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return language.parts(typed) if language.links and typed != word else []


def _near(word: str) -> Iterator[str]:
    """The words that are one letter away: without one, with two swapped, with another one, with one more."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    yield from (left + right[1:] for left, right in cuts if right)
    yield from (left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1)
    yield from (left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS)
    yield from (left + letter + right for left, right in cuts for letter in _LETTERS)
