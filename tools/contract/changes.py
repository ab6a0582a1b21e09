"""How calls name recorded changes."""

from typing import Annotated

from pydantic import Field

from tools.contract.arguments import Named, Reference
from tools.contract.kinds import Finder, Sources
from tools.contract.record import Change
from tools.okta.errors import NotFound


async def _find(text: str, sources: Sources) -> Change:
    if sources.record is None:
        raise NotFound("No changes are recorded here.")
    return await sources.record.find(text)


ChangeRef = Annotated[
    Named, Reference(Finder(Change, _find)), Field(description="A change_id.", coerce_numbers_to_str=True)
]
