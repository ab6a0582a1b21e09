"""The key of the model's server."""

import pytest

from server.agent.key import check_key
from tools.okta.errors import InvalidInput


@pytest.mark.parametrize("key", ["sk-…", "sk-1 2", "sk-1\n", "sk-\x7f1"])
def test_what_cannot_be_a_key_is_refused_before_it_is_sent(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(InvalidInput, match="OPENAI_API_KEY is not a key: "):
        check_key()


@pytest.mark.parametrize("key", ["", "sk-proj_Aa1-2"])
def test_a_key_or_none_is_taken(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    check_key()
