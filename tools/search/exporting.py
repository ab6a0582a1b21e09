"""Exports: lists read as far as one call should go, to be kept and read elsewhere instead of being answered."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from tools.contract.arguments import ActionInput
from tools.contract.exported import ExportFormat, ExportMade, Into, parted
from tools.objects.attribute_names import OWN
from tools.okta.client import OktaClient
from tools.search.cursors import LONGEST, Place, cursor, place
from tools.search.people import PeopleFilters, explaining, listed
from tools.search.rows import DEFAULT, FieldName, PersonRow
from tools.search.walking import Bound, walk

MOST_ROWS = 10_000
"""Rows after which a call exports no further: some 20 s of Okta's lists, which is how long clients wait."""


class ExportInput(ActionInput):
    """The arguments of an action that exports."""

    format: ExportFormat = Field("csv", description="csv, or jsonl for JSON Lines.")
    cursor: Annotated[str, Field(max_length=LONGEST)] | None = Field(
        None, description="next_cursor of the previous call, to continue the export; send the same arguments."
    )

    def query(self, okta: OktaClient) -> tuple[str, ...]:
        """What a cursor is bound to: the org, and every other argument."""
        return (type(self).__name__, okta.org_url, self.model_dump_json(exclude={"cursor"}))

    @property
    def into(self) -> Into | None:
        """The export that the call goes on with."""
        return parted(self.cursor)[0] if self.cursor is not None else None

    def begin(self, okta: OktaClient) -> Place:
        """Where the call begins to read.

        Raises:
            InvalidInput: the cursor is invalid, or belongs to another call.
        """
        return place(parted(self.cursor)[1], *self.query(okta)) if self.cursor is not None else Place()

    def next_cursor(self, okta: OktaClient, end: Place | None) -> str | None:
        return cursor(end, *self.query(okta)) if end is not None else None


class ExportsPeople(ExportInput):
    fields: list[FieldName] = Field(
        [],
        max_length=60,
        description="Columns after id, instead of the default ones; custom attributes as profile.NAME.",
    )

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.fields)) or DEFAULT


async def export_people(request: ExportsPeople, filters: PeopleFilters, okta: OktaClient) -> ExportMade:
    """Everybody whom the filters find, from the cursor on, as far as one call goes.

    Raises:
        InvalidInput: the cursor is invalid, or see `listed`. RateLimited: Okta lets nothing be read now.
    """
    rows: list[dict[str, Any]] = []
    begin = request.begin(okta)
    end: Place | None = begin
    with explaining():
        listing = await listed(filters, okta, first=begin == Place())
        async for page in walk(okta, listing, begin, Bound()):
            rows += [_row(entry, request.shown) for entry in page.entries]
            end = page.end
            if len(rows) >= MOST_ROWS:
                break
    columns = ("id", *(field for field in request.shown if field != "id"))
    return ExportMade.of(rows, columns, request.format, request.into, request.next_cursor(okta, end))


def _row(entry: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """A person with a value for each column that is set."""
    shown = PersonRow.of(entry, fields).model_dump(mode="json", exclude_none=True)
    own = shown.pop("attributes", {})
    return shown | {field: own[name] for field in fields if (name := field.removeprefix(OWN)) in own}
