"""The queue's rules: when a row is due, in which order, and what a verdict does to it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import listing, outbox, retention
from sync.records import NewEvent, Stamp
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import EventItem, ItemResult, Verdict
from tests.sync.helpers import rated, submitted

NOW = 1_772_412_120.0
STAMP = Stamp("A-017", "boot-1", NOW, 5.0)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = connect(tmp_path / "journal.db", JOURNAL)
    yield made
    made.close()


def add(db: sqlite3.Connection, vault: Vault, *events: NewEvent) -> None:
    for event in events:
        outbox.insert(db, vault, event, STAMP)


def keys(items: list[EventItem]) -> list[str]:
    return [item.key for item in items]


def settle(db: sqlite3.Connection, items: list[EventItem], verdict: Verdict, now: float = NOW) -> None:
    outbox.settle(db, items, [ItemResult(key=item.key, verdict=verdict, reason="why") for item in items], now)


def state(db: sqlite3.Connection, key: str) -> tuple[str, str]:
    found: tuple[str, str] = db.execute("SELECT state, verdict FROM outbox WHERE key = ?", (key,)).fetchone()
    return found


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.CREATED, "sent"),
        (Verdict.DUPLICATE, "sent"),
        (Verdict.REJECTED, "dead"),
        (Verdict.CONFLICT, "dead"),
        (Verdict.LATER, "queued"),
    ],
)
def test_each_verdict_has_its_state_and_is_kept(
    db: sqlite3.Connection, vault: Vault, verdict: Verdict, expected: str
) -> None:
    add(db, vault, submitted("request-1"))
    settle(db, outbox.due(db, vault, NOW), verdict)
    assert state(db, "request-1") == (expected, f"{verdict}: why")
    assert outbox.due(db, vault, NOW) == []


def test_verdicts_alone_do_not_wait_for_the_disk(db: sqlite3.Connection, vault: Vault) -> None:
    """They can be asked for again; what anybody hands in, or says of a row, can not."""
    add(db, vault, submitted("request-1"), submitted("request-2"))
    said: list[str] = []
    db.set_trace_callback(said.append)
    settle(db, outbox.due(db, vault, NOW), Verdict.REJECTED)
    taken = next(n for n, line in enumerate(said) if line.strip().startswith("UPDATE outbox"))
    assert "PRAGMA synchronous = NORMAL" in said[:taken]

    said.clear()
    retention.retry(db, None, NOW)
    add(db, vault, submitted("request-3"))
    assert not [line for line in said if "synchronous" in line]
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2

    items = outbox.due(db, vault, NOW)
    db.execute("ALTER TABLE outbox RENAME TO gone")
    with pytest.raises(sqlite3.Error):
        settle(db, items, Verdict.CREATED)
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_an_item_that_waits_is_due_again_later_and_after_the_others(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, submitted("request-1"), submitted("request-2"))
    settle(db, outbox.due(db, vault, NOW)[:1], Verdict.LATER)
    assert keys(outbox.due(db, vault, NOW)) == ["request-2"]
    assert keys(outbox.due(db, vault, NOW + 2)) == ["request-2", "request-1"]
    assert 0.05 <= outbox.next_due(db, NOW, 5.0) <= 1.0


def test_a_stream_waits_for_its_head_and_holds_up_no_other(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, submitted("request-1"), rated("request-1"), submitted("request-2"))
    settle(db, outbox.due(db, vault, NOW)[:1], Verdict.LATER)
    assert keys(outbox.due(db, vault, NOW)) == ["request-2"]
    due = keys(outbox.due(db, vault, NOW + 5))
    assert due == ["request-2", "request-1"], "the second of the stream goes once its head is through"
    settle(db, outbox.due(db, vault, NOW + 5), Verdict.CREATED)
    assert keys(outbox.due(db, vault, NOW + 5)) == ["request-1:rating"]


def test_a_person_who_waits_sends_the_whole_stream_at_once(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, submitted("request-1"), submitted("request-2"), rated("request-1"))
    settle(db, outbox.due(db, vault, NOW)[:1], Verdict.LATER)
    assert keys(outbox.due_of_stream(db, vault, "request-1")) == ["request-1", "request-1:rating"]


def test_a_time_far_in_the_future_does_not_freeze_a_row(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, submitted("request-1"))
    settle(db, outbox.due(db, vault, NOW), Verdict.LATER, now=NOW + 10 * 365 * 86400)
    assert keys(outbox.due(db, vault, NOW)) == ["request-1"]


def test_an_event_waits_for_the_photograph_it_names(db: sqlite3.Connection, vault: Vault) -> None:
    sha = "ab" * 32
    db.execute("INSERT INTO blobs (sha256, body, size, at) VALUES (?, x'00', 1, 0)", (sha,))
    add(db, vault, submitted("request-1", attachments={"slip": sha}), rated("request-1"), submitted("request-2"))
    assert keys(outbox.due(db, vault, NOW)) == ["request-2"]
    assert keys(outbox.due_of_stream(db, vault, "request-1")) == []
    db.execute("UPDATE blobs SET sent = 1")
    assert keys(outbox.due(db, vault, NOW)) == ["request-1", "request-1:rating", "request-2"]


def test_a_batch_has_at_most_a_hundred_items_and_a_megabyte(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, *(submitted(f"request-{n}") for n in range(101)))
    assert len(outbox.due(db, vault, NOW)) == 100
    settle(db, outbox.due(db, vault, NOW), Verdict.CREATED)
    settle(db, outbox.due(db, vault, NOW), Verdict.CREATED)
    add(db, vault, *(submitted(f"large-{n:03}", values={"text": "x" * 300_000}) for n in range(5)))
    items = outbox.due(db, vault, NOW)
    assert len(items) == 3
    assert sum(len(item.model_dump_json()) for item in items) < 1_000_000


def test_a_new_epoch_sends_the_last_thirty_days_again(db: sqlite3.Connection, vault: Vault) -> None:
    retention.new_epoch(db, "e1", NOW)
    add(db, vault, submitted("old-request"), submitted("new-request"), submitted("dead-request"))
    old, new, dead = outbox.due(db, vault, NOW)
    settle(db, [old], Verdict.CREATED, NOW - 31 * 86400)
    settle(db, [new], Verdict.CREATED, NOW - 29 * 86400)
    settle(db, [dead], Verdict.REJECTED)
    assert retention.new_epoch(db, "e2", NOW) == 1
    assert keys(outbox.due(db, vault, NOW)) == ["new-request"]
    assert retention.epoch(db) == "e2"


def test_what_was_sent_is_kept_thirty_days_and_what_was_refused_for_good(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, submitted("old-request"), submitted("new-request"), submitted("dead-request"))
    old, new, dead = outbox.due(db, vault, NOW)
    settle(db, [old, dead], Verdict.CREATED, NOW - 31 * 86400)
    settle(db, [new], Verdict.CREATED, NOW)
    db.execute("UPDATE outbox SET state = 'dead' WHERE key = 'dead-request'")
    retention.purge(db, NOW)
    assert db.execute("SELECT key FROM outbox ORDER BY seq").fetchall() == [("new-request",), ("dead-request",)]


def test_a_row_that_cannot_be_read_is_dead_and_seen_and_stops_no_other(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, submitted("request-1"), submitted("request-2"))
    db.execute("UPDATE outbox SET body = (SELECT body FROM outbox WHERE seq = 2) WHERE seq = 1")
    assert keys(outbox.due(db, vault, NOW)) == ["request-2"]
    assert state(db, "request-1") == ("dead", "unreadable: UnreadableError")


def test_a_verdict_changes_only_what_is_still_queued(db: sqlite3.Connection, vault: Vault) -> None:
    add(db, vault, submitted("request-1"))
    items = outbox.due(db, vault, NOW)
    settle(db, items, Verdict.CREATED)
    settle(db, items, Verdict.REJECTED)
    assert state(db, "request-1")[0] == "sent"


def test_rows_for_the_technician_name_nobody_and_the_export_has_all(
    db: sqlite3.Connection, vault: Vault, tmp_path: Path
) -> None:
    add(db, vault, submitted("request-1"), rated("request-1"))
    settle(db, outbox.due(db, vault, NOW)[:1], Verdict.REJECTED)
    rows = list(listing.rows(tmp_path / "journal.db", vault, "dead"))
    assert [row.key for row in rows] == ["request-1"]
    assert "rejected: why" in str(rows[0])
    assert "家里" not in str(rows[0])
    (tmp_path / "out.jsonl").touch(0o644)
    assert listing.export(tmp_path / "journal.db", vault, tmp_path / "out.jsonl") == 2
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["body"]["values"] == {"reason": "家里有事"}
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600
    assert list(listing.rows(tmp_path / "none.db", vault)) == []


def test_what_was_tried_more_often_does_not_overtake_what_stands_between(db: sqlite3.Connection, vault: Vault) -> None:
    """The third was too large once, then the first: the second waits for the first, and so the third for both."""
    add(db, vault, *(NewEvent(f"key-0000{n}", "s", "rating.given", 1, {}) for n in (1, 2, 3)))
    for seq in (3, 1):
        outbox.postpone(db, seq, "later: too_large", NOW)
    first = outbox.due(db, vault, NOW + 100)
    assert keys(first) == ["key-00001"]
    assert outbox.due(db, vault, NOW + 100, beyond=first) == [], "the second is not offered while the first is here"
    settle(db, first, Verdict.CREATED, NOW + 100)
    assert keys(outbox.due(db, vault, NOW + 100)) == ["key-00002", "key-00003"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(streams=st.lists(st.sampled_from("abc"), min_size=1, max_size=12), seed=st.integers(0, 10_000))
def test_every_stream_arrives_in_order_whatever_waits(streams: list[str], seed: int, vault: Vault) -> None:
    """Random verdicts and times: the centre sees each stream's settled rows strictly by seq, and sees them all."""
    db, dice = sqlite3.connect(":memory:", isolation_level=None), random.Random(seed)
    for statement in (statement for step in JOURNAL for statement in step):
        db.execute(statement)
    for n, stream in enumerate(streams):
        outbox.insert(db, vault, NewEvent(f"key-{n:05}", stream, "rating.given", 1, {}), STAMP)
    now, arrived = NOW, []
    while listing.counts(db).get("queued"):
        now += dice.uniform(0, 20)
        items = outbox.due(db, vault, now, dice.randint(1, 4))
        held: set[str] = set()
        results = []
        for item in items:
            later = item.stream in held or dice.random() < 0.3
            held |= {item.stream} if later else set()
            results.append(ItemResult(key=item.key, verdict=Verdict.LATER if later else Verdict.CREATED))
            arrived += [] if later else [(item.stream, item.seq)]
        outbox.settle(db, items, results, now)
    for stream in "abc":
        seqs = [seq for name, seq in arrived if name == stream]
        assert seqs == sorted(seqs)
    assert len(arrived) == listing.counts(db)["sent"] == len(streams)
    db.close()
