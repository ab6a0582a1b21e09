"""Removes from Okta's answers whatever lets somebody in, before anything else sees them: the client's edge.

It goes by kinds of names, since nobody knows all endpoints: a text whose name says password, secret, token, seed or
answer is a secret wherever it stands, and so are a link that sets a password and a key's private half. Settings about
secrets, such as a password policy, are no texts, and stay.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Reveal:
    """The one secret of an answer that somebody is to have: its name, and who takes its value."""

    name: str
    to: Callable[[str], None]


class _Kind(Enum):
    PLAIN = auto()
    SECRET = auto()
    LINK = auto()
    PROFILE = auto()
    HELD = auto()
    """A mapping in which `value` is the secret, such as the header by which a hook signs in."""
    BOOTSTRAP = auto()
    """What a device is set up with: a seed, or a picture of one."""
    VALUE = auto()
    PRIVATE = auto()


_ENDINGS = (
    *("password", "passwd", "passphrase", "passcode", "pwd", "secret", "secrethash", "token", "tokenencrypted"),
    *("seed", "answer", "salt", "privatekey", "secretkey", "signingkey", "sharedkey", "apikey", "accountkey"),
    *("aeskey", "hmackey", "encryptionkey", "masterkey", "recoverypin", "unlockcode", "authorizationcode"),
)
_NAMES = ("pin", "otp", "hash", "credential", "authorizationheader")
_LETS_IN = re.compile(r"https?://[^/]{1,255}/(?:welcome|tokens|reset_password|signin/reset-password)/[^/]|/qr/[^/]{8}")
"""In links that set a password, activate an account, or show a seed."""
_LINKED = ("activationurl", "resetpasswordurl", "recoveryurl")
_OF_FACTORS = ("sharedsecret", "devicetoken", "answer", "passcode", "nextpasscode", "seed")
"""The secrets in the profile of a factor. In other profiles are attributes of people, which the directory names."""
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k", "oth")
"""The private members of a JSON Web Key (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1)."""
_CHALLENGE = "correctAnswer"
"""The number that a person must choose on their device: it is told to them, so it lets nobody else in."""


@lru_cache(8192)
def _kind(name: str) -> _Kind:
    plain = _plain(name)
    if plain in ("qrcode", "activation"):
        return _Kind.BOOTSTRAP
    if plain == "profile":
        return _Kind.PROFILE
    if plain in ("authscheme", "headers"):
        return _Kind.HELD
    if name == "value":
        return _Kind.VALUE
    if name in _PRIVATE:
        return _Kind.PRIVATE
    if plain in (*_LINKED, *_NAMES) or (name != _CHALLENGE and plain.removesuffix("s").endswith(_ENDINGS)):
        return _Kind.SECRET
    return _Kind.LINK if plain.endswith(("url", "uri", "href", "link")) else _Kind.PLAIN


@lru_cache(8192)
def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def without_secrets(answer: Any, reveal: Reveal | None = None) -> Any:
    """The decoded answer, from which all secrets were removed. The one to `reveal` was handed over first."""
    if reveal is not None and isinstance(answer, dict) and isinstance(value := answer.get(reveal.name), str):
        reveal.to(value)
    if isinstance(answer, dict | list):
        _clear(answer)
    return answer


def _clear(value: Any, *, held: bool = False) -> None:
    """`held`: what is called `value` in it is a secret."""
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict | list):
                _clear(inner, held=held)
        return
    doomed = []
    for name, inner in value.items():
        kind = _kind(name)
        deeper = isinstance(inner, dict | list)
        if kind is not _Kind.PLAIN and _is_secret(kind, inner, value, held=held):
            doomed.append(name)
        elif deeper and kind is _Kind.PROFILE and isinstance(inner, dict):
            _clear_profile(inner)
        elif deeper:
            _clear(inner, held=kind in (_Kind.SECRET, _Kind.HELD))
    for name in doomed:
        del value[name]


def _is_secret(kind: _Kind, inner: Any, beside: dict[str, Any], *, held: bool) -> bool:
    match kind:
        case _Kind.SECRET:
            return _is_value(inner)
        case _Kind.BOOTSTRAP:
            return isinstance(inner, dict | list)
        case _Kind.LINK:
            return isinstance(inner, str) and _LETS_IN.search(inner) is not None
        case _Kind.VALUE:
            named = beside.get("name") or beside.get("key")
            return held or (isinstance(named, str) and _kind(named) is _Kind.SECRET)
        case _Kind.PRIVATE:
            return "kty" in beside
    return False


def _is_value(inner: Any) -> bool:
    if isinstance(inner, list):
        return any(isinstance(one, str) for one in inner)
    return isinstance(inner, str | int | float) and not isinstance(inner, bool)


def _clear_profile(profile: dict[str, Any]) -> None:
    for name in [name for name in profile if _plain(name) in _OF_FACTORS]:
        del profile[name]
