"""When somebody got an application or joined a group, and who did it, from the System Log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.contract.sight import may_be_seen
from tools.logs.events import SOMEBODY
from tools.logs.filters import KEPT_DAYS
from tools.okta.client import OktaClient
from tools.okta.expressions import quoted
from tools.search.first_pages import FirstPage, first_page
from tools.text.lines import cut, readable

LONGEST_ACTOR = 120
_JOINED, _GOT, _GIVEN = (
    "group.user_membership.add",
    "application.user_membership.add",
    "group.application_assignment.add",
)


async def read_events(okta: OktaClient, user: str, application: str | None, group: str | None) -> FirstPage | None:
    """The last events in which the person joined the group, or any group, or got the application, newest first.

    Those in which groups were assigned the application are among them. None where this connection may not read them.
    """
    of_group = f" and target.id eq {quoted(group)}" if group else ""
    wanted = [f"eventType eq {quoted(_JOINED)} and target.id eq {quoted(user)}{of_group}"]
    if application is not None:
        wanted.append(
            f"eventType eq {quoted(_GOT)} and target.id eq {quoted(user)} and target.id eq {quoted(application)}"
        )
        wanted.append(f"eventType eq {quoted(_GIVEN)} and target.id eq {quoted(application)}")
    # Whole days, so that the same call asks the same.
    since = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
    return await first_page(
        okta,
        "logs",
        filter=" or ".join(f"({one})" for one in wanted),
        since=f"{since:%Y-%m-%dT00:00:00.000Z}",
        sortOrder="DESCENDING",
    )


@dataclass(frozen=True)
class Origin:
    """When something came to be, and by whom; None is not known."""

    since: str | None = None
    by: str | None = None


async def joined(events: FirstPage | None, group: str) -> Origin:
    return await _made(events, _JOINED, group)


async def got(events: FirstPage | None, application: str) -> Origin:
    return await _made(events, _GOT, application)


async def given(events: FirstPage | None, group: str) -> Origin:
    return await _made(events, _GIVEN, group)


async def _made(events: FirstPage | None, kind: str, target: str) -> Origin:
    """The last event of this kind about an object."""
    for event in events.entries if events else ():
        if event.get("eventType") == kind and target in _ids(event.get("target")):
            return Origin(event.get("published"), await _actor(event.get("actor")))
    return Origin()


def _ids(targets: Any) -> Iterable[str]:
    return [str(one.get("id")) for one in targets if isinstance(one, dict)] if isinstance(targets, list) else []


async def _actor(actor: Any) -> str | None:
    """Who did it, as the log has them: a name and a login, or the name of a program."""
    if not isinstance(actor, dict):
        return None
    name, login = str(actor.get("displayName") or ""), str(actor.get("alternateId") or "")
    if actor.get("type") != "User":
        return cut(readable(name or login), LONGEST_ACTOR) or None
    if not await may_be_seen(str(actor.get("id")), {"login": login}):
        return SOMEBODY
    return cut(readable(f"{name} <{login}>".strip()), LONGEST_ACTOR)
