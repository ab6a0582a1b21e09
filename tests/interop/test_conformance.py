"""The MCP project's own judges, against our server as a process.

Its conformance suite: every scenario that needs no test tools. Its Inspector's command line, with the lint of tools.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import interop
from surface import COMMAND, HttpServer, environment, free_port
from worlds import LISTED

SUITE = interop.PACKAGES / "conformance" / "dist" / "index.js"
INSPECTOR = interop.HOME / "node" / "node_modules" / ".bin" / "mcp-inspector"
BASELINE = Path(__file__).with_name("conformance-baseline.yml")

LISTS = ("tools-list", "resources-list", "prompts-list", "completion-complete")
SESSIONS = ("server-initialize", "server-session-lifecycle", "ping")
SCENARIOS = {
    "2025-06-18": (*SESSIONS, *LISTS),
    "2025-11-25": (*SESSIONS, *LISTS, "dns-rebinding-protection", "server-sse-multiple-streams"),
    "2026-07-28": (
        *LISTS,
        "server-stateless",
        "dns-rebinding-protection",
        "caching",
        "http-header-validation",
        "sep-2164-resource-not-found",
        "server-sse-multiple-streams",
        "input-required-result-unsupported-methods",
    ),
}

# What the others ask for: tools, prompts and resources called test_…, or capabilities that we do not declare.
NEED_TEST_TOOLS = re.compile(
    r"tools-call-.*|prompts-get-.*|resources-(read|templates-read|subscribe|unsubscribe).*|elicitation-.*"
    r"|input-required-result-.*|json-schema-2020-12|http-custom-header-server-validation|server-sse-polling"
    r"|logging-set-level"
)
JANE = "jane.doe@example.com"
# An attribute of an org's schema is a text, a number, a flag or a list. No single type says that, and a union, which
# the lint would rather see, is what other clients refuse.
OF_SEVERAL_TYPES = re.compile(
    r"inputSchema\.properties\.attributes\.items\.properties\.value(\.items)?"
    r"|outputSchema\.properties\.changes\.items\.properties\.(old|new)"
)


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """Our server over HTTP with an org of its own, without authentication: the suite has no way to send a token."""
    interop.needed()
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("OKTA_ACTIONS_DATA_DIR", str(tmp_path_factory.mktemp("interop") / "data"))
        settings.setenv("OKTA_ACTIONS_VAULT_KEY_SOURCE", "file")
        settings.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
        settings.setenv("OKTA_ACTIONS_REDIRECT_URI", f"http://localhost:{free_port()}/authorization-code/callback")
        with HttpServer(free_port(), "--no-auth", "--sandbox") as server:
            yield server


@pytest.mark.parametrize(
    ("revision", "scenario"), [(revision, name) for revision, names in SCENARIOS.items() for name in names]
)
def test_the_scenario_passes(open_server: HttpServer, tmp_path: Path, revision: str, scenario: str) -> None:
    asked = ["--url", open_server.url, "--spec-version", revision, "--scenario", scenario]
    ran = interop.run(interop.NODE, SUITE, "server", *asked, "--expected-failures", BASELINE, home=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"Passed: (\d+)/", ran.stdout)
    assert passed is not None
    assert int(passed[1]) > 0


def test_no_scenario_of_the_suite_is_forgotten(tmp_path: Path) -> None:
    interop.needed()
    listed = interop.run(interop.NODE, SUITE, "list", "--server", home=tmp_path).stdout
    for revision, scenarios in SCENARIOS.items():
        there = {name for name, revisions in re.findall(r"- (\S+) \[(.+)\]", listed) if revision in revisions}
        assert set(scenarios) <= there
        assert [name for name in there - set(scenarios) if not NEED_TEST_TOOLS.fullmatch(name)] == []


@pytest.fixture(params=["legacy", "modern"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def inspect(target: str, era: str, home: Path, method: str, *options: str) -> Any:
    """What the server answers to a method."""
    how = ["--protocol-era", era, "--format", "json", "--quiet", "--method", method, *options]
    ran = interop.run(interop.NODE, INSPECTOR, "--cli", target, *how, home=home)
    result = json.loads(ran.stdout)["result"]
    assert ran.returncode == (5 if result.get("isError") else 0), ran.stderr
    return result


def test_it_lists_and_calls(open_server: HttpServer, tmp_path: Path, era: str) -> None:
    def ask(method: str, *options: str) -> Any:
        return inspect(open_server.url, era, tmp_path, method, *options)

    assert [tool["name"] for tool in ask("tools/list")["tools"]] == LISTED
    called = ask("tools/call", "--tool-name", "lookup_user", "--tool-arg", f"user_id={JANE}")
    assert called["structuredContent"]["login"] == JANE
    (read,) = ask("resources/read", "--uri", f"okta://users/{JANE}")["contents"]
    assert json.loads(read["text"]) == called["structuredContent"]
    (message,) = ask("prompts/get", "--prompt-name", "offboarding", "--prompt-args", f"person={JANE}")["messages"]
    assert f'person: "{JANE}"' in message["content"]["text"]


def test_it_shows_a_refusal_as_one(open_server: HttpServer, tmp_path: Path, era: str) -> None:
    options = ["--tool-name", "deactivate_user", "--tool-arg", f"user_id={JANE}"]
    refused = inspect(open_server.url, era, tmp_path, "tools/call", *options)
    assert refused["isError"] is True
    assert "a person must confirm" in refused["content"][0]["text"]


def test_it_starts_the_server_itself(connected: None, tmp_path: Path, era: str) -> None:
    interop.needed()
    settings = [part for name, value in environment().items() for part in ("-e", f"{name}={value}")]
    how = ["--protocol-era", era, "--format", "json", "--quiet", "--method", "tools/list"]
    ran = interop.run(interop.NODE, INSPECTOR, "--cli", COMMAND, "serve", *settings, *how, home=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert [tool["name"] for tool in json.loads(ran.stdout)["result"]["tools"]] == LISTED


def test_its_lint_finds_no_error_and_warns_only_of_values_of_several_types(
    open_server: HttpServer, tmp_path: Path, era: str
) -> None:
    how = ["--protocol-era", era, "--method", "tools/list", "--strict"]
    ran = interop.run(interop.NODE, INSPECTOR, "--cli", open_server.url, *how, home=tmp_path)
    assert ran.returncode == 0, ran.stderr
    warned = re.findall(r"Path: (.*)", ran.stderr)
    assert [path for path in warned if not OF_SEVERAL_TYPES.fullmatch(path)] == []
