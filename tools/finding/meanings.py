"""The lexicon as the analysis uses it, from words to notions; read when something is first looked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tools.finding.lexicon import english, french, german, japanese, spanish
from tools.finding.stems import plain, stem

Meaning = tuple[tuple[str, ...], float]
"""The notions that are meant together, and how surely."""
SOMETIMES = 0.5
_PLURALS = frozenset(("groups", "teams", "apps", "applications", "users", "people", "factors"))
"""In phrases as they are written: the groups of somebody are no group of people."""
_SHORTEST = 3
_LONGEST = 40
"""Characters of a word that is taken apart; no language's words are longer."""


@dataclass(frozen=True)
class Inflected:
    """A language whose words are stems with endings. `links` stand between the parts of compounds, if it has any."""

    stems: Mapping[str, tuple[Meaning, ...]]
    endings: frozenset[str]
    links: tuple[str, ...] = ()

    def parts(self, word: str) -> list[tuple[Meaning, ...]]:
        """The meanings of a word's parts; none if it is not made of the language's stems."""
        return next(self._readings(word[:_LONGEST]), [])

    def _readings(self, word: str) -> Iterator[list[tuple[Meaning, ...]]]:
        for end in range(len(word), _SHORTEST - 1, -1):
            if (meanings := self.stems.get(word[:end])) is None:
                continue
            rest = word[end:]
            if not rest or rest in self.endings:
                yield [meanings]
            for link in ("", *self.links) if self.links else ():
                if len(rest) - len(link) >= _SHORTEST and rest.startswith(link):
                    for others in self._readings(rest[len(link) :]):
                        yield [meanings, *others]


@dataclass(frozen=True)
class Lexicon:
    """`words` has words as they are written and their stems, `written` only the former.

    `phrases` are tuples of stems, by their first one, but participles as they are written: whoever is `locked out` is
    not to be locked out. `inside` are words that may stand inside a phrase. `unspaced` are Japanese words.

    `whole` are words that a capital inside does not part: GitHub, YubiKey. The other sets are what
    `tools/finding/questions` reads, and where names stand.
    """

    words: Mapping[str, tuple[Meaning, ...]]
    written: frozenset[str]
    notions: frozenset[str]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], tuple[Meaning, ...]], ...]]
    languages: tuple[Inflected, ...]
    unspaced: Mapping[str, tuple[Meaning, ...]]
    longest_unspaced: int
    stops: frozenset[str]
    inside: frozenset[str]
    related: Mapping[str, tuple[tuple[str, float], ...]]
    products: frozenset[str]
    whole: frozenset[str]
    into: frozenset[str]
    questions: frozenset[str]
    requests: frozenset[str]
    who: frozenset[str]
    which: frozenset[str]
    of: frozenset[str]
    whether: frozenset[str]
    one: frozenset[str]
    to_me: frozenset[str]
    ended: frozenset[str]
    articles: frozenset[str]
    about: frozenset[str]
    when: frozenset[str]
    wanted_unspaced: tuple[tuple[str, str], ...]


@cache
def lexicon() -> Lexicon:
    phrases: dict[tuple[str, ...], tuple[Meaning, ...]] = {}

    def words_of(table: str) -> dict[str, tuple[Meaning, ...]]:
        """The single words of a table, folded; its phrases go where those of all languages are."""
        singles: dict[str, tuple[Meaning, ...]] = {}
        for word, meaning in _lines(table):
            parts = word.split("_")
            if len(parts) == 1:
                singles[word] = (*singles.get(word, ()), meaning)
            else:
                key = tuple(part if part.endswith("ed") or part in _PLURALS else stem(part) for part in parts)
                phrases[key] = (*phrases.get(key, ()), meaning)
        return singles

    english_words = words_of(english.TABLE)
    inflected = tuple(
        Inflected(
            words_of(module.TABLE), frozenset(module.ENDINGS.split()), tuple(getattr(module, "LINKS", "").split())
        )
        for module in (french, spanish, german)
    )
    unspaced = words_of(japanese.TABLE)
    stops = frozenset(
        plain(word) for module in (english, german, french, spanish, japanese) for word in module.STOP.split()
    )
    stemmed: dict[str, tuple[Meaning, ...]] = {}
    for word, meanings in english_words.items():
        stemmed[stem(word)] = (*stemmed.get(stem(word), ()), *meanings)
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[Meaning, ...]]]] = {}
    for key in sorted(phrases, key=lambda key: (-len(key), not any(part.endswith("ed") for part in key))):
        by_first.setdefault(key[0], []).append((key, phrases[key]))
    products = frozenset(english.PRODUCTS.split())
    return Lexicon(
        # What is written just so comes before what has the same stem: `changes` before `change`.
        words={**stemmed, **english_words},
        written=frozenset(english_words),
        notions=frozenset(notion for word in _notions(english.TABLE) for notion in word),
        phrases={first: tuple(keys) for first, keys in by_first.items()},
        languages=inflected,
        unspaced=unspaced,
        longest_unspaced=max(map(len, unspaced)),
        stops=stops,
        inside=(stops - set(english.NEGATIONS.split())) | set(english.INSIDE.split()),
        products=products,
        whole=products | english_words.keys(),
        into=_all("INTO"),
        questions=_all("QUESTIONS") | _all("WHO") | _all("WHICH_ASKED"),
        requests=_all("REQUESTS"),
        who=_all("WHO"),
        of=_all("OF"),
        whether=_all("WHETHER"),
        one=_all("ONE"),
        to_me=_all("TO_ME"),
        ended=_all("ENDED"),
        articles=_all("ARTICLES"),
        about=_all("ABOUT"),
        when=_all("WHEN"),
        which=_all("WHICH_ASKED") | _all("WHICH_SHOWN"),
        wanted_unspaced=tuple(
            (asked, kind) for kind, words in map(_split, japanese.WANTED.strip().splitlines()) for asked in words
        ),
        related={notion: tuple(others) for notion, others in _related(english.RELATED)},
    )


def _all(name: str) -> frozenset[str]:
    """The words of this name of all languages."""
    modules = (english, german, french, spanish, japanese)
    return frozenset(plain(word) for module in modules for word in getattr(module, name, "").split())


def _split(line: str) -> tuple[str, list[str]]:
    kind, _, words = line.partition(": ")
    return kind, words.split()


def _lines(table: str) -> Iterator[tuple[str, Meaning]]:
    for line in table.strip().splitlines():
        notions, _, words = line.partition(": ")
        for word in words.split():
            sure = not word.startswith("~")
            yield plain(word.removeprefix("~")), (tuple(notions.split()), 1.0 if sure else SOMETIMES)


def _related(table: str) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    for line in table.strip().splitlines():
        notion, _, others = line.partition(": ")
        pairs = others.split()
        yield notion, [(other, float(weight)) for other, weight in zip(pairs[::2], pairs[1::2], strict=True)]


def _notions(table: str) -> Iterator[list[str]]:
    return (line.partition(": ")[0].split() for line in table.strip().splitlines())
