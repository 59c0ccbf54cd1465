"""Several workers behind one listening socket: started together, replaced when one ends or hangs, ended together.

A worker is the same command once more with `--worker N --socket FD`. It shares nothing with the others but that socket,
the database and the state folder, and it ends when its standard input does: nobody serves on after a leader that was
killed.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from kiosk import heap, log
from kiosk.turns import share
from sync.central import metrics
from sync.central.centre import Centre
from sync.central.server import GRACE_S, address, build, expect_the_end

READY = b"ready"
HUNG_S, START_S = 60.0, 180.0
"""Without a sign of life a worker is ended and replaced: while it serves, and before it does (tables, keys)."""
AGAIN_S, LONGEST_S = 0.1, 30.0
"""Seconds before a worker is replaced: doubled each time that one ends before it served, up to the longest."""


class CrewError(Exception):
    """A worker ended before it ever served; the text says which."""


class Crew:
    """The leader's side. One thread."""

    def __init__(self, command: Sequence[str], listener: socket.socket, size: int, hung_s: float = HUNG_S) -> None:
        self._command, self._listener = [*command, "--socket", str(listener.fileno())], listener
        self._size, self._hung_s = size, hung_s
        self._selector = selectors.DefaultSelector()
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._beats: dict[int, float] = {}
        self._ready: set[int] = set()
        self._again: dict[int, float] = {}
        self._failures: dict[int, int] = {}

    def start(self, stopping: socket.socket) -> bool:
        """Returns once all serve; False when it was asked to end before. Raises CrewError."""
        self._selector.register(stopping, selectors.EVENT_READ, 0)
        for number in range(1, self._size + 1):
            self._add(number)
        while len(self._ready) < self._size:
            for number in self._heard(None):
                if number == 0:
                    return False
                raise CrewError(f"worker {number} ended before it served: {self._ended(number)}")
        return True

    def watch(self) -> None:
        """Replaces whoever ends or hangs, until it is asked to end."""
        while True:
            for number in self._heard(self._until_next()):
                if number == 0:
                    return
                log.event("worker_ended", name=f"worker-{number}", reason=self._ended(number))
                failures = self._failures[number] = 0 if number in self._ready else self._failures.get(number, 0) + 1
                self._again[number] = time.monotonic() + min(LONGEST_S, AGAIN_S * 2.0**failures)
                self._ready.discard(number)
            self._end_hung()
            for number in [number for number, at in self._again.items() if at <= time.monotonic()]:
                del self._again[number]
                self._add(number)

    def end(self) -> None:
        """All of them, in order; whoever does not end within the grace is killed."""
        for worker in self._workers.values():
            worker.terminate()
        deadline = time.monotonic() + GRACE_S + 2
        for worker in self._workers.values():
            try:
                worker.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
            _close(worker)
        self._selector.close()

    def _add(self, number: int) -> None:
        pipe, handed = subprocess.PIPE, (self._listener.fileno(),)
        command = [*self._command, "--worker", str(number)]
        worker = subprocess.Popen(command, stdin=pipe, stdout=pipe, pass_fds=handed)
        assert worker.stdout is not None
        self._workers[number], self._beats[number] = worker, time.monotonic()
        self._selector.register(worker.stdout, selectors.EVENT_READ, number)

    def _heard(self, seconds: float | None) -> Iterator[int]:
        """Numbers of those who ended, 0 for being asked to end; who serves from now on is noted."""
        for key, _ in sorted(self._selector.select(seconds), key=lambda each: int(each[0].data)):
            number = int(key.data)
            if number == 0:
                yield 0
                continue
            stdout = self._workers[number].stdout
            assert stdout is not None
            said = os.read(stdout.fileno(), 65536)
            self._beats[number] = time.monotonic()
            if READY in said:
                self._ready.add(number)
            elif not said:
                yield number

    def _end_hung(self) -> None:
        """One that is stopped or hangs is killed, which is then heard as its end. Asked after all were listened to."""
        for number, worker in self._workers.items():
            silent = time.monotonic() - self._beats[number]
            if silent > self._patience(number) and worker.poll() is None:
                log.event("worker_hung", name=f"worker-{number}", seconds=round(silent, 1))
                worker.kill()
                # told once, though its end is heard a moment later
                self._beats[number] = time.monotonic()

    def _patience(self, number: int) -> float:
        return self._hung_s if number in self._ready else max(START_S, self._hung_s)

    def _ended(self, number: int) -> str:
        worker = self._workers.pop(number)
        assert worker.stdout is not None
        self._selector.unregister(worker.stdout)
        _close(worker)
        worker.kill()
        code = worker.wait()
        return signal.Signals(-code).name if code < 0 else f"status_{code}"

    def _until_next(self) -> float:
        late = (self._beats[number] + self._patience(number) for number in self._workers)
        return max(0.1, min([*self._again.values(), *late], default=0.0) - time.monotonic())


def _close(worker: subprocess.Popen[bytes]) -> None:
    for stream in (worker.stdin, worker.stdout):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def lead(command: Sequence[str], listener: socket.socket, size: int, hung_s: float = HUNG_S) -> None:
    """`size` workers on this socket until SIGTERM or SIGINT. Raises CrewError."""
    crew = Crew(command, listener, size, hung_s)
    with _asked_to_end() as stopping, metrics.together():
        try:
            if crew.start(stopping):
                print(address(listener), flush=True)
                crew.watch()
        finally:
            crew.end()


def work(centre: Centre, descriptor: int) -> None:
    """A worker's side: serves on the socket it was handed until SIGTERM, or until its leader is gone."""
    heap.bound()
    expect_the_end()
    listener = socket.socket(fileno=descriptor)
    server = build(centre, READY.decode(), beats=True)
    # a leader that stands still reads nothing, and nobody waits for it
    os.set_blocking(1, False)
    share()

    def follow() -> None:
        # not sys.stdin, whose lock Python would miss at its end
        while os.read(0, 1):
            continue
        server.should_exit = True

    threading.Thread(target=follow, name="leader", daemon=True).start()
    with contextlib.closing(listener):
        server.run([listener])
    centre.engine.dispose()


@contextlib.contextmanager
def _asked_to_end() -> Iterator[socket.socket]:
    """A socket that can be read from once SIGTERM or SIGINT came."""
    heard, told = socket.socketpair()
    told.setblocking(False)
    before: dict[int, Callable[..., object] | int | None] = {}
    with contextlib.closing(heard), contextlib.closing(told):
        woken = signal.set_wakeup_fd(told.fileno())
        for number in (int(signal.SIGTERM), int(signal.SIGINT)):
            before[number] = signal.signal(number, lambda *_: None)
        try:
            yield heard
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)


def again(arguments: Sequence[str]) -> list[str]:
    """The command line that starts this program once more with these arguments."""
    return [sys.executable, "-m", "sync.central", *arguments]
