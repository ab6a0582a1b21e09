"""A large org loads, and answers are the same as in a small one. How fast it is, benchmarks/ measures."""

import httpx2

from org import links
from server.sandbox.running import RunningSandbox


def test_a_large_org_is_searched_and_paged() -> None:
    with (
        RunningSandbox(api_token="t", users=5000) as running,
        httpx2.Client(base_url=running.url, headers={"authorization": "SSWS t"}, timeout=60) as http,
    ):
        found = http.get("/api/v1/users", params={"search": 'profile.login eq "person4321@example.com"'}).json()
        assert [user["profile"]["firstName"] for user in found] == ["Person4321"]
        seen: set[str] = set()
        answer = http.get("/api/v1/users", params={"search": "id pr", "limit": 200})
        while True:
            seen |= {user["id"] for user in answer.json()}
            if "next" not in links(answer):
                break
            answer = http.get(links(answer)["next"])
        assert len(seen) == 5000


def test_a_search_on_an_indexed_attribute_uses_the_index() -> None:
    with RunningSandbox(api_token="t") as running:
        for text in ("profile.login eq ", "profile.email eq ", "profile.lastName sw ", "profile.department eq "):
            statements: list[str] = []
            running.org.database.connection.set_trace_callback(statements.append)
            search = {"search": f'{text} "x"'}
            httpx2.get(f"{running.url}/api/v1/users", params=search, headers={"authorization": "SSWS t"})
            running.org.database.connection.set_trace_callback(None)
            (statement,) = [one for one in statements if one.startswith("SELECT * FROM users WHERE") and "LIMIT" in one]
            plan = [row["detail"] for row in running.org.database.all(f"EXPLAIN QUERY PLAN {statement}")]
            assert any("USING INDEX" in step for step in plan), (text, plan)


def test_a_file_keeps_the_org_and_its_credentials(tmp_path) -> None:  # type: ignore[no-untyped-def]
    data = tmp_path / "org" / "sandbox.db"
    with RunningSandbox(data) as first:
        demo = first.demo
        body = {"profile": {"name": "Kept"}}
        headers = {"authorization": f"SSWS {demo.api_token}"}
        httpx2.post(f"{first.url}/api/v1/groups", json=body, headers=headers)
    assert data.stat().st_mode & 0o077 == 0
    with RunningSandbox(data) as second:
        assert second.demo == demo
        names = {g["profile"]["name"] for g in httpx2.get(f"{second.url}/api/v1/groups", headers=headers).json()}
        assert "Kept" in names
