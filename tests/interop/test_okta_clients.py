"""Other people's programs for Okta against the sandbox: what signs in at Okta signs in here."""

import json
import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

import interop
from apps import let, register
from connected_org import API_TOKEN
from server.sandbox.running import RunningSandbox
from surface import environment

STORY = Path(__file__).with_name("okta_auth_js_story.mjs")
CALLBACK = "http://localhost:8765/authorization-code/callback"


@pytest.fixture
def over_tls(tmp_path: Path) -> Iterator[RunningSandbox]:
    with RunningSandbox(api_token=API_TOKEN, tls=tmp_path / "tls") as running:
        yield running


@pytest.fixture
def trusted(over_tls: RunningSandbox) -> str:
    """The authority's file, as clients are told of it."""
    return str(over_tls.ca_file)


def admin(sandbox: RunningSandbox) -> httpx2.Client:
    trust = ssl.create_default_context(cafile=str(sandbox.ca_file))
    return httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {API_TOKEN}"}, verify=trust)


@pytest.mark.parametrize("type", ["browser", "native"])
def test_okta_auth_js_signs_in_renews_and_revokes(
    over_tls: RunningSandbox, trusted: str, type: str, tmp_path: Path
) -> None:
    interop.needed()
    with admin(over_tls) as http:
        app = register(
            http,
            client_name="A JavaScript app",
            application_type=type,
            redirect_uris=[CALLBACK],
            grant_types=["authorization_code", "refresh_token"],
            token_endpoint_auth_method="none",
        )
        let(http, app["client_id"], "okta.users.read")
    demo = over_tls.demo
    told = interop.run(
        *(interop.NODE, STORY, interop.HOME / "node", over_tls.url, app["client_id"]),
        home=tmp_path,
        input=f"{demo.admin_login}\n{demo.admin_password}\n",
        NODE_EXTRA_CA_CERTS=trusted,
    )
    assert told.stdout.splitlines() == [
        "state true",
        "tokens accessToken idToken refreshToken",
        f"signed in {demo.admin_login}",
        "api 200",
        "renewed true true",
        "revoked invalid_grant",
    ], told.stderr


def test_gimme_aws_creds_signs_in_and_stops_only_where_it_opens_an_application(
    over_tls: RunningSandbox, trusted: str, tmp_path: Path
) -> None:
    """It signs in on another device. What it does next, a web SSO token for an app on AWS, belongs to applications."""
    interop.needed()
    settings = {
        "okta_org_url": over_tls.url,
        "client_id": over_tls.demo.native_client_id,
        "force_classic": "False",
        "gimme_creds_server": "appurl",
        "app_url": f"{over_tls.url}/home/amazon_aws/0oaaws00000000001d7/272",
        "aws_rolename": "all",
        "cred_profile": "role",
        "output_format": "json",
        "aws_default_duration": "3600",
    }
    lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
    (tmp_path / ".okta_aws_login_config").write_text(f"[DEFAULT]\n{lines}\n")
    process = subprocess.Popen(
        [interop.GIMME],
        env={**environment(), "HOME": str(tmp_path), "REQUESTS_CA_BUNDLE": trusted, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    url = next(line.strip() for line in process.stdout if "/activate?user_code=" in line)
    wait_for_polls(over_tls, 2)
    allow(over_tls, url)
    rest = process.communicate(timeout=60)[0]
    asked = over_tls.org.database.all("SELECT event FROM events ORDER BY sequence")
    (granted,) = (event for event in map(json.loads, (row["event"] for row in asked)) if "grant" in event["eventType"])
    assert granted["actor"]["alternateId"] == over_tls.demo.admin_login
    assert "in get_saml_response" in rest
    assert "400 Client Error" in rest


def wait_for_polls(sandbox: RunningSandbox, times: int) -> None:
    """Until the device has asked so often for its tokens, which nobody has allowed yet."""
    seen: set[float] = set()
    for _ in range(1000):
        (row,) = sandbox.org.database.all("SELECT polled FROM device_codes")
        seen |= {row["polled"]} - {None}
        if len(seen) >= times:
            return
        time.sleep(0.05)
    raise AssertionError(f"the device asked {len(seen)} times")


def allow(sandbox: RunningSandbox, url: str) -> None:
    with admin(sandbox) as browser:
        name, value = sandbox.demo.session_cookie
        browser.cookies.set(name, value, domain="127.0.0.1")
        page = browser.get(url).text
        form = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
        assert "Device connected" in browser.post("/activate", data={**form, "answer": "allow"}).text
