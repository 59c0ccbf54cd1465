"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket in it alone, ended with the tests."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from tests.waiting import until

OWNER = "postgres"
"""Whose server it is when root runs the tests: PostgreSQL refuses to run as root."""
MEMORY, ROOM = Path("/dev/shm"), 1_000_000_000
_numbers = itertools.count(1)


class Cluster:
    """A running server. Its folder is 0700, so whoever cannot enter it cannot connect."""

    def __init__(self, folder: Path, programs: Path, *settings: str) -> None:
        self.folder, self._programs, self._settings = folder, programs, settings
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """`initdb`: one superuser `campus`, no passwords."""
        words = ["-A", "trust", "-U", "campus", "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(
            [*_as_owner(), self._programs / "initdb", "-D", self.folder / "data", *words],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Returns once it answers. It ends with the process that started it, however that ends."""
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "max_connections=80",
            *self._settings,
        )
        words = [word for setting in settings for word in ("-c", setting)]
        command = [*_as_owner("--pdeathsig", "INT"), self._programs / "postgres", "-D", self.folder / "data", *words]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, "PostgreSQL")

    def stop(self, how: int = signal.SIGINT) -> None:
        """SIGINT: at once, with every connection cut; SIGQUIT: as after a power cut."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def url(self, database: str) -> str:
        return f"postgresql://campus@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def connected(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        """Somebody else's connection; every statement is its own transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            yield connection

    def new(self, template: str = "template1") -> str:
        """The name of a new database that is a copy of another one, to which nobody may be connected."""
        name = f"central_{next(_numbers)}"
        with self.connected() as connection:
            connection.execute(f"create database {name} template {template} strategy file_copy")
        return name

    def drop(self, name: str) -> None:
        with self.connected() as connection:
            connection.execute(f"drop database {name} with (force)")

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text()
        try:
            with self.connected():
                return True
        except psycopg.OperationalError:
            return False


def programs() -> Path | None:
    """The newest PostgreSQL on this machine, None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextlib.contextmanager
def cluster(programs: Path, *settings: str, where: Path | None = None) -> Iterator[Cluster]:
    """One that is made and started in `where`, or on the disk, and goes with everything in it."""
    folder = Path(tempfile.mkdtemp(prefix="campus-pg-", dir=where))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        made = Cluster(folder, programs, *settings)
        made.make()
        try:
            made.start()
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def missing() -> str:
    """Why there can be none here; empty when there can."""
    if programs() is None:
        return "PostgreSQL is not installed: no /usr/lib/postgresql/*/bin"
    if shutil.which("setpriv") is None:
        return "setpriv (util-linux) is not installed"
    if os.geteuid() == 0 and OWNER not in {entry.pw_name for entry in pwd.getpwall()}:
        return f"PostgreSQL does not run as root, and there is no user {OWNER}"
    return ""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """For the whole session, in memory, where a clone takes a tenth of the time: nothing of it outlives the tests."""
    why, found = missing(), programs()
    if why or found is None:
        pytest.skip(why)
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    with cluster(
        found, "fsync=off", "autovacuum=off", "deadlock_timeout=200ms", where=MEMORY if roomy else None
    ) as made:
        yield made


def _as_owner(*words: str) -> Sequence[str]:
    """Runs what follows as somebody whom PostgreSQL serves; itself, when that is who runs the tests."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid", OWNER, "--regid", OWNER, "--clear-groups", *words]
    return ["setpriv", *words] if words else []
