"""What benches of the central side stand on: it served as a process of its own, and terminals that it knows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.central import devices
from sync.central.centre import Centre, open_centre
from sync.central.database import open_engine
from tests.sync.keys_kit import Key

_PROGRAM = [sys.executable, "-m", "sync.central"]


@contextmanager
def served(state: Path, database: str, *more: str) -> Iterator[str]:
    """`python -m sync.central serve` on a free port; its address. The tables are made first."""
    where = ["--state", str(state), "--database", database]
    subprocess.run([*_PROGRAM, "migrate", *where], check=True)
    command = [*_PROGRAM, "serve", "--port", "0", *where, *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().rsplit(" ", 1)[1].strip()
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def opened(state: Path, database: str) -> Iterator[Centre]:
    """The same centre from this process: whoever operates it."""
    engine = open_engine(database)
    try:
        yield open_centre(engine, state)
    finally:
        engine.dispose()


def enrolled(centre: Centre, url: str, terminal: str) -> Key:
    """A key that the served centre knows as this terminal's."""
    key = Key()
    answer = key.enrol(url, devices.issue_code(centre, terminal), terminal)
    answer.raise_for_status()
    return key
