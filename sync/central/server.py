"""Runs the application: uvicorn on loopback, and the demonstration's approver beside it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import sqlalchemy as sa
import uvicorn

from kiosk import log
from sync.central import flow
from sync.central.app import make_app
from sync.central.centre import Centre, Work
from sync.central.database import writing

HOST = "127.0.0.1"
GRACE_S = 3


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            print(f"listening on http://{HOST}:{sockets[0].getsockname()[1]}", flush=True)


def serve(centre: Centre, port: int, approve_after: float | None = None) -> None:
    """Until SIGTERM or SIGINT. Port 0 = a free one. `approve_after`: seconds each step waits for the demo approver."""
    listener = socket.create_server((HOST, port), backlog=512)
    config = uvicorn.Config(
        make_app(centre),
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
    )
    with contextlib.closing(listener), approver(centre, approve_after):
        _Server(config).run([listener])
    centre.engine.dispose()


@contextlib.contextmanager
def approver(centre: Centre, seconds: float | None) -> Iterator[None]:
    """Approves by itself, one step at a time, as long as the block runs; None = nobody does."""
    if seconds is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_approve, args=(centre, seconds, stop), name="approver")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _approve(centre: Centre, seconds: float, stop: threading.Event) -> None:
    while not stop.wait(min(seconds, 1.0) / 2):
        try:
            with writing(centre.engine) as connection:
                flow.approve_waiting(Work(centre, connection, centre.clock.now()), seconds)
        except sa.exc.OperationalError as error:
            log.bug(error)
