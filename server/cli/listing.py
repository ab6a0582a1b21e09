"""`okta-actions actions` and `okta-actions policy`: what there is, and what may be done with it."""

import anyio

from server.desk.actions import ActionShown
from server.desk.actions import actions as offered
from server.desk.policy import InForce, meanings
from server.desk.policy import policy as in_force
from server.media.json_text import in_json
from server.media.terminal import note, say_grid, say_json, say_table
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load


def actions(connection: str | None, as_json: bool) -> None:
    async def ask() -> list[ActionShown]:
        async with Program(load(connection=connection)) as program:
            return await offered(program, at_the_command_line())

    found = anyio.run(ask)
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    rows = [
        (
            one.action,
            one.toolset,
            one.effect,
            "" if one.asks == "never" else one.asks,
            one.undone_by or "",
            " ".join(one.scopes),
            one.reason or "yes",
        )
        for one in found
    ]
    say_table(("action", "toolset", "effect", "asks", "undone by", "scopes", "offered"), rows)
    # How to switch the others on, said once for each reason.
    for step in dict.fromkeys(one.next_step for one in found if one.next_step):
        note(f"Next: {step}")


def policy(as_json: bool) -> None:
    """The rules as they apply now."""

    async def ask() -> InForce:
        async with Program(load()) as program:
            return await in_force(program)

    rules = anyio.run(ask)
    meaning = meanings()
    if as_json:
        say_json(rules.model_dump(mode="json"))
    else:
        values = {name: getattr(rules, name) for name in meaning}
        shown = {name: ", ".join(one) if isinstance(one, tuple) else in_json(one) for name, one in values.items()}
        say_grid((name, value or "none", rules.sources[name], meaning[name]) for name, value in shown.items())
    note(
        f"The policy file is {rules.policy_file}."
        if rules.has_policy_file
        else f"No policy file at {rules.policy_file}: defaults, where no variable sets anything else."
    )
    for remark in rules.remarks:
        note(remark)
    for entry in rules.unmatched:
        note(f"{entry.told} ({entry.connection}, {entry.org_url})")
    if rules.not_looked_up:
        note(rules.not_looked_up)
