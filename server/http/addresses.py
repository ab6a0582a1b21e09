"""Which addresses may be served, and under which names clients call what is served there."""

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from server.machine import loopback
from tools.okta.errors import InvalidInput
from tools.okta.urls import is_loopback

QUEUE = 1024
"""How many connections the system holds until they are accepted."""


@dataclass(frozen=True)
class Address:
    """What is served. `names` are further names for it, with a port or for any."""

    host: str
    port: int
    names: tuple[str, ...] = ()

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def admits(self, authority: str) -> bool:
        """Whether a `Host`, or the host and port of an `Origin`, is one of ours.

        A page of somebody else's can point its own name at us, but never gets at an IP address or at localhost.
        """
        host, port = _split(authority)
        if not host:
            return False
        for name, wanted in map(_split, self.names):
            if host == name and wanted in (None, port):
                return True
        if port != self.port and not (port is None and self.port in (80, 443)):
            return False
        if host == _plain(self.host):
            return True
        if is_loopback(self.host):
            return is_loopback(host)
        # Where any of the machine's addresses is served, or a name, all of its addresses are meant.
        served = _literal(self.host)
        return (served is None or served.is_unspecified) and _literal(host) is not None

    def described(self) -> str:
        """The names to call it by, for whoever called it by another."""
        return ", ".join(dict.fromkeys((self.authority, *self.names)))


def require_safe(host: str, *, authenticated: bool, private: bool) -> None:
    """Refuse an address on which anybody could come in, or read along.

    `private`: what is between the clients and us is encrypted, by us or by a proxy in front.

    Raises:
        InvalidInput: other machines could come in without a token, or the token would travel in plain text.
    """
    if is_loopback(host):
        return
    if not authenticated:
        raise InvalidInput(
            f"Not started: {host} can be reached from other machines, and --no-auth admits anyone.",
            next_step="Omit --no-auth, or serve on 127.0.0.1.",
        )
    if not private:
        raise InvalidInput(
            f"Not started: {host} can be reached from other machines, and the token would be sent unencrypted.",
            code="unencrypted",
            next_step="Pass --tls-cert and --tls-key, or --behind-proxy if a proxy in front terminates HTTPS; "
            "or serve on 127.0.0.1.",
        )


def listeners(host: str, port: int) -> list[socket.socket]:
    """A listener for each address that clients may take the host for.

    Raises:
        InvalidInput: one of them cannot be had. Somebody else there would be sent our clients' tokens.
    """
    opened: list[socket.socket] = []
    for address in loopback.BOTH if host == "localhost" else (host,):
        try:
            opened.append(_listener(address, port))
        except OSError as error:
            if opened and loopback.is_missing(error):
                continue
            for one in opened:
                one.close()
            raise InvalidInput(
                f"Port {port} of {address} cannot be used: {error.strerror or error}.",
                code="port_taken",
                next_step="Stop the program that uses it, or choose another port with --port.",
            ) from None
    return opened


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it answers wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(QUEUE)
    except OSError:
        listener.close()
        raise
    return listener


def names_of(hosts: Collection[str]) -> tuple[str, ...]:
    """Further names as they were given, each a host or a host with a port.

    Raises:
        InvalidInput: one of them is neither.
    """
    for name in hosts:
        if not _split(name)[0]:
            raise InvalidInput(
                f"“{name[:100]}” is not a valid host name.",
                code="invalid_setting",
                next_step="Use a host name, with or without a port: okta-actions.example.com",
            )
    return tuple(hosts)


def _split(authority: str) -> tuple[str, int | None]:
    """Host and port in one spelling; no host where it is not just that."""
    if not authority.isascii() or any(mark in authority for mark in "@/?#\\ \t"):
        return "", None
    try:
        parts = urlsplit(f"//{authority}")
        return _plain(parts.hostname or ""), parts.port
    except ValueError:
        return "", None


def _plain(host: str) -> str:
    literal = _literal(host)
    return str(literal) if literal is not None else host.lower().removesuffix(".")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
