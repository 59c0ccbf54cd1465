"""People, templates and rows for the tests of the gate's data."""

from __future__ import annotations

import contextlib
import queue
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.domain import consent
from sync.cache import Cache
from sync.faces import Consent, FaceStore
from sync.journal import Committed, Journal, Refused
from sync.store import reader
from sync.vectors import Vectors, pack
from sync.wire import FeedAnswer, FeedRow
from tests.sync.helpers import PERSON
from tests.waiting import until

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

    Read by another process: closing the files in this one would drop SQLite's locks on them. Meanwhile nothing moves
    from a log into its database: what was read of the one before, and of the other after it, would not be seen at all.
    """
    bases = [path for name in ("journal.db", "cache.db") if (path := folder / name).exists()]
    files = [path for base in bases for path in (base, Path(f"{base}-wal")) if path.exists()]
    with contextlib.ExitStack() as held:
        for base in bases:
            db = held.enter_context(contextlib.closing(reader(base)))
            db.execute("BEGIN")
            db.execute("SELECT * FROM sqlite_schema").fetchone()
        return subprocess.run(["cat", *map(str, files)], capture_output=True, check=True).stdout


def at_rest(journal: Journal) -> Journal:
    """Nothing waits for its writer, which has emptied its log; meanwhile nobody else could."""
    answer(journal.drafts_of, PERSON)
    until(lambda: not journal._traces, "the journal at rest")
    return journal
