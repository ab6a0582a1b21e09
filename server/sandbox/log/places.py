"""Where a request comes from: what its address and its user agent tell.

Real addresses tell nothing here. The ranges that are kept for documentation (RFC 5737) are the offices, homes and
strangers of the demo org, and of whatever a test makes of them.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, ip_address, ip_network
from typing import Any, TypeVar


@dataclass(frozen=True)
class Locality:
    city: str
    state: str | None
    country: str
    postal_code: str
    latitude: float
    longitude: float
    carrier: str
    number: int
    """Of the autonomous system."""
    domain: str
    proxy: bool = False

    @property
    def geography(self) -> dict[str, Any]:
        return {
            "city": self.city,
            "state": self.state,
            "country": self.country,
            "postalCode": self.postal_code,
            "geolocation": {"lat": self.latitude, "lon": self.longitude},
        }

    @property
    def security(self) -> dict[str, Any]:
        return {
            "asNumber": self.number,
            "asOrg": self.carrier,
            "isp": self.carrier,
            "domain": self.domain,
            "isProxy": self.proxy,
        }


_Told = TypeVar("_Told")
_OFFICE = ("example corp", 64500, "example.com")
_PLACES: tuple[tuple[IPv4Network, Locality], ...] = tuple(
    (IPv4Network(network), place)
    for network, place in (
        ("192.0.2.0/26", Locality("Chicago", "Illinois", "United States", "60601", 41.88, -87.63, *_OFFICE)),
        ("192.0.2.64/26", Locality("Berlin", "Berlin", "Germany", "10115", 52.53, 13.38, *_OFFICE)),
        ("192.0.2.128/26", Locality("Tokyo", "Tokyo", "Japan", "100-0001", 35.68, 139.75, *_OFFICE)),
        ("192.0.2.192/26", Locality("Dublin", "Leinster", "Ireland", "D02", 53.34, -6.26, *_OFFICE)),
        (
            "203.0.113.0/24",
            Locality(
                "Chicago",
                "Illinois",
                "United States",
                "60614",
                41.92,
                -87.65,
                "example broadband",
                64501,
                "example.net",
            ),
        ),
        (
            "198.51.100.0/24",
            Locality(
                "Reykjavik", None, "Iceland", "101", 64.15, -21.94, "example hosting", 64511, "hosting.example", True
            ),
        ),
    )
)
_NOWHERE: dict[str, Any] = {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None}
_BROWSERS = {"edg/": "EDGE", "firefox/": "FIREFOX", "chrome/": "CHROME", "safari/": "SAFARI"}
_SYSTEMS = {
    "iphone": ("iOS (iPhone)", "Mobile"),
    "ipad": ("iOS (iPad)", "Tablet"),
    "android": ("Android", "Mobile"),
    "windows nt 10": ("Windows 10", "Computer"),
    "mac os x": ("Mac OS X", "Computer"),
    "ubuntu": ("Ubuntu", "Computer"),
    "linux": ("Linux", "Computer"),
}


@dataclass(frozen=True)
class Client:
    """Where a request came from. `addresses` begins with the person's own; the others passed it on."""

    addresses: tuple[str, ...]
    agent: str = "unknown"
    zone: str | None = None
    """The network zones that the address is in, by name."""
    device_id: str | None = field(default=None)

    @property
    def address(self) -> str:
        return self.addresses[0]

    def described(self) -> dict[str, Any]:
        system, device = _first(_SYSTEMS, self.agent, ("Unknown", "Unknown"))
        return {
            "userAgent": {
                "rawUserAgent": self.agent,
                "os": system,
                "browser": _first(_BROWSERS, self.agent, "UNKNOWN"),
            },
            "zone": self.zone or "null",
            "device": device,
            "id": self.device_id,
            "ipAddress": self.address,
            "geographicalContext": geography(self.address),
        }

    def chain(self) -> list[dict[str, Any]]:
        return [
            {
                "ip": address,
                "geographicalContext": geography(address),
                "version": "V6" if ":" in address else "V4",
                "source": None,
            }
            for address in self.addresses
        ]

    def security(self) -> dict[str, Any]:
        place = place_of(self.address)
        return place.security if place else _NOWHERE


def _first(known: dict[str, _Told], agent: str, otherwise: _Told) -> _Told:
    text = agent.lower()
    return next((value for mark, value in known.items() if mark in text), otherwise)


@lru_cache(maxsize=1024)
def place_of(address: str) -> Locality | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return next((place for network, place in _PLACES if found in network), None)


def geography(address: str) -> dict[str, Any] | None:
    place = place_of(address)
    return place.geography if place else None


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def within(address: str, range: str) -> bool:
    """Whether an address is in a range: `first-last`, in CIDR notation, or one address."""
    try:
        found = ip_address(address)
        first, _, last = range.partition("-")
        if last:
            ends = ip_address(first.strip()), ip_address(last.strip())
            return found.version == ends[0].version and int(ends[0]) <= int(found) <= int(ends[1])
        return found in ip_network(range.strip(), strict=False)
    except ValueError:
        return False


def is_range(text: str) -> bool:
    """Whether a text is a range of addresses in one of the ways that zones have them."""
    first, _, last = text.partition("-")
    if last:
        return is_address(first.strip()) and is_address(last.strip())
    try:
        ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return True


_FORWARDED = re.compile(r"[^,\s]+")


def forwarded(header: str) -> tuple[str, ...]:
    """The addresses of an `X-Forwarded-For` header, the person's own first."""
    return tuple(part for part in _FORWARDED.findall(header) if is_address(part))
