"""Recordings of the real Okta, replayed against a sandbox: `python tests/support/recordings.py FILE` prints figures.

Three things that no answer can make up for are put back before a conversation is replayed, as an administrator would do
it: the custom attributes that the recorded org had from before, the names that roles had at the time, and the session
token that the recorder blacked out.
"""

import json
import runpy
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from server.sandbox.running import RunningSandbox

_ABOVE = Path(__file__).resolve().parents[3:]
_NAME = Path("shared", "okta-wire", "corpus.dev.jsonl")
RECORDINGS = next((above / _NAME for above in _ABOVE if (above / _NAME).is_file()), None)
"""Where they are kept beside this folder, if they are."""

ROLES_RENAMED = datetime(2023, 5, 1, tzinfo=UTC)
"""April 2023 is the last month in which a recording has the older names, July the first with the newer ones."""
BLACKED_OUT = "REDACTED_sessionToken"

Line = dict[str, Any]


def conversations(corpus: Path) -> list[list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    for text in corpus.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        found.setdefault((line["source"], line["case"]), []).append(line)
    return [sorted(lines, key=lambda line: line["seq"]) for lines in found.values()]


def attributes_of_before(lines: list[Line]) -> dict[str, dict[str, Any]]:
    """By schema, the custom attributes that its first answer shows and that the conversation did not add."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        schema = line["path"].endswith(("/schemas/user/default", "/schemas/group/default"))
        if schema and line["status"] == 200 and line["path"] not in found:
            sent = ((line["request_body"] or {}).get("definitions") or {}).get("custom") or {}
            held = line["response_body"]["definitions"]["custom"]["properties"]
            found[line["path"]] = {name: held[name] for name in held.keys() - sent.get("properties", {}).keys()}
    return {path: attributes for path, attributes in found.items() if attributes}


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
        if line["path"] == "/api/v1/authn" and line["status"] == 200 and (person or {}).get("credentials"):
            password = person["credentials"]["password"]["value"]
            line["request_body"] = {"username": person["profile"]["login"], "password": password}
            line["request_body_source"] = "restored"
            signed_in = replay.send("POST", line["path"], None, line["request_body"])[2]
            replay.ids[BLACKED_OUT] = json.loads(signed_in)["sessionToken"]
        yield line, *replay.step(line)
    for path, attributes in before.items():
        replay.send("POST", path, None, {"definitions": {"custom": {"properties": dict.fromkeys(attributes)}}})
    replay.clean_up()


@dataclass
class Figures:
    """How many answers of each family were the same, different or skipped, and what the differences were."""

    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    differences: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def percent(self, family: str) -> float:
        counts = self.verdicts[family]
        return 100 * counts["same"] / max(1, counts["same"] + counts["different"])


def replayed(corpus: Path) -> Figures:
    figures = Figures()
    # The harness is a file of its own beside the recordings, not a package.
    harness = runpy.run_path(str(corpus.with_name("replay.py")))
    with RunningSandbox(api_token="t") as running:
        replay = harness["Replay"](running.url, "t", timeout=30)
        replay.org = running.org
        for lines in conversations(corpus):
            for line, verdict, found in played(replay, lines):
                figures.verdicts[line["family"]][verdict] += 1
                if verdict == "different":
                    request = f"{line['method']} {line['path_template']}"
                    figures.differences[line["family"]].update(f"{request}: {each}" for each in found)
    return figures


if __name__ == "__main__":
    figures = replayed(Path(sys.argv[1]))
    for family, counts in sorted(figures.verdicts.items()):
        share = f"{figures.percent(family):.1f} %" if counts["same"] or counts["different"] else "skipped"
        print(f"{family:24} {counts.total():5} requests  {share:>9}")
