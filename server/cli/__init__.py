"""The command line."""

from server.cli.garbage import put_off


def main() -> None:
    """The console script."""
    put_off()
    from server.cli.application import run

    run()
