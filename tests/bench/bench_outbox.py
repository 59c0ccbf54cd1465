"""How many requests a second the journal keeps, beside what the disk gives to bare appends of the same size."""

from __future__ import annotations

import json
import os
import queue
import statistics
import tempfile
import time
import uuid
from pathlib import Path

from kiosk import log
from kiosk.clock import Clock
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.vault import Vault

ROUNDS = 7
COMMITS = 300
BODY = {"person": "p" * 16, "item": "leave", "values": {"reason": "请" * 600, "begins": "2026-03-05"}}


def run() -> dict[str, float]:
    """Rounds of both in turn, in the same folder, so that a busy disk slows both; the middle round counts."""
    out = Path("out")
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as name:
        folder = Path(name)
        log.setup("bench", folder, Clock())
        journal = Journal(folder / "journal.db", Vault.open(folder), Clock(), "A-017", "boot", print)
        journal.start()
        try:
            pairs = [(_journal_round(journal), _append_round(folder / "appends")) for _ in range(ROUNDS)]
            waits = _waits(journal)
        finally:
            journal.stop()
            log.close()
    return {
        "outbox.commits_per_s": statistics.median(mine for mine, _ in pairs),
        "outbox.commits_per_s_peer": statistics.median(peer for _, peer in pairs),
        "outbox.commit_ms": statistics.median(waits) * 1000,
        "outbox.commit_p99_ms": statistics.quantiles(waits, n=100)[98] * 1000,
    }


def _event() -> NewEvent:
    key = uuid.uuid4().hex
    return NewEvent(key, key, "request.submitted", 1, BODY, receipt=True)


def _journal_round(journal: Journal) -> float:
    """Commits a second while acts come as fast as they can; each is a transaction of its own."""
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


def _append_round(path: Path) -> float:
    """Appends a second, each made durable by fdatasync before the next."""
    block = json.dumps(BODY, ensure_ascii=False).encode()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        began = time.perf_counter()
        for _ in range(COMMITS):
            os.write(file, block)
            os.fdatasync(file)
        return COMMITS / (time.perf_counter() - began)
    finally:
        os.close(file)
