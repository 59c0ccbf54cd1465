"""`serve --workers N` as it runs, and a way to speak to one of the workers alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import requests

from sync.central import devices
from sync.central.centre import Centre
from tests.conftest import children
from tests.sync.central_kit import MORNING, Api
from tests.sync.keys_kit import Key
from tests.waiting import until

PATIENCE = 60.0


class Crew:
    """The leader and, through /proc, its workers."""

    def __init__(self, state: Path, database: str, workers: int, *more: str) -> None:
        offset = str(MORNING.timestamp() - time.time())
        where = ["--state", str(state), "--port", "0", "--workers", str(workers), "--clock-offset", offset]
        command = [sys.executable, "-m", "sync.central", "serve", *where, *more]
        # an address with a password is not for everybody who lists processes
        env = {**os.environ, "CENTRAL_DATABASE": database}
        self.size = workers
        self.leader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        killer = threading.Timer(PATIENCE, self.leader.kill)
        killer.start()
        assert self.leader.stdout is not None
        line = self.leader.stdout.readline()
        killer.cancel()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.url = line.split()[-1]

    def workers(self) -> list[int]:
        return sorted(int(line.split()[0]) for line in children(self.leader.pid))

    def replaced(self, gone: int) -> None:
        """Returns once there are all again, and this one is none of them."""

        def whole() -> bool:
            there = self.workers()
            return len(there) == self.size and gone not in there

        until(whole, "a new worker", PATIENCE)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its status, once neither it nor a worker is there any more."""
        workers = self.workers()
        self.leader.send_signal(number)
        self.leader.wait(PATIENCE)
        assert self.leader.stdout is not None
        self.leader.stdout.close()
        until(lambda: not any(alive(pid) for pid in workers), "the end of all")
        return self.leader.returncode


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def crewed(state: Path, database: str, workers: int, *more: str) -> Iterator[Crew]:
    made = Crew(state, database, workers, *more)
    try:
        yield made
    finally:
        if made.leader.poll() is None:
            # a test that failed may have left it standing still
            made.leader.send_signal(signal.SIGCONT)
            assert made.end() == 0


@contextlib.contextmanager
def each_alone(crew: Crew, centre: Centre, database: str) -> Iterator[list[Api]]:
    """For each worker a connection that it alone took: all others stood still meanwhile."""
    workers = crew.workers()
    assert len(workers) == crew.size
    with contextlib.ExitStack() as stack:
        found = []
        for chosen in workers:
            session = stack.enter_context(requests.Session())
            session.trust_env = False
            others = [pid for pid in workers if pid != chosen]
            _signal(others, signal.SIGSTOP)
            try:
                assert session.get(f"{crew.url}/healthz", timeout=PATIENCE).status_code == 200
            finally:
                _signal(others, signal.SIGCONT)
            found.append(Api(crew.url, centre, database, session=session))
        yield found


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


def as_terminal(api: Api, terminal: str) -> Api:
    """The same connection, as this terminal's, enrolled anew."""
    key = Key(api.centre.clock.now)
    code = devices.issue_code(api.centre, terminal)
    assert api.post("/v1/enrol", key.ask(code, terminal)).status_code == 200
    return replace(api, key=key)
