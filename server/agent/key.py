"""The key of the model's server, which goes into a header as it is."""

import os

from server.machine.placeholders import is_placeholder, not_expanded
from tools.okta.errors import InvalidInput


def check_key() -> None:
    """Refuse what cannot be a key before anything is sent. No key at all may be right: a server may need none.

    Raises:
        InvalidInput: it, or its server's URL, is a placeholder, or it has white space or other than printable ASCII.
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
