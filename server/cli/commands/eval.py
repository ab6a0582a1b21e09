"""`okta-actions eval`: measures how well a model works with the actions."""

import sys
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Literal

import anyio
import typer

from server.agent.opening import open_model
from server.cli.options import AsJson
from server.cli.report import Exit
from server.evaluation.report import summary, table
from server.evaluation.results import Results, Run
from server.evaluation.running import Script, evaluate, model_name
from server.evaluation.scenario import load_scenarios, own_scenarios
from server.media.terminal import note, say_json, say_table
from server.settings import load


def command(
    only: Annotated[str, typer.Option(help="Scenarios called so: a name, a kind or KIND/NAME; * is anything.")] = "*",
    repeat: Annotated[int, typer.Option(min=1, help="How often each is run.")] = 1,
    parallel: Annotated[int, typer.Option(min=1, help="How many run at a time.")] = 1,
    resume: Annotated[
        Path | None, typer.Option(help="A JSON Lines file of results: what it has is not run again, the rest is added.")
    ] = None,
    scripts: Annotated[
        Literal["good", "bad"] | None, typer.Option(help="Play the scenarios' own scripts instead of asking a model.")
    ] = None,
    scenarios: Annotated[
        Path | None, typer.Option(help="A folder of scenarios. [default: those that come along]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well a model works with the actions.

    Each scenario is a request to an org of its own, embedded here; nothing of yours is touched. The model is that of
    chat. A run passes if the org ends as it must, the journal has nothing else, and the budget of calls was kept; what
    the model said about it does not count. Exit code 0 only if all passed.
    """
    _evaluate(only, scripts, repeat, parallel, resume, scenarios, as_json)


def _evaluate(
    only: str,
    script: Script | None,
    repeat: int,
    parallel: int,
    resume: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    scenarios = load_scenarios(folder or own_scenarios(), only)
    settings, results = load(), Results(resume)
    model = model_name(settings, script)
    wanted, shown = len(scenarios) * repeat, sys.stderr.isatty()
    done = sum(len(runs) for runs in results.of(scenarios, model, repeat).values())

    def tell(run: Run) -> None:
        nonlocal done
        done += 1
        if shown or not run.passed:
            note(f"{done}/{wanted} {run.scenario}: {'passed' if run.passed else run.failures[0].text}")

    async def run() -> None:
        if script is None:
            async with aclosing(open_model(settings)):  # reports missing settings once, before anything starts
                pass
        await evaluate(scenarios, settings, results, script=script, repeat=repeat, parallel=parallel, tell=tell)

    anyio.run(run)
    told = summary(model, results.of(scenarios, model, repeat), repeat)
    if as_json:
        say_json(told)
    else:
        columns, rows = table(told)
        say_table(columns, rows, whole=columns[:1], right=columns[1:-1])
    if told["passed"] < wanted:
        raise typer.Exit(Exit.FAILED)
