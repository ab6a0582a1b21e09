"""Applications: listing, making, changing, switching on and off, and who has them."""

from typing import Any

import httpx2
import pytest

from connected_org import Org, links

APPS = "/api/v1/apps"
BOOKMARK = {
    "label": "Wiki",
    "name": "bookmark",
    "signOnMode": "BOOKMARK",
    "settings": {"app": {"requestIntegration": False, "url": "https://wiki.example.com/"}},
}


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["errorCode"], body["errorSummary"]


def made(http: httpx2.Client, **more: Any) -> dict[str, Any]:
    answer = http.post(APPS, json={**BOOKMARK, **more})
    assert answer.status_code == 200, answer.text
    app: dict[str, Any] = answer.json()
    return app


def test_the_demo_org_has_applications_of_the_usual_kinds_and_its_own_oauth_clients(http: httpx2.Client) -> None:
    listed = http.get(APPS)
    kinds = {app["label"]: (app["name"], app["signOnMode"], app["status"]) for app in listed.json()}
    assert list(kinds)[:3] == ["Okta Admin Console", "Okta Dashboard", "Okta Browser Plugin"]
    assert kinds["Salesforce"] == ("salesforce", "SAML_2_0", "ACTIVE")
    assert kinds["Intranet"] == ("bookmark", "BOOKMARK", "ACTIVE")
    assert kinds["Payroll"] == ("template_swa", "BROWSER_PLUGIN", "ACTIVE")
    assert kinds["Zendesk (old)"] == ("zendesk", "SAML_2_0", "INACTIVE")
    for label in ("Slack", "Okta Actions", "Okta Actions (native)", "Okta Actions (service)"):
        assert kinds[label] == ("oidc_client", "OPENID_CONNECT", "ACTIVE")
    assert links(listed)["self"].endswith(f"{APPS}?limit=20")


def test_pages_lead_through_all_applications_once(http: httpx2.Client) -> None:
    every = [app["id"] for app in http.get(APPS).json()]
    seen, url = [], f"{APPS}?limit=4"
    while url:
        page = http.get(url)
        seen += [app["id"] for app in page.json()]
        url = links(page).get("next", "")
    assert seen == every
    cursor = told(http.get(APPS, params={"after": "00u1testcursorvalue"}))
    assert cursor == (400, "E0000029", "Invalid paging request.")


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({"q": "sales"}, ["Salesforce"]),
        ({"q": "template_"}, ["Payroll"]),
        ({"q": "ales"}, []),
        ({"filter": 'status eq "INACTIVE"'}, ["Zendesk (old)"]),
        ({"filter": 'name eq "bookmark" and status eq "ACTIVE"'}, ["Intranet"]),
        ({"q": "Okta Actions (", "filter": 'status eq "ACTIVE"'}, ["Okta Actions (native)", "Okta Actions (service)"]),
    ],
)
def test_a_search_narrows_the_list(http: httpx2.Client, query: dict[str, str], labels: list[str]) -> None:
    assert sorted(app["label"] for app in http.get(APPS, params=query).json()) == labels


def test_the_applications_of_a_person_are_asked_for_with_a_filter(http: httpx2.Client, org: Org) -> None:
    chloe = org.user("chloe.laurent@example.com")["id"]
    query = {"filter": f'user.id eq "{chloe}"', "expand": f"user/{chloe}"}
    listed = http.get(APPS, params=query).json()
    assert [app["label"] for app in listed] == ["Salesforce", "Slack", "Intranet"]
    assert [app["_embedded"]["user"]["scope"] for app in listed] == ["USER", "USER", "USER"]
    malformed = http.get(APPS, params={"expand": "user/id,group/id"})
    assert told(malformed) == (400, "E0000001", "Api validation failed: RequestParams")
    assert malformed.json()["errorCauses"] == [{"errorSummary": "Expand query is malformed."}]
    assert told(http.get(APPS, params={"filter": 'label co "x"'}))[:2] == (400, "E0000031")


def test_an_application_is_made_renamed_switched_off_and_deleted(http: httpx2.Client, org: Org) -> None:
    app = made(http)
    one = f"{APPS}/{app['id']}"
    assert (app["status"], app["visibility"]["appLinks"], app["features"]) == ("ACTIVE", {"login": True}, [])
    assert app["_links"]["deactivate"]["href"].endswith(f"{one}/lifecycle/deactivate")
    assert http.get(one).json() == app
    changed = http.put(one, json={**BOOKMARK, "label": "Handbook"}).json()
    assert (changed["label"], changed["settings"]) == ("Handbook", app["settings"])
    refused = http.delete(one)
    assert told(refused) == (403, "E0000056", "Delete application forbidden.")
    assert refused.json()["errorCauses"][0]["errorSummary"].startswith("The application must be deactivated")
    for step, status in (("deactivate", "INACTIVE"), ("activate", "ACTIVE"), ("deactivate", "INACTIVE")):
        for _ in range(2):
            answer = http.post(f"{one}/lifecycle/{step}")
            assert (answer.status_code, answer.json()) == (200, {})
        assert http.get(one).json()["status"] == status
    assert http.delete(one).status_code == 204
    gone = (404, "E0000007", f"Not found: Resource not found: {app['id']} (AppInstance)")
    assert told(http.get(one)) == told(http.put(one, json=BOOKMARK)) == told(http.delete(one)) == gone
    steps = ["create", "activate", "update", "deactivate", "activate", "deactivate", "delete"]
    assert org.events() == [f"application.lifecycle.{step}" for step in steps]


def test_the_log_names_the_application(http: httpx2.Client) -> None:
    app = made(http)
    (event,) = http.get("/api/v1/logs", params={"filter": 'eventType eq "application.lifecycle.create"'}).json()
    (target,) = event["target"]
    assert (target["id"], target["type"], target["displayName"]) == (app["id"], "AppInstance", "Wiki")


@pytest.mark.parametrize("name", ["Okta Admin Console", "Okta Dashboard"])
def test_what_every_org_has_stays_as_it_is(http: httpx2.Client, name: str) -> None:
    (app,) = http.get(APPS, params={"q": name}).json()
    one = f"{APPS}/{app['id']}"
    assert http.post(f"{one}/lifecycle/deactivate").status_code == 403
    assert http.put(one, json={"label": "Mine", "signOnMode": "OPENID_CONNECT"}).status_code == 403
    assert http.get(one).json() == app


@pytest.mark.parametrize(
    "sent",
    [
        {**BOOKMARK, "label": ""},
        {**BOOKMARK, "label": 5},
        {**BOOKMARK, "signOnMode": "MAGIC"},
        {"label": "Wiki"},
        {**BOOKMARK, "name": "saasure"},
    ],
)
def test_what_is_no_application_is_refused_and_nothing_is_made(http: httpx2.Client, sent: dict[str, Any]) -> None:
    before = http.get(APPS).json()
    assert told(http.post(APPS, json=sent))[:2] == (400, "E0000001")
    assert http.get(APPS).json() == before


def test_nobody_takes_an_application_by_themselves(http: httpx2.Client) -> None:
    answer = http.post(APPS, json={**BOOKMARK, "accessibility": {"selfService": True}})
    assert told(answer) == (403, "E0000043", "Self service application assignment is not enabled.")


def test_a_put_without_a_setting_puts_it_back_to_what_is_usual(http: httpx2.Client) -> None:
    app = made(http, visibility={"hide": {"web": True, "iOS": True}})
    assert app["visibility"]["hide"] == {"web": True, "iOS": True}
    changed = http.put(f"{APPS}/{app['id']}", json=BOOKMARK).json()
    assert changed["visibility"]["hide"] == {"web": False, "iOS": False}
    assert told(http.put(f"{APPS}/{app['id']}", json={**BOOKMARK, "label": None}))[:2] == (400, "E0000001")


def test_an_application_that_is_in_no_catalogue_is_changed_while_it_is_active(http: httpx2.Client) -> None:
    """TestAccResourceOktaAppAutoLoginApplication_crud."""
    sent = {"label": "Old Portal", "signOnMode": "AUTO_LOGIN", "settings": {"signOn": {"loginUrl": "https://a.test/"}}}
    app = http.post(APPS, json=sent).json()
    one = f"{APPS}/{app['id']}"
    assert app["name"].startswith("sandbox_oldportal_")
    assert app["visibility"]["appLinks"] == {f"{app['name']}_link": True}
    assert http.put(one, json={**sent, "label": "Portal"}).json()["name"] == app["name"]
    http.post(f"{one}/lifecycle/deactivate")
    refused = http.put(one, json=sent)
    assert told(refused)[:2] == (400, "E0000024")
    assert refused.json()["errorCauses"][0]["errorSummary"].endswith("No active instances.")


def test_passwords_that_are_shared_are_never_shown(http: httpx2.Client) -> None:
    """TestAccResourceOktaAppSharedCredentials_crud."""
    shared = {"scheme": "SHARED_USERNAME_AND_PASSWORD", "userName": "all", "password": {"value": "s3cret"}}
    app = http.post(APPS, json={"label": "Press", "signOnMode": "BROWSER_PLUGIN", "credentials": shared}).json()
    assert (app["name"], app["credentials"]["userName"], app["credentials"]["password"]) == ("template_swa", "all", {})
    assert "s3cret" not in http.get(f"{APPS}/{app['id']}").text
