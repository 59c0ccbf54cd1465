"""A long queue: two batches under way, no stream in both, every verdict stored, whatever cuts it off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.config import CentreConfig
from sync import outbox
from sync.client import Client, Failure
from sync.records import Stamp
from sync.sender import Sender, note_epoch
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


@pytest.fixture(params=[1, 2])
def sender(
    request: pytest.FixtureRequest, db: sqlite3.Connection, vault: Vault, peer: Peer, peer_key: Key
) -> Iterator[Sender]:
    """With one batch under way at a time, and with two."""
    clients = [Client(CentreConfig(url=peer.url), lambda: peer_key.signer) for _ in range(request.param)]
    yield Sender(db, vault, clients, Clock())
    for each in clients:
        each.close()


def add(db: sqlite3.Connection, vault: Vault, count: int) -> None:
    with transaction(db):
        for n in range(count):
            outbox.add(db, vault, submitted(f"request-{n}"), Stamp("A-017", "boot-1", 1_772_412_120.0, 5.0))


def sent(db: sqlite3.Connection) -> int:
    return outbox.counts(db).get("sent", 0)


def test_a_long_queue_goes_once_and_every_verdict_is_stored(db: sqlite3.Connection, sender: Sender, peer: Peer) -> None:
    assert [sender.send_due() for _ in range(4)] == [100, 100, 50, None]
    assert [len(batch) for batch in peer.batches] == [100, 100, 50]
    assert len(set(peer.arrivals)) == 250
    assert sent(db) == 250


def test_when_the_line_goes_what_was_told_is_stored(db: sqlite3.Connection, sender: Sender, peer: Peer) -> None:
    peer.fault("/v1/events:batch", "broken")
    answers = [sender.send_due() for _ in range(5)]
    assert any(isinstance(answer, Failure) for answer in answers)
    assert answers[-1] is None
    assert len(set(peer.arrivals)) == len(peer.arrivals) == sent(db) == 250


def test_whoever_is_killed_before_it_is_stored_asks_again_and_is_told_the_same(
    db: sqlite3.Connection, sender: Sender, vault: Vault, peer: Peer, client: Client
) -> None:
    peer.fault("/v1/events:batch", "lost", 2)
    assert isinstance(sender.send_due(), Failure)
    assert peer.ledger
    assert not sent(db)
    # what it was told is gone with it
    after = Sender(db, vault, [client], Clock())
    while after.send_due() is not None:
        pass
    assert len(peer.ledger) == sent(db) == 250


def test_two_batches_under_way_have_no_stream_in_common(
    db: sqlite3.Connection, sender: Sender, vault: Vault, peer: Peer
) -> None:
    """The ratings of the first hundred come right behind them, and the centre is slow."""
    with transaction(db):
        db.execute("DELETE FROM outbox WHERE seq > 100")
        for n in range(100):
            outbox.add(db, vault, rated(f"request-{n}"), Stamp("A-017", "boot-1", 1_772_412_130.0, 15.0))
    while sender.send_due() is not None:
        pass
    assert sent(db) == 200
    place = {key: n for n, key in enumerate(peer.arrivals)}
    assert all(place[f"request-{n}"] < place[f"request-{n}:rating"] for n in range(100))
    assert not any(f"{key}:rating" in batch for batch in peer.batches for key in batch)


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
