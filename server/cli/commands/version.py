"""`okta-actions version`."""

from server import __version__
from server.media.terminal import say


def command() -> None:
    """Print the version."""
    say(f"okta-actions {__version__}")
