"""Shows a secret once to the person at the terminal, and to nothing that could keep it."""

import sys
from collections.abc import Callable

from server.cli.confirming import at_a_terminal
from server.cli.output import Shape
from server.media.terminal import say
from tools.okta.errors import InvalidInput
from tools.text.lines import capitalized


def at_this_terminal(what: str, shape: Shape) -> Callable[[str], None]:
    """What shows a secret here. `what` it is, such as a temporary password.

    Raises:
        InvalidInput: the output goes to a program or a file, which would keep it.
    """
    if not (sys.stdout.isatty() and at_a_terminal() and shape.for_people):
        raise InvalidInput(
            f"Not done: the {what} is shown to a person at a terminal only, and this output goes elsewhere.",
            code="no_terminal",
            next_step="Run it in a terminal, without a pipe and without --json, --output or --fields.",
        )

    def show(secret: str) -> None:
        say(f"{capitalized(what)}, shown this once: {secret}", whole=True)

    return show
