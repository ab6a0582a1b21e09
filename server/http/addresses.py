"""Which addresses may be served, and the names by which clients reach them."""

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
"""Limit on connections that the system queues until they are accepted."""


@dataclass(frozen=True)
class Address:
    """The served address. `names` are further names for it, with one port or for any."""

    host: str
    port: int
    names: tuple[str, ...] = ()

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def admits(self, authority: str) -> bool:
        """Whether a `Host`, or the host and port of an `Origin`, is one of ours.

        Another site's page can point its own name at us, but cannot claim an IP address or localhost.
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
        # If the host is a name or an unspecified address, all of the machine's addresses are meant.
        served = _literal(self.host)
        return (served is None or served.is_unspecified) and _literal(host) is not None

    def described(self) -> str:
        """The names to use, told to a client that used another one."""
        return ", ".join(dict.fromkeys((self.authority, *self.names)))


def require_safe(host: str, *, authenticated: bool, private: bool) -> None:
    """Refuse an address at which strangers could connect or read along.

    `private`: the traffic between clients and us is encrypted, by us or by a proxy in front.

    Raises:
        InvalidInput: other machines could connect without a token, or the token would travel in plain text.
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
    """A listener for each address to which clients may resolve the host.

    Raises:
        InvalidInput: one of them is unavailable. Another program there would be sent our clients' tokens.
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
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it answers take 40 ms longer.
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
    """Further names as given, each a host or a host with a port.

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
    """Host and port, normalized; no host if the text is anything else."""
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
