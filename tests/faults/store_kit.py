"""A journal with limits, a disk that can be filled, and what was acknowledged."""

from __future__ import annotations

import os
import queue
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.config import QueueConfig
from kiosk.domain.faults import Fault
from sync.journal import Journal
from sync.records import NewEvent
from sync.space import Space
from sync.vault import Vault
from tests.sync.peer import Peer

LOOK_S = 0.05
NO_LIMITS = QueueConfig(free_megabytes=0, ballast_megabytes=0)


class Watched:
    """A journal, and what it said."""

    def __init__(
        self, folder: Path, limits: QueueConfig | None = None, clock: Clock | None = None, boot: str = "boot-1"
    ) -> None:
        self.path, self.vault = folder / "journal.db", Vault.open(folder)
        self.faults: list[Fault] = []
        self.spaces: list[Space] = []
        self.damaged: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.journal = Journal(
            self.path,
            self.vault,
            clock or Clock(),
            "A-017",
            boot,
            self.faults.append,
            limits=limits,
            on_space=self.spaces.append,
            on_damage=lambda: self.damaged.put(True),
            look_s=LOOK_S,
        )
        self.journal.start()

    @property
    def space(self) -> Space:
        return self.spaces[-1] if self.spaces else Space.PLENTY

    def keys(self) -> set[str]:
        with closing(sqlite3.connect(self.path)) as db:
            return {key for (key,) in db.execute("SELECT key FROM outbox")}

    def states(self) -> dict[str, str]:
        with closing(sqlite3.connect(self.path)) as db:
            return dict(db.execute("SELECT key, state FROM outbox").fetchall())


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[list[Watched]]:
    """Journals put into this list are stopped afterwards."""
    made: list[Watched] = []
    yield made
    for each in made:
        each.journal.stop()


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB in memory, for this test alone."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file of somebody else's that takes all that is left."""
    path = folder / "somebody-elses.log"
    with path.open("wb", buffering=0) as sink:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while sink.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return path


def event(kind: str, key: str, body: dict[str, object] | None = None) -> NewEvent:
    """An event of this kind; the journal looks into none of their bodies."""
    return NewEvent(key, key, kind, 1, body or {"text": "x" * 400})


def tight(**limits: int) -> QueueConfig:
    """No limits but these."""
    return replace(NO_LIMITS, **limits)
