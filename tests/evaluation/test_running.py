"""Running scenarios: worlds, the person, repeats, several at a time, and going on after an interruption."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from evaluations import JANE, behind_the_back, kinds, model_settings, outcome, scenario
from openai_server import KEY, Fails, OpenAIServer, Says, calls
from server.evaluation.judging import FailedCheck
from server.evaluation.person import ScriptedPerson
from server.evaluation.report import pass_hat, summary
from server.evaluation.results import Results, Run
from server.evaluation.running import evaluate, model_name, run_once
from server.evaluation.scenario import OrgState
from server.evaluation.world import a_world
from tools.okta.errors import InvalidInput

pytestmark = pytest.mark.anyio

JOIN = ("add_user_to_group", {"user_id": JANE, "group_id": "Engineering"})
WANTED = {"groups": {"Engineering": {"inside": [JANE]}}}


def numbered(count: int) -> list[Any]:
    return [scenario(["Hello."], name=f"number_{number}") for number in range(count)]


async def test_each_run_has_an_org_and_a_journal_of_its_own() -> None:
    for _ in range(2):
        run = await outcome([{JOIN[0]: JOIN[1]}, "Done."], wanted={**WANTED, "changes": [{"action": JOIN[0]}]})
        assert run.passed


async def test_an_org_is_as_the_scenario_has_it() -> None:
    wanted = OrgState.model_validate(
        {
            "size": 100,
            "groups": [
                {"name": "New", "description": "Of today", "members": [JANE], "grants": "USER_ADMIN"},
                {"name": "Sales", "description": "Sells"},
            ],
            "people": [
                {"login": JANE, "status": "SUSPENDED", "profile": {"title": "Queen"}, "groups": ["Sales"]},
                {
                    "login": "a@example.com",
                    "profile": {"firstName": "A", "lastName": "B"},
                    "factors": [{"type": "push", "device": "A's phone"}, {"type": "sms", "phone": "+1 555 010 4000"}],
                    "answers": "reject",
                },
                {"login": "b@example.com", "status": "STAGED", "profile": {"firstName": "A", "lastName": "B"}},
                {"login": "c@example.com", "status": "DEPROVISIONED", "profile": {"firstName": "A", "lastName": "B"}},
            ],
            "applications": [
                {"label": "Wiki", "people": [JANE], "groups": ["New"]},
                {"label": "Slack", "people": [JANE]},
            ],
            "group_rules": [{"name": "By title", "expression": 'user.title=="King"', "groups": ["Sales"]}],
            "sign_ins": [{"login": JANE, "agent": "Not a browser", "times": 2}],
            "history": [{"suspend_user": {"user_id": "hana.sato@example.com"}}],
        }
    )
    async with a_world(wanted, model_settings()) as world:
        state = world.state()
        ids = {name: id for id, name in state.names.items()}
        assert await world.journal() == []  # what was done before is not the person's
        events = behind_the_back(world, "GET", "/logs?since=2020-01-01T00:00:00Z&sortOrder=DESCENDING&limit=200")
        seen = behind_the_back(world, "GET", "/sandbox/people/a@example.com", root="")
    assert state.facts["group", ids["Sales"], "description"] == "Sells"
    assert state.facts["role", ids["New"], "USER_ADMIN"]
    assert state.facts["member", ids["New"], ids[JANE]]
    assert state.facts["member", ids["Sales"], ids[JANE]]
    assert state.facts["person", ids[JANE], "title"] == "Queen"
    statuses = {name: state.facts["person", ids[name], "status"] for name in ids if "@" in name}
    assert (statuses["a@example.com"], statuses["b@example.com"]) == ("ACTIVE", "STAGED")
    assert (statuses["c@example.com"], statuses[JANE]) == ("DEPROVISIONED", "SUSPENDED")
    assert statuses["hana.sato@example.com"] == "SUSPENDED"
    assert "person30@example.com" in statuses
    held = {
        key[0]: value
        for key, value in state.facts.items()
        if key[1:] in ((ids["Wiki"], ids[JANE]), (ids["Wiki"], ids["New"]))
    }
    assert held.keys() == {"app user", "app group"}
    assert ("app user", ids["Slack"], ids[JANE]) in state.facts
    assert state.facts["rule", ids["By title"], "status"] == "ACTIVE"
    factors = sorted(str(value) for key, value in state.facts.items() if key[:2] == ("factor", ids["a@example.com"]))
    assert [one.split()[0] for one in factors] == ["push", "sms", "token:software:totp"]
    assert "A's phone" in factors[0]
    assert seen["always"]["answer"] == "reject"
    failed = [event for event in events if event["client"]["userAgent"]["rawUserAgent"] == "Not a browser"]
    assert [(event["eventType"], event["outcome"]["result"]) for event in failed] == [
        ("user.session.start", "FAILURE")
    ] * 2


async def test_an_org_that_cannot_be_ends_the_evaluation_and_names_the_scenario() -> None:
    impossible = scenario(["No."], org={"people": [{"login": JANE, "groups": ["Astronauts"]}]})
    with pytest.raises(InvalidInput, match=r"tests/a_test: .*no group Astronauts"):
        await evaluate([impossible], model_settings(), Results(), script="good")


async def test_nothing_of_the_persons_own_rules_is_in_it() -> None:
    run = await run_once(scenario([{JOIN[0]: JOIN[1]}, "Done."], wanted=WANTED), model_settings(read_only=True), "good")
    assert run.passed


def test_a_person_replies_where_it_fits_and_then_goes_on() -> None:
    person = ScriptedPerson(
        scenario(["No."], says=["One.", "Two."], replies=[{"to": "sales", "say": "Sales."}, {"say": "Yes."}])
    )
    said = [person.next(), person.next("Engineering or Sales?"), person.next("Sales？"), person.next("Sales?")]
    assert said == ["One.", "Sales.", "Yes.", "Two."]
    assert person.next("Anything else?") is None


async def test_a_dialogue_has_a_turn_for_each_message() -> None:
    plays = ["Which one?", {JOIN[0]: JOIN[1]}, "Done.", {"lookup_user": {"user_id": JANE}}, "Nothing else."]
    run = await outcome(plays, says=["Put Jane in.", "And?"], replies=[{"say": "Engineering."}], wanted=WANTED)
    assert (run.passed, run.rounds, run.calls) == (True, 5, 2)


async def test_a_model_behind_an_api_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIServer(calls(JOIN), Says("She is in.")) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        run = await run_once(scenario(["No."], wanted=WANTED), model_settings(model="gpt-test"))
    assert (run.passed, run.tokens) == (True, 200)
    assert run.model == f"gpt-test (responses, {urlsplit(model.url).netloc})"
    assert run.seconds > 0


async def test_a_model_that_is_refused_fails_the_run_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIServer(Fails(400, message="No such thing.")) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        run = await run_once(scenario(["No."]), model_settings())
    assert kinds(run) == ["error"]
    assert not run.broken_off


async def test_a_model_that_cannot_even_be_opened_fails_the_run_and_is_tried_again() -> None:
    run = await run_once(scenario(["No."]), model_settings(model_api="script", model="/nowhere"))
    assert kinds(run) == ["error"]
    assert "not a model script" in run.failures[0].text
    assert run.broken_off


async def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    ran: list[str] = []
    for count, repeat in ((2, 1), (3, 1), (3, 2), (3, 2)):
        await evaluate(
            numbered(count),
            model_settings(),
            Results(file),
            script="good",
            repeat=repeat,
            tell=lambda run: ran.append(f"{run.scenario}:{run.attempt}"),
        )
    assert sorted(ran) == [f"tests/number_{number}:{attempt}" for number in range(3) for attempt in (1, 2)]
    assert len(file.read_text().splitlines()) == 6


async def test_another_model_or_wording_is_run_anew(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    (one,) = numbered(1)
    await evaluate([one], model_settings(), results, script="good")
    assert results.find(one, "script good", 1)
    assert results.find(one, "script bad", 1) is None
    assert results.find(scenario(["Hello."], name="number_0", calls=4), "script good", 1) is None


def test_a_model_of_the_same_name_elsewhere_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    for url, api in (("", "responses"), ("", "chat"), ("http://me:secret@localhost:1/v1", "chat")):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        names.append(model_name(model_settings(model="m", model_api=api), None))
    assert names == ["m (responses, api.openai.com)", "m (chat, api.openai.com)", "m (chat, localhost:1)"]


async def test_a_world_that_breaks_ends_its_run_and_not_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    results, ran = Results(), list[Run]()

    def tell(run: Run) -> None:
        ran.append(run)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    await evaluate(numbered(2), model_settings(), results, script="good", tell=tell)
    assert [(run.passed, run.broken_off) for run in ran] == [(False, True), (True, False)]
    assert "FileNotFoundError" in ran[0].failures[0].text


def made(passed: bool, attempt: int = 1, broken_off: bool = False, name: str = "number_0") -> Run:
    failures = [] if passed else [FailedCheck(kind="unwanted", text="x")]
    (one,) = [one for one in numbered(3) if one.name == name]
    return Run(
        scenario=one.full_name,
        edition=one.edition,
        model="m",
        attempt=attempt,
        failures=failures,
        broken_off=broken_off,
        calls=3,
        rounds=2,
        tokens=100,
        seconds=1.5,
    )


def test_a_run_that_was_broken_off_is_tried_again_and_the_newest_counts(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    results.add(made(passed=False, broken_off=True))
    assert Results(tmp_path / "results.jsonl").find(numbered(1)[0], "m", 1) is None
    results.add(made(passed=True))
    again = Results(tmp_path / "results.jsonl")
    assert again.of(numbered(1), "m", 1)["tests/number_0"] == [made(passed=True)]


@pytest.mark.parametrize("text", ["{}\n", "no\n", '{"scenario": "cut off in the mid'])
def test_a_file_of_something_else_is_refused_in_a_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text(text)
    with pytest.raises(InvalidInput, match="Line 1 of"):
        Results(file)
    with pytest.raises(InvalidInput, match="cannot hold results"):
        Results(tmp_path)


async def test_several_run_at_a_time() -> None:
    results, order = Results(), list[str]()
    await evaluate(
        numbered(3), model_settings(), results, script="good", parallel=3, tell=lambda run: order.append(run.scenario)
    )
    assert sorted(order) == [f"tests/number_{number}" for number in range(3)]
    assert all(run.passed for runs in results.of(numbered(3), "script good", 1).values() for run in runs)


def test_pass_hat_k_is_the_share_of_the_choices_of_k_runs_that_all_passed() -> None:
    assert [pass_hat(2, 3, k) for k in (1, 2, 3)] == [pytest.approx(2 / 3), pytest.approx(1 / 3), 0.0]
    assert pass_hat(3, 3, 3) == 1.0


def test_the_summary_counts_for_each_scenario_each_kind_and_all() -> None:
    runs = {
        "tests/number_0": [made(True, 1), made(False, 2)],
        "tests/number_1": [made(True, 1, name="number_1"), made(True, 2, name="number_1")],
        "others/number_2": list[Run](),
    }
    told = json.loads(json.dumps(summary("m", runs, 2)))
    assert (told["model"], told["repeat"], told["runs"], told["passed"], told["success"]) == ("m", 2, 4, 3, 0.75)
    assert told["pass^k"] == {"1": 0.75, "2": 0.5}
    assert (told["unwanted"], told["calls"], told["tokens"], told["seconds"]) == (1, 12, 400, 6.0)
    assert [one["scenario"] for one in told["scenarios"]] == list(runs)
    assert told["scenarios"][0]["failures"] == [{"kind": "unwanted", "text": "x"}]
    assert told["kinds"]["tests"]["passed"] == 3
    assert (told["kinds"]["others"]["runs"], told["kinds"]["others"]["success"]) == (0, None)
