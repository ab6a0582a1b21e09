"""What looks like a secret is hidden wherever it stands; what does not is left alone."""

import logging

import pytest

from server.connections.keys import dumped, generate
from server.logs import _Redacting
from tools.okta.errors import ActionError
from tools.redaction import HIDDEN, redacted

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
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert redacted(text) == text


def test_errors_and_logs_go_through_it() -> None:
    assert JWT not in str(ActionError(f"refused {JWT}", causes=(f"cause {JWT}",)))
    try:
        raise ValueError(f"inside {JWT}")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "f", 1, "%s failed", (JWT,), sys.exc_info())
    assert JWT not in _Redacting("%(message)s").format(record)
