"""What the program keeps of its actions, so that start-up need not work it out: written anew with `UPDATE_SNAPSHOTS=1`.

`conftest` imports this before anything reads the files.
"""

import json
import os
from pathlib import Path

from tools import catalogue
from tools.contract import schemas
from tools.contract.calls import options

CATALOGUE = Path(catalogue.__file__).with_name(catalogue.KEPT)
SCHEMAS = Path(schemas.__file__).with_name(schemas.KEPT)


def catalogue_as_defined() -> str:
    """The file of the catalogue, as the toolsets define the actions now: a line each."""
    lines = (json.dumps(entry.kept(), ensure_ascii=False) for entry in catalogue.entries())
    return "[\n" + ",\n".join(lines) + "\n]\n"


def schemas_worked_out() -> str:
    """The file of the schemas, as the models are now: a line each."""
    from server.door.actions import OWN  # which reads the catalogue

    actions = (*catalogue.defined().values(), *OWN)
    models = {model for action in actions for model in (action.input, action.output, options(action))}
    made = {schemas.name_of(model): schemas.compact_schema(model.model_json_schema()) for model in models}
    lines = (f"{json.dumps(name)}: {json.dumps(made[name], ensure_ascii=False)}" for name in sorted(made))
    return "{\n" + ",\n".join(lines) + "\n}\n"


if os.environ.get("UPDATE_SNAPSHOTS"):
    CATALOGUE.write_text(catalogue_as_defined(), "utf-8")
    SCHEMAS.write_text(schemas_worked_out(), "utf-8")
