"""Numbers of things in sentences."""


def counted(count: int, one: str) -> str:
    """How many there are: `no members`, `1 member`, `1,200 members`. `one` is the singular."""
    return f"{f'{count:,}' if count else 'no'} {one}{'s' * (count != 1)}"
