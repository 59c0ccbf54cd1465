"""What a million rows need: nothing that is asked often counts or sorts them, and nothing long shuts others out."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import listing, outbox, retention
from sync.records import Stamp
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import ItemResult, Verdict
from tests.sync.helpers import rated

NOW = 1_772_412_120.0
DAY = 86400.0
STAMP = Stamp("A-017", "boot-1", NOW, 5.0)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = connect(tmp_path / "journal.db", JOURNAL)
    yield made
    made.close()


def add(db: sqlite3.Connection, vault: Vault, count: int) -> None:
    for number in range(count):
        outbox.insert(db, vault, rated(f"request-{number}"), STAMP)


def send(db: sqlite3.Connection, vault: Vault, verdict: Verdict, most: int, at: float) -> None:
    items = outbox.due(db, vault, NOW, most)
    outbox.settle(db, items, [ItemResult(key=item.key, verdict=verdict) for item in items], at)


def counted(db: sqlite3.Connection) -> dict[str, int]:
    return dict(db.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())


@pytest.mark.parametrize("seed", range(5))
def test_the_tally_is_what_counting_would_say_whatever_happens(db: sqlite3.Connection, vault: Vault, seed: int) -> None:
    chance = random.Random(seed)
    for step in range(30):
        match chance.randrange(5):
            case 0 | 1:
                for _ in range(chance.randrange(8)):
                    outbox.insert(db, vault, rated(f"request-{chance.randrange(60)}"), STAMP)
            case 2:
                age = chance.choice((0, 20, 40)) * DAY
                send(db, vault, chance.choice(list(Verdict)), chance.randrange(1, 9), NOW - age)
            case 3:
                retention.purge(db, NOW)
            case 4:
                retention.new_epoch(db, f"epoch-{step}", NOW)
        assert listing.counts(db) == counted(db)


def test_an_insert_that_is_undone_is_not_counted(db: sqlite3.Connection, vault: Vault) -> None:
    db.execute("BEGIN IMMEDIATE")
    outbox.add(db, vault, rated("request-1"), STAMP)
    db.execute("ROLLBACK")
    assert listing.counts(db) == {}


def test_a_journal_of_before_is_counted_once_when_it_moves_up(tmp_path: Path, vault: Vault) -> None:
    step = next(at for at, statements in enumerate(JOURNAL) if any("tally" in text for text in statements))
    old = connect(tmp_path / "old.db", JOURNAL[:step])
    add(old, vault, 5)
    old.execute("UPDATE outbox SET state = 'sent', sent_at = ? WHERE seq <= 2", (NOW,))
    old.close()
    new = connect(tmp_path / "old.db", JOURNAL)
    assert listing.counts(new) == {"queued": 3, "sent": 2}
    add(new, vault, 6)
    assert listing.counts(new) == {"queued": 4, "sent": 2}
    new.close()


def test_many_are_sent_again_or_forgotten_in_steps(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, 30)
    send(db, vault, Verdict.CREATED, 10, NOW - 40 * DAY)
    send(db, vault, Verdict.CREATED, 10, NOW - DAY)
    send(db, vault, Verdict.CREATED, 10, NOW + 5 * DAY)
    commits: list[str] = []
    db.set_trace_callback(lambda text: commits.append(text) if text == "COMMIT" else None)
    retention.purge(db, NOW, 4)
    assert len(commits) >= 3
    assert listing.counts(db) == {"sent": 20}
    commits.clear()
    assert retention.new_epoch(db, "another", NOW, 4) == 20, "also what a wrong clock sent in the future"
    assert len(commits) >= 6
    assert listing.counts(db) == {"queued": 20}
    db.set_trace_callback(None)


def test_a_new_epoch_that_is_cut_off_begins_again(db: sqlite3.Connection, vault: Vault) -> None:
    retention.new_epoch(db, "first", NOW)
    add(db, vault, 10)
    send(db, vault, Verdict.CREATED, 10, NOW)
    rows = iter(range(6))
    db.create_function("cut", 0, lambda: next(rows))
    db.execute("CREATE TEMP TRIGGER cut AFTER UPDATE OF state ON outbox BEGIN SELECT cut(); END")
    with pytest.raises(sqlite3.Error):
        retention.new_epoch(db, "second", NOW, 4)
    db.execute("DROP TRIGGER cut")
    assert retention.epoch(db) == "first"
    assert listing.counts(db) == {"queued": 4, "sent": 6}
    retention.new_epoch(db, "second", NOW)
    assert (retention.epoch(db), listing.counts(db)) == ("second", {"queued": 10})


def test_what_is_asked_often_neither_scans_nor_sorts_the_rows(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, 3)
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    listing.backlog(db, NOW)
    listing.counts(db)
    outbox.due(db, vault, NOW)
    outbox.next_due(db, NOW, 5.0)
    retention.purge(db, NOW)
    outbox.holds(db, "request-1:rating")
    outbox.insert(db, vault, rated("request-9"), STAMP)
    db.set_trace_callback(None)
    slow = [
        (text, plan)
        for text in asked
        if text.lstrip().startswith(("SELECT", "UPDATE", "DELETE"))
        for *_, plan in db.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()
        if re.search(r"SCAN (outbox|o|e)\b|TEMP B-TREE", plan) and "INDEX outbox_waiting" not in plan
    ]
    assert slow == []
    assert len(asked) > 10
