"""What a model pays, in tokens of o200k_base, before anybody has said a word, and for finding an action."""

import json
import subprocess
from collections.abc import Iterable
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import interop
from connected_org import Org
from ledger import run
from server.door.actions import ACTIONS
from server.mcp.tools import tool
from server.media.models import for_model
from server.program import Program
from tools.elsewhere import NOT_HERE
from tools.text.tokens import most_tokens
from worlds import LISTED, phrasings, word

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("_installed")]

ALL_AT_FIRST = 5_000
"""The tools that are listed, with the instructions."""
FIND_AND_RUN = 1_000
"""Find and run alone, with the instructions."""
INSTRUCTIONS = 400
ANSWER = 1_500
"""An answer of find_actions."""
COUNT = """
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { readFileSync } from 'node:fs'
console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(text => countTokens(text))))
"""


@pytest.fixture
def _installed() -> None:
    interop.needed()


def tokens(*texts: str) -> list[int]:
    command = [str(interop.NODE), "--input-type=module", "--eval", COUNT]
    ran = subprocess.run(
        command, input=json.dumps(texts), cwd=interop.HOME / "node", capture_output=True, text=True, check=True
    )
    counts: list[int] = json.loads(ran.stdout)
    return counts


def listed(names: Iterable[str]) -> str:
    shown = [tool(ACTIONS[name]).model_dump(mode="json", by_alias=True, exclude_none=True) for name in names]
    return json.dumps(shown, separators=(",", ":"), ensure_ascii=False)


def test_what_every_request_begins_with_is_small() -> None:
    instructions = resources.files("prompts").joinpath("instructions.md").read_text("utf-8")
    alone = [name for name in LISTED if ACTIONS[name].neutral]
    told, everything, three = tokens(instructions, listed(LISTED), listed(alone))
    assert told <= INSTRUCTIONS
    assert told + everything <= ALL_AT_FIRST
    assert told + three <= FIND_AND_RUN


@given(texts=st.lists(st.text(min_size=300, max_size=900), min_size=1, max_size=4))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_texts_of_any_characters_have_no_more_tokens_than_is_reckoned_with(texts: list[str]) -> None:
    written = [json.dumps(text, ensure_ascii=False) for text in texts]
    over = [text for text, count in zip(written, tokens(*written), strict=True) if count > 1.15 * most_tokens(text)]
    assert over == []


async def test_no_answer_and_no_part_of_an_export_is_longer_than_it_may_be(program: Program, org: Org) -> None:
    for number in range(80):
        org.create(
            f"{number}.{word()}@example.com", nickName=f"{word()} {number} " * 60, title=f"Ünïcode 部長 {word()}"
        )
    found = await run(program, "search_users", limit=200, fields=["login", "name", "nickName", "title"])
    export = await run(program, "export_users", fields=["login", "name", "nickName", "title"])
    parts = [await run(program, "read_export", id=export["id"], part=part + 1) for part in range(export["parts"])]
    told = [json.dumps(one, separators=(",", ":"), ensure_ascii=False) for one in (found, *parts)]
    answer, *read = tokens(*told)
    assert answer <= 10_000
    assert max(read) <= 8_000


async def test_how_many_people_there_are_costs_few_tokens(program: Program) -> None:
    counted = await run(program, "count_users", group_id="Sales", never_signed_in=True)
    (count,) = tokens(json.dumps(for_model(counted), separators=(",", ":"), ensure_ascii=False))
    assert count <= 200


async def test_an_answer_of_find_is_small_whatever_is_looked_for(program: Program) -> None:
    queries = [query for asked in phrasings().values() for query in asked] + [one.what for one in NOT_HERE]
    answers = [await run(program, "find_actions", query=query, limit=10) for query in queries]
    texts = [json.dumps(answer, separators=(",", ":"), ensure_ascii=False) for answer in answers]
    assert {query: count for query, count in zip(queries, tokens(*texts), strict=True) if count > ANSWER} == {}
