"""What the command line says on stderr, also where it quotes somebody else's server."""

import pytest

from server.media.terminal import note


def test_what_another_server_says_does_not_draw_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    note("The server said \x1b[2J\u202e“no”.\r\nNext: ask it again.")
    assert capsys.readouterr().err == "The server said \\u001b[2J\\u202e“no”.\\r\\nNext: ask it again.\n"
