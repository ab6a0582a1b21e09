"""Agent frameworks on our server: the programs in examples/, run as they are, each in the framework's environment."""

import json
import subprocess
from pathlib import Path

import pytest

import interop
from connected_org import Org
from surface import COMMAND, HttpServer, free_port
from tools.contract.calls import call_schema
from worlds import CALLED, LISTED

EXAMPLES = Path(__file__).parents[2] / "examples"
ENVIRONMENTS = {"openai_agents": "agents", "pydantic_ai": "agents", "fastmcp": "agents", "langchain": "langchain"}
ADA = "ada@example.com"


@pytest.fixture(params=ENVIRONMENTS)
def framework(request: pytest.FixtureRequest) -> str:
    interop.needed()
    return str(request.param)


def play(framework: str, home: Path, **server: str) -> "subprocess.CompletedProcess[str]":
    python = interop.HOME / ENVIRONMENTS[framework] / "bin" / "python"
    return interop.run(python, EXAMPLES / f"with_{framework}.py", ADA, home=home, **server)


def told_and_done(ran: "subprocess.CompletedProcess[str]", org: Org) -> None:
    assert ran.returncode == 0, ran.stderr
    listed, created = ran.stdout.splitlines()[-2:]
    assert listed.split()[1:] == LISTED
    assert ADA in created
    assert org.user(ADA)["id"] in created
    assert org.groups_of(ADA) == {"Everyone", "VPN Users"}


def test_the_story_over_stdio(framework: str, connected: None, org: Org, tmp_path: Path) -> None:
    told_and_done(play(framework, tmp_path, MCP_COMMAND=f"{COMMAND} serve"), org)


def test_the_story_over_http_and_why_it_is_refused_twice(
    framework: str, connected: None, org: Org, tmp_path: Path
) -> None:
    with HttpServer(free_port()) as server:
        where = {"MCP_URL": server.url, "MCP_TOKEN": str(server.token)}
        told_and_done(play(framework, tmp_path, **where), org)
        again = play(framework, tmp_path, **where)
    assert again.returncode == 1
    assert f"The login {ADA} is taken by Ada Byron" in again.stderr
    assert "\nNext: Use update_user_profile" in again.stderr


def test_there_is_an_example_of_each_framework_and_of_no_other() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {f"with_{name}" for name in ENVIRONMENTS}


STRICT = """
import json, sys
from agents.strict_schema import ensure_strict_json_schema
for schema in json.load(sys.stdin):
    ensure_strict_json_schema(schema)
"""


def test_every_tool_stays_strict_in_the_openai_agents_sdk(tmp_path: Path) -> None:
    interop.needed()
    schemas = json.dumps([call_schema(action) for action in CALLED.values()])
    ran = interop.run(interop.HOME / "agents" / "bin" / "python", "-c", STRICT, home=tmp_path, input=schemas)
    assert ran.returncode == 0, ran.stderr
