"""A long queue: while a batch is under way the verdicts on the one before it are stored, and the next one is read."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.config import CentreConfig
from sync import listing, outbox, retention
from sync.client import Client, Failure
from sync.records import Stamp
from sync.sender import Sender, note_epoch
from sync.signing import Signer
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.helpers import rated, submitted
from tests.sync.keys_kit import Key
from tests.sync.peer import Peer


@pytest.fixture
def db(tmp_path: Path, vault: Vault) -> Iterator[sqlite3.Connection]:
    """250 requests wait."""
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as opened:
        note_epoch(opened, "e1", 0.0)
        add(opened, vault, 250)
        yield opened


@pytest.fixture
def sender(db: sqlite3.Connection, vault: Vault, client: Client) -> Sender:
    return Sender(db, vault, client, Clock())


def add(db: sqlite3.Connection, vault: Vault, count: int) -> None:
    with transaction(db):
        for n in range(count):
            outbox.add(db, vault, submitted(f"request-{n}"), Stamp("A-017", "boot-1", 1_772_412_120.0, 5.0))


def sent(db: sqlite3.Connection) -> int:
    return listing.counts(db).get("sent", 0)


def test_a_long_queue_goes_once_and_every_verdict_is_stored(db: sqlite3.Connection, sender: Sender, peer: Peer) -> None:
    assert [sender.send_due() for _ in range(4)] == [100, 100, 50, None]
    assert [len(batch) for batch in peer.batches] == [100, 100, 50]
    assert len(set(peer.arrivals)) == 250
    assert sent(db) == 250


def test_when_the_line_goes_what_was_told_before_is_stored(db: sqlite3.Connection, sender: Sender, peer: Peer) -> None:
    assert sender.send_due() == 100
    peer.fault("/v1/events:batch", "broken")
    assert isinstance(sender.send_due(), Failure)
    assert sent(db) == 100
    assert [sender.send_due() for _ in range(3)] == [100, 50, None]
    assert len(set(peer.arrivals)) == len(peer.arrivals) == 250


def test_whoever_is_killed_before_it_is_stored_asks_again_and_is_told_the_same(
    db: sqlite3.Connection, sender: Sender, vault: Vault, peer: Peer, client: Client
) -> None:
    assert sender.send_due() == 100
    # what it was told is gone with it
    after = Sender(db, vault, client, Clock())
    while after.send_due() is not None:
        pass
    assert len(peer.ledger) == sent(db) == 250


def test_a_batch_that_waits_signed_is_signed_anew_once_the_clock_is_known_to_be_wrong(
    db: sqlite3.Connection, sender: Sender, peer: Peer
) -> None:
    assert sender.send_due() == 100
    peer.now = lambda: time.time() + 4000.0
    assert [sender.send_due() for _ in range(3)] == [100, 50, None]
    assert sent(db) == len(peer.arrivals) == 250


def test_a_batch_that_waits_signed_goes_under_the_key_of_today(
    db: sqlite3.Connection, vault: Vault, peer: Peer, peer_key: Key
) -> None:
    """A terminal that was enrolled anew in between: under the old key it would be told that it is not enrolled."""
    keys = [peer_key]
    with closing(Client(CentreConfig(url=peer.url), lambda: keys[-1].signer)) as client:
        sender = Sender(db, vault, client, Clock())
        assert sender.send_due() == 100
        keys.append(Key())
        peer.keys = {keys[-1].signer.id: keys[-1].public}
        assert [sender.send_due() for _ in range(3)] == [100, 50, None]
    assert sent(db) == len(peer.arrivals) == 250


def test_the_next_batch_is_signed_before_the_answer_to_this_one_is_there(
    db: sqlite3.Connection, vault: Vault, peer: Peer, peer_key: Key
) -> None:
    asked = threading.Semaphore(0)

    def signer() -> Signer:
        asked.release()
        return peer_key.signer

    with closing(Client(CentreConfig(url=peer.url), signer)) as client, ThreadPoolExecutor(1) as thread:
        peer.gate.clear()
        first = thread.submit(Sender(db, vault, client, Clock()).send_due)
        # to write it, to send it, and to write the next one
        assert all(asked.acquire(timeout=20) for _ in range(3))
        assert not first.done()
        peer.gate.set()
        assert first.result(20) == 100
    assert peer.arrivals == [f"request-{n}" for n in range(100)]


@pytest.mark.parametrize("days", [-400, 3650])
def test_by_a_clock_that_is_wrong_nothing_is_forgotten_too_early_or_kept_too_long(
    db: sqlite3.Connection, vault: Vault, peer: Peer, client: Client, days: int
) -> None:
    """The centre says with each answer what time it is: by that its thirty days are counted."""
    sender = Sender(db, vault, client, Clock(days * 86400.0))
    while sender.send_due() is not None:
        pass
    retention.purge(db, time.time())
    assert sent(db) == 250, "a repeat would be another act, and a centre that is restored would never get them"
    peer.epoch = "e2"
    add(db, vault, 251)
    while sender.send_due() is not None:
        pass
    assert len(peer.arrivals) >= 500, "all of them went once more"
    retention.purge(db, time.time() + 31 * 86400.0)
    assert sent(db) == 0


def test_what_was_recorded_first_arrives_first(sender: Sender, peer: Peer) -> None:
    """Also across streams: a guard's opening names the decision that it overrules."""
    while sender.send_due() is not None:
        pass
    assert peer.arrivals == [f"request-{n}" for n in range(250)]


def test_a_row_that_has_to_wait_holds_up_what_was_to_come_of_its_stream(
    db: sqlite3.Connection, sender: Sender, vault: Vault, peer: Peer
) -> None:
    with transaction(db):
        outbox.add(db, vault, rated("request-170"), Stamp("A-017", "boot-1", 1_772_412_130.0, 15.0))
    peer.verdicts = {"request-170": "later"}
    while (settled := sender.send_due()) is not None:
        assert not isinstance(settled, Failure)
    assert "request-170:rating" not in peer.arrivals
    assert sent(db) == 249


def test_verdicts_that_find_no_room_are_not_taken_for_stored(
    db: sqlite3.Connection, sender: Sender, peer: Peer
) -> None:
    assert sender.send_due() == 100
    db.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError):
        sender.send_due()
    db.execute("PRAGMA query_only = OFF")
    assert sent(db) == 0
    while sender.send_due() is not None:
        pass
    assert sent(db) == len(peer.ledger) == 250


def test_a_stream_that_has_to_wait_is_asked_about_once(
    db: sqlite3.Connection, sender: Sender, vault: Vault, peer: Peer
) -> None:
    """Somebody stands before the screen for it, and is told; the centre is not asked again and again."""
    with transaction(db):
        outbox.add(db, vault, rated("request-7"), Stamp("A-017", "boot-1", 1_772_412_130.0, 15.0))
    peer.verdicts = {"request-7": "later", "request-7:rating": "later"}
    assert sender.send_stream("request-7") == 0
    assert peer.batches == [["request-7", "request-7:rating"]]


def test_a_stream_that_is_too_large_for_one_batch_goes_in_several(
    db: sqlite3.Connection, sender: Sender, vault: Vault, peer: Peer
) -> None:
    with transaction(db):
        for n in range(4):
            event = rated("request-7", f"request-7:rating-{n}")
            outbox.add(db, vault, event, Stamp("A-017", "boot-1", 1_772_412_130.0, 15.0))
    peer.most_items = 2
    assert sender.send_stream("request-7") == 5
    assert peer.batches[0][0] == "request-7"
    assert sent(db) == 5
