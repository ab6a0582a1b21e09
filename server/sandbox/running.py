"""Running an org: in this process beside something else, or alone until it is stopped."""

import socket
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from server.sandbox.app import create_app, prepare_tables
from server.sandbox.authorization.demo import REDIRECT_URIS, DemoClient, prepare, set_service_key
from server.sandbox.database import IN_MEMORY, OrgDatabase
from server.sandbox.limits import OrgLimits
from server.sandbox.org import Org
from server.sandbox.policies import tables as policies
from server.sandbox.seed import seed

LOOPBACK = "127.0.0.1"


class PortTaken(OSError):
    """Another program listens where the org should."""


def open_org(
    data: Path | None = None,
    users: int | None = None,
    api_token: str | None = None,
    redirect_uris: Sequence[str] = REDIRECT_URIS,
) -> tuple[Org, DemoClient]:
    """The org of a file, or a new one in memory: with its tables, its people and its credentials."""
    if data is not None:
        data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    org = Org(OrgDatabase(data or IN_MEMORY))
    prepare_tables(org)
    administrator = seed(org, users)
    with org.database.transaction():
        policies.prepare(org)
    return org, prepare(org, administrator, api_token, redirect_uris)


class RunningSandbox:
    """An org on a loopback port, in a thread with an event loop of its own.

    Searches lag `index_lag` seconds behind writes, and lists of members `members_lag`. In a window of `rate_window`
    seconds each bucket that `rate_limits` names has so many requests, and the others have plenty.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        port: int = 0,
        users: int | None = None,
        api_token: str | None = None,
        redirect_uris: Sequence[str] = REDIRECT_URIS,
        index_lag: float = 0.0,
        members_lag: float = 0.0,
        rate_limits: Mapping[str, int] | None = None,
        rate_window: int = 60,
        tls: Path | None = None,
    ) -> None:
        """`tls` is the folder of the certificate and its key, made there if they are not; None is plain HTTP."""
        self._socket = _bind(port)
        self.org, self.demo = open_org(data, users, api_token, redirect_uris)
        self.org.index.lag(index_lag, members_lag)
        self.org.limits = OrgLimits(buckets=dict(rate_limits or {}), window=rate_window)
        self.url = f"{'https' if tls else 'http'}://{LOOPBACK}:{self._socket.getsockname()[1]}"
        self.ca_file: Path | None = None
        secured: dict[str, Any] = {}
        if tls:
            self.ca_file, secured = _certificate(tls)
        config = uvicorn.Config(
            create_app(self.org),
            lifespan="off",
            date_header=False,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            **secured,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    @cached_property
    def service_key(self) -> dict[str, Any]:
        """The private key of the service app (JWK), made and registered when it is first asked for."""
        from server.sandbox.authorization.keys import make

        private, public = make()
        self.set_service_key(public)
        return private

    def set_service_key(self, public: Mapping[str, Any]) -> str:
        """Make this the one key of the service app; its kid, which is the org's choice if the key has none."""
        return set_service_key(self.org, self.demo, public)

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> Self:
        self._socket.listen(128)  # connections are kept waiting from now on, so the first caller need not poll
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._socket.close()
        self.org.database.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _certificate(folder: Path) -> tuple[Path, dict[str, Any]]:
    from server.sandbox import tls  # only for those who ask for it, for it is slow to import

    authority, server = tls.prepare(folder)
    return authority, {"ssl_certfile": server, "ssl_keyfile": server}


def _bind(port: int) -> socket.socket:
    """A loopback socket that is taken at once, so that nobody else can have the port.

    Raises:
        PortTaken: somebody has it.
    """
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it answers wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"Port {port} of {LOOPBACK} is taken by another program.") from error
    return listener
