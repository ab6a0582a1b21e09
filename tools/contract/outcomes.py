"""What is observed before an action runs, and what it answers."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from tools.text.lines import bounded


class Observed(BaseModel):
    """The state of a target, read from Okta once per round; a confirmation is sealed to it."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True)

    def seal(self) -> str:
        """The part of the state that a person's confirmation depends on."""
        return self.model_dump_json()


class Output(BaseModel):
    """An answer of an action. What is not known is left out of it when it is sent, rather than null.

    Values are as the directory has them, up to a length; whoever shows an answer takes it through the door of that
    medium.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _cut_all_text(cls, values: Any) -> Any:
        return bounded(values)


class Outcome(Output):
    """What every write answers: how it went. Failures are errors, never an outcome.

    `would` and `asks` are of a dry run: what it would do, and whether a person must confirm it.
    """

    success: bool = Field(description="False if not confirmed.")
    changed: bool = Field(description="False if nothing had to change.")
    change_id: str | None = Field(None, description="For undo_change.")
    message: str | None = None
    # What a person answered and what a dry run says is in no schema: it is read, and nothing is built on it.
    answer: SkipJsonSchema[str | None] = None
    dry_run: SkipJsonSchema[bool | None] = None
    would: SkipJsonSchema[str | None] = None
    asks: SkipJsonSchema[bool | None] = None

    @classmethod
    def done(cls, **values: Any) -> Self:
        """It was done."""
        return cls(success=True, changed=True, **values)

    @classmethod
    def unchanged(cls, **values: Any) -> Self:
        """There was nothing to do: the target was already in the wanted state."""
        return cls(success=True, changed=False, **values)

    def facts(self) -> dict[str, Any]:
        """What Okta answered about the facts that the change is about, for the record."""
        return {}

    def made(self) -> tuple[str, str] | None:
        """The id and name of the object it created, if any."""
        return None
