"""Faces on record: committed with their event, gone without a trace, over restarts and restored centres."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.domain import consent
from kiosk.domain.faults import Fault
from sync import listing, outbox, owntemplates, retention
from sync.cache import Cache
from sync.faces import Consent, Enrolment, FaceStore
from sync.journal import Committed, Journal, Refused
from sync.store import connect, reader, truncate_log
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import ItemResult, Verdict
from tests.sync.gate_kit import (
    MODEL,
    START,
    Now,
    answer,
    apply,
    at_rest,
    enrol,
    person_row,
    raw_bytes,
    template_row,
    templates,
)
from tests.sync.helpers import OTHER, PERSON
from tests.waiting import until


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def cache(tmp_path: Path, vault: Vault, now: Now) -> Iterator[Cache]:
    made = Cache(tmp_path / "cache.db", vault, now.now)
    apply(made, "persons", {PERSON: person_row("20230017"), OTHER: person_row("20230018")})
    yield made
    made.close()


@pytest.fixture
def open_journal(tmp_path: Path, vault: Vault, now: Now, faults: list[Fault]) -> Iterator[Callable[[], Journal]]:
    """The journal; again = after a restart."""
    running: list[Journal] = []

    def make() -> Journal:
        for each in running:
            each.stop()
        clock: Any = now
        running.append(Journal(tmp_path / "journal.db", vault, clock, "A-017", "boot-1", faults.append))
        running[-1].start()
        return at_rest(running[-1])

    yield make
    for each in running:
        each.stop()


@pytest.fixture
def forgotten() -> list[str]:
    return []


OpenStore = Callable[[], FaceStore]


@pytest.fixture
def open_store(
    tmp_path: Path, vault: Vault, now: Now, open_journal: Callable[[], Journal], forgotten: list[str]
) -> OpenStore:
    clock: Any = now
    return lambda: FaceStore(open_journal(), tmp_path / "cache.db", vault, clock, forgotten.append)


@pytest.fixture
def store(open_store: OpenStore) -> FaceStore:
    return open_store()


@pytest.fixture
def db(store: FaceStore, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """What the sync process has open."""
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as made:
        yield made


def status(store: FaceStore, person: str = PERSON) -> Enrolment | None:
    found: Enrolment | None = answer(store.status, person)
    return found


def withdraw(store: FaceStore, key: str, person: str = PERSON) -> Committed | Refused:
    found: Committed | Refused = answer(store.withdraw, person, key)
    return found


def settle(db: sqlite3.Connection, vault: Vault, verdict: Verdict, now: float = START) -> list[str]:
    """The centre's word on everything that is due."""
    items = outbox.due(db, vault, now)
    outbox.settle(db, items, [ItemResult(key=item.key, verdict=verdict) for item in items], now)
    return [item.key for item in items]


def bodies(tmp_path: Path, vault: Vault) -> dict[str, dict[str, Any] | None]:
    return {row.key: row.body for row in listing.rows(tmp_path / "journal.db", vault)}


def sealed(tmp_path: Path) -> list[bytes]:
    """The encrypted templates as they lie in both files now: 40 bytes out of the middle of each."""
    found: list[bytes] = []
    for name, query in (
        ("journal.db", "SELECT body FROM own_templates"),
        ("journal.db", "SELECT body FROM outbox WHERE kind = 'face.enrolled'"),
        ("cache.db", "SELECT body FROM rows WHERE feed = 'templates'"),
    ):
        with contextlib.closing(reader(tmp_path / name)) as db:
            found += [body[len(body) // 2 :][:40] for (body,) in db.execute(query)]
    return found


def test_an_enrolment_is_an_event_and_a_template_in_one(
    store: FaceStore, db: sqlite3.Connection, tmp_path: Path, vault: Vault
) -> None:
    first = enrol(store, "face-0001", 1)
    assert isinstance(first, Committed)
    again = enrol(store, "face-0001", 2)
    assert isinstance(again, Committed)
    assert (again.seq, again.existed) == (first.seq, True)
    (item,) = outbox.due(db, vault, START)
    assert (item.kind, item.stream, item.body["consent"]["factors"]) == (
        "face.enrolled",
        f"face:{PERSON}",
        ["code", "pin"],
    )
    (own,) = owntemplates.rows(db, vault)
    assert own.body.model_dump(mode="json") == item.body, "the first one, whatever came under its key later"
    assert status(store) == Enrolment(consent.CURRENT, START, MODEL)
    assert status(store, OTHER) is None


def test_when_the_template_cannot_be_kept_neither_is_the_event(
    store: FaceStore, db: sqlite3.Connection, vault: Vault, faults: list[Fault]
) -> None:
    db.execute("DROP TABLE own_templates")
    assert isinstance(enrol(store, "face-0001", 1), Refused)
    assert db.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert len(faults) == 1


@pytest.mark.parametrize(
    "vectors", [np.ones((6, 128)), np.ones((0, 128)), np.ones(128), np.zeros((1, 128)), np.full((1, 128), np.inf)]
)
def test_what_is_no_template_is_a_bug_of_the_caller(store: FaceStore, vectors: Any) -> None:
    agreed = Consent(consent.CURRENT, START)
    with pytest.raises(ValueError, match=r"template|bytes"):
        store.enrol(PERSON, MODEL, agreed, np.asarray(vectors, np.float32), "face-0001", lambda _: None)
    with pytest.raises(ValueError, match="person"):
        store.enrol("zhangwei", MODEL, agreed, templates(1), "face-0001", lambda _: None)
    with pytest.raises(ValueError, match="person"):
        store.withdraw("zhangwei", "face-0001", lambda _: None)


def test_after_delivery_the_queue_holds_no_template(
    store: FaceStore, cache: Cache, db: sqlite3.Connection, tmp_path: Path, vault: Vault
) -> None:
    enrol(store, "face-0001", 1)
    queued = sealed(tmp_path)[1]
    assert settle(db, vault, Verdict.CREATED) == ["face-0001"]
    body = bodies(tmp_path, vault)["face-0001"]
    assert body is not None
    assert set(body) == {"person", "model", "consent"}
    assert truncate_log(db)
    assert queued not in raw_bytes(tmp_path)
    assert status(store) is not None, "until the feed brings it"


def test_what_the_centre_refuses_counts_nowhere(
    store: FaceStore, db: sqlite3.Connection, tmp_path: Path, vault: Vault
) -> None:
    enrol(store, "face-0001", 1)
    settle(db, vault, Verdict.REJECTED)
    assert status(store) is None
    assert list(owntemplates.rows(db, vault)) == []
    assert listing.counts(db) == {"dead": 1}
    assert "vectors" not in (bodies(tmp_path, vault)["face-0001"] or {"vectors": 0})


def test_the_verdict_on_a_face_and_what_it_does_to_the_template_are_one(
    store: FaceStore, db: sqlite3.Connection, vault: Vault
) -> None:
    enrol(store, "face-0001", 3)
    db.execute("CREATE TEMP TRIGGER no BEFORE DELETE ON own_templates BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(sqlite3.Error):
        settle(db, vault, Verdict.REJECTED)
    assert db.execute("SELECT state FROM outbox").fetchall() == [("queued",)]
    db.execute("DROP TRIGGER no")
    settle(db, vault, Verdict.REJECTED)
    assert db.execute("SELECT state FROM outbox").fetchall() == [("dead",)]
    assert status(store) is None


def test_a_withdrawal_leaves_no_byte_of_the_face(
    store: FaceStore, cache: Cache, db: sqlite3.Connection, tmp_path: Path, vault: Vault, forgotten: list[str]
) -> None:
    apply(cache, "templates", {PERSON: template_row(1), OTHER: template_row(2)})
    enrol(store, "face-0001", 3)
    enrol(store, "face-0002", 4, OTHER)
    before = sealed(tmp_path)
    assert len(before) == 6
    assert all(part in raw_bytes(tmp_path) for part in before), "this test sees what is there"
    assert isinstance(withdraw(store, "face-gone-1"), Committed)
    until(lambda: forgotten == [PERSON])
    cache.drop_withdrawn(owntemplates.withdrawn(db))
    after, left = raw_bytes(tmp_path), sealed(tmp_path)
    assert [part in after for part in before] == [False, True, False, True, False, True]
    assert len(left) == 4, "three of somebody else, and what is left of this person's event"
    assert status(store) is None
    assert status(store, OTHER) is not None
    rows = {row.key: (row.state, row.verdict) for row in listing.rows(tmp_path / "journal.db", vault)}
    assert rows["face-0001"] == ("sent", "withdrawn")
    assert settle(db, vault, Verdict.CREATED) == ["face-0002", "face-gone-1"]
    assert bodies(tmp_path, vault)["face-gone-1"] == {"person": PERSON, "consent": consent.CURRENT}


def test_a_reader_in_the_way_only_puts_the_last_trace_off(
    store: FaceStore, cache: Cache, db: sqlite3.Connection, tmp_path: Path
) -> None:
    enrol(store, "face-0001", 3)
    before = sealed(tmp_path)
    db.execute("BEGIN")
    db.execute("SELECT count(*) FROM own_templates").fetchone()
    assert isinstance(withdraw(store, "face-gone-1"), Committed)
    assert any(part in raw_bytes(tmp_path) for part in before)
    db.execute("COMMIT")
    until(lambda: not any(part in raw_bytes(tmp_path) for part in before))


def test_a_withdrawal_is_one_act_over_a_restart_too(
    open_store: OpenStore, cache: Cache, tmp_path: Path, vault: Vault, now: Now
) -> None:
    store = open_store()
    enrol(store, "face-0001", 1)
    now.wall += 5
    first = withdraw(store, "face-gone-1")
    store = open_store()
    assert status(store) is None
    now.wall += 5
    enrol(store, "face-0002", 2, at=now.wall)
    again = withdraw(store, "face-gone-1")
    assert isinstance(first, Committed)
    assert isinstance(again, Committed)
    assert (again.seq, again.existed) == (first.seq, True)
    assert status(store) == Enrolment(consent.CURRENT, now.wall, MODEL), "a repeated key does not end a newer face"


def test_a_feed_that_has_not_heard_of_it_brings_nothing_back(
    open_store: OpenStore, cache: Cache, now: Now, db: sqlite3.Connection
) -> None:
    store = open_store()
    apply(cache, "templates", {PERSON: template_row(1, at=START - 5)})
    assert status(store) is not None
    withdraw(store, "face-gone-1")
    apply(cache, "templates", {PERSON: template_row(1, at=START - 5)})
    assert status(store) is None
    assert cache.drop_withdrawn(owntemplates.withdrawn(db))
    assert not cache.holds("templates", PERSON)
    apply(cache, "templates", {PERSON: template_row(7, at=START + 60)})
    assert not cache.drop_withdrawn(owntemplates.withdrawn(db))
    assert status(store) == Enrolment(consent.CURRENT, START + 60, MODEL)


def test_a_new_consent_counts_whatever_the_clock_did(store: FaceStore, now: Now) -> None:
    withdraw(store, "face-gone-1")
    enrol(store, "face-0001", 1, at=START - 3600)
    assert status(store) == Enrolment(consent.CURRENT, START - 3600, MODEL)


def test_a_restored_centre_gets_the_face_again_unless_it_was_withdrawn(
    store: FaceStore, db: sqlite3.Connection, tmp_path: Path, vault: Vault
) -> None:
    retention.new_epoch(db, "e1", START)
    enrol(store, "face-0001", 1)
    enrol(store, "face-0002", 2, OTHER)
    (sent, _) = outbox.due(db, vault, START)
    settle(db, vault, Verdict.CREATED)
    withdraw(store, "face-gone-2", OTHER)
    settle(db, vault, Verdict.CREATED)
    assert retention.new_epoch(db, "e2", START) == 2
    again = outbox.due(db, vault, START)
    assert [item.key for item in again] == ["face-0001", "face-gone-2"]
    assert again[0].body == sent.body, "the same act, or the centre would call it a conflict"


def test_what_ended_elsewhere_ends_here(
    store: FaceStore, cache: Cache, db: sqlite3.Connection, vault: Vault, now: Now
) -> None:
    retention.new_epoch(db, "e1", START)
    enrol(store, "face-0001", 1)
    settle(db, vault, Verdict.CREATED, START)
    apply(cache, "templates", {PERSON: template_row(1, at=START)}, epoch="e1")
    now.wall += 60
    owntemplates.drop_gone(db, vault, cache, "e1")
    assert len(list(owntemplates.rows(db, vault))) == 1, "the feed has it"
    apply(cache, "templates", {PERSON: None}, epoch="e1")
    owntemplates.drop_gone(db, vault, cache, "e0")
    assert len(list(owntemplates.rows(db, vault))) == 1, "another database's word"
    owntemplates.drop_gone(db, vault, cache, "e1")
    assert list(owntemplates.rows(db, vault)) == []
    assert status(store) is None


def test_a_feed_asked_for_before_delivery_says_nothing_about_it(
    store: FaceStore, cache: Cache, db: sqlite3.Connection, vault: Vault, now: Now
) -> None:
    apply(cache, "templates", {})
    enrol(store, "face-0001", 1)
    now.wall += 60
    owntemplates.drop_gone(db, vault, cache, "")
    settle(db, vault, Verdict.CREATED, now.wall)
    owntemplates.drop_gone(db, vault, cache, "")
    assert status(store) is not None


def test_a_row_moved_to_somebody_else_is_nobodys(store: FaceStore, db: sqlite3.Connection, vault: Vault) -> None:
    enrol(store, "face-0001", 1)
    enrol(store, "face-0002", 2, OTHER)
    db.execute("UPDATE own_templates SET owner = ? WHERE key = 'face-0001'", (vault.tag("person", OTHER),))
    assert [own.key for own in owntemplates.rows(db, vault)] == ["face-0002"]
    db.execute("UPDATE own_templates SET body = (SELECT body FROM own_templates WHERE key = 'face-0001')")
    assert list(owntemplates.rows(db, vault)) == []
