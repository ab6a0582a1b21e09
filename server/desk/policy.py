"""What whoever runs this should know of the policy file: that it is gone, or that variables make it weaker."""

from contextlib import suppress

from server.program import Program
from server.settings import PREFIX
from tools.okta.errors import ActionError

CHOICE = "policy file"
"""Under which name the store remembers where the file was that held."""


async def remarks(program: Program) -> list[str]:
    """What is amiss, in sentences; nothing where a file holds as it is, or there never was one."""
    settings, book = program.settings, program.connections.book
    if settings.memory_only:
        return [*weaker(program)]
    if settings.has_policy_file:
        with suppress(ActionError):  # what is wrong with the store is said by whoever needs it
            await book.remember(CHOICE, str(settings.policy))
        return [*weaker(program)]
    with suppress(ActionError):
        if before := await book.remembered(CHOICE):
            return [
                f"The policy file {before} held here before, and there is none now: the defaults hold for what no "
                f"variable sets. Put it back, or, if that is meant, an empty file at {settings.policy}."
            ]
    return []


def weaker(program: Program) -> list[str]:
    settings = program.settings
    return [
        f"{PREFIX}{rule.upper()} makes the rule {rule} weaker than the policy file {settings.policy} does."
        for rule in settings.weakened
    ]
