"""Public keys of apps, as somebody sends them: what is one, and what is not."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

_PARTS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}
_SECRET_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = ("P-256", "P-384", "P-521")
SHORTEST_RSA = 2048


class BadKey(ValueError):
    """What is wrong with a key."""


def _curve(key: dict[str, Any]) -> int:
    if key["crv"] not in _CURVES:
        raise BadKey(f"The curve must be one of {', '.join(_CURVES)}.")
    return ECKey.import_key(key).public_key.key_size


def public_key(sent: object) -> dict[str, Any]:
    """The key without anything that does not belong to one.

    Raises:
        BadKey: it is none that Okta takes.
    """
    if not isinstance(sent, Mapping):
        raise BadKey("The key must be a JSON object.")
    kind = sent.get("kty")
    if kind not in _PARTS:
        raise BadKey("The key type must be one of RSA, EC.")
    if _SECRET_PARTS & set(sent):
        raise BadKey("The key must not contain private key parts.")
    if sent.get("use") not in (None, "sig", "enc"):
        raise BadKey("The use of the key must be one of sig, enc.")
    if not all(isinstance(sent.get(name), str | None) for name in ("kid", "alg")):
        raise BadKey("The kid and alg of the key must be strings.")
    key = {name: sent.get(name, "") for name in ("kty", *_PARTS[kind])}
    try:
        size = RSAKey.import_key(key).public_key.key_size if kind == "RSA" else _curve(key)
    except BadKey:
        raise
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadKey(f"The key is not a valid {kind} key.") from None
    if kind == "RSA" and size < SHORTEST_RSA:
        raise BadKey(f"An RSA key must have at least {SHORTEST_RSA} bits.")
    named = {name: sent[name] for name in ("kid", "use", "alg") if sent.get(name)}
    return {**key, **named}
