"""Events of the System Log, and how answers show them: one row each, made of text that anybody may have written."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ConfigDict

from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.objects.ids import USER_ID
from tools.text.lines import cut, readable, short_name
from tools.text.redaction import HIDDEN

LONGEST_DEVICE = 80
"""Characters shown of what a client calls itself."""
LONGEST_REASON = 300
MOST_TARGETS = 6
SOMEBODY = "somebody whom this server does not manage"
_ADDRESS = re.compile(r"(?<!\S)\S*@\S*")
_NUMBER = re.compile(r"\+?\d[\d ()./-]*+")
_FEWEST_DIGITS = 7
"""What may be an address or a phone number: values of attributes, which rules may hide."""
_CONTACTS = ("email", "secondEmail", "mobilePhone", "primaryPhone")
_KINDS = {"User": "", "UserGroup": "group", "AppInstance": "application", "AppUser": "application user"}


@dataclass(frozen=True)
class Party:
    """Who did something, or whom or what it was done to."""

    id: str
    type: str
    login: str
    name: str

    @classmethod
    def of(cls, entry: Any) -> "Party":
        id, type, login, name = (_text(entry, key) for key in ("id", "type", "alternateId", "displayName"))
        return cls(id, type, login, name)

    @property
    def is_person(self) -> bool:
        """Whether it is a person, whoever they are: a failed sign-in names whoever was typed, who need not exist."""
        return self.type in ("User", "AppUser") or USER_ID.fullmatch(self.id) is not None

    @property
    def label(self) -> str:
        """`Jane Doe <jane.doe@example.com>`, as people are shown everywhere; `group Sales`, `application Slack`."""
        # Nobody's name may look like a login.
        name = short_name(self.name.replace("<", "").replace(">", ""))
        if self.type == "User":
            login = readable(self.login)
            return f"{name} <{login}>".lstrip() if login and login != "unknown" else name or self.id
        return f"{_KINDS.get(self.type, readable(self.type)[:40])} {_without_contacts(name or self.id)}".strip()

    def shown(self, *, with_ids: bool) -> str:
        return f"{self.label} ({readable(self.id)[:60]})" if with_ids and self.id else self.label


@dataclass(frozen=True)
class Event:
    """An event as the System Log API returns one. `masked`: who did it may not be seen, nor from where."""

    entry: Any
    masked: bool = False

    @cached_property
    def actor(self) -> Party:
        return Party.of(_inside(self.entry, "actor"))

    @cached_property
    def targets(self) -> tuple[Party, ...]:
        listed = _inside(self.entry, "target")
        return tuple(Party.of(one) for one in listed) if isinstance(listed, list) else ()

    @property
    def parties(self) -> tuple[Party, ...]:
        return (self.actor, *self.targets)

    @property
    def uuid(self) -> str:
        return _text(self.entry, "uuid")

    @property
    def published(self) -> str:
        return _text(self.entry, "published")

    @property
    def type(self) -> str:
        return _text(self.entry, "eventType")

    @property
    def result(self) -> str:
        return _text(self.entry, "outcome", "result")

    @property
    def reason(self) -> str:
        return _text(self.entry, "outcome", "reason")

    @property
    def shown_reason(self) -> str:
        return _without_contacts(cut(readable(self.reason), LONGEST_REASON))

    @property
    def ip(self) -> str:
        return _text(self.entry, "client", "ipAddress")

    @property
    def country(self) -> str:
        return _text(self.entry, "client", "geographicalContext", "country")

    @property
    def city(self) -> str:
        return _text(self.entry, "client", "geographicalContext", "city")

    @property
    def place(self) -> str:
        return ", ".join(short_name(one) for one in (self.city, self.country) if one)

    @property
    def device(self) -> str:
        """What the client is: as Okta read it, or as it calls itself where Okta could not."""
        browser, system = (_text(self.entry, "client", "userAgent", key) for key in ("browser", "os"))
        read = [one for one in (browser, system) if one and one.upper() != "UNKNOWN"]
        told = " on ".join(read) or _text(self.entry, "client", "userAgent", "rawUserAgent")
        return cut(readable(told), LONGEST_DEVICE)

    @property
    def zone(self) -> str:
        found = _text(self.entry, "client", "zone")
        return "" if found == "null" else found

    def debug(self, key: str) -> str:
        """One of the values that Okta adds for troubleshooting, such as `factor` or `behaviors`."""
        return _text(self.entry, "debugContext", "debugData", key)


class EventRow(Output):
    """time and type; message, outcome, reason, actor, targets, ip, place, device and uuid where they say something."""

    # Its fields are in no schema: they speak for themselves, and a model would pay for them on every request.
    model_config = ConfigDict(frozen=True, extra="allow")

    @classmethod
    def of(cls, event: Event, *, with_ids: bool = False) -> "EventRow":
        told = {
            "time": event.published,
            "type": event.type,
            "message": _without_contacts(cut(readable(_text(event.entry, "displayMessage")), LONGEST_REASON)),
            "outcome": event.result,
            "reason": event.shown_reason,
            "actor": SOMEBODY if event.masked else event.actor.shown(with_ids=with_ids),
            "targets": _shown(event, with_ids=with_ids),
            **({} if event.masked else {"ip": event.ip, "place": event.place, "device": event.device}),
            "uuid": event.uuid if with_ids else "",
        }
        return cls(**{key: value for key, value in told.items() if value})

    @property
    def text(self) -> str:
        """All that it shows, to look for words in."""
        shown = self.model_dump(exclude_none=True)
        shown["targets"] = " ".join(shown.get("targets", ()))
        return " ".join(map(str, shown.values())).casefold()


def _shown(event: Event, *, with_ids: bool) -> list[str] | None:
    """The targets without the actor where they did it to themselves, and without accounts beside their people."""
    named = any(one.type == "User" for one in event.targets)
    told = [
        one.shown(with_ids=with_ids)
        for one in event.targets
        if not (named and one.type == "AppUser") and not (one.id == event.actor.id and one.type == "User")
    ]
    more = len(told) - MOST_TARGETS
    return [*told[:MOST_TARGETS], *([f"and {more} more"] if more > 0 else [])] or None


def _without_contacts(text: str) -> str:
    """Text that is nobody's name, without what may be the value of a hidden attribute."""
    if not any(map(sight().hides, _CONTACTS)):
        return text
    return _NUMBER.sub(_unless_short, _ADDRESS.sub(HIDDEN, text))


def _unless_short(number: re.Match[str]) -> str:
    return HIDDEN if sum(map(str.isdecimal, number[0])) >= _FEWEST_DIGITS else number[0]


def _inside(entry: Any, *keys: str) -> Any:
    for key in keys:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry


def _text(entry: Any, *keys: str) -> str:
    found = _inside(entry, *keys)
    return found if isinstance(found, str) else ""
