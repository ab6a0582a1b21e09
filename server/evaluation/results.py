"""Results of runs, and the file to which they are written during an evaluation."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from server.evaluation.judging import FailedCheck
from server.evaluation.scenario import Scenario
from server.media.json_text import shown
from tools.okta.errors import InvalidInput


class Run(BaseModel):
    """One run. `seconds` are those of the conversation, without the setup of the world.

    `broken_off`: it ended with an error that may not recur, such as a model server that was down.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str
    edition: str
    model: str
    attempt: int
    failures: list[FailedCheck]
    broken_off: bool = False
    calls: int
    rounds: int
    tokens: int
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.failures

    @property
    def unwanted(self) -> int:
        return sum(failure.kind == "unwanted" for failure in self.failures)


class Results:
    """The runs so far, in a JSON Lines file if they are to outlast the process."""

    def __init__(self, file: Path | None = None) -> None:
        """Raises InvalidInput if the file does not hold results, or cannot be written."""
        self._file = file
        self._runs: dict[tuple[str, str, str, int], Run] = {}
        if file is None:
            return
        try:
            file.touch()
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file} cannot hold results: {error}.", code="no_results") from None
        for number, line in enumerate(text.splitlines(), 1):
            try:
                self._keep(Run.model_validate_json(line))
            except ValidationError:
                raise InvalidInput(
                    f"Line {number} of {file} is no result of an evaluation.",
                    code="no_results",
                    next_step="Remove the line if a process died while it wrote it, or name another file.",
                ) from None

    def add(self, run: Run) -> None:
        self._keep(run)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{shown(run.model_dump_json())}\n")

    def find(self, scenario: Scenario, model: str, attempt: int) -> Run | None:
        """The finished run; one that was broken off must be repeated."""
        run = self._runs.get((scenario.full_name, scenario.edition, model, attempt))
        return run if run is not None and not run.broken_off else None

    def of(self, scenarios: Iterable[Scenario], model: str, repeat: int) -> dict[str, list[Run]]:
        """The runs of an evaluation, by scenario."""
        keys = {
            one.full_name: [(one.full_name, one.edition, model, attempt) for attempt in range(1, repeat + 1)]
            for one in scenarios
        }
        return {name: [self._runs[key] for key in wanted if key in self._runs] for name, wanted in keys.items()}

    def _keep(self, run: Run) -> None:
        self._runs[run.scenario, run.edition, run.model, run.attempt] = run
