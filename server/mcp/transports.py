"""Serves MCP over stdio and ends cleanly."""

import os
import signal
import sys

import anyio
from anyio.abc import TaskStatus

from server.mcp.server import OktaActionsServer
from server.mcp.standard_input import HeldInput


async def serve_stdio(server: OktaActionsServer, held: HeldInput) -> None:
    """Serve until the client closes our input or a signal arrives. `held` is a middleware of the server."""
    async with anyio.create_task_group() as tasks:

        async def stop(*, task_status: TaskStatus[None]) -> None:
            await a_signal(task_status)
            held.end()
            tasks.cancel_scope.cancel()

        # Wait for signals before anything reads: a signal too early would cancel the reading, which ends nothing.
        await tasks.start(stop)
        held.install()
        await server.run_stdio_async()
        tasks.cancel_scope.cancel()


async def a_signal(task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Wait until this process is asked to end, by Ctrl-C or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started()
        async for _ in signals:
            return


def leave() -> None:
    """End the process now, successfully: a thread may still be blocked reading an input that nobody will close."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
