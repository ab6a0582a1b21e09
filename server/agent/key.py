"""The key for the model's server, which is sent in a header unchanged."""

import os

from server.machine.placeholders import is_placeholder, not_expanded
from tools.okta.errors import InvalidInput


def check_key() -> None:
    """Refuse an invalid key before anything is sent. A missing key may be right: some servers need none.

    Raises:
        InvalidInput: the key or the server's URL is a placeholder, or the key is not printable ASCII without spaces.
    """
    for name, address in (("OPENAI_API_KEY", False), ("OPENAI_BASE_URL", True)):
        if is_placeholder(os.environ.get(name, ""), address=address):
            raise not_expanded(name, None)
    key = os.environ.get("OPENAI_API_KEY", "")
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise InvalidInput(
            "OPENAI_API_KEY is not a key: it contains white space or characters that no key has.",
            code="no_model",
            next_step="Set it to the whole key, without line breaks.",
        )
