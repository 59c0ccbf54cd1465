"""Power cuts: a session of real processes is recorded, and the journal of every moment is opened by the real code."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync import outbox
from sync.records import NewEvent, Stamp
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import ItemResult, Verdict
from tests.faults import recorder
from tests.faults.books import Ack, Books, queued
from tests.faults.disk import MODELS, Disk
from tests.faults.enqueuer import ACTS
from tests.faults.nursery import Starter
from tests.faults.recorder import Op
from tests.sync.helpers import submitted
from tests.sync.peer import Answer, Json, Peer
from tests.sync.running import write_config
from tests.waiting import until

NOW = 4_000_000_000.0


class NotingPeer(Peer):
    """A centre that notes in the record what it has taken, before it says so."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def _batch(self, items: list[Json]) -> Answer:
        status, answer = super()._batch(items)
        recorder.taken(self._log, (item["key"] for item in items))
        return status, answer


@dataclass(frozen=True, slots=True)
class Session:
    """A record, and the state folder in which it was made."""

    folder: Path
    ops: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """The moment after `at` operations. `acks` and `taken`: what was promised, and what the centre had, by then."""

    at: int
    disk: Disk
    acks: tuple[Ack, ...]
    taken: frozenset[str]


def record(starter: Starter, folder: Path, lives: Sequence[int], plants: Sequence[str] = ()) -> Session:
    """Lives of an enqueuer with so many acts each, beside a sync process; the last one has no sync process.

    Nobody is killed here: of a process that ends in the middle of a write nobody could tell whether it was done.
    """
    log = folder / "record"
    env = {recorder.FOLDER: str(folder), recorder.LOG: str(log)}
    peer = NotingPeer(log)
    peer.start()
    bodies = {item: submitted("request-1", item=item).body for item in ("enrolment", "repair")}
    (folder / ACTS).write_text(json.dumps(bodies), "utf-8")
    config = write_config(folder, peer.url, feed_seconds=60)
    try:
        for n, most in enumerate(lives):
            sync = starter.start("sync", ["--config", str(config)], plants, env) if n < len(lives) - 1 else None
            _life(starter, folder, most, plants, env)
            if sync:
                sync.order(op="nudge")
                until(lambda: queued(folder / "journal.db") == 0, "everything is sent", 60)
                sync.end()
    finally:
        peer.stop()
    return Session(folder, tuple(recorder.read(log)))


def _life(starter: Starter, folder: Path, most: int, plants: Sequence[str], env: dict[str, str]) -> None:
    arguments = ["--folder", str(folder), "--most", str(most), "--poison", "0", "--pause", "0.002"]
    enqueuer = starter.start("enqueuer", arguments, plants, env)
    until(lambda: not enqueuer.alive, "the enqueuer has done its acts", 60)
    enqueuer.kill()


def cuts(session: Session, wanted: Iterable[int]) -> Iterator[Cut]:
    """The disk at these moments, by the number of operations before; each is good until the next is asked for."""
    disk, acks, taken, at = Disk(), b"", set[str](), 0
    for number in sorted(set(wanted)):
        for op in session.ops[at:number]:
            disk.feed(op)
            acks += op.data if op.kind == "a" else b""
            taken |= set(op.data.decode().split()) if op.kind == "k" else set()
        at = number
        yield Cut(at, disk, tuple(Ack(*json.loads(line)) for line in acks.splitlines()), frozenset(taken))


def examine(session: Session, wanted: Iterable[int], place: Path, seed: int, models: Sequence[str]) -> list[str]:
    """What is wrong with any of the disks that these cuts may leave, a line each; empty when nothing is."""
    vault, puts = Vault.open(session.folder), Books(session.folder).puts()
    dice, wrong = random.Random(seed), []
    for cut in cuts(session, wanted):
        for model in models:
            _lay_out(place, cut.disk.image(model, dice), dice)
            wrong += [f"cut {cut.at}, {model}: {each}" for each in _wrong(place, vault, puts, cut)]
    return wrong


def sample(session: Session, most: int, seed: int) -> list[int]:
    """So many moments: the last one, some right after a promise or right before the centre takes something, any."""
    dice, end = random.Random(seed), len(session.ops)
    near = [n + (op.kind == "a") for n, op in enumerate(session.ops) if op.kind in "ak"]
    kept = dice.sample(near, min(most // 2, len(near)))
    return sorted({*kept, *dice.sample(range(end), min(most - len(kept), end)), end})


def every_model() -> tuple[str, ...]:
    return tuple(MODELS)


def _lay_out(place: Path, image: dict[str, bytes], dice: random.Random) -> None:
    """The files as found after the cut; the shared memory beside them is whatever it was."""
    for old in place.glob("journal.db*"):
        old.unlink()
    for name, content in image.items():
        (place / name).write_bytes(content)
    if dice.random() < 0.3 and "journal.db-wal" in image:
        (place / "journal.db-shm").write_bytes(dice.randbytes(32768))


def _wrong(place: Path, vault: Vault, puts: dict[str, NewEvent], cut: Cut) -> list[str]:
    try:
        with contextlib.closing(connect(place / "journal.db", JOURNAL)) as db:
            (sound,) = db.execute("PRAGMA integrity_check").fetchone()
            found = {} if sound == "ok" else {"integrity": [str(sound)[:200]]}
            return [f"{name}: {what[:3]}" for name, what in {**found, **_audit(db, vault, puts, cut)}.items() if what]
    except sqlite3.Error as error:
        return [f"not opened: {error}"]


def _audit(db: sqlite3.Connection, vault: Vault, puts: dict[str, NewEvent], cut: Cut) -> dict[str, list[Any]]:
    states = dict(db.execute("SELECT key, state FROM outbox").fetchall())
    sent = {key for key, state in states.items() if state == "sent"}
    lost = sorted({ack.key for ack in cut.acks} - states.keys())
    again = [] if lost else [ack.key for ack in cut.acks if not _the_same_again(db, vault, puts[ack.key], ack)]
    offered = _drain(db, vault)
    return {
        "lost": lost,
        "another answer to the same key": again,
        "sent though not taken": sorted(sent - cut.taken),
        "sent again": sorted(sent & offered.keys()),
        "sent twice": [key for key, n in offered.items() if n > 1],
        "never put": sorted(states.keys() - puts.keys()),
        "never sent": sorted(states.keys() - sent - offered.keys()),
    }


def _the_same_again(db: sqlite3.Connection, vault: Vault, event: NewEvent, ack: Ack) -> bool:
    """Somebody submits once more after the cut: no second row, the same receipt."""
    answer = outbox.insert(db, vault, event, Stamp("A-017", "boot-2", NOW, 1.0))
    return answer.existed and answer.receipt == ack.receipt


def _drain(db: sqlite3.Connection, vault: Vault) -> Counter[str]:
    """Everything that is still to be sent goes out; how often each key did."""
    offered: Counter[str] = Counter()
    db.execute("UPDATE blobs SET sent = 1")
    while items := outbox.due(db, vault, NOW):
        offered.update(item.key for item in items)
        outbox.settle(db, items, [ItemResult(key=item.key, verdict=Verdict.CREATED) for item in items], NOW)
    return offered
