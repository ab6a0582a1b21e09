"""Only the address of an org is taken for one; whatever else is refused, with the right one."""

import pytest

from tools.okta.errors import InvalidInput
from tools.okta.urls import org_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://dev-1.okta.com", "https://dev-1.okta.com"),
        ("https://dev-1.okta.com/", "https://dev-1.okta.com"),
        ("  HTTPS://Dev-1.OKTA.com. ", "https://dev-1.okta.com"),
        ("dev-1.okta.com", "https://dev-1.okta.com"),
        ("https://id.example.com:8443", "https://id.example.com:8443"),
        ("http://127.0.0.1:8322", "http://127.0.0.1:8322"),
        ("http://localhost:8322", "http://localhost:8322"),
        ("http://[::1]:8322", "http://[::1]:8322"),
    ],
)
def test_an_org_has_one_spelling(text: str, url: str) -> None:
    assert org_url(text) == url


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("http://dev-1.okta.com", "https://dev-1.okta.com"),
        ("ftp://dev-1.okta.com", "https://dev-1.okta.com"),
        ("https://dev-1-admin.okta.com", "https://dev-1.okta.com"),
        ("https://dev-1.okta.com/oauth2/default", "https://dev-1.okta.com"),
        ("https://dev-1.okta.com?x=1", "https://dev-1.okta.com"),
        ("https://dev-1.okta.com#x", "https://dev-1.okta.com"),
        ("https://user:secret@dev-1.okta.com", "https://dev-1.okta.com"),
        ("http://127.0.0.1.example.com", "https://127.0.0.1.example.com"),
        ("http://10.0.0.1", "https://10.0.0.1"),
        ("https://", "https://dev-12345.okta.com"),
        ("", "https://dev-12345.okta.com"),
        ("https://dev-1.okta.com:99999", "https://dev-12345.okta.com"),
        ("https://dev 1.okta.com", "https://dev-12345.okta.com"),
    ],
)
def test_what_is_not_an_org_is_refused_with_the_right_one(text: str, suggested: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        org_url(text)
    assert refused.value.next_step == f"Use {suggested}"
    assert "secret" not in str(refused.value)
