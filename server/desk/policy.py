"""The rules in force, where they come from, and any problems, such as variables that weaken them."""

from contextlib import suppress

from server.desk.shown import Shown
from server.desk.unmatched import Unmatched, unmatched
from server.policy.rules import Rules
from server.program import Program
from server.settings import Settings, Source
from tools.okta.errors import ActionError

CHOICE = "policy file"
"""The name under which the store remembers the path of the policy file in force."""


class UnmatchedEntry(Shown):
    """A rule's entry that matches nothing in the connected org."""

    rule: str
    entry: str
    connection: str
    org_url: str
    told: str


class InForce(Rules):
    """Every rule as it applies now, with the source of its value.

    `remarks` describe problems with the sources of the rules. `unmatched` are the entries that match nothing;
    `not_looked_up` says why Okta could not be asked about them.
    """

    sources: dict[str, Source]
    policy_file: str
    has_policy_file: bool
    remarks: list[str]
    unmatched: list[UnmatchedEntry]
    not_looked_up: str | None


def meanings() -> dict[str, str]:
    """What each rule means."""
    return {name: field.description or "" for name, field in Rules.model_fields.items()}


async def policy(program: Program) -> InForce:
    settings = program.settings
    found, why_not = await _unmatched(program)
    rules = {name: getattr(settings, name) for name in Rules.model_fields}
    return InForce.model_construct(
        **rules,
        sources={name: settings.source(name) for name in rules},
        policy_file=str(settings.policy),
        has_policy_file=settings.has_policy_file,
        remarks=await remarks(program),
        unmatched=found,
        not_looked_up=why_not,
    )


async def _unmatched(program: Program) -> tuple[list[UnmatchedEntry], str | None]:
    connection = await program.connections.current()
    if connection is None or connection.needs_sign_in:
        return [], None
    try:
        found = await unmatched(program.settings, await program.connections.client(connection))
    except ActionError as error:
        return [], f"Whom the rules name was not looked up in {connection.org_url}: {error.summary}"

    def entry(one: Unmatched) -> UnmatchedEntry:
        return UnmatchedEntry(
            rule=one.rule, entry=one.entry, connection=connection.name, org_url=connection.org_url, told=str(one)
        )

    return [entry(one) for one in found], None


async def remarks(program: Program) -> list[str]:
    """Problems, in sentences; empty if a file is in force as it is, or there never was one."""
    settings, book = program.settings, program.connections.book
    if settings.memory_only:
        return [*weaker(settings)]
    if settings.has_policy_file:
        with suppress(ActionError):  # whoever needs the store reports its problems
            await book.remember(CHOICE, str(settings.policy))
        return [*weaker(settings)]
    with suppress(ActionError):
        if before := await book.remembered(CHOICE):
            return [
                f"The policy file {before} held here before, and there is none now: the defaults hold for what no "
                f"variable sets. Put it back, or, if that is meant, an empty file at {settings.policy}."
            ]
    return []


def weaker(settings: Settings) -> list[str]:
    return [
        f"{settings.setter(rule)} makes the rule {rule} weaker than the policy file {settings.policy} does."
        for rule in settings.weakened
    ]
