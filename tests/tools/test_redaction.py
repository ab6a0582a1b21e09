"""What looks like a secret is hidden wherever it stands; what does not is left alone."""

import logging

import pytest

from server.connections.keys import dumped, generate
from server.logs import _Redacting
from tools.okta.errors import ActionError
from tools.text.redaction import HIDDEN, redacted, redacted_details, redacted_values

JWT = "eyJraWQiOiJhYmMiLCJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJBVC54eXoifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"the token {JWT} was refused", JWT),
        ("authorization: Bearer 0123456789abcdefghij", "0123456789abcdefghij"),
        ("SSWS 00abcdefghijklmnopqrstuvwxyz0123456789ABCD", "00abcdefghijklmnopqrstuvwxyz0123456789ABCD"),
        ("SSWS00abcdefghijklmnopqrstuvwxyz0123456789ABCD", "abcdefghijklmnopqrstuvwxyz0123456789ABCD"),
        ("Basic MG9hYmM6c2VjcmV0LXNlY3JldA==", "MG9hYmM6c2VjcmV0LXNlY3JldA"),
        ("GET /callback?code=AbCdEfGh12345678&state=x", "AbCdEfGh12345678"),
        ('{"refresh_token": "r3fr3sh-t0k3n-value"}', "r3fr3sh-t0k3n-value"),
        ("client_secret=s3cr3t-s3cr3t&x=1", "s3cr3t-s3cr3t"),
        ("{'activationToken': 'XE6wE17zmphl3KqAPFxO'}", "XE6wE17zmphl3KqAPFxO"),
        ("https://x.okta.com/welcome/XE6wE17zmphl3KqAPFxO", "XE6wE17zmphl3KqAPFxO"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"),
        ("key AKIAIOSFODNN7EXAMPLE of the build", "AKIAIOSFODNN7EXAMPLE"),
        ("ASIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c6912E7710c838347Ae178B4a"),
        ("github_pat_11AAAAAAA0abcdefghijkl_mnop", "11AAAAAAA0abcdefghijkl_mnop"),
        ("glpat-abcdefghij1234567890", "abcdefghij1234567890"),
        ("xoxb-123456789012-abcdefghijkl", "123456789012-abcdefghijkl"),
        ("OPENAI_API_KEY is sk-proj-abc_DEF-ghi1234567890", "abc_DEF-ghi1234567890"),
        ("sk-ant-api03-abcdefghij1234567890", "abcdefghij1234567890"),
        ("password: x", ": x"),
        ("The password:Winter2026!, until Monday", "Winter2026!"),
        ("her pin = 4711", "4711"),
        ("PIN: 4711", "4711"),
        ("vpnPassword='correct horse'", "correct horse"),
        ("wifi_passwd=hunter2", "hunter2"),
        ('{"password": {"value": "Tom0rrow"}}', "Tom0rrow"),
        ("{'password':'x1'}", "x1"),
        ("PASSPHRASE: open sesame", "open"),
    ],
)
def test_secrets_are_hidden(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert HIDDEN in redacted(text)


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_private_keys_are_hidden(kind: str) -> None:
    key = generate(kind)
    private = key.as_dict(private=True)
    for text in (dumped(key), key.as_pem(private=True).decode()):
        assert str(private["d"]) not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "Api validation failed: login. (Okta E0000001, request 0123456789abcdef0123456789abcdef)",
        "okta-actions connect --name prod --org-url https://x.okta.com --client-id 0oaAbCdEfGhIjKlMnOp7",
        "https://x.okta.com/oauth2/v1/authorize?client_id=0oa&state=abcdefghijklmnop&code_challenge=abcdefghijklmno",
        "No person has the id, login or e-mail “jane.doe@example.com”.",
        "password: Password requirements were not met. code: validation-failed",
        "Deactivate Jane Doe <jane.doe@example.com>, ACTIVE, in 12 groups?",
        "password: Field required",
        "A file that is worth nothing without its passphrase: a person types it.",
        "The secret is not shown. Spin: 12. Send no password; a person sets it.",
        "task-force-of-the-northern-region: head of risk-management-and-compliance",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert redacted(text) == text


SECRET_NAMES = [
    *("vpnPassword", "vpn_password", "passwd", "userPasswd", "pwd", "pin", "PIN", "voicemail_pin", "doorPin"),
    *("client_secret", "clientSecret", "passphrase", "apiKey", "api_key", "sshPrivateKey", "resetToken"),
    *("recoveryAnswer", "security_answer"),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
@pytest.mark.parametrize("value", ["x", 4711, ["a", "b"], {"value": "x"}], ids=["text", "number", "list", "object"])
def test_what_is_called_like_a_secret_is_hidden(name: str, value: object) -> None:
    assert redacted_values({name: value}) == {name: HIDDEN}
    assert redacted_details({"after": {name: value}}) == {"after": {name: HIDDEN}}


@pytest.mark.parametrize("name", ["title", "spin", "pinboard", "passport", "secretary", "tokenCount", "login", "email"])
def test_what_is_called_otherwise_is_told(name: str) -> None:
    assert redacted_values({name: "x"}) == {name: "x"}


def test_errors_and_logs_go_through_it() -> None:
    assert JWT not in str(ActionError(f"refused {JWT}", causes=(f"cause {JWT}",)))
    try:
        raise ValueError(f"inside {JWT}")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "f", 1, "%s failed", (JWT,), sys.exc_info())
    assert JWT not in _Redacting("%(message)s").format(record)
