"""Runs the application: uvicorn on loopback, and the demonstration's approver beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import anyio
import sqlalchemy as sa
import uvicorn

from kiosk import heap, log
from kiosk.turns import share
from sync.central import flow, parts
from sync.central.app import make_app
from sync.central.centre import Centre, Work
from sync.central.database import in_transaction, passing, word
from sync.central.overload import MOST_IN_FLIGHT

HOST = "127.0.0.1"
GRACE_S = 3
BEAT_S, ALIVE = 1.0, b"alive\n"


class _Server(uvicorn.Server):
    """Says a line once it serves: where, unless another one is set. `beats`: and then goes on saying that it does."""

    line = ""
    beats = False
    _proof: asyncio.Task[None] | None = None
    _beat_at = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            print(self.line or address(sockets[0]), flush=True)

    async def on_tick(self, counter: int) -> bool:
        now = time.monotonic()
        if self.beats and now - self._beat_at >= BEAT_S and (self._proof is None or self._proof.done()):
            self._beat_at, self._proof = now, asyncio.create_task(_prove())
        return await super().on_tick(counter)


def serve(centre: Centre, port: int, approve_after: float | None = None) -> None:
    """Until SIGTERM or SIGINT. Port 0 = a free one. `approve_after`: seconds each step waits for the demo approver."""
    heap.bound()
    expect_the_end()
    with contextlib.closing(listen(port)) as listener, approver(centre, approve_after):
        server = build(centre)
        share()
        server.run([listener])
    centre.engine.dispose()


def expect_the_end() -> None:
    """uvicorn ends by itself on SIGTERM and SIGINT, and raises the signal once more afterwards; that ends nothing."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def listen(port: int) -> socket.socket:
    """A socket on loopback that takes connections from now on, also those nobody answers yet.

    Its protocol is named, or else asyncio leaves out TCP_NODELAY and every answer takes 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(512)
    return listener


def address(listener: socket.socket) -> str:
    """The line that says where it is served."""
    return f"listening on http://{HOST}:{listener.getsockname()[1]}"


def build(centre: Centre, line: str = "", in_flight: int = MOST_IN_FLIGHT, *, beats: bool = False) -> uvicorn.Server:
    """The server, to be run on a socket from `listen`; it says `line`, or where, once it serves.

    `in_flight`: requests at a time. `beats`: a line more on standard output each second that it serves.
    """
    parts.sweep(centre)
    config = uvicorn.Config(
        make_app(centre, in_flight),
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
    )
    server = _Server(config)
    server.line, server.beats = line, beats
    return server


async def _prove() -> None:
    """The loop runs this, and one of the threads that answer requests was free for it."""
    await anyio.to_thread.run_sync(_nothing)
    with contextlib.suppress(BlockingIOError, BrokenPipeError):
        os.write(1, ALIVE)


def _nothing() -> None:
    return


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
    def act(connection: sa.Connection) -> int:
        return flow.approve_waiting(Work(centre, connection, centre.clock.now()), seconds)

    while not stop.wait(min(seconds, 1.0) / 2):
        try:
            in_transaction(centre.engine, act)
        except sa.exc.DBAPIError as error:
            if not passing(error):
                raise
            log.event("database_away", reason=word(error))
