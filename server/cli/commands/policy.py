"""`okta-actions policy`: shows the rules in force."""

from server.cli.options import AsJson
from server.cli.output import Shape, cell, show_one
from server.cli.running import desk
from server.desk.policy import InForce, meanings
from server.desk.policy import policy as in_force
from server.media.json_text import in_json
from server.media.tables import Column
from server.media.terminal import note, say_table

COLUMNS = (
    Column("rule", whole=True, keep=True),
    Column("value", keep=True),
    Column("source", whole=True, rank=20),
    Column("meaning", rank=10),
)


def command(as_json: AsJson = False) -> None:
    """Show the rules in force, and where they come from.

    Each with its value, whether that comes from a variable, the policy file or is the default, and what it means.
    """
    rules = desk(in_force)
    show_one(rules, Shape.of(as_json), lambda: _draw(rules))
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


def _draw(rules: InForce) -> None:
    rows = []
    for name, meaning in meanings().items():
        value = getattr(rules, name)
        shown = cell(list(value)) if isinstance(value, tuple) else in_json(value) if value != {} else ""
        rows.append((name, shown or "none", rules.sources[name], meaning))
    say_table(COLUMNS, rows)
