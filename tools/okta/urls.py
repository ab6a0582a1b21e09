"""Which org URLs are accepted: the address of an org, over TLS, and nothing else."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from tools.okta.errors import InvalidInput

_HOST = re.compile(r"[a-z0-9.:_-]+")
"""Names in ASCII, as certificates have them, and addresses of either version."""


def org_url(text: str) -> str:
    """The org's URL in one spelling: scheme and host, no trailing slash.

    Raises:
        InvalidInput: it is not https (loopback aside), is an admin console's address, or holds more than a host.
    """
    text = text.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        host, port = "", None
    if not _HOST.fullmatch(host) or any(c.isspace() or not c.isprintable() for c in text):
        raise _refused(text, "is not an org's address", "https://dev-12345.okta.com")
    name, dot, domain = host.partition(".")
    plain = f"{name.removesuffix('-admin')}{dot}{domain}"
    netloc = f"[{plain}]" if ":" in plain else plain
    right = (
        f"{'http' if parts.scheme == 'http' and is_loopback(host) else 'https'}://{netloc}{f':{port}' if port else ''}"
    )
    if parts.scheme not in ("http", "https"):
        raise _refused(text, "is not an https address", right)
    if parts.scheme == "http" and not is_loopback(host):
        raise _refused(text, "is not https: tokens would be sent unprotected", right)
    if plain != host:
        raise _refused(text, "is the address of the Admin Console", right)
    if parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _refused(text, "contains more than an org's address", right)
    return right


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, reached without a network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(text: str, why: str, right: str) -> InvalidInput:
    shown = "".join(c for c in text if c.isprintable())[:100].rpartition("@")[2]
    return InvalidInput(f"The org URL {shown} {why}.", code="invalid_org_url", next_step=f"Use {right}")
