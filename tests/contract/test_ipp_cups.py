"""The IPP driver against a queue of CUPS: a scheduler of its own on loopback, before a real printer of IPP."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printers.pace import Pace
from printers.sim.ipp_printer import MISSING, IppPeer, there
from printers.spool import Job, JobState
from printers.status import Status
from tests.contract.test_ipp_real import HASTY, QUICK, Sheets, paper
from tests.waiting import until

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"
CUPSD, LPADMIN, DISABLE = (shutil.which(name, path=PLACES) for name in ("cupsd", "lpadmin", "cupsdisable"))
pytestmark = [
    pytest.mark.skipif(not (CUPSD and LPADMIN and DISABLE), reason="no cupsd: it takes cups-daemon and cups-client"),
    pytest.mark.skipif(not there(), reason=MISSING),
]
QUEUE = "a4"
_CONF = """Listen localhost:{port}
Browsing No
BrowseLocalProtocols none
DefaultAuthType None
WebInterface No
PreserveJobHistory Yes
<Location />
Order allow,deny
Allow localhost
</Location>
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
_FILES = """ServerRoot {folder}/server
CacheDir {folder}/cache
StateDir {folder}/state
RequestRoot {folder}/spool
TempDir {folder}/tmp
AccessLog {folder}/access
ErrorLog {folder}/error
PageLog {folder}/page
SystemGroup root
User nobody
Group nogroup
"""


class Cups:
    """The system's own is left alone: every file and the port are this one's. `printer` is behind its one queue."""

    def __init__(self, folder: Path, printer: IppPeer) -> None:
        assert CUPSD
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = int(taken.getsockname()[1])
        for name in ("server", "cache", "state", "spool", "tmp"):
            (folder / name).mkdir()
        conf, files = folder / "cupsd.conf", folder / "cups-files.conf"
        conf.write_text(_CONF.format(port=self.port))
        files.write_text(_FILES.format(folder=folder))
        self._env = {**os.environ, "CUPS_SERVER": f"localhost:{self.port}"}
        self._process = subprocess.Popen([CUPSD, "-f", "-c", conf, "-s", files], env=self._env)
        until(self._listens, "a scheduler that listens")
        self.run(LPADMIN, "-p", QUEUE, "-E", "-v", printer.address, "-m", "raw")

    @property
    def address(self) -> str:
        return f"ipp://localhost:{self.port}/printers/{QUEUE}"

    def run(self, program: str | None, *arguments: str) -> None:
        assert program
        command = [program, "-h", f"localhost:{self.port}", *arguments]
        subprocess.run(command, env=self._env, check=True, capture_output=True, timeout=20)

    def _listens(self) -> bool:
        assert self._process.poll() is None
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Whom CUPS runs its backends as may enter it, which nobody else's may be entered by."""
    with tempfile.TemporaryDirectory(prefix="cups-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def printer(open_folder: Path) -> Iterator[IppPeer]:
    real = IppPeer(open_folder / "printer")
    yield real
    real.stop()


@pytest.fixture
def queue(open_folder: Path, printer: IppPeer) -> Iterator[Cups]:
    made = Cups(open_folder, printer)
    yield made
    made.stop()


@contextmanager
def sheets(queue: Cups, pace: Pace = QUICK) -> Iterator[Sheets]:
    made = Sheets(queue.address, pace)
    try:
        yield made
    finally:
        made.spool.stop()


def test_a_job_goes_through_the_queue_byte_for_byte(queue: Cups, printer: IppPeer) -> None:
    with sheets(queue) as bench:
        bench.status(Status.IDLE)
        bench.spool.submit(Job("two", "made up", paper(), 2))
        assert bench.outcome("two") == (JobState.PRINTED, "")
    assert printer.got == [paper()] * 2


def test_a_printer_behind_the_queue_that_is_off_fails_the_job_and_brings_nothing_later(
    queue: Cups, printer: IppPeer
) -> None:
    """The queue itself is well, and takes the job; it is taken back when it does not end."""
    printer.kill()
    with sheets(queue, HASTY) as bench:
        bench.status(Status.IDLE)
        assert bench.print("one") == (JobState.FAILED, Status.ERROR)
    printer.start()
    with sheets(queue) as bench:
        assert bench.print("two") == (JobState.PRINTED, "")
    assert printer.got == [paper()], "the second"


def test_a_queue_that_is_stopped_is_in_error_and_is_sent_nothing(queue: Cups, printer: IppPeer) -> None:
    queue.run(DISABLE, QUEUE)
    with sheets(queue) as bench:
        bench.status(Status.ERROR)
        assert bench.print("one") == (JobState.FAILED, Status.ERROR)
    assert not printer.got
