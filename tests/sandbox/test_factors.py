"""The factors of people: enrolled, activated, verified and removed, over the wire."""

import base64
import hmac
import json
import time
from typing import Any

import httpx2
import pytest

from connected_org import API_TOKEN, Org
from server.sandbox.running import RunningSandbox

PASSWORD = "Secret-1234"
SET_UP = "A factor of this type is already set up."


@pytest.fixture
def person(org: Org) -> str:
    """The id of somebody who has no factor yet."""
    return str(org.create("mary@example.com", password=PASSWORD)["id"])


@pytest.fixture
def factors(person: str) -> str:
    return f"/api/v1/users/{person}/factors"


def enrol(http: httpx2.Client, person: str, type: str, activate: bool = False, **sent: Any) -> httpx2.Response:
    return http.post(
        f"/api/v1/users/{person}/factors", params={"activate": activate}, json={"factorType": type, **sent}
    )


def act(http: httpx2.Client, person: str, answer: str = "", **sent: Any) -> dict[str, Any]:
    """What the person does, and what they see then."""
    given = {"answer": answer} if answer else {}
    response = http.post(f"/sandbox/people/{person}", json={**given, **sent})
    assert response.status_code == 200, response.text
    seen: dict[str, Any] = response.json()
    return seen


def code(http: httpx2.Client, person: str, factor: str) -> str:
    """What the person reads on a device."""
    return str(http.get(f"/sandbox/people/{person}").json()["codes"][factor])


def with_push(http: httpx2.Client, person: str) -> str:
    """The id of a push factor that works."""
    made = enrol(http, person, "push", provider="OKTA").json()
    assert act(http, person, "approve")["answered"] == [made["id"]]
    return str(made["id"])


def refusal(response: httpx2.Response) -> tuple[int, str, list[str]]:
    body = response.json()
    return response.status_code, body["errorCode"], [cause["errorSummary"] for cause in body["errorCauses"]]


def later(sandbox: RunningSandbox, seconds: float) -> None:
    sandbox.org.clock = lambda: time.time() + seconds


def events(http: httpx2.Client, of: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get("/api/v1/logs", params={"filter": f'eventType eq "{of}"'}).json()
    return found


def totp(seed: str) -> str:
    """RFC 6238, as an authenticator app computes it."""
    digest = hmac.digest(base64.b32decode(seed), int(time.time() // 30).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


# Enrolling


def test_a_question_is_active_at_once_and_can_be_changed(http: httpx2.Client, person: str, factors: str) -> None:
    """TestAccResourceOktaUserFactorQuestion_crud in okta/terraform-provider-okta."""
    made = enrol(http, person, "question", profile={"question": "disliked_food", "answer": "meatball"}).json()
    asked = {"question": "disliked_food", "questionText": "What is the food you least liked as a child?"}
    assert (made["status"], made["profile"], made["vendorName"]) == ("ACTIVE", asked, "OKTA")
    assert set(made["_links"]) == {"questions", "self", "user"}
    listed = http.get(factors)
    assert (listed.json(), "link" in listed.headers) == ([made], False)
    questions = http.get(f"{factors}/questions").json()
    assert (questions[0], len(questions)) == (asked, 19)
    one = f"{factors}/{made['id']}"
    changed = http.put(one, json={"profile": {"question": "favorite_toy", "answer": "a bear"}}).json()
    assert (changed["id"], changed["profile"]["question"]) == (made["id"], "favorite_toy")
    assert http.post(f"{one}/verify", json={"answer": "a bear"}).json() == {"factorResult": "SUCCESS"}
    wrong = refusal(http.post(f"{one}/verify", json={"answer": "meatball"}))
    assert wrong == (403, "E0000068", ["Your answer doesn't match our records. Please try again."])
    assert http.delete(one).status_code == 204
    gone = http.get(one).json()
    assert gone["errorSummary"] == f"Not found: Resource not found: {made['id']} (UserFactor)"


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        ({"factorType": "question", "profile": {"question": "shoe_size", "answer": "forty-two"}}, "Invalid Profile."),
        ({"factorType": "question", "profile": {"question": "favorite_toy", "answer": "ox"}}, "Invalid Profile."),
        ({"factorType": "sms", "profile": {"phoneNumber": "mine"}}, "Invalid Phone Number."),
        ({"factorType": "sms"}, "Invalid Phone Number."),
        ({"factorType": "sms", "provider": "GOOGLE", "profile": {"phoneNumber": "+14155992671"}}, "Invalid Factor."),
        ({"factorType": "signed_nonce"}, "Invalid Factor."),
        ({"factorType": "telepathy"}, "Invalid Factor."),
        ({"factorType": "token:hardware"}, "Invalid Profile."),
    ],
)
def test_what_cannot_be_enrolled(http: httpx2.Client, factors: str, sent: dict[str, Any], cause: str) -> None:
    response = http.post(factors, json=sent)
    assert response.json()["errorSummary"] == "Api validation failed: factorEnrollRequest"
    assert refusal(response) == (400, "E0000001", [cause])
    assert http.get(factors).json() == []


def test_what_is_no_enrolment_at_all(http: httpx2.Client, factors: str, person: str) -> None:
    assert refusal(http.post(factors, json={}))[:2] == (400, "E0000001")
    assert refusal(http.post(factors, content="?"))[:2] == (400, "E0000003")
    somebody = enrol(http, person, "email", profile={"email": "somebody@example.com"}).json()
    assert (
        somebody["errorSummary"] == "Api validation failed: Only verified primary or secondary email can be enrolled."
    )
    assert enrol(http, "nobody", "push").json()["errorSummary"].endswith("nobody (User)")


@pytest.mark.parametrize("number", ["+1-613-456-1234", "613 456 1234", "1 (613) 456-1234", "+16134561234"])
def test_sms_is_activated_with_the_code_that_was_sent(
    http: httpx2.Client, sandbox: RunningSandbox, person: str, factors: str, number: str
) -> None:
    """enroll_factor and activate_factor in Shopify/oktakit."""
    made = enrol(http, person, "sms", provider="OKTA", profile={"phoneNumber": number}).json()
    assert (made["status"], made["profile"]) == ("PENDING_ACTIVATION", {"phoneNumber": "+16134561234"})
    assert made["id"].startswith("mbl")
    assert "_embedded" not in made
    assert [resend["name"] for resend in made["_links"]["resend"]] == ["sms"]
    activate = made["_links"]["activate"]["href"]
    assert http.post(activate, json={}).json() == made
    right = code(http, person, made["id"])
    wrong = refusal(http.post(activate, json={"passCode": f"{(int(right) + 1) % 10**6:06}"}))
    assert wrong == (403, "E0000068", ["Your passcode doesn't match our records. Please try again."])
    assert refusal(http.post(f"{factors}/{made['id']}/verify", json={"passCode": right}))[:2] == (403, "E0000107")
    active = http.post(activate, json={"passCode": right}).json()
    assert (active["id"], active["status"]) == (made["id"], "ACTIVE")
    assert set(active["_links"]) == {"verify", "self", "user"}
    assert refusal(http.post(activate, json={"passCode": right}))[:2] == (403, "E0000107")
    assert [event["target"][0]["id"] for event in events(http, "user.mfa.factor.activate")] == [person]


def test_a_code_is_sent_only_so_often_and_tried_only_so_often(
    http: httpx2.Client, sandbox: RunningSandbox, person: str
) -> None:
    made = enrol(http, person, "sms", profile={"phoneNumber": "+16134561234"}).json()
    resend, activate = made["_links"]["resend"][0]["href"], made["_links"]["activate"]["href"]
    assert http.post(resend, json={}).json()["status"] == "PENDING_ACTIVATION"
    assert refusal(http.post(resend, json={}))[:2] == (429, "E0000109")
    later(sandbox, 31)
    assert http.post(resend, json={}).json()["status"] == "PENDING_ACTIVATION"
    wrong = f"{(int(code(http, person, made['id'])) + 1) % 10**6:06}"
    for _ in range(5):
        assert refusal(http.post(activate, json={"passCode": wrong}))[:2] == (403, "E0000068")
    right = code(http, person, made["id"])
    for path, sent in ((activate, {"passCode": right}), (resend, {})):
        assert refusal(http.post(path, json=sent))[:2] == (429, "E0000047")
    later(sandbox, 332)
    assert http.post(resend, json={}).status_code == 200
    right = code(http, person, made["id"])
    assert http.post(activate, json={"passCode": right}).json()["status"] == "ACTIVE"


def test_a_code_lasts_five_minutes(http: httpx2.Client, sandbox: RunningSandbox, person: str) -> None:
    made = enrol(http, person, "call", profile={"phoneNumber": "+16134561234", "phoneExtension": "12"}).json()
    assert made["profile"] == {"phoneNumber": "+16134561234", "phoneExtension": "12"}
    late = code(http, person, made["id"])
    later(sandbox, 301)
    assert refusal(http.post(made["_links"]["activate"]["href"], json={"passCode": late}))[:2] == (403, "E0000068")


def test_a_verified_phone_stays_the_persons(http: httpx2.Client, person: str, factors: str) -> None:
    """okta/okta-auth-swift#113: after a reset another number needs `updatePhone`."""
    made = enrol(http, person, "sms", activate=True, profile={"phoneNumber": "+16134561234"}).json()
    assert made["status"] == "ACTIVE"
    another = {"factorType": "sms", "provider": "OKTA", "profile": {"phoneNumber": "+16134561235"}}
    verified = "There is an existing verified phone number."
    assert refusal(http.post(factors, json=another)) == (400, "E0000001", [verified])
    assert refusal(enrol(http, person, "sms", profile=made["profile"])) == (400, "E0000001", [SET_UP])
    assert http.delete(f"{factors}/{made['id']}").status_code == 204
    assert refusal(http.post(factors, json=another)) == (400, "E0000001", [verified])
    catalog = {(one["factorType"], one["provider"]): one for one in http.get(f"{factors}/catalog").json()}
    assert catalog["sms", "OKTA"]["_embedded"]["phones"][0]["profile"] == {"phoneNumber": "+16134561234"}
    assert enrol(http, person, "sms").json()["profile"] == {"phoneNumber": "+16134561234"}
    updated = http.post(factors, params={"updatePhone": True}, json=another).json()
    assert (updated["status"], updated["profile"]) == ("PENDING_ACTIVATION", another["profile"])
    assert [each["id"] for each in http.get(factors).json()] == [updated["id"]]
    http.delete(f"{factors}/{updated['id']}", params={"removeRecoveryEnrollment": True})
    assert http.post(factors, json=another).status_code == 200


@pytest.mark.parametrize("provider", ["OKTA", "GOOGLE"])
def test_a_token_is_activated_with_what_its_seed_makes(
    http: httpx2.Client, sandbox: RunningSandbox, person: str, factors: str, provider: str
) -> None:
    made = enrol(http, person, "token:software:totp", provider=provider).json()
    activation = made["_embedded"]["activation"]
    assert (activation["timeStep"], activation["encoding"], activation["keyLength"]) == (30, "base32", 16)
    assert activation["_links"]["qrcode"]["type"] == "image/png"
    assert made["profile"] == {"credentialId": "mary@example.com"}
    # As long as it is not active, whoever may list factors is told the seed.
    assert http.get(factors).json()[0]["_embedded"]["activation"]["sharedSecret"] == activation["sharedSecret"]
    # Enrolled a second time it is the same factor (UserFactorApiTests in okta/okta-sdk-dotnet) with another seed.
    again = enrol(http, person, "token:software:totp", provider=provider).json()
    assert again["id"] == made["id"]
    assert [each["id"] for each in http.get(factors).json()] == [again["id"]]
    one, seed = f"{factors}/{again['id']}", again["_embedded"]["activation"]["sharedSecret"]
    assert seed != activation["sharedSecret"]
    active = http.post(f"{one}/lifecycle/activate", json={"passCode": totp(seed)}).json()
    assert (active["status"], "_embedded" in active) == ("ACTIVE", False)
    assert seed not in http.get(factors).text
    later(sandbox, 60)
    right = code(http, person, again["id"])
    assert http.post(f"{one}/verify", json={"passCode": right}).json() == {"factorResult": "SUCCESS"}
    assert refusal(http.post(f"{one}/verify", json={"passCode": right}))[:2] == (403, "E0000082")
    assert refusal(http.post(f"{one}/verify", json={}))[:2] == (403, "E0000068")
    assert refusal(enrol(http, person, "token:software:totp", provider=provider))[2] == [SET_UP]


def test_email_is_challenged_before_it_is_verified(http: httpx2.Client, person: str, factors: str) -> None:
    """testEmailUserFactor of FactorsIT in okta/okta-sdk-java."""
    made = enrol(http, person, "email", activate=True, provider="OKTA", profile={"email": "mary@example.com"}).json()
    verify = f"{factors}/{made['id']}/verify"
    asked = http.post(verify, json={}).json()
    assert (made["status"], asked["factorResult"], set(asked["_links"])) == (
        "ACTIVE",
        "CHALLENGE",
        {"verify", "factor"},
    )
    assert refusal(http.post(verify, json={}))[:2] == (429, "E0000118")
    sent = code(http, person, made["id"])
    assert http.post(verify, json={"passCode": sent}).json() == {"factorResult": "SUCCESS"}
    assert refusal(http.post(verify, json={"passCode": sent}))[:2] == (403, "E0000068")


def test_security_keys_answer_challenges(http: httpx2.Client, person: str, factors: str) -> None:
    def signed(challenge: str) -> dict[str, str]:
        client = {"type": "webauthn.create", "challenge": challenge, "origin": "https://org.example.com"}
        return {"clientData": base64.urlsafe_b64encode(json.dumps(client).encode()).decode(), "attestation": "AAAA"}

    made = enrol(http, person, "webauthn").json()
    activation = made["_embedded"]["activation"]
    assert (made["provider"], activation["user"]["id"]) == ("FIDO", person)
    activate = made["_links"]["activate"]["href"]
    assert refusal(http.post(activate, json=signed("another")))[:2] == (403, "E0000068")
    active = http.post(activate, json=signed(activation["challenge"])).json()
    parts = {"credentialId", "authenticatorName", "appId", "version"}
    assert (active["status"], set(active["profile"])) == ("ACTIVE", parts)
    verify = active["_links"]["verify"]["href"]
    asked = http.post(verify).json()
    assert asked["factorResult"] == "CHALLENGE"
    assert (
        http.post(verify, json=signed(asked["_embedded"]["challenge"]["challenge"])).json()["factorResult"] == "SUCCESS"
    )
    assert refusal(http.post(verify, json=signed(activation["challenge"])))[:2] == (403, "E0000068")
    assert enrol(http, person, "webauthn").json()["status"] == "PENDING_ACTIVATION"  # a second key
    assert len(http.get(factors).json()) == 2


def test_a_yubikey_is_enrolled_with_what_it_types(http: httpx2.Client, person: str, factors: str) -> None:
    made = enrol(http, person, "token:hardware", provider="YUBICO", verify={"passCode": "cccccceukngd"}).json()
    assert (made["status"], made["id"][:3]) == ("ACTIVE", "ykf")
    right = code(http, person, made["id"])
    verify = made["_links"]["verify"]["href"]
    assert http.post(verify, json={"passCode": right}).json() == {"factorResult": "SUCCESS"}


def test_the_catalog_says_how_far_each_kind_is(http: httpx2.Client, person: str, factors: str) -> None:
    def statuses() -> dict[str, str]:
        return {
            f"{one['factorType']} {one['provider']}": one["status"] for one in http.get(f"{factors}/catalog").json()
        }

    before = statuses()
    assert set(before.values()) == {"NOT_SETUP"}
    assert "signed_nonce OKTA" not in before
    with_push(http, person)
    enrol(http, person, "token:software:totp", provider="GOOGLE")
    changed = {name: status for name, status in statuses().items() if status != "NOT_SETUP"}
    assert changed == {
        "push OKTA": "ACTIVE",
        "token:software:totp OKTA": "ACTIVE",
        "token:software:totp GOOGLE": "PENDING_ACTIVATION",
    }


# Push


def test_a_push_factor_is_activated_on_the_device(
    http: httpx2.Client, sandbox: RunningSandbox, person: str, factors: str
) -> None:
    made = enrol(http, person, "push", provider="OKTA").json()
    activation = made["_embedded"]["activation"]
    assert (made["status"], activation["factorResult"], "profile" in made) == ("PENDING_ACTIVATION", "WAITING", False)
    assert set(activation["_links"]) == {"send", "qrcode"}
    assert http.post(f"{factors}/{made['id']}/lifecycle/activate/email").json()["status"] == "PENDING_ACTIVATION"
    poll, activate = made["_links"]["poll"]["href"], f"{factors}/{made['id']}/lifecycle/activate"
    assert http.post(poll).json()["factorResult"] == "WAITING"
    later(sandbox, 601)
    assert http.post(poll).json()["factorResult"] == "TIMEOUT"
    assert http.get(factors).json()[0]["_embedded"]["activation"]["factorResult"] == "TIMEOUT"
    assert http.post(activate).json()["factorResult"] == "WAITING"
    sent = http.post(f"{activate}/sms").json()
    assert (sent["id"], sent["_embedded"]["activation"]["factorResult"]) == (made["id"], "WAITING")
    act(http, person, "approve", device={"name": "Mary's Pixel", "platform": "ANDROID"})
    active = http.post(poll).json()
    assert (active["status"], active["profile"]["name"]) == ("ACTIVE", "Mary's Pixel")
    assert active["profile"]["credentialId"] == "mary@example.com"
    assert [key["use"] for key in active["profile"]["keys"]] == ["sig"]
    assert {each["factorType"] for each in http.get(factors).json()} == {"push", "token:software:totp"}
    assert refusal(http.post(activate))[:2] == (403, "E0000107")


@pytest.mark.parametrize(
    ("answer", "result"), [("approve", "SUCCESS"), ("reject", "REJECTED"), ("time_out", "TIMEOUT")]
)
def test_a_push_is_answered_by_its_person(
    http: httpx2.Client, person: str, factors: str, answer: str, result: str
) -> None:
    one = f"{factors}/{with_push(http, person)}"
    begun = http.post(f"{one}/verify")
    assert (begun.status_code, begun.json()["factorResult"]) == (201, "WAITING")
    links = begun.json()["_links"]
    assert (links["poll"]["hints"], links["cancel"]["hints"]) == ({"allow": ["GET"]}, {"allow": ["DELETE"]})
    poll = links["poll"]["href"]
    assert begun.headers["location"] == poll
    assert http.get(poll).json() == {**begun.json(), "profile": {"credentialId": "mary@example.com"}}
    act(http, person, answer)
    ended = http.get(poll).json()
    assert (ended["factorResult"], http.get(poll).json()) == (result, ended)
    assert set(ended.get("_links", {})) == (set() if answer == "approve" else {"verify", "factor"})
    act(http, person, "approve")
    assert http.get(poll).json() == ended
    assert ("lastVerified" in http.get(one).json()) == (answer == "approve")
    outcomes = [(event["outcome"]["result"], event["actor"]["id"]) for event in mfa(http)]
    assert outcomes == {"approve": [("SUCCESS", person)], "reject": [("FAILURE", person)]}.get(answer, [])
    assert [event["target"][0]["id"] for event in events(http, "system.push.send_factor_verify_push")] == [person]


def mfa(http: httpx2.Client) -> list[dict[str, Any]]:
    return events(http, "user.authentication.auth_via_mfa")


def test_a_push_times_out_after_five_minutes(
    http: httpx2.Client, sandbox: RunningSandbox, person: str, factors: str
) -> None:
    one = f"{factors}/{with_push(http, person)}"
    poll = http.post(f"{one}/verify").json()["_links"]["poll"]["href"]
    later(sandbox, 290)
    assert http.get(poll).json()["factorResult"] == "WAITING"
    later(sandbox, 301)
    assert act(http, person, "approve")["answered"] == []
    assert http.get(poll).json()["factorResult"] == "TIMEOUT"


def test_a_push_is_cancelled(http: httpx2.Client, person: str, factors: str) -> None:
    one = f"{factors}/{with_push(http, person)}"
    links = http.post(f"{one}/verify").json()["_links"]
    assert http.delete(links["cancel"]["href"]).status_code == 204
    assert act(http, person, "approve")["waiting"] == []
    assert refusal(http.get(links["poll"]["href"]))[:2] == (404, "E0000007")
    assert refusal(http.delete(links["cancel"]["href"]))[:2] == (404, "E0000007")


@pytest.mark.parametrize(("entered", "result"), [(0, "SUCCESS"), (1, "REJECTED")])
def test_a_number_is_to_be_entered(http: httpx2.Client, person: str, factors: str, entered: int, result: str) -> None:
    one = f"{factors}/{with_push(http, person)}"
    begun = http.post(f"{one}/verify", json={"useNumberMatchingChallenge": True}).json()
    number, poll = begun["_embedded"]["challenge"]["correctAnswer"], begun["_links"]["poll"]["href"]
    assert http.get(poll).json()["_embedded"] == begun["_embedded"]
    (waiting,) = http.get(f"/sandbox/people/{person}").json()["waiting"]
    assert waiting["number"] == number
    act(http, person, "approve", number=number + entered, only=waiting["transaction"])
    assert http.get(poll).json()["factorResult"] == result


@pytest.mark.parametrize(("answer", "result"), [("approve", "SUCCESS"), ("reject", "REJECTED"), ("nothing", "WAITING")])
def test_people_answer_all_pushes_alike(
    http: httpx2.Client, person: str, factors: str, answer: str, result: str
) -> None:
    one = f"{factors}/{with_push(http, person)}"
    seen = act(http, person, answer, always=True, after_polls=2)
    assert seen["always"] == {"answer": answer, "after_polls": 2}
    for _ in range(2):
        poll = http.post(f"{one}/verify").json()["_links"]["poll"]["href"]
        results = [http.get(poll).json()["factorResult"] for _ in range(3)]
        assert results == ["WAITING", "WAITING", result]


def test_one_of_several_pushes_is_answered(http: httpx2.Client, person: str, factors: str) -> None:
    one = f"{factors}/{with_push(http, person)}"
    first, second = (http.post(f"{one}/verify").json()["_links"]["poll"]["href"] for _ in range(2))
    act(http, person, "approve", only=second.rpartition("/")[2])
    assert [http.get(poll).json()["factorResult"] for poll in (first, second)] == ["WAITING", "SUCCESS"]


def test_a_device_that_is_suspended_cannot_be_asked(http: httpx2.Client, person: str, factors: str) -> None:
    factor = with_push(http, person)
    act(http, person, factor=factor, status="INACTIVE")
    assert http.get(f"{factors}/{factor}").json()["status"] == "INACTIVE"
    assert refusal(http.post(f"{factors}/{factor}/verify"))[:2] == (423, "E0000180")


def test_whoever_cannot_sign_in_cannot_be_asked(http: httpx2.Client, org: Org, person: str, factors: str) -> None:
    factor = with_push(http, person)
    org.lifecycle(person, "suspend")
    assert refusal(http.post(f"{factors}/{factor}/verify"))[:2] == (403, "E0000038")


# Removing


def test_okta_verify_goes_as_a_whole(http: httpx2.Client, org: Org) -> None:
    """Okta's OpenAPI description of unenrollFactor; the phone beside it stays."""
    leila = org.user("leila.hosseini@example.com")["id"]
    factors = f"/api/v1/users/{leila}/factors"
    held = http.get(factors).json()
    assert [each["factorType"] for each in held] == ["push", "push", "token:software:totp", "sms"]
    assert len({each["profile"]["name"] for each in held[:2]}) == 2
    assert http.delete(f"{factors}/{held[0]['id']}").status_code == 204
    assert [each["id"] for each in http.get(factors).json()] == [held[3]["id"]]
    assert len(events(http, "user.mfa.factor.deactivate")) == 3


def test_a_reset_removes_all_factors(http: httpx2.Client, person: str, factors: str) -> None:
    with_push(http, person)
    enrol(http, person, "sms", activate=True, profile={"phoneNumber": "+16134561234"})
    user = f"/api/v1/users/{person}"
    assert "resetFactors" in http.get(user).json()["_links"]
    assert http.post(f"{user}/lifecycle/reset_factors").json() == {}
    assert http.get(factors).json() == []
    after = http.get(user).json()
    assert (after["status"], "resetFactors" in after["_links"]) == ("ACTIVE", False)
    assert [event["target"][0]["id"] for event in events(http, "user.mfa.factor.reset_all")] == [person]


def test_whoever_is_deactivated_has_factors_but_nobody_is_told(
    http: httpx2.Client, sandbox: RunningSandbox, org: Org, person: str, factors: str
) -> None:
    """okta/okta-sdk-java#646."""
    factor = with_push(http, person)
    org.lifecycle(person, "deactivate")
    missing = f"Not found: Resource not found: {person} (User)"
    assert http.get(factors).json()["errorSummary"] == missing
    assert http.delete(f"{factors}/{factor}").json()["errorSummary"] == missing
    assert enrol(http, person, "push").json()["errorSummary"] == missing
    org.lifecycle(person, "activate")
    assert factor in [each["id"] for each in http.get(factors).json()]
    for _ in range(2):
        assert http.delete(f"/api/v1/users/{person}").status_code == 204
    assert sandbox.org.database.all("SELECT * FROM factors WHERE user_id = ?", person) == []


# Who may do what


def test_only_the_api_token_acts_as_a_person(http: httpx2.Client, person: str) -> None:
    path = f"{http.base_url}/sandbox/people/{person}"
    for headers in ({}, {"authorization": "SSWS wrong"}, {"authorization": "Bearer wrong"}):
        assert httpx2.post(path, headers=headers, json={"answer": "approve"}).status_code in (401, 403)
        assert httpx2.get(path, headers=headers).status_code in (401, 403)
    token = {"authorization": f"SSWS {API_TOKEN}"}
    mistaken: list[Any] = [
        {},
        [],
        {"answer": "shrug"},
        {"status": "BROKEN"},
        {"block": "MOON"},
        {"answer": "approve", "number": "7"},
    ]
    for sent in mistaken:
        assert httpx2.post(path, headers=token, json=sent).status_code == 400, sent


def test_people_of_the_demo_org_have_stories(http: httpx2.Client, org: Org) -> None:
    def held(account: str) -> list[tuple[str, str]]:
        listed = http.get(f"/api/v1/users/{account}@example.com/factors").json()
        return [(each["factorType"], each["status"]) for each in listed]

    usual = [("push", "ACTIVE"), ("token:software:totp", "ACTIVE"), ("sms", "ACTIVE")]
    assert (held("jane.doe"), held("priya.raman")) == (usual, usual)
    assert (held("peter.svensson"), held("naledi.dube")) == ([], [])
    assert held("chloe.laurent") == [("sms", "ACTIVE")]
    assert held("mei.lin") == [("push", "PENDING_ACTIVATION")]
    assert [type for type, _ in held("grace.okafor")] == ["push", "token:software:totp", "signed_nonce", "webauthn"]
    jane = org.user("jane.doe@example.com")["id"]
    (push, *_) = http.get(f"/api/v1/users/{jane}/factors").json()
    assert push["profile"]["name"].startswith("Jane's ")
    poll = http.post(push["_links"]["verify"]["href"]).json()["_links"]["poll"]["href"]
    assert [http.get(poll).json()["factorResult"] for _ in range(2)] == ["WAITING", "SUCCESS"]
