"""The keys that programs authenticate with: generating them, reading them in several forms, and signing."""

import json
import re
import time
from base64 import b64decode
from contextlib import suppress
from functools import lru_cache
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from tools.okta.errors import InvalidInput

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 300
_ON_ONE_LINE = re.compile(
    r"(?P<begin>-----BEGIN [A-Z ]+-----) (?P<body>[A-Za-z0-9+/= ]+) (?P<end>-----END [A-Z ]+-----)"
)
_ENDINGS = (".pem", ".key", ".jwk", ".json")
_URL_SAFE = str.maketrans("-_", "+/")
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}

LONGEST_KID = 255
WHERE_KID_IS = "Admin Console, Applications, Applications, the app, General, Client Credentials, Public keys"

Key = RSAKey | ECKey


def generate(kind: str = "EC") -> Key:
    """A new signing key: `EC` (P-256) or `RSA` (3072 bits)."""
    if kind == "RSA":
        return RSAKey.generate_key(3072, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


def load(text: str, kid: str | None = None) -> Key:
    """A private key: a JWK, a set with one, or PEM; RSA or EC. A JWK keeps the key ID that it came with.

    `kid` is the key ID that the org knows the key by. PEM has none, and Okta chooses one for the keys that it makes.

    Variables and secret stores alter pasted text: line breaks may be escaped or missing, and all of it may be in
    base64.

    Raises:
        InvalidInput: it is none of these, encrypted, or only the public half. The input is not repeated.
    """
    text = _unwrapped(text)
    if "ENCRYPTED" in text.partition("\n\n")[0]:
        raise _no_key("it is encrypted with a passphrase; decrypt it first, as with: openssl pkey -in FILE")
    if _is_path(text):
        raise _no_key("it is a file's path, not its content; pass files with --private-key-file")
    try:
        if text.startswith("{"):
            given = _the_one(json.loads(text), kid)
            key: Key = (RSAKey if given.get("kty") == "RSA" else ECKey).import_key(given)
        else:
            key = _from_pem(text)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _no_key("it is neither a JWK nor PEM with an RSA or EC key") from None
    if not key.is_private:
        raise _no_key("it is only the public key")
    return key if kid is None else _called(key, kid)


def _the_one(given: Any, kid: str | None) -> dict[str, Any]:
    """The JWK itself, or the private one of a set; of several, the one with this key ID.

    Raises:
        InvalidInput: it is not clear which one is meant.
    """
    if "keys" not in given:
        return dict(given)
    private = [key for key in given["keys"] if "d" in key]
    chosen = [key for key in private if key.get("kid") == kid] if len(private) > 1 else private or given["keys"]
    if len(chosen) != 1:
        raise _no_key(f"it is a set of {len(private)} private keys; pass one, or select it with --kid")
    return dict(chosen[0])


def _called(key: Key, kid: str) -> Key:
    """The same key with this key ID.

    Raises:
        InvalidInput: it is not a key ID.
    """
    if not kid.strip() or not kid.isprintable() or len(kid) > LONGEST_KID:
        raise InvalidInput(
            "The key ID (kid) is empty, too long, or has several lines.",
            code="invalid_key_id",
            next_step=f"Copy it from where Okta shows it: {WHERE_KID_IS}.",
        )
    given = {**key.as_dict(private=True), "kid": kid.strip()}
    return RSAKey.import_key(given) if isinstance(key, RSAKey) else ECKey.import_key(given)


def key_id(key: Key) -> str:
    """The key ID that is sent with the key's signatures."""
    return str(key.as_dict(private=False).get("kid") or key.thumbprint())


def _unwrapped(text: str) -> str:
    """The JWK or PEM in a text, with the line breaks that PEM requires."""
    text = text.strip("\ufeff \t\r\n\"'")
    if not text.startswith(("{", "-----")):
        packed = "".join(text.split()).rstrip("=").translate(_URL_SAFE)
        with suppress(ValueError):
            text = b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode().strip("\ufeff \t\r\n")
    if text.startswith("{"):
        # Line breaks and quotation marks that a shell or a settings file escaped; no value of a JWK has any.
        return text if _is_json(text) else _spelt_in(text, " ").replace("\\", "")
    if not text.startswith("-----"):
        return text
    text = _spelt_in(text, "\n").replace("\r", "")
    if (parts := _ON_ONE_LINE.fullmatch(text.strip())) is None:
        return text
    return "\n".join((parts["begin"], *parts["body"].split(), parts["end"]))


def _spelt_in(text: str, line_break: str) -> str:
    """A text with its line breaks unescaped, if escaped once or twice."""
    for mark in ("\\\\", "\\"):
        text = text.replace(f"{mark}r", "").replace(f"{mark}n", line_break).replace(f"{mark}t", " ")
    return text


def _is_path(text: str) -> bool:
    """Whether it is a single line that does not begin or end like a key."""
    drive = text[1:3] == ":\\"
    return (
        "\n" not in text and "{" not in text and (drive or text.startswith(("/", "~", ".")) or text.endswith(_ENDINGS))
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _from_pem(text: str) -> Key:
    try:
        return RSAKey.import_key(text)
    except (JoseError, ValueError, TypeError):
        return ECKey.import_key(text)


def _no_key(why: str) -> InvalidInput:
    return InvalidInput(
        f"The private key cannot be used: {why}.",
        code="invalid_private_key",
        next_step="Pass the private key of the app's public key, or create a pair: okta-actions keygen",
    )


def dumped(key: Key) -> str:
    """The private key in the form that the vault keeps."""
    return json.dumps(key.as_dict(private=True))


def public(key: Key) -> dict[str, Any]:
    """The public JWK, to be pasted into the app's settings."""
    given = {"use": "sig", "alg": algorithm(key), "kid": key.thumbprint(), **key.as_dict(private=False)}
    return {name: given[name] for name in ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y") if name in given}


def algorithm(key: Key) -> str:
    return "RS256" if isinstance(key, RSAKey) else _CURVES[str(key.as_dict(private=False)["crv"])]


def assertion(key: Key, client_id: str, audience: str, clock_offset: float) -> str:
    """The assertion that authenticates a client at the token endpoint (RFC 7523), valid once.

    `clock_offset` is the number of seconds that Okta's clock is ahead of ours.
    """
    now = int(time.time() + clock_offset)
    header: dict[str, Any] = {"alg": algorithm(key), "kid": key_id(key)}
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
        "jti": str(uuid4()),
    }
    return jwt.encode(header, claims, key, algorithms=[algorithm(key)])


@lru_cache(maxsize=64)
def parsed(text: str) -> Key:
    """A key from the vault."""
    return load(text)
