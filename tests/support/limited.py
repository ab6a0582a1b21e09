"""A program at its limit beside a person who takes changes back: `python tests/support/limited.py --undos 20`.

The program goes on asking for changes all the time, over stdio, under the default limits.
"""

import argparse
import os
import sys
import tempfile
import threading
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402

from killing import connect  # noqa: E402
from server.sandbox.running import RunningSandbox  # noqa: E402
from surface import over_stdio  # noqa: E402
from terminal import Terminal  # noqa: E402

JANE = "jane.doe@example.com"


class Program:
    """A client over stdio that changes somebody until it is refused, and then goes on trying."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self.refused = 0
        self._at_the_limit = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: anyio.run(self._run))

    def __enter__(self) -> "Program":
        self._thread.start()
        self._at_the_limit.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    async def _run(self) -> None:
        async with over_stdio("legacy") as client:
            number = 0
            while not self._stopped.is_set():
                number += 1
                # Once at its limit it goes on with something else, so that what is undone was not changed since.
                name = "honorificSuffix" if self._at_the_limit.is_set() else "nickName"
                change = {"user_id": JANE, "attributes": {name: f"number {number}"}}
                result = await client.call_tool("update_user_profile", change)
                if result.is_error:
                    self.refused += 1
                    self._at_the_limit.set()
                else:
                    self.made.append((name, str((result.structured_content or {})["change_id"])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--undos", type=int, default=20)
    given = parser.parse_args()
    uri = "http://localhost:8765/authorization-code/callback"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": f"{folder}/data", "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        with RunningSandbox(redirect_uris=[uri]) as sandbox:
            sandbox.org.limits.per_minute = 10_000_000
            anyio.run(connect, sandbox)
            with Program() as program:
                done = 0
                lately = [change for name, change in program.made if name == "nickName"][-given.undos :]
                for change in reversed(lately):
                    with Terminal("undo", change) as terminal:
                        done += terminal.end() == 0
    print(
        f"{done} of {given.undos} undos succeeded; the program made {len(program.made)} changes, "
        f"and was refused {program.refused} times"
    )


if __name__ == "__main__":
    main()
