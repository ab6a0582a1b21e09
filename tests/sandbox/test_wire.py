"""What surrounds every answer, as the real Okta sends it."""

import re
import time

import httpx2
import pytest
from joserfc.jwk import ECKey

from apps import proof, service_app, token
from connected_org import Org
from server.sandbox.running import PortTaken, RunningSandbox

KEY = ECKey.generate_key("P-256")
LIMITS = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/users/nobody", "/api/v1/nothing"])
def test_every_api_answer_carries_the_rate_limit_and_a_request_id(http: httpx2.Client, path: str) -> None:
    answer = http.get(path)
    assert all(int(answer.headers[name]) >= 0 for name in LIMITS)
    assert 0 < int(answer.headers["x-rate-limit-reset"]) - time.time() <= 61
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-okta-request-id"])
    assert answer.headers["cache-control"] == "no-cache, no-store"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/oauth2/v1/keys"])
def test_addresses_outside_the_api_have_no_rate_limit(http: httpx2.Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 200
    assert not any(name in answer.headers for name in LIMITS)


def test_a_bucket_that_is_used_up_answers_429_until_its_window_ends(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    now = [1_800_000_000.0]
    sandbox.org.clock = lambda: now[0]
    sandbox.org.limits.buckets["groups"] = 2
    assert [http.get("/api/v1/groups").status_code for _ in range(3)] == [200, 200, 429]
    refused = http.get("/api/v1/groups")
    assert refused.json()["errorCode"] == "E0000047"
    assert refused.json()["errorCauses"] == []
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert "retry-after" not in refused.headers
    assert http.get("/api/v1/users").status_code == 200, "another bucket"
    now[0] = float(refused.headers["x-rate-limit-reset"])
    assert http.get("/api/v1/groups").status_code == 200


def test_reads_of_one_user_are_counted_apart_from_lists(http: httpx2.Client) -> None:
    listed = int(http.get("/api/v1/users?limit=1").headers["x-rate-limit-remaining"])
    http.get("/api/v1/users/jane.doe@example.com")
    assert int(http.get("/api/v1/users?limit=1").headers["x-rate-limit-remaining"]) == listed - 1


@pytest.mark.parametrize("path", ["/api/v1/users/", "//api/v1/users", "/api//v1/users?unknown=1"])
def test_slashes_too_many_and_unknown_parameters_are_tolerated(http: httpx2.Client, path: str) -> None:
    answer = httpx2.get(f"{str(http.base_url).rstrip('/')}{path}", headers=http.headers)
    assert answer.status_code == 200
    assert "unknown" not in str(answer.headers.get_list("link"))


def test_a_wrong_method_is_405(http: httpx2.Client) -> None:
    answer = http.delete("/api/v1/groups")
    assert (answer.status_code, answer.json()["errorCode"]) == (405, "E0000022")


@pytest.mark.parametrize("body", [b"{", b"", b'{"boop": "bap"}', b"[]", b"\xff"])
def test_a_body_that_is_none_is_not_well_formed(http: httpx2.Client, body: bytes) -> None:
    answer = http.post("/api/v1/users", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000003")


def test_error_bodies_have_the_five_keys_in_order(http: httpx2.Client) -> None:
    body = http.get("/api/v1/users/00unobody00000000000").json()
    assert list(body) == ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]
    assert body["errorSummary"] == "Not found: Resource not found: 00unobody00000000000 (User)"
    assert re.fullmatch("oae.{22}", body["errorId"])


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 403, "E0000005"),
        ("Basic abc", 403, "E0000005"),
        ("SSWS wrong", 401, "E0000011"),
        ("Bearer wrong", 401, "E0000011"),
    ],
)
def test_callers_without_a_valid_credential_are_refused(
    sandbox: RunningSandbox, header: str | None, status: int, code: str
) -> None:
    answer = httpx2.get(f"{sandbox.url}/api/v1/users", headers={"authorization": header} if header else {})
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith(("SSWS", "Bearer"))


def test_the_api_token_is_taken_in_both_spellings(sandbox: RunningSandbox) -> None:
    token = sandbox.demo.api_token
    for header in (f"SSWS {token}", f"SSWS{token}"):
        assert httpx2.get(f"{sandbox.url}/api/v1/org", headers={"authorization": header}).status_code == 200


@pytest.mark.parametrize("blanks", ["", " ", "  "])
def test_access_tokens_are_taken_with_a_blank_and_without(sandbox: RunningSandbox, blanks: str) -> None:
    http = httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS{blanks}{sandbox.demo.api_token}"})
    id, kid = service_app(http, KEY, "okta.users.read")
    granted = token(http, id, KEY, kid, "okta.users.read").json()["access_token"]
    answer = httpx2.get(f"{sandbox.url}/api/v1/users?limit=1", headers={"authorization": f"Bearer{blanks}{granted}"})
    assert len(answer.json()) == 1


@pytest.mark.parametrize("blank", ["", " "])
def test_bound_tokens_are_taken_with_a_blank_and_without_and_under_their_own_scheme_only(
    sandbox: RunningSandbox, http: httpx2.Client, blank: str
) -> None:
    id, kid = service_app(http, KEY, "okta.users.read", dpop=True)
    token_url, url = f"{sandbox.url}/oauth2/v1/token", f"{sandbox.url}/api/v1/users"
    wanted = token(http, id, KEY, kid, "okta.users.read", {"DPoP": proof(KEY, "POST", token_url)})
    nonce = wanted.headers["dpop-nonce"]
    granted = token(http, id, KEY, kid, "okta.users.read", {"DPoP": proof(KEY, "POST", token_url, nonce=nonce)}).json()
    bound = granted["access_token"]

    def ask(scheme: str) -> int:
        headers = {"authorization": f"{scheme}{blank}{bound}", "DPoP": proof(KEY, "GET", url, token=bound)}
        return httpx2.get(f"{url}?limit=1", headers=headers).status_code

    assert (granted["token_type"], ask("DPoP"), ask("Bearer")) == ("DPoP", 200, 401)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/users", "/oauth2/v1/nothing", "/nothing", "/api"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_unknown_paths_are_404_of_oktas_kind(http: httpx2.Client, method: str, path: str) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E0000008")
    assert len(answer.headers["x-okta-request-id"]) == 32


def test_a_browser_is_shown_a_page_where_there_is_nothing(http: httpx2.Client) -> None:
    seen = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = http.get("/nothing", headers=seen)
    assert (page.status_code, "Page not found" in page.text) == (404, True)
    assert http.get("/api/v1/nothing", headers=seen).json()["errorCode"] == "E0000008"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/oauth2/v1/token"),
        ("GET", "/oauth2/v1/token"),
        ("POST", "/oauth2/v1/keys"),
        ("PUT", "/.well-known/openid-configuration"),
        ("POST", "/.well-known/okta-organization"),
        ("PATCH", "/oauth2/v1/clients"),
        ("GET", "/sandbox/faults"),
        ("OPTIONS", "/api/v1/users"),
    ],
)
def test_unknown_methods_are_405_of_oktas_kind_everywhere(http: httpx2.Client, method: str, path: str) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["errorCode"]) == (405, "E0000022")


def test_statuses_on_request_do_nothing(http: httpx2.Client, org: Org) -> None:
    org.trouble({"kind": "status", "status": 503, "method": "POST", "path": "/api/v1/groups"})
    body = {"profile": {"name": "Later"}}
    assert [http.post("/api/v1/groups", json=body).status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(("kind", "made"), [("drop_before", False), ("drop_after", True)])
def test_connections_drop_on_request_before_or_after_the_deed(
    http: httpx2.Client, org: Org, kind: str, made: bool
) -> None:
    org.trouble({"kind": kind, "method": "POST"})
    with pytest.raises(httpx2.TransportError):
        http.post("/api/v1/groups", json={"profile": {"name": "Gone"}})
    names = {group["profile"]["name"] for group in http.get("/api/v1/groups").json()}
    assert ("Gone" in names) is made


def test_answers_are_late_on_request(http: httpx2.Client, org: Org) -> None:
    org.trouble({"kind": "delay", "seconds": 0.3, "path": "/api/v1/org"})
    with pytest.raises(httpx2.ReadTimeout):
        http.get("/api/v1/org", timeout=0.1)
    assert http.get("/api/v1/org", timeout=5).status_code == 200


def test_reads_are_stale_on_request(http: httpx2.Client, org: Org) -> None:
    org.trouble(stale_reads=1)
    before = org.user("jane.doe@example.com")
    http.post(f"/api/v1/users/{before['id']}", json={"profile": {"nickName": "J"}})
    http.get("/api/v1/users/jane.doe@example.com")
    assert "nickName" not in before["profile"]
    assert org.user("jane.doe@example.com")["profile"]["nickName"] == "J", "the second read is fresh"


def test_only_the_api_token_makes_trouble(sandbox: RunningSandbox) -> None:
    assert httpx2.post(f"{sandbox.url}/sandbox/faults", json={}).status_code == 403


def test_a_port_that_is_taken_is_said_to_be(sandbox: RunningSandbox) -> None:
    with pytest.raises(PortTaken):
        RunningSandbox(port=int(sandbox.url.rpartition(":")[2]))


def test_a_window_is_as_long_as_the_org_says(http: httpx2.Client, sandbox: RunningSandbox, org: Org) -> None:
    now = sandbox.org.clock()
    sandbox.org.clock = lambda: now
    org.trouble(window=6, buckets={"groups": 2})
    statuses = [http.get("/api/v1/groups").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert http.get("/api/v1/org").status_code == 200, "other buckets are their own"
    refused = http.get("/api/v1/groups")
    assert 0 < int(refused.headers["x-rate-limit-reset"]) - now <= 7
    assert "retry-after" not in refused.headers, "recorded twice: a 429 of Okta's has none"
    now += 7
    assert http.get("/api/v1/groups").status_code == 200


def test_an_org_is_started_with_limits() -> None:
    with RunningSandbox(api_token="t", rate_limits={"groups": 1}, rate_window=6) as running:
        headers = {"authorization": "SSWS t"}
        answers = [httpx2.get(f"{running.url}/api/v1/groups", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]


def test_headers_are_doubled_left_out_and_spoilt_on_request(http: httpx2.Client, org: Org) -> None:
    headers = {"x-rate-limit-limit": ["600", "600"], "x-rate-limit-reset": [], "retry-after": ["soon"]}
    org.trouble({"kind": "headers", "headers": headers})
    answer = http.get("/api/v1/org")
    assert answer.status_code == 200
    assert answer.headers.get_list("x-rate-limit-limit") == ["600", "600"]
    assert "x-rate-limit-reset" not in answer.headers
    assert answer.headers["retry-after"] == "soon"
    org.trouble({"kind": "status", "status": 429, "headers": {"retry-after": ["7"]}})
    refused = http.get("/api/v1/org")
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "E0000047")
    assert refused.headers["retry-after"] == "7"
    for spoilt in ("x", {"x-rate-limit-limit": "600"}):
        sent = {"faults": [{"kind": "headers", "headers": spoilt}]}
        assert http.post("/sandbox/faults", json=sent).status_code == 400
