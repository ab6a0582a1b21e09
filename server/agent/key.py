"""The key of the model's server, which goes into a header as it is."""

import os

from tools.okta.errors import InvalidInput


def check_key() -> None:
    """Refuse what cannot be a key before anything is sent. No key at all may be right: a server may need none.

    Raises:
        InvalidInput: it has white space or other than printable ASCII in it.
    """
    key = os.environ.get("OPENAI_API_KEY", "")
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise InvalidInput(
            "OPENAI_API_KEY is not a key: it has white space in it, or characters that no key has.",
            code="no_model",
            next_step="Set it to the key as its server shows it, whole and without line ends.",
        )
