"""Text that other people wrote, in every medium: 5,000 hostile names through each door."""

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from markdown_it import MarkdownIt
from mcp.types import TextContent
from pydantic import BaseModel

from hostile import PIECES, PLAIN, code_of, names, never_shows
from server.agent.backoff import Again
from server.agent.model import ModelError
from server.agent.session import CallOutcome, Made
from server.agent.turn import Finished, Report, Started
from server.cli.report import fail
from server.cli.screen import BAR, Screen
from server.cli.showing import show
from server.door.door import Refusal, Result
from server.door.question import LONGEST, Parts
from server.evaluation.report import table
from server.logs import _Redacting
from server.mcp.answers import render
from server.media import terminal
from server.media.flowing import Flowing
from server.media.json_text import in_json
from server.media.markdown import plain, written
from server.media.measure import INDENT, cells
from server.media.models import DATA, for_model, marked
from server.policy.caller import Caller, ClientInfo, Principal
from tools.objects.groups import Group
from tools.objects.profile import UserDetails
from tools.objects.users import User
from tools.okta.errors import ActionError
from tools.search.rows import GroupRow, PeoplePage, PersonRow
from tools.text.lines import LONGEST_TEXT, readable, visible

ALL = list(names(5000))
SOME = [*ALL[: len(PIECES)], *ALL[len(PIECES) :: 8]]
"""For what is made of several doors, each of which takes them all."""
CHUNK = 250


def person(name: str) -> User:
    profile = {"firstName": name, "lastName": "Doe", "login": f"{name}@example.com", "title": name, "department": name}
    return User(id="00u00000000000000000", status=f"ACTIVE{name[:5]}", profile=profile)


def group(name: str) -> Group:
    return Group(id="00g00000000000000000", type=name[:20], profile={"name": name, "description": name})


def nothing_hides(shown: str, *, lines: bool = True) -> None:
    """No character moves the cursor, turns the line or shows nothing; line breaks are the program's own.

    So are tabs between cells, where there is no terminal.
    """
    wrong = [c for c in shown if never_shows(c) and not (lines and c in "\n\t")]
    assert not wrong, (wrong[:3], shown[:300])


def all_there(name: str, shown: str) -> None:
    """Each character that does not show stands there as its code."""
    missing = {c for c in name if never_shows(c)} - {c for c in name if code_of(c) in shown}
    assert not missing, (missing, name, shown[:300])


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")


# What shows, and what people are called


def test_names_that_people_have_stay_as_they_are_in_every_medium() -> None:
    for name in PLAIN:
        assert visible(name) == readable(name) == name
        assert name in in_json([name])
        assert for_model({"name": name})["name"] == name
        assert written(plain(name)) == name
        assert name in render(Result(PeoplePage(users=[PersonRow.of(wire(name), ["name"])]))).content[0].text  # type: ignore[union-attr]
        assert f"“{name}”" == group(name).label, "a question shows it without codes"


def wire(name: str) -> dict[str, Any]:
    return {"id": "00u00000000000000000", "status": "ACTIVE", "profile": {"firstName": name, "login": "a@example.com"}}


def test_what_hides_in_a_name_is_told_from_what_belongs_there() -> None:
    for name, shown in {
        "Jo\u200dhn": "Jo\\u200dhn",
        "é\u200cé": "é\\u200cé",
        "\u200d👩": "\\u200d👩",
        "A\ufe0f": "A\\ufe0f",
        "😀\ufe0f\ufe0f\U000e0101": "😀\ufe0f\\ufe0f\\U000e0101",
        "Z" + "\u0301" * 6: "Z" + "\u0301" * 4 + "\\u0301\\u0301",
        "\U000e0041": "\\U000e0041",
        "a\nb\tc": "a\\nb\\tc",
    }.items():
        assert visible(name) == shown
        assert visible(shown) == shown


def test_an_escape_is_never_escaped_again() -> None:
    for name in ALL:
        assert visible(visible(name)) == visible(name)


# The terminal


def outputs(name: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """All that the command line and the chat show line by line."""
    made = Made(name, {"user_id": name}, outcome=CallOutcome.REFUSED, text=f"{name}\n{name}")
    change = {"id": name, "summary": name, "outcome": name, "undoable": False, "why_not": name}
    screen = Screen(sys.stdout, sys.stdout, "/undo")
    yield "line", lambda: terminal.say(f"org: {name}")
    yield "start", lambda: screen.tell(Started(made))
    yield "end", lambda: screen.tell(Finished(Made("x", {}, outcome=CallOutcome.REFUSED, text=name)))
    yield "again", lambda: screen.tell(Again(ModelError(name), 1.0))
    yield "report", lambda: screen.report(Report(error=ActionError(name, next_step=name), changes=[change]))


def test_no_line_of_the_terminal_is_anybody_elses(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a name holds, the lines are as many, and begin as, those of a plain name."""
    expected = {}
    for what, put in outputs("Jane"):
        put()
        expected[what] = capsys.readouterr().out.splitlines()
    for at, name in enumerate(ALL):
        for place, (what, put) in enumerate(outputs(name)):
            if at > len(PIECES) and at % len(expected) != place:
                continue
            put()
            shown = capsys.readouterr().out
            nothing_hides(shown)
            lines = shown.split("\n")[:-1]
            assert len(lines) <= len(expected[what]) + (what == "end"), (what, shown)
            assert all(
                line[:2] == like[:2] for line, like in zip(lines, expected[what], strict=False) if like[:1] != "J"
            )


def test_a_line_shows_all_of_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ALL:
        terminal.say(name)
        terminal.note(name)
        out, err = capsys.readouterr()
        assert out == err
        nothing_hides(out)
        assert out.count("\n") == 1
        all_there(name, out)


def test_what_goes_on_in_the_next_line_of_a_terminal_is_indented(narrow: None) -> None:
    for name in ALL:
        out = Tty()
        terminal.say(f"It is called “{name}”.", to=out)
        first, *rest = out.getvalue().split("\n")[:-1]
        assert first.startswith("It is called")
        assert all(line.startswith(INDENT) for line in rest)
        assert all(cells(line) <= 60 for line in (first, *rest))
        nothing_hides(out.getvalue())
        kept = "".join(out.getvalue().split())
        assert kept == "".join(f"It is called “{visible(name)}”.".split())


def test_a_model_that_talks_stays_behind_its_bar(narrow: None) -> None:
    for name in ALL:
        out = Tty()
        said = Flowing(out, BAR)
        for at in range(0, len(name), 7):
            said.take(name[at : at + 7])
        said.end()
        lines = out.getvalue().split("\n")
        assert lines.pop() == ""
        assert all(line.startswith(BAR) for line in lines), lines
        assert all(cells(line) <= 60 for line in lines)
        nothing_hides(out.getvalue())
        all_there(name.replace("\n", "").replace("\t", ""), out.getvalue().replace(f"\n{BAR}", ""))


def test_tables_show_all_of_every_cell(capsys: pytest.CaptureFixture[str], narrow: None) -> None:
    for at in range(0, len(SOME), CHUNK):
        chunk = [name[:60] for name in SOME[at : at + CHUNK]]
        terminal.say_table(("id", "name"), [(f"n{place}", name) for place, name in enumerate(chunk)], title=chunk[0])
        terminal.say_grid((f"n{place}", name) for place, name in enumerate(chunk[::4]))
        shown = capsys.readouterr().out
        nothing_hides(shown)
        assert all(re.match(r"(n\d+|id)\t", line) for line in shown.split("\n")[:-1])
        joined = "".join(shown.split())
        for name in chunk:
            assert "".join(visible(name).split()) in joined, name


def test_answers_of_actions_are_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for at in range(0, len(SOME), CHUNK):
        chunk = SOME[at : at + CHUNK]
        rows = [PersonRow.of(person(name[:40]).model_dump(by_alias=True, mode="json"), ["name"]) for name in chunk]
        show(PeoplePage(users=rows).model_dump(mode="json", exclude_none=True))
        nothing_hides(capsys.readouterr().out)
    for name in SOME[::8]:
        show(UserDetails.of(person(name)).model_dump(mode="json", exclude_none=True))
        shown = capsys.readouterr().out
        nothing_hides(shown)
        all_there(name, "".join(shown.split()))


def test_an_error_is_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for name in SOME:
        error = ActionError(f"No {name}", causes=(name,), next_step=f"Ask for {name}", okta_request_id=name)
        with pytest.raises(BaseException):  # noqa: B017
            fail(error)
        shown = capsys.readouterr().err
        nothing_hides(shown)
        assert shown.count("\n") == 2
        assert shown.split("\n")[1].startswith("Next: ")


def test_a_line_of_the_log_is_one() -> None:
    written = _Redacting("%(levelname)s %(message)s")
    for name in SOME:
        record = logging.LogRecord("mcp", logging.WARNING, "x", 1, "Client %s called", (name,), None)
        line = written.format(record)
        nothing_hides(line, lines=False)
        try:
            raise ValueError(name)
        except ValueError:
            record = logging.LogRecord("x", logging.ERROR, "x", 1, "Failed", (), sys.exc_info())
        nothing_hides(written.format(record))


def test_an_evaluation_that_fails_is_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    counted = {"runs": 1, "passed": 0, "pass^k": {}, "unwanted": 0, "calls": 1, "tokens": 1, "seconds": 1.0}
    failures = [{"kind": "answer", "text": name} for name in ALL[:200]]
    scenario = {"scenario": "a/b", **counted, "failures": failures}
    columns, rows = table({"repeat": 1, "scenarios": [scenario], "kinds": {"a": counted}, **counted})
    terminal.say_table(columns, rows, whole=columns[:1], right=columns[1:-1])
    nothing_hides(capsys.readouterr().out)


# Questions


def test_a_question_is_as_many_lines_as_it_has_facts() -> None:
    for name in SOME:
        parts = Parts(
            headline=f"Deactivate {person(name).address}.",
            consequences=(f"{name} loses access.",),
            details=(f"Person: {person(name).described}.", f"title “{name}”."),
            place=f"Connection: {name}.",
            lately=(f"Named {name}.",),
            reason=f"Reason given: “{name}”.",
        )
        assert len(parts.lines) <= 6
        assert len(parts.text()) <= LONGEST
        assert parts.text().count("\n") < len(parts.lines)
        nothing_hides(parts.text())
        nothing_hides(parts.sentences(), lines=False)


MARKUP = re.compile(r"(?<!\\)(?:\]\(|(?<=[a-z]):(?=//)|(?<=www)\.)|(?<!\\)\$.*(?<!\\)\$")
RENDERED = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(text: str) -> str:
    """What a client shows that renders Markdown, which must be a paragraph of text and nothing else."""
    kinds = {token.type: token for token in RENDERED.parse(text)}
    assert kinds.keys() == {"paragraph_open", "inline", "paragraph_close"}, text
    parts = kinds["inline"].children or []
    assert {part.type for part in parts} <= {"text", "text_special", "softbreak"}, text
    return "".join(part.content or "\n" for part in parts)


def test_a_form_that_renders_markdown_shows_no_link_image_or_markup() -> None:
    for name in (
        *ALL,
        "*a* _b_ `c` ~~d~~",
        "[a][b] [b]: x [^1]",
        "||x||",
        "a\\](http://x)",
        "&amp; &#60;",
        "<a@b.example>",
    ):
        form = plain(f"Deactivate “{name}”.", f"They lose “{name}”.")
        nothing_hides(form)
        assert form.count("\n") == 1
        assert not MARKUP.search(form), form
        assert [line.rstrip(" ") for line in rendered(form).split("\n")] == written(form).split("\n")
        assert written(form).split("\n")[0] == f"Deactivate “{written(visible(name))}”." or "\\" in name


@pytest.mark.parametrize(
    "name",
    [
        "R&D_team",
        "C++",
        "#help",
        "a*b",
        "[EU] Sales",
        "AT&T",
        "jane_doe@example.com",
        "US$5",
        "x < y",
        "~20",
        "_all",
        "a|b",
    ],
)
def test_a_form_that_renders_no_markdown_shows_ordinary_names_as_they_are(name: str) -> None:
    assert plain(f"Add them to the group “{name}”.") == f"Add them to the group “{name}”."


# Models and programs


class Answer(BaseModel):
    name: str
    lists: list[dict[str, list[str]]]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_a_model_reads_all_of_a_name_as_data() -> None:
    for name in ALL:
        result = render(Result(Answer(name=name, lists=[{name: [name]}]), notes=(name,)))
        answer, note = result.content
        assert isinstance(answer, TextContent)
        assert isinstance(note, TextContent)
        assert json.loads(answer.text) == result.structured_content
        assert result.structured_content is not None
        assert result.structured_content["note"] == DATA
        assert result.structured_content["name"] == visible(name)[:LONGEST_TEXT]
        for text in (answer.text, note.text, *texts(result.structured_content), *texts(dict(result.meta or {}))):
            nothing_hides(text, lines=False)
        all_there(name, result.structured_content["name"])


def test_a_refusal_is_two_lines_for_a_model() -> None:
    for name in SOME:
        refused = render(Refusal(ActionError(f"No group is named “{name}”.", next_step=f"Ask for {name}.")))
        (text,) = refused.content
        assert isinstance(text, TextContent)
        nothing_hides(text.text)
        assert text.text.count("\n") == 1
        for inner in texts(dict(refused.meta or {})):
            nothing_hides(inner, lines=False)


def test_what_a_function_answers_is_marked_as_data_once() -> None:
    for name in ALL:
        told = marked(f"one: {name}")
        nothing_hides(told)
        assert DATA in told
        assert marked(told) == told


def test_json_is_exact_and_shows_all_that_it_holds() -> None:
    indented = set(SOME)
    for name in ALL:
        value = {name: [name, {"x": name}], "n": 1}
        for indent in (None, 2) if name in indented else (None,):
            text = in_json(value, indent)
            nothing_hides(text, lines=indent is not None)
            assert text.count("\n") == (8 if indent else 0)
            back = json.loads(text)
            # Two halves of a character beside each other are the character in JSON: Python alone tells them apart.
            assert back == value or "\ud800\udfff" in name
            assert text.encode()


def test_who_calls_is_named_in_one_line() -> None:
    for name in SOME:
        shown = readable(str(Caller(Principal("x", name), "stdio", ClientInfo(name, name))))
        nothing_hides(shown, lines=False)
        all_there(name, shown)


def test_rows_of_groups_hold_what_the_directory_says() -> None:
    for name in SOME:
        entry = {"id": "00g00000000000000000", "type": "OKTA_GROUP", "profile": {"name": name, "description": name}}
        assert GroupRow.of(entry).name == name, "a program gets it as it is"
        label = group(name).label
        nothing_hides(label, lines=False)
        assert label.count("“") == label.count("”") == 1


def test_there_are_enough_names_and_each_is_of_another_kind() -> None:
    assert len(ALL) == 5000
    assert set(PIECES) <= set(ALL)
