"""How long the journal takes to keep a request, and how many a second, beside bare appends of the same bytes."""

from __future__ import annotations

import json
import os
import queue
import sqlite3
import statistics
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path

from kiosk import log
from kiosk.clock import Clock
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.store import BACKGROUND_PAGES, checkpoint, connect
from sync.tables import JOURNAL
from sync.vault import Vault

ROUNDS = 7
COMMITS = 300
BODY = {"person": "p" * 16, "item": "leave", "values": {"reason": "请" * 600, "begins": "2026-03-05"}}


def run() -> dict[str, float]:
    """Rounds of all in turn, in the same folder, so that a busy disk slows all; the middle round counts.

    `commits_per_s`: one act after the other, each waited for, beside appends of what its row holds. `burst_per_s`:
    acts that are handed in faster than the disk takes them. Between rounds the log is brought in, as the sync process
    does all day: its room on the disk is there then, and a commit need not make the file longer.
    """
    out = Path("out")
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as name:
        folder = Path(name)
        log.setup("bench", folder, Clock())
        journal = Journal(folder / "journal.db", Vault.open(folder), Clock(), "A-017", "boot", print)
        journal.start()
        try:
            with closing(connect(folder / "journal.db", JOURNAL, BACKGROUND_PAGES)) as other:
                rounds = [_round(journal, folder, other) for _ in range(ROUNDS)]
        finally:
            journal.stop()
            log.close()
    alone, bare = [[wait for each in rounds for wait in each[n]] for n in (0, 1)]
    return {
        "outbox.commits_per_s": statistics.median(COMMITS / sum(each[0]) for each in rounds),
        "outbox.commits_per_s_peer": statistics.median(COMMITS / sum(each[1]) for each in rounds),
        "outbox.burst_per_s": statistics.median(each[2] for each in rounds),
        "outbox.commit_ms": statistics.median(alone) * 1000,
        "outbox.commit_ms_peer": statistics.median(bare) * 1000,
        "outbox.commit_p99_ms": statistics.quantiles(alone, n=100)[98] * 1000,
        "outbox.commit_p99_ms_peer": statistics.quantiles(bare, n=100)[98] * 1000,
    }


def _round(journal: Journal, folder: Path, other: sqlite3.Connection) -> tuple[list[float], list[float], float]:
    found = _waits(journal), _appends(folder / "appends"), _burst(journal)
    checkpoint(other)
    return found


def _event() -> NewEvent:
    key = uuid.uuid4().hex
    return NewEvent(key, key, "request.submitted", 1, BODY, receipt=True)


def _burst(journal: Journal) -> float:
    """Commits a second while acts come as fast as they can."""
    done: queue.SimpleQueue[Committed | Refused] = queue.SimpleQueue()
    began = time.perf_counter()
    for _ in range(COMMITS):
        journal.put(_event(), done.put)
    for _ in range(COMMITS):
        _kept(done.get(timeout=60))
    return COMMITS / (time.perf_counter() - began)


def _waits(journal: Journal) -> list[float]:
    """Seconds from the ask to the answer, one act at a time."""
    done: queue.SimpleQueue[Committed | Refused] = queue.SimpleQueue()
    waits = []
    for _ in range(COMMITS):
        began = time.perf_counter()
        journal.put(_event(), done.put)
        _kept(done.get(timeout=60))
        waits.append(time.perf_counter() - began)
    return waits


def _kept(answer: Committed | Refused) -> None:
    if not isinstance(answer, Committed):
        raise RuntimeError(f"not committed: {answer}")


def _appends(path: Path) -> list[float]:
    """Seconds of each append that is made durable by fdatasync."""
    block = json.dumps(BODY, ensure_ascii=False).encode()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    waits = []
    try:
        for _ in range(COMMITS):
            began = time.perf_counter()
            os.write(file, block)
            os.fdatasync(file)
            waits.append(time.perf_counter() - began)
    finally:
        os.close(file)
    return waits
