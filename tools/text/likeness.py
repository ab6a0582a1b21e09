"""Which texts mean the same name, and which only look like it.

`folded` is for names that a directory or its readers treat as equal: to Okta two logins are the same if they differ
only in case or accents. `skeleton` is for names that look alike on a screen, after the idea of Unicode's UTS #39,
section 4, with a table of the letters that pass for Latin ones in common fonts.
"""

import re
import unicodedata
from functools import lru_cache

from tools.text.characters import JOINERS, code, hidden

# Unicode's Default_Ignorable_Code_Point, which are in Cf, or among these; and the blank of braille.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)

# By what they look like: Cyrillic, Greek, Armenian, Cherokee, small capitals, and Latin letters without an accent that
# Unicode could take off.
_LOOK_LIKE = {
    "a": "АаΑαɑᴀᎪȺⱥ",
    "b": "ВвΒβЬьʙᏴᗷƀɃɓ",
    "c": "СсϹϲᴄᏟⅽƈȼȻ",
    "d": "ԁԀᴅᎠđĐɖðɗ",
    "e": "ЕеΕεєЄᴇᎬҽɇɆ",
    "f": "ƒϜϝғҒ",
    "g": "ɡɢԌԍᏀցǥǤɠ",
    "h": "НнΗһҺհʜᎻħĦ",
    "i": "ІіΙιıɪɩᎥӀӏɨƗ",
    "j": "ЈјϳᴊᎫȷյ",
    "k": "КкΚκᴋᏦқҚƙ",
    "l": "ʟᏞłŁⅼƚɫ",
    "m": "МмΜᴍᎷ",
    "n": "ΝηпПɴո",
    "o": "ОоΟοσᴏօՕøØ௦ɵƟөӨѳѲ",
    "p": "РрΡρᴘᏢƥ",
    "q": "ԛԚգզ",
    "r": "гГʀᎡ",
    "s": "ЅѕꜱᏚՏ",
    "t": "ТтΤτᴛᎢŧŦƭț",
    "u": "ᴜսυʋՍ",
    "v": "νѵѴᴠᏙ",
    "w": "ԝԜᴡωᎳ",
    "x": "ХхΧχ×",
    "y": "УуΥγуүҮʏʏ",
    "z": "ΖᴢᏃƶƵ",
    "ae": "æÆ",
    "oe": "œŒ",
    "-": "‐‑‒–—―−﹘",
    ".": "。․‧",
    "'": "’‘ʼ′",
    "/": "∕⁄",
    "@": "﹫",
}
LONGEST_TYPED = 60
"""Characters that a person may be asked to type."""
_AS_LATIN = str.maketrans({letter: latin for latin, letters in _LOOK_LIKE.items() for letter in letters})
_AS_LATIN |= {
    ord(letter): latin.upper()
    for latin, letters in _LOOK_LIKE.items()
    for letter in letters
    if letter.isupper() and latin.isalpha()
}
_STROKES = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})
_PUNYCODE = re.compile(r"(?<![^.@])xn--[a-z0-9-]+", re.IGNORECASE)


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A name in the form used for comparison: without case, accents, compatibility forms and invisible characters."""
    plain = _without_accents(unicodedata.normalize("NFKC", text).casefold())
    trimmed = " ".join(unicodedata.normalize("NFKC", plain).split())
    return trimmed.replace(" @", "@").replace("@ ", "@")


def as_latin(text: str) -> str:
    """A name with lookalikes replaced by Latin letters; upper case stays."""
    return _without_accents(unicodedata.normalize("NFKC", text)).translate(_AS_LATIN)


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """The shape of a name: two names with the same skeleton look alike."""
    shown = folded(as_latin(_PUNYCODE.sub(_decoded, text))).translate(_STROKES)
    return shown.replace("rn", "m").replace("vv", "w")


def as_address(text: str) -> str:
    """A login or address with its domain as `domain_as_shown` has it; any other name as it is."""
    local, at, domain = text.rpartition("@")
    return f"{local}@{domain_as_shown(domain)}" if at else text


def domain_as_shown(domain: str) -> str:
    """A domain as browsers show it, without the dot of the root: however it is written, mail goes to the same place."""
    return _PUNYCODE.sub(_decoded, domain.strip().rstrip(".。．｡"))


def plain(text: str, *, address: bool = False) -> bool:
    """Whether a text is what it looks like: without invisible characters, and without words that look like others."""
    return spelt_out(text, address=address) == text


def typeable(name: str, id: str, *, address: bool = False) -> str:
    """What somebody can type in place of a yes: a name that is what it looks like and not long, or else the id.

    Nor does the name hold a quotation mark: it would end what a question quotes, and pass for the question's own words.
    """
    by_hand = plain(name, address=address) and name == " ".join(name.split()) and not set('“”"') & set(name)
    return name if name and by_hand and len(name) <= LONGEST_TYPED else id


def spelt_out(text: str, *, address: bool = False) -> str:
    """A text with code points for invisible characters and for lookalike words. `address`: also for a login.

    In an address only plain letters are trusted: nobody can tell wide or superscript ones apart.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _WORD.sub(lambda word: word[0] if _honest(word[0]) else "".join(map(_spelt, word[0])), text)
    places = set(hidden(text))
    return "".join(code(c) if at in places or _deceives(c, address=address) else c for at, c in enumerate(text))


def _deceives(character: str, *, address: bool) -> bool:
    """Whether a character is a non-standard blank, or in an address anything but a plain letter."""
    if unicodedata.category(character) == "Zs":
        return character != " "
    return address and (character in JOINERS or unicodedata.normalize("NFKC", character) != character)


def _spelt(character: str) -> str:
    return character if character.isascii() else code(character)


_WORD = re.compile(r"[^\W\d_]+")


def _honest(word: str) -> bool:
    """Whether a word is written in Latin letters, or in others that do not all look like Latin ones."""
    if _is_latin(word):
        return True
    if any(_is_latin(letter) for letter in word):
        return False  # One script per word. A word in another script has letters that Latin does not have.
    return any(letter in _ROUGHLY for letter in word) or not _is_latin(as_latin(word))


def _is_latin(text: str) -> bool:
    return all(
        letter.isascii() or (letter not in _SMALL and unicodedata.name(letter, "").startswith("LATIN "))
        for letter in text
    )


_ROUGHLY = frozenset("вкмнтпгьЬПΓγσηυωπ")
"""Letters that look Latin among Latin letters, but on their own show which script they belong to."""
_SMALL = frozenset("ɑᴀʙᴄᴅᴇɢʜɪɩᴊȷᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɡʋƒ")
"""Letters that are Latin by name but occur in no language's names."""


def _without_accents(text: str) -> str:
    return "".join(
        character
        for character in unicodedata.normalize("NFD", text)
        if unicodedata.category(character) not in ("Mn", "Cf") and not _IGNORABLE.match(character)
    )


def _decoded(label: "re.Match[str]") -> str:
    """A label of a domain as browsers show it."""
    try:
        return label[0][len("xn--") :].encode().decode("punycode")
    except (UnicodeError, ValueError):
        return label[0]
