"""A terminal that was offline for long: a million gate events in the journal. JOURNAL_ROWS makes it fewer.

The fill writes the rows with the journal's own statements and real sealed bodies, many to a transaction. Everything
after it is what runs in the hall: Journal, the sync process, and the central side on loopback.
"""

from __future__ import annotations

import itertools
import os
import queue
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import CentreConfig, Config, PathsConfig, toml_of
from kiosk.domain.faults import Fault
from sync import listing, outbox, retention
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.link import SyncProcess
from sync.records import Stamp
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire_gate import Decided

ROWS = int(os.environ.get("JOURNAL_ROWS", "1000000"))
AT_ONCE = 10_000
PEOPLE = 20_000
ROUNDS = 10
COMMITS = 200
DELIVERED_S = 3600.0

_BOOT = "6f1d0c9a84e2"
_numbers = itertools.count(1)
_CHECKS = ("identity", "known", "revoked", "batch", "window", "declared", "temperature", "inside")
_READING = {"raw": 34.91, "ambient": 18.4, "offset": 1.37, "corrected": 36.48, "u": 0.31, "basis": "reference"}
_MATCH = {"score": 0.31, "limit": 0.42, "second": 0.63, "frames": 4, "gallery": PEOPLE, "adapted": True}
_DECIDED: dict[str, Any] = {
    "gate": "east",
    "direction": "in",
    "factors": ["code", "face"],
    "outcome": "allow",
    "findings": [{"check": check, "result": "good", "word": "good"} for check in _CHECKS],
    "readings": [{**_READING, "frames": 6}],
    "match": {**_MATCH, "doubt": ""},
    "liveness": "live",
    "rules_rev": 12,
}


def run() -> dict[str, float]:
    """Start, first commit and delivery of ROWS rows; times of an enqueue beside those into an empty journal."""
    Decided.model_validate(_DECIDED)
    out = Path("out")
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as name:
        folder, clock = Path(name).resolve(), Clock()
        log.setup("bench", folder / "log", clock)
        try:
            figures = {"journal.rows": float(ROWS), "journal.fill_s": _fill(folder, clock)}
            figures |= _start(folder, clock)
            figures |= _beside_empty(folder, clock)
            return figures | _deliver(folder, clock)
        finally:
            log.close()


def _event() -> NewEvent:
    """The next decision, under a key of the gate's own form."""
    number = next(_numbers)
    key = f"g:{_BOOT}:{number}"
    return NewEvent(key, key, "gate.decided", 1, {**_DECIDED, "person": f"{number % PEOPLE:016x}"})


def _fill(folder: Path, clock: Clock) -> float:
    began, vault = time.perf_counter(), Vault.open(folder)
    first = clock.now() - ROWS
    with closing(connect(folder / "journal.db", JOURNAL)) as db:
        db.execute("PRAGMA cache_size = -400000")
        for base in range(0, ROWS, AT_ONCE):
            with transaction(db):
                for number in range(base, min(ROWS, base + AT_ONCE)):
                    outbox.add(db, vault, _event(), Stamp("A-017", "boot", first + number, float(number)))
    return time.perf_counter() - began


def _start(folder: Path, clock: Clock) -> dict[str, float]:
    """Seconds until the first act is kept, and until the sync process has its first batch, with nothing cached."""
    vault = Vault.open(folder)
    _forget_pages(folder / "journal.db")
    began = time.perf_counter()
    with _journal(folder, clock) as journal:
        _put(journal)
        start = time.perf_counter() - began
    _forget_pages(folder / "journal.db")
    began = time.perf_counter()
    with closing(connect(folder / "journal.db", JOURNAL)) as db:
        retention.purge(db, clock.now())
        if listing.backlog(db, clock.now()).queued != ROWS + 1 or len(outbox.due(db, vault, clock.now())) != 100:
            raise RuntimeError("the rows are not there")
        return {"journal.1m_start_s": start, "journal.1m_sync_start_s": time.perf_counter() - began}


def _forget_pages(path: Path) -> None:
    """What the system keeps of the file in memory is dropped, as after a start of the machine."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _beside_empty(folder: Path, clock: Clock) -> dict[str, float]:
    """Rounds of both journals in turn, so that a busy disk slows both."""
    full: list[float] = []
    empty: list[float] = []
    with _journal(folder, clock) as one, _journal(folder / "empty", clock) as other:
        for _ in range(ROUNDS):
            full += [_put(one) for _ in range(COMMITS)]
            empty += [_put(other) for _ in range(COMMITS)]
    return {
        "journal.1m_enqueue_p99_ms": _p99(full) * 1000,
        "journal.1m_enqueue_p99_ms_peer": _p99(empty) * 1000,
        "journal.1m_enqueue_ms": statistics.median(full) * 1000,
        "journal.1m_enqueue_ms_peer": statistics.median(empty) * 1000,
    }


def _deliver(folder: Path, clock: Clock) -> dict[str, float]:
    """Everything to the real centre by the real sync process while acts go on; then each key is there once."""
    with _centre(folder / "central") as (url, code):
        centre = CentreConfig(url=url, enrolment_code=code)
        path = folder / "kiosk.toml"
        path.write_text(toml_of(replace(Config(), paths=PathsConfig(state=folder), centre=centre)), "utf-8")
        done, faults = threading.Event(), list[Fault]()

        def told(event: dict[str, Any]) -> None:
            if event["ev"] == "backlog" and event["queued"] == 0:
                done.set()

        process = SyncProcess(path, told, faults.append)
        began = time.perf_counter()
        process.start()
        try:
            with _journal(folder, clock) as journal:
                meanwhile = [_put(journal) for _ in range(COMMITS)]
            while not _empty(folder):
                done.clear()
                if not done.wait(DELIVERED_S):
                    raise RuntimeError(f"not delivered: {faults}")
            seconds = time.perf_counter() - began
        finally:
            process.stop(10)
    missing, twice = _compare(folder / "journal.db", folder / "central" / "central.db")
    if missing or twice or faults:
        raise RuntimeError(f"{missing} rows missing, {twice} too many, {faults}")
    rows = ROWS + 1 + (ROUNDS + 1) * COMMITS
    return {
        "journal.delivered_rows": float(rows),
        "journal.delivery_s": seconds,
        "journal.delivered_per_s": rows / seconds,
        "journal.1m_enqueue_while_sending_p99_ms": _p99(meanwhile) * 1000,
    }


def _empty(folder: Path) -> bool:
    with closing(connect(folder / "journal.db", JOURNAL)) as db:
        return listing.counts(db).get("queued", 0) == 0


def _compare(journal: Path, centre: Path) -> tuple[int, int]:
    """How many keys of the journal the centre has not, and how many rows it has beyond one a key of the journal."""
    with closing(sqlite3.connect(centre)) as db:
        db.execute("ATTACH ? AS terminal", (str(journal),))
        missing = "SELECT count(*) FROM terminal.outbox o WHERE state <> 'sent' OR NOT EXISTS"
        found = db.execute(f"{missing} (SELECT 1 FROM main.event e WHERE e.campus_id = 1 AND e.key = o.key)").fetchone()  # noqa: S608
        rows = db.execute("SELECT (SELECT count(*) FROM main.event) - (SELECT count(*) FROM terminal.outbox)")
        return found[0], rows.fetchone()[0]


@contextmanager
def _centre(state: Path) -> Iterator[tuple[str, str]]:
    """`python -m sync.central serve` on a port of its own; its address and a code to enrol with."""
    command = [sys.executable, "-m", "sync.central"]
    issue = [*command, "issue-enrolment-code", "--terminal", Config().terminal.id, "--state", str(state)]
    code = subprocess.run(issue, capture_output=True, text=True, check=True).stdout.strip()
    serve = [*command, "serve", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().rsplit(" ", 1)[1].strip(), code
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def _journal(folder: Path, clock: Clock) -> Iterator[Journal]:
    folder.mkdir(exist_ok=True)
    journal = Journal(folder / "journal.db", Vault.open(folder), clock, Config().terminal.id, "boot-2", print)
    journal.start()
    try:
        yield journal
    finally:
        journal.stop(30)


def _put(journal: Journal) -> float:
    """Seconds from the ask to the answer."""
    done: queue.SimpleQueue[Committed | Refused] = queue.SimpleQueue()
    began = time.perf_counter()
    journal.put(_event(), done.put)
    answer = done.get(timeout=60)
    if not isinstance(answer, Committed):
        raise RuntimeError(f"not committed: {answer}")
    return time.perf_counter() - began


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]
