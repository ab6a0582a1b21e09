"""What whoever runs this should know of the policy file: that it is gone, or that it is made weaker."""

from contextlib import suppress

from server.program import Program
from server.settings import Settings
from tools.okta.errors import ActionError

CHOICE = "policy file"
"""Under which name the store remembers where the file was that held."""


async def remarks(program: Program) -> list[str]:
    """What is amiss, in sentences; nothing where a file holds as it is, or there never was one."""
    settings, book = program.settings, program.connections.book
    if settings.memory_only:
        return [*weaker(settings)]
    if settings.has_policy_file:
        with suppress(ActionError):  # what is wrong with the store is said by whoever needs it
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
