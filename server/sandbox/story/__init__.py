"""What happened in the demo org in the fortnight before it was opened, as its System Log tells it.

It is written when the log is first read, so that orgs whose log nobody reads start without it; its times are those of
the moment when the org was made.
"""

import json
import random

from starlette.responses import Response

from server.sandbox.endpoints import ApiCall, Endpoint
from server.sandbox.log import list_events
from server.sandbox.log.tables import insert
from server.sandbox.org import Org
from server.sandbox.story import attack, changes, everyday, trouble
from server.sandbox.story.telling import Story

_DUE = "story"


def promise(org: Org) -> None:
    """Have it told when the log is first read."""
    org.database.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", _DUE, json.dumps(org.clock()))


def forget(org: Org) -> None:
    """Nothing happened: the log begins with what is done from now on."""
    org.database.run("DELETE FROM facts WHERE name = ?", _DUE)


def tell(org: Org) -> None:
    """Write it into the log, if it is still due."""
    row = org.database.one("SELECT value FROM facts WHERE name = ?", _DUE)
    if row is None:
        return
    with org.database.transaction():
        forget(org)
        story = Story(org, json.loads(row["value"]), random.Random(16))  # noqa: S311 - the same story every time
        for part in (everyday, trouble, changes, attack):
            part.tell(story)
        insert(org.database, sorted(story.events, key=lambda event: str(event["published"])))


def _list_events(call: ApiCall) -> Response:
    tell(call.org)
    return list_events(call)


ENDPOINTS = [Endpoint("GET", "/api/v1/logs", _list_events, "okta.logs.read")]
