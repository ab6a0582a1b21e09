"""The command line."""

import sys

from server.cli.garbage import put_off

SERVE = ["serve"]
"""What MCP clients start, and wait for: it is read without the library that reads command lines."""


def main() -> None:
    """The console script."""
    put_off()
    if sys.argv[1:] != SERVE:
        from server.cli.application import run

        run()
        return
    try:
        from server.cli.serving import over_stdio
        from server.logs import set_up

        set_up(False)
        over_stdio([], sandbox=False)
    except BaseException as error:
        from server.cli.application import report

        report(error)
