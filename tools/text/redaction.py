"""The one place that removes secrets from text: every error and every log line goes through it.

Our code puts no secrets there, but servers echo requests, and libraries print their values.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

HIDDEN = "[hidden]"

_NAMES = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|device_code|code_verifier|code|password|"
    "api_token|activationToken|activationUrl|recoveryToken|resetPasswordUrl|sessionToken|stateToken|private_key|token"
)
_SHAPES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # JSON Web Tokens, whole or cut short. What only begins like one is taken whole too, and left as it is: beginning
    # again at each “eyJ” within it would take forever.
    (
        re.compile(r"\beyJ[\w-]{10,}+(?P<rest>\.[\w-]++(?:\.[\w-]*+)?)?"),
        lambda found: HIDDEN if found["rest"] else found[0],
    ),
    # what follows a scheme in an Authorization header
    (re.compile(r"\b(Bearer|DPoP|SSWS|Basic) ?[\w.~+/=-]{16,}"), rf"\1 {HIDDEN}"),
    # Okta's API tokens
    (re.compile(r"\b00[\w-]{40}\b"), HIDDEN),
    # named in a query, a form, JSON, or a repr
    (re.compile(rf"\b({_NAMES})(=['\"]?|['\"] ?: ?['\"])(?!\[hidden)[^\s'\"&,;}})]{{8,}}"), rf"\1\2{HIDDEN}"),
    # Okta's links that set a password
    (re.compile(r"(https?://[\w.:-]+/(?:welcome|tokens|reset_password|signin/reset-password)/)[\w-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)", re.DOTALL), HIDDEN),
    # keys with a vendor's prefix: of AWS, GitHub, GitLab, Slack, OpenAI, Anthropic, Google, Stripe
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), HIDDEN),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk-|AIza|[rs]k_(?:live|test)_)[\w-]{16,}"), HIDDEN),
    # written in plain text, as people do: “password: x”, “pin = 1234”, vpnPassword='x'
    (
        re.compile(
            r"(?i)((?:password|passwd|passphrase|passcode|pwd|secret|(?<![a-z])pin)\b['\"]?\s?[:=]\s?"
            r"(?:\{\s?['\"]value['\"]\s?:\s?)?)"
            # but not a sentence about one: “password: Password requirements were not met”
            r"(?!(?-i:[A-Z][a-z]{0,30} [a-z])|(?:an?|the|it|this|that|no|not|is|are|must|may|send|set|use|ask) )"
            r"(?!['\"]?\[hidden)"
            r"(?:\"[^\"\n]{1,200}\"?|'[^'\n]{1,200}'?|[^\s'\",;{}()\[\]]{1,200})"
        ),
        rf"\1{HIDDEN}",
    ),
    # the private half of a JWK
    (re.compile(r"(\"(?:d|p|q|dp|dq|qi|k)\" ?: ?\")[\w-]{16,}"), rf"\1{HIDDEN}"),
)


def redacted(text: str) -> str:
    """The text with everything that looks like a secret hidden."""
    for shape, shown in _SHAPES:
        text = shape.sub(shown, text)
    return text


_SECRET_NAME = re.compile(
    rf"(?i)(?:{_NAMES}|pin|.*(?:password|passwd|passphrase|passcode|pwd|secret|token|api_?key|private_?key"
    r"|(?:recovery|security)_?answer|(?-i:[_-]pin|[a-z0-9]Pin|[_-]PIN)))"
)
"""The names of attributes, columns and headers that hold secrets, with any prefix: vpnPassword."""


def redacted_values(value: Any) -> Any:
    """The value with everything hidden that looks like a secret or has a secret's name."""
    if isinstance(value, str):
        return redacted(value)
    if _is_pair(value):
        return {"name": value["name"], "value": redacted_values({value["name"]: value["value"]})[value["name"]]}
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if _SECRET_NAME.fullmatch(name) and inner else redacted_values(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted_values(inner) for inner in value]
    return value


def _is_pair(value: Any) -> bool:
    """Whether it is a name-value pair, as arguments may hold attributes."""
    return isinstance(value, Mapping) and set(value) == {"name", "value"} and isinstance(value["name"], str)


_IDENTITY = frozenset(
    ("id", "login", "email", "secondemail", "firstname", "lastname", "middlename", "displayname", "name")
)
"""The attributes that identify people and groups, as `_plain` writes them: a record without them is useless."""


def redacted_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded details of a change, with secrets hidden but its targets always shown."""
    return {
        name: inner
        if name == "targets"
        else _except_identity(inner)
        if isinstance(inner, Mapping)
        else redacted_values(inner)
        for name, inner in details.items()
    }


def _except_identity(values: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, inner in values.items():
        if _plain(name) in _IDENTITY:
            shown[name] = inner
        elif isinstance(inner, Mapping):
            shown[name] = HIDDEN if _SECRET_NAME.fullmatch(name) else _except_identity(inner)
        else:
            shown[name] = redacted_values({name: inner})[name]
    return shown


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()
