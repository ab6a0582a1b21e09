"""Which events a caller may see, where rules hide people or attributes.

Where the rule managed_users names the only people who may be seen, an event is shown if every person to whom it was
done is one of them. Who did it is masked if they are not; if it was done to nobody, they must be. What is searched for
by more than people and kinds must be told by what is shown, for it would otherwise confirm a guess about the rest: an
event with anybody masked is then left out, and so is one whose hidden parts alone hold the words.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from tools.contract.sight import Ids, sight
from tools.logs.events import Event, EventRow
from tools.logs.filters import LogFilters
from tools.objects.ids import USER_ID
from tools.okta.client import OktaClient
from tools.okta.expressions import Compare, Either, written

AT_ONCE = 50
"""People who are asked about in one request."""


def restricted() -> bool:
    """Whether rules hide any part of the log."""
    return sight().people is not None or sight().hides_any


def hidden_note() -> str:
    """What is said of every answer where rules hide something, whether or not it was in this one."""
    return "The rules of this server leave out some of the log." if restricted() else ""


async def seen(okta: OktaClient, request: LogFilters, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Those of the events that the caller may see, with whom they may not see masked."""
    if sight().people is not None:
        ids = await _people(okta, (one.id for event in events for one in event.parties))
        told = (_as_seen(event, ids) for event in events)
        events = tuple(event for event in told if event is not None and not (event.masked and guesses(request)))
    if request.text is not None and restricted():
        words = request.text.casefold().split()
        events = tuple(event for event in events if all(word in EventRow.of(event).text for word in words))
    return events


def guesses(request: LogFilters) -> bool:
    """Whether a search asks for more than people and kinds, so that any trace of what is hidden confirms it."""
    return any(one is not None for one in (request.filter, request.text, request.ip))


def _as_seen(event: Event, ids: Ids) -> Event | None:
    done_to = [one for one in event.targets if one.is_person]
    # The account of a person in an application stands beside the person.
    whole = [one for one in done_to if one.type != "AppUser"] or done_to
    if any(one.id not in ids for one in whole):
        return None
    if not event.actor.is_person or event.actor.id in ids:
        return event
    return replace(event, masked=True) if whole else None


async def _people(okta: OktaClient, ids: Iterable[str]) -> Ids:
    """Those of these people who may be seen."""
    people = sight().people
    assert people is not None
    wanted = sorted({id for id in ids if USER_ID.fullmatch(id)})

    async def asked(some: tuple[str, ...]) -> Ids:
        search = written(Either(tuple(Compare("id", "eq", id) for id in some)))
        return await people(await okta.get("users", search=search, limit=200))

    return frozenset[str]().union(*await asyncio.gather(*map(asked, _batches(wanted))))


def _batches(ids: list[str]) -> list[tuple[str, ...]]:
    return [tuple(ids[at : at + AT_ONCE]) for at in range(0, len(ids), AT_ONCE)]
