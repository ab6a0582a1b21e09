"""What a model pays, in tokens of o200k_base, before anybody has said a word, and for finding an action."""

import json
import subprocess
from collections.abc import Iterable
from importlib import resources

import pytest

import interop
from ledger import run
from server.door.actions import ACTIONS
from server.mcp.tools import tool
from server.program import Program
from tools.elsewhere import NOT_HERE
from worlds import LISTED, phrasings

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


async def test_an_answer_of_find_is_small_whatever_is_looked_for(program: Program) -> None:
    queries = [query for asked in phrasings().values() for query in asked] + [one.what for one in NOT_HERE]
    answers = [await run(program, "find_actions", query=query, limit=10) for query in queries]
    texts = [json.dumps(answer, separators=(",", ":"), ensure_ascii=False) for answer in answers]
    assert {query: count for query, count in zip(queries, tokens(*texts), strict=True) if count > ANSWER} == {}
