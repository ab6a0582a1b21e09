"""No secret of an answer of Okta's comes into the program, whatever endpoint it is of."""

import json
from typing import Any

import pytest

from peer import Peer, answer
from tools.okta.client import OktaClient
from tools.okta.secrets import Reveal, without_secrets

SECRET = "hunter2-Ab3dEf6hIj9k"
ORG = "https://org.example.com"
ANSWERS: dict[str, Any] = {
    "POST users/x/lifecycle/activate": {"activationUrl": f"{ORG}/welcome/{SECRET}", "activationToken": SECRET},
    "POST users/x/lifecycle/reactivate": {"activationUrl": f"{ORG}/tokens/{SECRET}/verify", "activationToken": SECRET},
    "POST users/x/lifecycle/reset_password": {"resetPasswordUrl": f"{ORG}/reset_password/{SECRET}"},
    "POST users/x/lifecycle/expire_password_with_temp_password": {"tempPassword": SECRET},
    "POST users/x/credentials/forgot_password": {"resetPasswordUrl": f"{ORG}/signin/reset-password/{SECRET}"},
    "GET users/x": {
        "id": "x",
        "credentials": {
            "password": {"value": SECRET, "hash": {"algorithm": "BCRYPT", "salt": SECRET, "value": SECRET}},
            "recovery_question": {"question": "Who?", "answer": SECRET},
        },
    },
    "POST authn": {"status": "SUCCESS", "sessionToken": SECRET, "stateToken": SECRET},
    "POST authn/recovery/password": {"recoveryToken": SECRET, "recoveryType": "PASSWORD"},
    "GET users/x/factors": [
        {
            "id": "ost1",
            "profile": {"credentialId": "jane@example.com", "sharedSecret": SECRET, "deviceToken": SECRET},
            "_embedded": {
                "activation": {
                    "sharedSecret": SECRET,
                    "_links": {"qrcode": {"href": f"{ORG}/api/v1/users/x/factors/y/qr/{SECRET}", "type": "image/png"}},
                }
            },
            "verify": {"passCode": SECRET, "nextPassCode": SECRET},
        }
    ],
    "POST users/x/factors/y/lifecycle/activate/poll": {
        "factorResult": "WAITING",
        "_links": {"qrcode": {"href": f"{ORG}/api/v1/users/x/factors/y/qr/{SECRET}"}},
    },
    "GET apps/x": {
        "label": "An app",
        "credentials": {"oauthClient": {"client_id": "0oa", "client_secret": SECRET}, "password": {"value": SECRET}},
        "settings": {"app": {"token": SECRET, "tokenEncrypted": SECRET, "password": SECRET, "adminPassword": SECRET}},
    },
    "GET apps/x/credentials/secrets": [{"id": "ocs", "client_secret": SECRET, "secret_hash": SECRET}],
    "GET apps/x/credentials/keys": [{"kty": "RSA", "n": "public", "d": SECRET, "p": SECRET, "qi": SECRET}],
    "POST api-tokens": {"name": "ci", "token": SECRET},
    "POST oauth2/v1/token": {
        "access_token": SECRET,
        "refresh_token": SECRET,
        "id_token": SECRET,
        "device_secret": SECRET,
    },
    "GET idps/x": {"protocol": {"credentials": {"client": {"client_secret": SECRET}}, "privateKey": SECRET}},
    "GET idps/x/users/y/credentials/tokens": [{"id": "t", "token": SECRET, "tokenType": "bearer"}],
    "GET eventHooks/x": {
        "channel": {
            "config": {
                "authScheme": {"type": "HEADER", "key": "x-key", "value": SECRET},
                "headers": [{"key": "x-other", "value": SECRET}],
            }
        }
    },
    "GET logStreams/x": {"settings": {"host": "h", "token": SECRET}},
    "GET captchas/x": {"siteKey": "public", "secretKey": SECRET},
    "GET nobody/knows/this": {"things": [{"newApiKey": SECRET, "bypassCodes": [SECRET], "pin": SECRET, "otp": 123456}]},
    "POST org/factors/yubikey_token/tokens": {"serialNumber": "7886622", "publicId": "c", "aesKey": SECRET},
    "GET devices/x/recovery": {"recoveryPin": SECRET, "disk": {"encryptionKey": SECRET, "unlock_code": SECRET}},
    "GET and/this": {"settings": [{"name": "vault_password", "value": SECRET}]},
}


@pytest.mark.parametrize("endpoint", ANSWERS)
async def test_a_secret_is_in_no_answer_of_the_client(endpoint: str) -> None:
    method, _, path = endpoint.partition(" ")
    with Peer(answer(200, json.dumps(ANSWERS[endpoint]))) as peer:
        okta = OktaClient(peer.url)
        told = await (okta.get if method == "GET" else okta.post)(*path.split("/"))
        await okta.aclose()
    assert SECRET not in json.dumps(told)
    assert "123456" not in json.dumps(told)


async def test_nor_in_a_page_of_a_list() -> None:
    body = json.dumps(ANSWERS["GET users/x/factors"])
    with Peer(answer(200, body), answer(200, body)) as peer:
        okta = OktaClient(peer.url)
        pages = [page async for page in okta.pages("users", "x", "factors")]
        page, _ = await okta.page("users", "x", "factors")
        await okta.aclose()
    assert SECRET not in json.dumps([pages, page])
    assert page[0]["id"] == "ost1"


async def test_one_is_handed_to_who_asked_for_it_and_is_not_in_the_answer() -> None:
    seen: list[str] = []
    with Peer(answer(200, json.dumps({"tempPassword": SECRET, "sessionToken": "another-secret"}))) as peer:
        okta = OktaClient(peer.url)
        told = await okta.post("users", "x", reveal=Reveal("tempPassword", seen.append))
        await okta.aclose()
    assert (told, seen) == ({}, [SECRET])


def test_what_is_about_secrets_and_is_none_stays() -> None:
    kept: dict[str, Any] = {
        "passwordChanged": "2026-01-01T00:00:00.000Z",
        "credentials": {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}},
        "settings": {"password": {"complexity": {"minLength": 8}, "age": {"maxAgeDays": 90}}},
        "recovery_question": {"question": "Who?"},
        "token_endpoint_auth_method": "client_secret_post",
        "refresh_token": {"rotation_type": "ROTATE"},
        "passwordField": "pass",
        "profile": {"login": "jane@example.com", "badgeToken": "a name of the directory's own", "vpnPassword": "too"},
        "_embedded": {"challenge": {"correctAnswer": 42}},
        "_links": {"resetPassword": {"href": f"{ORG}/api/v1/users/x/lifecycle/reset_password", "method": "POST"}},
        "keys": [{"kty": "RSA", "n": "public", "e": "AQAB", "kid": "k1"}],
        "d": "a letter",
        "name": "title",
        "value": "Chief",
    }
    assert without_secrets(json.loads(json.dumps(kept))) == kept
