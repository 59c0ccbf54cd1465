"""The queue as the technician sees it: counted and listed beside the writers, with nothing of whose it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.clock import starting_at
from sync import outbox, overview
from sync.cache import Cache
from sync.records import NewEvent, Stamp
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import EventItem, FeedAnswer, ItemResult, Verdict
from tests.sync.central_kit import MORNING

NOW = MORNING.timestamp()
PERSON = {"person": "00000000000000a1", "values": {"name": "欧阳明月", "phone": "13812342046", "number": "20230017"}}
TELLS = ("欧阳", "13812342046", "20230017", "00000000000000a1")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    found = connect(tmp_path / "journal.db", JOURNAL)
    yield found
    found.close()


def put(db: sqlite3.Connection, vault: Vault, count: int, *, receipt: bool = True) -> list[EventItem]:
    """So many requests, an hour old and younger by a second each; as the sender reads them."""
    for n in range(count):
        event = NewEvent(f"key-{n:06d}", f"s{n}", "request.submitted", 1, dict(PERSON), receipt)
        outbox.insert(db, vault, event, Stamp("A-017", "boot", NOW - 3600 + n, float(n)))
    return outbox.due(db, vault, NOW, count)


def refuse(db: sqlite3.Connection, items: list[EventItem], reason: str = "查无此人 / No such person") -> None:
    results = [ItemResult(key=item.key, verdict=Verdict.REJECTED, reason=reason) for item in items]
    outbox.settle(db, items, results, NOW)


def test_it_is_counted_and_aged(tmp_path: Path, db: sqlite3.Connection, vault: Vault) -> None:
    items = put(db, vault, 10)
    outbox.settle(db, items[:3], [ItemResult(key=i.key, verdict=Verdict.CREATED) for i in items[:3]], NOW - 40)
    refuse(db, items[3:5])
    found = overview.standing(tmp_path / "journal.db", tmp_path / "cache.db")
    assert (found.waiting, found.sent, found.dead) == (5, 3, 2)
    assert (found.oldest, found.heard) == (NOW - 3600 + 5, NOW - 40)
    assert found.size == db.execute("SELECT sum(length(body)) FROM outbox").fetchone()[0]
    assert found.free > 0


def test_a_feed_that_came_to_its_end_is_a_word_of_the_centre(
    tmp_path: Path, db: sqlite3.Connection, vault: Vault
) -> None:
    cache = Cache(tmp_path / "cache.db", vault, starting_at(MORNING).now)
    cache.restart("e1")
    cache.apply(FeedAnswer(epoch="e1", feed="notices", rows=[], next=4, more=False), NOW - 7)
    assert overview.standing(tmp_path / "journal.db", tmp_path / "cache.db").heard == NOW - 7
    cache.close()


def test_dead_letters_come_by_pages_without_a_word_about_the_person(
    tmp_path: Path, db: sqlite3.Connection, vault: Vault
) -> None:
    items = put(db, vault, 20)
    refuse(db, items)
    page = overview.dead(tmp_path / "journal.db", vault, 4, 6)
    assert [row.seq for row in page] == [16, 15, 14, 13, 12, 11]
    first = page[0]
    assert (first.kind, first.at, first.tries) == ("request.submitted", NOW - 3600 + 15, 1)
    assert (first.receipt, first.reason) == ("A-017-20260302-0016", "rejected: 查无此人 / No such person")
    assert not [tell for tell in TELLS if tell in repr(page)]
    assert overview.dead(tmp_path / "journal.db", vault, 20, 6) == ()


def test_tries_are_how_often_it_went_out(tmp_path: Path, db: sqlite3.Connection, vault: Vault) -> None:
    items = put(db, vault, 1)
    for _ in range(2):
        outbox.settle(db, items, [ItemResult(key=items[0].key, verdict=Verdict.LATER)], NOW - 2000)
    refuse(db, items)
    assert overview.dead(tmp_path / "journal.db", vault, 0, 6)[0].tries == 3


def test_what_cannot_be_read_any_more_is_listed_all_the_same(
    tmp_path: Path, db: sqlite3.Connection, vault: Vault
) -> None:
    put(db, vault, 1)
    db.execute("UPDATE outbox SET body = x'00112233445566778899'")
    assert outbox.due(db, vault, NOW) == []
    row = overview.dead(tmp_path / "journal.db", vault, 0, 6)[0]
    assert (row.receipt, row.reason, row.size) == ("", "unreadable: UnreadableError", 10)


def test_without_a_journal_it_is_an_error_that_callers_know(tmp_path: Path, vault: Vault) -> None:
    with pytest.raises(sqlite3.Error):
        overview.standing(tmp_path / "none.db", tmp_path / "cache.db")
    with pytest.raises(sqlite3.Error):
        overview.dead(tmp_path / "none.db", vault, 0, 6)
