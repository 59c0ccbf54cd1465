"""How long the journal takes to keep a request, and how many a second, beside bare appends of the same bytes."""

from __future__ import annotations

import json
import os
import queue
import sqlite3
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk import log
from kiosk.clock import Clock
from sync import outbox
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.records import Stamp
from sync.store import checkpoint, connect
from sync.tables import JOURNAL
from sync.vault import Vault

ROUNDS = 7
COMMITS = 300
BODY = {"person": "p" * 16, "item": "leave", "values": {"reason": "请" * 600, "begins": "2026-03-05"}}
Done = queue.SimpleQueue[Committed | Refused]


@dataclass(frozen=True, slots=True)
class Bench:
    """`db`: a connection of its own to the journal's file. `append` adds to a file beside it, and makes it durable."""

    journal: Journal
    db: sqlite3.Connection
    vault: Vault
    append: Callable[[], None]


def run() -> dict[str, float]:
    """Rounds of all in turn, in the same folder, so that a busy disk slows all; the middle round counts.

    `commit`: one transaction of the outbox after the other, beside appends of what its row holds, on one thread.
    `act`: the same through the journal, from the ask to the answer, beside a thread that is asked to append: two
    threads are woken for each. `burst`: acts that are handed in faster than the disk takes them. Between rounds the log
    is brought in, as the sync process does all day: its room on the disk is there then, and a commit need not make the
    file longer.
    """
    out = Path("out")
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as name, _bench(Path(name)) as bench:
        rounds = [_round(bench) for _ in range(ROUNDS)]
    figures = {"outbox.burst_per_s": statistics.median(COMMITS / sum(each["burst"]) for each in rounds)}
    for name in ("commit", "act"):
        for suffix in ("", "_peer"):
            figures |= _figures(f"outbox.{name}", suffix, [each[name + suffix] for each in rounds])
    return figures


def _figures(name: str, suffix: str, rounds: list[list[float]]) -> dict[str, float]:
    waits = [wait for each in rounds for wait in each]
    return {
        f"{name}s_per_s{suffix}": statistics.median(COMMITS / sum(each) for each in rounds),
        f"{name}_ms{suffix}": statistics.median(waits) * 1000,
        f"{name}_p99_ms{suffix}": statistics.quantiles(waits, n=100)[98] * 1000,
    }


@contextmanager
def _bench(folder: Path) -> Iterator[Bench]:
    log.setup("bench", folder, Clock())
    vault = Vault.open(folder)
    journal = Journal(folder / "journal.db", vault, Clock(), "A-017", "boot", print)
    journal.start()
    block = json.dumps(BODY, ensure_ascii=False).encode()
    file = os.open(folder / "appends", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append() -> None:
        os.write(file, block)
        os.fdatasync(file)

    try:
        with closing(connect(folder / "journal.db", JOURNAL)) as db:
            yield Bench(journal, db, vault, append)
    finally:
        journal.stop()
        os.close(file)
        log.close()


def _round(bench: Bench) -> dict[str, list[float]]:
    """Seconds of each, by what was done; of the burst all together."""
    found = {
        "commit": _each(lambda: outbox.insert(bench.db, bench.vault, _event(), _stamp())),
        "commit_peer": _each(bench.append),
        "act": _acts(bench.journal),
        "act_peer": _asked(bench.append),
        "burst": _each(lambda: _burst(bench.journal), times=1),
    }
    checkpoint(bench.db)
    return found


def _each(do: Callable[[], object], times: int = COMMITS) -> list[float]:
    waits = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        waits.append(time.perf_counter() - began)
    return waits


def _event() -> NewEvent:
    key = uuid.uuid4().hex
    return NewEvent(key, key, "request.submitted", 1, BODY, receipt=True)


def _stamp() -> Stamp:
    return Stamp("A-017", "boot", time.time(), time.monotonic())


def _acts(journal: Journal) -> list[float]:
    done: Done = queue.SimpleQueue()

    def act() -> None:
        journal.put(_event(), done.put)
        _kept(done.get(timeout=60))

    return _each(act)


def _burst(journal: Journal) -> None:
    done: Done = queue.SimpleQueue()
    for _ in range(COMMITS):
        journal.put(_event(), done.put)
    for _ in range(COMMITS):
        _kept(done.get(timeout=60))


def _kept(answer: Committed | Refused) -> None:
    if not isinstance(answer, Committed):
        raise RuntimeError(f"not committed: {answer}")


def _asked(append: Callable[[], None]) -> list[float]:
    """Of appends by a thread that is asked for each and answers, as the journal's is and does."""
    asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
    done: queue.SimpleQueue[None] = queue.SimpleQueue()

    def serve() -> None:
        while asked.get():
            append()
            done.put(None)

    def act() -> None:
        asked.put(True)
        done.get(timeout=60)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        return _each(act)
    finally:
        asked.put(False)
        thread.join()
