"""People as an org's schema has them: names, logins, attributes of its own and of other systems. Sources are named."""

from typing import Any

import httpx2
import pytest

from connected_org import API_TOKEN, Org
from server.sandbox.running import RunningSandbox

USERS = "/api/v1/users"


@pytest.fixture
def schema(http: httpx2.Client) -> Any:
    """Changes the attributes of the org's schema: `base` ones, or `custom` ones."""

    def change(part: str, **attributes: Any) -> None:
        sent = {"definitions": {part: {"id": f"#{part}", "type": "object", "properties": attributes}}}
        answer = http.post("/api/v1/meta/schemas/user/default", json=sent)
        assert answer.status_code == 200, answer.text

    return change


def create(http: httpx2.Client, **profile: Any) -> httpx2.Response:
    return http.post(USERS, json={"profile": profile})


def causes(answer: httpx2.Response) -> list[str]:
    return [cause["errorSummary"] for cause in answer.json()["errorCauses"]]


class TestNames:
    """Okta's OpenAPI description, UserSchemaBaseProperties: first and last name may be optional."""

    @pytest.mark.parametrize(
        ("optional", "given", "shown"),
        [
            (["firstName"], {"lastName": "Prince"}, "Prince"),
            (["lastName"], {"firstName": "Cher"}, "Cher"),
            (["firstName", "lastName"], {}, "one.name@example.com"),
        ],
    )
    def test_a_person_may_lack_a_name_that_the_schema_does_not_ask_for(
        self, http: httpx2.Client, schema: Any, optional: list[str], given: dict[str, str], shown: str
    ) -> None:
        schema("base", **{name: {"required": False} for name in optional})
        login = "one.name@example.com"
        made = create(http, login=login, email=login, **given)
        assert made.status_code == 200, made.text
        profile = made.json()["profile"]
        assert {name: profile[name] for name in optional} == dict.fromkeys(optional)
        assert http.post(f"{USERS}/{login}/lifecycle/deactivate").status_code == 200
        assert [user["id"] for user in http.get(USERS, params={"search": f'profile.login eq "{login}"'}).json()]
        event = http.get("/api/v1/logs", params={"filter": 'eventType eq "user.lifecycle.create"'}).json()[-1]
        assert event["target"][0]["displayName"] == shown

    def test_a_person_lacks_nothing_that_the_schema_asks_for(self, http: httpx2.Client, schema: Any) -> None:
        schema("base", firstName={"required": False})
        schema("custom", badge={"title": "Badge", "type": "string", "required": True})
        answer = create(http, login="new@example.com")
        assert causes(answer) == [f"{name}: The field cannot be left blank" for name in ("lastName", "email", "badge")]


class TestLogins:
    @pytest.mark.parametrize(
        "login",
        ["o'brien+x@example.com", "a#b?c&d=e@example.com", "100%@example.com", "ü.ñ@example.com", "a;b,c@example.com"],
    )
    def test_a_login_is_read_whatever_is_in_it(self, http: httpx2.Client, org: Org, login: str) -> None:
        """Okta's OpenAPI description, getUser: special characters are escaped."""
        id = org.create(login, email="plain@example.com")["id"]
        assert http.get(f"{USERS}/{_escaped(login)}").json()["id"] == id
        assert http.get(USERS, params={"search": f'profile.login eq "{login}"'}).json()[0]["id"] == id

    def test_a_login_with_a_slash_is_read_by_id_only(self, http: httpx2.Client, org: Org) -> None:
        """okta-sdk-nodejs#430: 405; Okta's OpenAPI description, getUser: "can only be fetched by id"."""
        login = "new/comer@example.com"
        made = org.create(login)
        for encoded in ("%2F", "%2f"):
            answer = http.get(f"{USERS}/{login.replace('/', encoded)}")
            assert (answer.status_code, answer.json()["errorCode"]) == (405, "E0000022")
        assert http.get(f"{USERS}/{made['id']}").json()["profile"]["login"] == login
        for query in ({"search": f'profile.login eq "{login}"'}, {"filter": f'profile.login eq "{login}"'}):
            assert [user["id"] for user in http.get(USERS, params=query).json()] == [made["id"]]

    def test_a_slash_in_an_id_leads_to_no_other_endpoint(self, http: httpx2.Client, org: Org) -> None:
        id = org.user("jane.doe@example.com")["id"]
        assert http.post(f"{USERS}/{id}%2Flifecycle%2Fdeactivate").status_code == 405
        assert http.get(f"{USERS}/{id}%2Fgroups").status_code == 405
        assert http.delete(f"{USERS}/{id}%2F").status_code == 405
        assert org.user("jane.doe@example.com")["status"] == "ACTIVE"

    @pytest.mark.parametrize("alike", ["JANE.DOE@example.com", "jáne.döe@example.com", "jane.doe\u0301@example.com"])
    def test_logins_that_differ_in_case_and_marks_only_are_one(self, http: httpx2.Client, alike: str) -> None:
        """Okta's OpenAPI description, user profile: such logins are not considered unique."""
        answer = create(http, login=alike, email="x@example.com", firstName="J", lastName="D")
        assert causes(answer) == ["login: An object with this field already exists in the current organization"]
        assert http.get(f"{USERS}/{_escaped(alike)}").json()["profile"]["login"] == "jane.doe@example.com"
        assert http.get(USERS, params={"search": 'profile.login eq "jáne.doe@example.com"'}).json() == []

    def test_logins_have_the_form_that_the_schema_says(self, http: httpx2.Client, schema: Any) -> None:
        """okta-sdk-dotnet#533: an org may take logins that are no e-mail addresses."""
        named = {"email": "x@example.com", "firstName": "J", "lastName": "D"}
        assert causes(create(http, login="plain", **named)) == [
            "login: Username must be in the form of an email address"
        ]
        schema("base", login={"pattern": "[a-z.#/]+"})
        assert create(http, login="plain", **named).status_code == 200
        assert http.get(f"{USERS}/plain").json()["profile"]["login"] == "plain"
        assert causes(create(http, login="NO@example.com", **named)) == ["login: Does not match required pattern"]


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


class TestAttributes:
    def test_a_custom_attribute_stands_beside_a_base_one_of_the_same_spelling(
        self, http: httpx2.Client, org: Org, schema: Any
    ) -> None:
        schema("custom", employee_number={"title": "Badge", "type": "string"})
        id = org.create("new@example.com", employeeNumber="base", employee_number="own")["id"]
        http.post(f"{USERS}/{id}", json={"profile": {"employee_number": "changed"}})
        profile = org.user(id)["profile"]
        assert (profile["employeeNumber"], profile["employee_number"]) == ("base", "changed")
        for search, found in (
            ('profile.employee_number eq "changed"', [id]),
            ('profile.employee_number eq "base"', []),
            ('profile.employeeNumber eq "base"', [id]),
            ("profile.employee_number pr", [id]),
        ):
            assert [user["id"] for user in http.get(USERS, params={"search": search}).json()] == found
        schema("custom", employee_number=None)
        assert http.get(USERS, params={"search": "profile.employee_number pr"}).status_code == 400

    def test_a_read_only_attribute_is_not_changed(self, http: httpx2.Client, org: Org, schema: Any) -> None:
        """Okta's error codes: E0000077."""
        id = org.create("new@example.com", nickName="Nick")["id"]
        schema("custom", badge={"title": "Badge", "type": "string", "mutability": "READ_ONLY"})
        refused = http.post(f"{USERS}/{id}", json={"profile": {"badge": "7", "nickName": "Other"}})
        assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000077")
        assert refused.json()["errorSummary"] == "Cannot modify the badge attribute because it is read-only."
        assert org.user(id)["profile"]["nickName"] == "Nick", "nothing of it was done"
        assert http.post(f"{USERS}/{id}", json={"profile": {"nickName": "Other"}}).status_code == 200

    def test_an_immutable_attribute_is_set_once(self, http: httpx2.Client, org: Org, schema: Any) -> None:
        """Okta's error codes: E0000078."""
        schema("custom", badge={"title": "Badge", "type": "string", "mutability": "IMMUTABLE"})
        id = org.create("new@example.com")["id"]
        assert http.post(f"{USERS}/{id}", json={"profile": {"badge": "7"}}).status_code == 200
        refused = http.post(f"{USERS}/{id}", json={"profile": {"badge": "8"}})
        assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000078")
        assert http.post(f"{USERS}/{id}", json={"profile": {"badge": "7"}}).status_code == 200

    def test_an_attribute_that_an_application_masters_is_read_only(
        self, http: httpx2.Client, org: Org, schema: Any
    ) -> None:
        """Okta's OpenAPI description, UserSchemaAttributeMaster. Which error answers it nobody recorded."""
        master = {"type": "OVERRIDE", "priority": [{"type": "APP", "value": "0oa1"}, {"type": "OKTA", "value": "o"}]}
        schema("base", costCenter={"master": master})
        id = org.create("new@example.com")["id"]
        refused = http.post(f"{USERS}/{id}", json={"profile": {"costCenter": "7"}})
        assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000077")
        schema("base", costCenter={"master": {"type": "OKTA"}})
        assert http.post(f"{USERS}/{id}", json={"profile": {"costCenter": "7"}}).status_code == 200

    @pytest.mark.parametrize("provider", ["ACTIVE_DIRECTORY", "LDAP"])
    def test_who_comes_from_a_directory_is_changed_there(
        self, http: httpx2.Client, org: Org, schema: Any, provider: str
    ) -> None:
        """oktadev/okta-node-express-example#4: E0000023; attributes of Okta's own may be changed."""
        names = {"firstName": "Ad", "lastName": "Min", "email": "ad@example.com", "login": "ad@example.com"}
        body = {"profile": names, "credentials": {"provider": {"type": provider, "name": "corp"}}}
        assert http.post(USERS, json=body).status_code == 200
        refused = http.post(f"{USERS}/ad@example.com", json={"profile": {"title": "Chief"}})
        assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000023")
        assert org.user("ad@example.com")["profile"].get("title") is None
        schema("base", nickName={"master": {"type": "OKTA"}})
        assert http.post(f"{USERS}/ad@example.com", json={"profile": {"nickName": "Addie"}}).status_code == 200


def test_an_api_token_learns_whose_it_is(http: httpx2.Client, sandbox: RunningSandbox) -> None:
    """Okta's OpenAPI description, getUser: `me` is "the admin user who granted the API token"."""
    me = http.get(f"{USERS}/me")
    assert me.status_code == 200
    assert me.json()["profile"]["login"] == sandbox.demo.admin_login
    assert "resetPassword" in me.json()["_links"], "it is the whole person, as read by id"
    assert [group["profile"]["name"] for group in http.get(f"{USERS}/me/groups").json()]
    unspaced = httpx2.get(f"{sandbox.url}{USERS}/me", headers={"authorization": f"SSWS{API_TOKEN}"})
    assert unspaced.json()["id"] == me.json()["id"]
