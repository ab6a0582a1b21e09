"""The sandbox against recordings of the real Okta, where they are at hand.

Three things that no answer can make up for are put back before a conversation is replayed, as an administrator would do
it: the custom attributes that the recorded org had from before, the names that roles had at the time, and the session
token that the recorder blacked out.
"""

import json
import runpy
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from server.sandbox.running import RunningSandbox

_ABOVE = Path(__file__).resolve().parents[3:]
RECORDINGS = next((found for above in _ABOVE if (found := above / "shared" / "okta-wire").is_dir()), None)
LEAST = {
    # Family of paths: how many of a hundred recorded answers are the same, at the least.
    "users": 97,
    "users/{id}": 97,
    "users/{id}/lifecycle": 97,
    "users/{id}/credentials": 100,
    "users/{id}/groups": 97,
    "users/{id}/roles": 100,
    "users/{id}/linkedObjects": 100,
    "users/{id}/risk": 100,
    "users/{id}/blocks": 100,
    "users/{id}/appLinks": 100,
    "users/{id}/sessions": 100,
    "groups": 97,
    "groups/{id}": 97,
    "groups/{id}/users": 97,
    "groups/{id}/roles": 100,
    "groups/{id}/owners": 100,
    "groups/rules": 97,
    # In one conversation two requests crossed, and Okta lost what one of them removed: 5 answers.
    "meta (schemas/types)": 96.9,
    "sessions": 100,
    "authn": 100,
    ".well-known": 100,
    "logs": 100,
}
ROLES_RENAMED = datetime(2023, 5, 1, tzinfo=UTC)
"""April 2023 is the last month in which a recording has the older names, July the first with the newer ones."""
BLACKED_OUT = "REDACTED_sessionToken"

Line = dict[str, Any]


def conversations() -> list[list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    assert RECORDINGS is not None  # else the test is skipped
    for text in (RECORDINGS / "corpus.dev.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        found.setdefault((line["source"], line["case"]), []).append(line)
    return [
        sorted(lines, key=lambda line: line["seq"])
        for lines in found.values()
        if any(line["family"] in LEAST for line in lines)
    ]


def attributes_of_before(lines: list[Line]) -> dict[str, dict[str, Any]]:
    """By schema, the custom attributes that its first answer shows and that the conversation did not add."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line["path"].endswith(("/schemas/user/default", "/schemas/group/default")) and line["path"] not in found:
            sent = ((line["request_body"] or {}).get("definitions") or {}).get("custom") or {}
            held = line["response_body"]["definitions"]["custom"]["properties"]
            found[line["path"]] = {name: held[name] for name in held.keys() - sent.get("properties", {}).keys()}
    return {path: attributes for path, attributes in found.items() if attributes}


@pytest.fixture
def replay() -> Iterator[Any]:
    if RECORDINGS is None:
        pytest.skip("the recordings of the real Okta are not beside this folder")
    # The harness is a file of its own beside the recordings, not a package.
    made = runpy.run_path(str(RECORDINGS / "replay.py"))
    with RunningSandbox(api_token="t") as running:
        replay = made["Replay"](running.url, "t", timeout=30)
        replay.org = running.org
        yield replay


def played(replay: Any, lines: list[Line]) -> Iterator[tuple[Line, str, list[str]]]:
    """Each line of a conversation with its verdict and the differences."""
    first = parsedate_to_datetime(lines[0]["date"]) if lines[0]["date"] else datetime.now(UTC)
    replay.org.older_role_labels = first < ROLES_RENAMED
    before = attributes_of_before(lines)
    for path, attributes in before.items():
        sent = {"definitions": {"custom": {"properties": attributes}}}
        assert replay.send("POST", path, None, sent)[0] == 200
    person: Line = {}
    for line in lines:
        if line["path"] == "/api/v1/users" and line["method"] == "POST":
            person = line["request_body"]
        if line["path"] == "/api/v1/authn":
            password = person["credentials"]["password"]["value"]
            line["request_body"] = {"username": person["profile"]["login"], "password": password}
            line["request_body_source"] = "restored"
            signed_in = replay.send("POST", line["path"], None, line["request_body"])[2]
            replay.ids[BLACKED_OUT] = json.loads(signed_in)["sessionToken"]
        yield line, *replay.step(line)
    for path, attributes in before.items():
        replay.send("POST", path, None, {"definitions": {"custom": {"properties": dict.fromkeys(attributes)}}})
    replay.clean_up()


def test_every_family_answers_like_the_real_okta(replay: Any) -> None:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    differences: Counter[str] = Counter()
    for lines in conversations():
        for line, verdict, found in played(replay, lines):
            counted[line["family"]][verdict] += 1
            if verdict == "different" and line["family"] in LEAST:
                differences.update(f"{line['method']} {line['path_template']}: {each}" for each in found)
    figures = {
        family: 100 * counts["same"] / max(1, counts["same"] + counts["different"])
        for family, counts in counted.items()
    }
    short = {family: figures.get(family, 0) for family, least in LEAST.items() if figures.get(family, 0) < least}
    assert short == {}, "\n".join(f"{count} × {text}" for text, count in differences.most_common(20))
