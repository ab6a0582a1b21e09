"""A journal of any length, made as the chain would add its entries, without a transaction for each."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from server.journal.chain import COLUMNS, FORMAT, Chain, Head, Row, dumped
from server.journal.matter import Matter
from server.policy.caller import Caller, Principal

if TYPE_CHECKING:
    from server.store.database import Database

CALLER = Caller(Principal("benchmarks", "someone"), "stdio")
ORG = "https://example.okta.com"
USER, GROUP = "00uABCDEFGHIJKLMNOPQ", "00gABCDEFGHIJKLMNOPQ"
"""Patterns of ids; the one of a person or group ends with their number."""
EVERY = 10.0
"""Seconds from one change to the next."""


@dataclass(frozen=True)
class About:
    """What varies from change to change."""

    user: str = USER
    group: str = GROUP
    action: str = "add_user_to_group"
    connection: str = "default"


def matter(about: About) -> Matter:
    return Matter(
        caller=CALLER,
        connection=about.connection,
        org=ORG,
        identity="Admin <admin@example.com>",
        action=about.action,
        arguments={"user_id": about.user, "group_id": about.group},
        targets=(
            ("user", about.user, "Jane Doe <jane.doe@example.com>"),
            ("group", about.group, "“Engineering”"),
        ),
        before={"member": False},
        wanted={"member": True},
        text="Add Jane Doe <jane.doe@example.com>, ACTIVE, to “Engineering”.",
    )


def fill(database: "Database", chain: Chain, until: int, about: Callable[[int], About] = lambda _: About()) -> None:
    """Add entries up to that one: intents and outcomes in turn, each change about what `about` says of its number."""
    driver = database.driver
    marks = ", ".join("?" * len(Row._fields))
    row, entries = None, _filled(chain, chain.head(database), until, about)
    while some := list(islice(entries, 1000)):
        driver.executemany(f"INSERT INTO journal ({COLUMNS}) VALUES ({marks})", some)
        row = some[-1]
    if row is not None:
        chain._set_head(database, Head(row.sequence, row.mac, (row.sequence + 1) // 2))


def _filled(chain: Chain, head: Head, until: int, about: Callable[[int], About]) -> Iterator[Row]:
    plain = matter(About()).entry("intent", process="4711:123456")
    body, details = dumped(plain.body), dumped(plain.details)
    outcome, nothing = dumped({"ms": 12.3, "requests": ["reqABCDEFGHIJKLMNOPQ"]}), "{}"
    empty, mac, now = chain.digest(nothing), head.mac, time.time()
    for sequence in range(head.sequence + 1, until + 1):
        number = (sequence + 1) // 2
        one = about(number)
        at = now - (until - sequence) / 2 * EVERY
        common = (plain.caller, one.connection, one.action, f"user:{one.user} group:{one.group}")
        if sequence % 2:
            told = details.replace(USER, one.user).replace(GROUP, one.group)
            row = Row(sequence, at, "intent", None, *common, body, chain.digest(told), told, b"", number=number)
        else:
            row = Row(sequence, at, "done", sequence - 1, *common, outcome, empty, nothing, b"")
        row = row._replace(format=FORMAT, org=ORG)
        mac = chain.mac(mac, row)
        yield row._replace(mac=mac)
