"""Something at the other end of the wire that is not Okta, or an Okta as a hostile network shows it: raw bytes."""

import socket
import threading
from typing import Self


class Peer:
    """Answers each request with the next of the given raw answers; None closes the connection without a word."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = list(answers)
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def then(self, answer: bytes | None) -> None:
        """One more answer, which may tell this peer's own address."""
        self._answers.append(answer)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        received = b""
        try:
            while b"\r\n\r\n" not in received:
                chunk = connection.recv(65536)
                if not chunk:
                    return
                received += chunk
            self.requests.append(received)
            answer = self._answers.pop(0) if self._answers else None
            if answer is not None:
                connection.sendall(answer)
        except OSError:
            return


def answer(status: int, body: bytes | str = b"", **headers: str) -> bytes:
    """A whole HTTP answer, after which the connection closes."""
    raw = body.encode() if isinstance(body, str) else body
    given = {"content-length": str(len(raw)), "connection": "close", "content-type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + raw
