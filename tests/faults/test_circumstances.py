"""Other things that happen: a clock that jumps, a disk that is slow or fails, poison, a restored centre, an upgrade."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from sync import listing, outbox, retention
from sync.records import NewEvent, Stamp
from sync.store import connect, reader, transaction
from sync.tables import JOURNAL
from tests.faults import kills, plants
from tests.faults.books import POISON, states
from tests.faults.conftest import MakeStage
from tests.faults.nursery import Nursery
from tests.faults.recorder import FOLDER, FSYNC_FAIL, FSYNC_MS, NO_COMPILER
from tests.faults.stage import Stage

pytestmark = pytest.mark.timeout(240)

DAY = 86400.0
JUMPS = (-400 * DAY, 0.0, 3650 * DAY, -400 * DAY, 3650 * DAY)


def jump(clock: Path, seconds: float) -> None:
    """In one step: nobody reads half a number."""
    new = clock.with_suffix(".new")
    new.write_text(str(seconds), "ascii")
    new.replace(clock)


def with_a_jumping_clock(make_stage: MakeStage, tmp_path: Path, *planted: str) -> tuple[Stage, Path]:
    clock = tmp_path / "clock"
    jump(clock, 0)
    env = {plants.CLOCK: str(clock)}
    bent = {"enqueuer": ["jumping_clock"], "sync": ["jumping_clock", *planted]}
    return make_stage(plants=bent, env={"enqueuer": env, "sync": env}), clock


def test_a_clock_that_jumps_leaves_nothing_stuck_and_nothing_doubled(make_stage: MakeStage, tmp_path: Path) -> None:
    stage, clock = with_a_jumping_clock(make_stage, tmp_path)
    for seed, seconds in enumerate(JUMPS):
        kills.storm(stage, seed)
        jump(clock, seconds)
        stage.wait(0.1)
    assert stage.drain() == {}, "the clock is ten years ahead, and was 400 days behind"
    jump(clock, 0)
    stage.start("enqueuer")
    stage.wait(0.2)
    assert stage.drain() == {}, "and right again"


def slow_disk(nursery: Nursery, make_stage: MakeStage, **faults: str) -> Stage:
    if not nursery.records:
        pytest.skip(NO_COMPILER)
    stage = make_stage(roles=())
    slow = {FOLDER: str(stage.state), FSYNC_MS: "10"}
    stage.env = {"enqueuer": slow | faults, "sync": slow}
    stage.start("sync")
    stage.start("enqueuer")
    return stage


def test_a_slow_disk_changes_nothing(nursery: Nursery, make_stage: MakeStage) -> None:
    stage = slow_disk(nursery, make_stage)
    for seed in range(3):
        kills.storm(stage, seed)
    assert stage.drain() == {}


def test_what_a_failing_disk_refused_is_not_acknowledged_and_the_rest_arrives(
    nursery: Nursery, make_stage: MakeStage
) -> None:
    stage = slow_disk(nursery, make_stage, **{FSYNC_FAIL: "5"})
    for seed in range(3):
        kills.storm(stage, seed)
    assert stage.drain() == {}
    assert len(stage.books.puts()) > len({ack.key for ack in stage.books.acks()}) > 10


def test_one_poison_item_in_a_thousand_is_dead_and_visible_and_the_others_are_sent(make_stage: MakeStage) -> None:
    stage = make_stage(roles=())
    poison = f"act-00500{POISON}"
    queue_up(stage, 1000, {500: NewEvent(poison, poison, "request.submitted", 1, {"item": "nothing-like-it"})})
    stage.start("sync")
    stage.wait_until(lambda: waiting(stage) == 0, "all are settled")
    found = states(stage.journal)
    assert [key for key, (state, _) in found.items() if state == "dead"] == [poison]
    assert len({key for key, _ in stage.held().events}) == 999
    (row,) = listing.rows(stage.journal, stage.vault, "dead")
    assert row.verdict.startswith("rejected: ")


def queue_up(stage: Stage, count: int, others: dict[int, NewEvent] | None = None, schema: int = len(JOURNAL)) -> None:
    """So many codes that were refused, at once, into a journal of this version of the schema."""
    db = connect(stage.journal, JOURNAL[:schema])
    with transaction(db):
        for n in range(count):
            plain = NewEvent(f"act-{n:05}", "codes", "codes.refused", 1, {"counts": {"expired": n}})
            event = (others or {}).get(n, plain)
            outbox.add(db, stage.vault, event, Stamp("A-017", "boot-1", 1_772_412_120.0, float(n)))
    db.close()


def waiting(stage: Stage) -> int:
    with contextlib.closing(sqlite3.connect(stage.journal)) as db:
        return int(db.execute("SELECT count(*) FROM outbox WHERE state = 'queued'").fetchone()[0])


def test_an_upgrade_with_500_queued_items_loses_none(make_stage: MakeStage) -> None:
    stage = make_stage(roles=())
    queue_up(stage, 500, schema=1)
    stage.start("sync")
    stage.wait_until(lambda: waiting(stage) == 0, "all are settled")
    assert {key for key, _ in stage.held().events} == states(stage.journal).keys()
    assert len(states(stage.journal)) == 500


def test_a_centre_restored_to_an_earlier_day_gets_everything_again(make_stage: MakeStage) -> None:
    stage = make_stage()
    kills.storm(stage, 1)
    assert stage.drain() == {}
    before = stage.folder / "before.db"
    with contextlib.closing(sqlite3.connect(stage.central / "central.db")) as db:
        db.execute("VACUUM INTO ?", (str(before),))
    stage.start("enqueuer")
    stage.wait(0.5)
    assert stage.drain() == {}
    known = restore(stage, before)
    stage.start("enqueuer")
    stage.wait_until(lambda: epoch(stage) != known, "the terminal notices")
    assert stage.drain() == {}


def restore(stage: Stage, backup: Path) -> str:
    """Yesterday's file in the place of today's, as another database than before; the epoch until then."""
    stage.kill("centre")
    for name in ("central.db-wal", "central.db-shm"):
        (stage.central / name).unlink(missing_ok=True)
    shutil.copy(backup, stage.central / "central.db")
    with contextlib.closing(sqlite3.connect(stage.central / "central.db", isolation_level=None)) as db:
        db.execute("DELETE FROM meta WHERE name = 'epoch'")
    there = {key for key, _ in stage.held().events}
    assert {ack.key for ack in stage.books.acks() if not ack.key.endswith(POISON)} - there
    stage.start("centre")
    return epoch(stage)


def epoch(stage: Stage) -> str:
    """The centre's database as the terminal knows it."""
    with contextlib.closing(reader(stage.journal)) as db:
        return retention.epoch(db)
