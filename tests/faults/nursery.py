"""Processes that may be killed at any moment, and two ways to start them.

`Commands` starts each by its own command, as in the hall. `Nursery` is one process that has read every module already
and forks the ones that are wanted: a hundred starts in the time of two, and the place where faults are planted.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

MODULES = {
    "sync": "sync.engine",
    "centre": "sync.central",
    "enqueuer": "tests.faults.enqueuer",
    "printing": "tests.faults.printing",
}
REPOSITORY = Path(__file__).parents[2]
MOST = 20_000
PATIENCE = 20.0


class Child:
    """A process that was started here: its lines, its standard input, and its end."""

    def __init__(self, pid: int, pidfd: int, stdin: int, stdout: int, process: subprocess.Popen[bytes] | None) -> None:
        self.pid, self._pidfd, self._stdin, self._stdout, self._process = pid, pidfd, stdin, stdout, process
        self.lines: deque[str] = deque(maxlen=1000)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        return not select.select([self._pidfd], [], [], 0)[0]

    def order(self, **order: object) -> None:
        """A line of JSON to its standard input; nobody may be there any more."""
        with contextlib.suppress(OSError):
            os.write(self._stdin, json.dumps(order).encode() + b"\n")

    def tell(self) -> None:
        """Of a nursery: what every thread is at, to standard error."""
        self._signal(signal.SIGUSR1)

    def kill(self) -> None:
        """As if the power of this one process went: kill −9."""
        self._signal(signal.SIGKILL)
        self._gone()

    def end(self) -> None:
        """Ask it to end, by closing its standard input and by SIGTERM where that means nothing; then insist."""
        os.close(self._stdin)
        self._stdin = -1
        if not self._ended(0.3):
            self._signal(signal.SIGTERM)
        if not self._ended(PATIENCE):
            self._signal(signal.SIGKILL)
        self._gone()

    def _ended(self, seconds: float) -> bool:
        return bool(select.select([self._pidfd], [], [], seconds)[0])

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, number)

    def _gone(self) -> None:
        assert self._ended(PATIENCE), f"process {self.pid} does not end"
        if self._process is not None:
            self._process.wait()
        self._reader.join(PATIENCE)
        for each in (self._pidfd, self._stdin):
            if each >= 0:
                os.close(each)

    def _read(self) -> None:
        with os.fdopen(self._stdout, encoding="utf-8", errors="replace") as source:
            self.lines.extend(line.rstrip("\n") for line in source)


class Starter(Protocol):
    """Either way."""

    def start(
        self, role: str, arguments: Sequence[str], plants: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> Child:
        """A process of this role (see MODULES). `plants`: names of `tests.faults.plants`; `env`: on top of ours."""
        ...


class Commands:
    """`python -m …`, with nothing planted."""

    def start(
        self, role: str, arguments: Sequence[str], plants: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> Child:
        assert not plants, "a command runs the program as it is"
        ours, out = os.pipe()
        inn, theirs = os.pipe()
        command = [sys.executable, "-m", MODULES[role], *arguments]
        process = subprocess.Popen(command, stdin=inn, stdout=out, cwd=REPOSITORY, env={**os.environ, **(env or {})})
        os.close(out)
        os.close(inn)
        return Child(process.pid, os.pidfd_open(process.pid), theirs, ours, process)


class Nursery:
    """`preload`: a library that every process is to have in front of the C library."""

    def __init__(self, preload: Path | None = None) -> None:
        self.records = preload is not None
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        env = {**os.environ, "LD_PRELOAD": str(preload)} if preload else {**os.environ}
        command = [sys.executable, "-m", "tests.faults.nursery", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd=REPOSITORY, env=env
        )
        theirs.close()
        self._lock = threading.Lock()

    def start(
        self, role: str, arguments: Sequence[str], plants: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> Child:
        ours, out = os.pipe()
        inn, theirs = os.pipe()
        order = {"module": MODULES[role], "arguments": list(arguments), "plants": list(plants), "env": dict(env or {})}
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(order).encode()], [inn, out])
            os.close(inn)
            os.close(out)
            said, fds, _, _ = socket.recv_fds(self._socket, MOST, 1)
        return Child(int(said), fds[0], theirs, ours, None)

    def stop(self) -> None:
        self._socket.close()
        assert self._process.wait(PATIENCE) == 0


def main(descriptor: int) -> int:
    """The nursery itself: an order in, a pid and its descriptor back; until the other end closes."""
    for name in (*MODULES.values(), "sync.central.__main__", "tests.faults.plants"):
        importlib.import_module(name)
    with socket.socket(fileno=descriptor) as wire:
        while True:
            said, fds, _, _ = socket.recv_fds(wire, MOST, 2)
            _bury()
            if not said:
                return 0
            pid = os.fork()
            if pid == 0:
                wire.detach()
                os.close(descriptor)
                _live(json.loads(said), *fds)
            pidfd = os.pidfd_open(pid)
            socket.send_fds(wire, [str(pid).encode()], [pidfd])
            for each in (pidfd, *fds):
                os.close(each)


def _live(order: Mapping[str, list[str]], inn: int, out: int) -> None:
    """In the new process: its own standard input and output, what is planted, and its main function to the end."""
    for old, new in ((inn, 0), (out, 1)):
        os.dup2(old, new)
        os.close(old)
    code = 70
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    try:
        os.environ.update(order["env"])
        plants = importlib.import_module("tests.faults.plants")
        for name in order["plants"]:
            plants.PLANTS[name]()
        module = "sync.central.__main__" if order["module"] == "sync.central" else order["module"]
        code = importlib.import_module(module).main(order["arguments"])
        sys.stdout.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        raise
    finally:
        os._exit(code)


def _bury() -> None:
    """Collect the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
