"""People, templates and rows for the tests of the gate's data."""

from __future__ import annotations

import queue
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.domain import consent
from sync.cache import Cache
from sync.faces import Consent, FaceStore
from sync.journal import Committed, Refused
from sync.vectors import Vectors, pack
from sync.wire import FeedAnswer, FeedRow
from tests.sync.helpers import PERSON

MODEL = "dlib-resnet"
START = 1_772_412_120.0
"""Monday 2026-03-02, 8:42 on the campus."""


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.wall = START

    def now(self) -> float:
        return self.wall

    def mono(self) -> float:
        return self.wall - START


def templates(seed: int, rows: int = 3) -> Vectors:
    """Shape (rows, 128), the same for one seed."""
    return np.asarray(np.random.default_rng(seed).normal(0, 0.1, (rows, 128)), np.float32)


def apply(cache: Cache, feed: str, rows: dict[str, dict[str, Any] | None], epoch: str = "e1") -> None:
    """The feed's next page, and its last."""
    if cache.epoch() != epoch:
        cache.restart(epoch)
    after = cache.cursor(feed)
    made = [FeedRow(id=row_id, rev=after + n, data=data) for n, (row_id, data) in enumerate(rows.items(), 1)]
    cache.apply(FeedAnswer(epoch=epoch, feed=feed, rows=made, next=after + len(made), more=False))


def person_row(number: str, role: str = "student") -> dict[str, Any]:
    return {"number": number, "name": "张伟", "name_en": "Zhang Wei", "role": role, "known": {}, "verifier": "v"}


def template_row(seed: int, at: float = START - 86400, model: str = MODEL) -> dict[str, Any]:
    row = {"model": model, "rows": 3, "vectors": pack(templates(seed)), "consent": consent.CURRENT}
    return {**row, "enrolled_at": at, "as_of": at}


def pass_row(**more: Any) -> dict[str, Any]:
    return {"role": "student", "as_of": START - 60, **more}


def answer(ask: Callable[..., None], *arguments: Any) -> Any:
    """What `ask(*arguments, done)` answers; a tuple when `done` gets several things."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    ask(*arguments, lambda *got: answers.put(got[0] if len(got) == 1 else got))
    return answers.get(timeout=10)


def enrol(store: FaceStore, key: str, seed: int, person: str = PERSON, at: float = START) -> Committed | Refused:
    agreed = Consent(consent.CURRENT, at, "zh", ("code", "pin"))
    found: Committed | Refused = answer(store.enrol, person, MODEL, agreed, templates(seed), key)
    return found


def raw_bytes(folder: Path) -> bytes:
    """Everything that the two databases have on the disk, logs included.

    Read by another process: closing the files in this one would drop SQLite's locks on them.
    """
    files = [path for name in ("journal.db", "cache.db") for path in (folder / name, folder / f"{name}-wal")]
    return subprocess.run(["cat", *map(str, filter(Path.exists, files))], capture_output=True, check=False).stdout
