"""Acts that wait for the writer together share one commit; each is answered as if it had been alone."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.domain.faults import Fault
from sync import store
from sync.journal import MOST_TOGETHER, Committed, Journal, NewEvent, Refused
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.helpers import rated, submitted

Answers = queue.SimpleQueue[Committed | Refused]


@contextlib.contextmanager
def held(journal: Journal) -> Iterator[list[str]]:
    """While the block runs the writer is busy; what it says to SQLite afterwards."""
    said: list[str] = []
    busy, go = threading.Event(), threading.Event()

    def work(db: sqlite3.Connection, _: object) -> None:
        db.set_trace_callback(said.append)
        busy.set()
        go.wait(10)

    journal.act(work, lambda _: None)
    assert busy.wait(10)
    try:
        yield said
    finally:
        go.set()


def put_all(journal: Journal, events: list[NewEvent]) -> tuple[list[Committed | Refused], list[str]]:
    """All at once; the answers in the order they came, and the statements that brought them about."""
    answers: Answers = queue.SimpleQueue()
    with held(journal) as said:
        for event in events:
            journal.put(event, answers.put)
    return [answers.get(timeout=10) for _ in events], said


def forbid(path: Path, key: str) -> None:
    """The file takes everything but this row."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(
            f"CREATE TRIGGER no BEFORE INSERT ON outbox WHEN new.key = '{key}' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )


def test_those_that_wait_together_are_one_commit(journal: Journal) -> None:
    events = [submitted(f"request-{n}") for n in range(10)] + [rated("request-3"), submitted("request-4")]
    answers, said = put_all(journal, events)
    assert said.count("COMMIT") == 1
    assert [answer.key for answer in answers] == [event.key for event in events]
    assert all(isinstance(answer, Committed) for answer in answers)
    found = [answer for answer in answers if isinstance(answer, Committed)]
    assert [answer.existed for answer in found] == [False] * 11 + [True]
    assert [answer.seq for answer in found] == [*range(1, 12), 5]
    assert [answer.receipt[-4:] for answer in found[:10]] == [f"{n:04}" for n in range(1, 11)]
    assert found[11].receipt == found[4].receipt


def test_no_more_than_so_many_wait_for_each_other(journal: Journal) -> None:
    answers, said = put_all(journal, [submitted(f"request-{n:03}") for n in range(2 * MOST_TOGETHER + 1)])
    assert said.count("COMMIT") == 3
    assert [answer.key for answer in answers] == [f"request-{n:03}" for n in range(2 * MOST_TOGETHER + 1)]


def test_one_that_fails_undoes_no_other(journal: Journal, tmp_path: Path, faults: list[Fault]) -> None:
    put_all(journal, [rated("request-0")])
    forbid(tmp_path / "journal.db", "request-2")
    answers, _ = put_all(journal, [submitted(f"request-{n}") for n in range(5)])
    assert [type(answer) for answer in answers] == [Committed, Committed, Refused, Committed, Committed]
    assert [answer.key for answer in answers] == [f"request-{n}" for n in range(5)]
    kept = [answer for answer in answers if isinstance(answer, Committed)]
    assert [answer.receipt[-4:] for answer in kept] == ["0001", "0002", "0003", "0004"], "no number is missing"
    assert [answer.existed for answer in kept] == [False] * 4
    assert len(faults) == 1


def test_an_answer_comes_once_others_could_read_the_row(journal: Journal, tmp_path: Path) -> None:
    seen: queue.SimpleQueue[int] = queue.SimpleQueue()

    def look(answer: Committed | Refused) -> None:
        with contextlib.closing(sqlite3.connect(tmp_path / "journal.db")) as db:
            seen.put(db.execute("SELECT count(*) FROM outbox WHERE key = ?", (answer.key,)).fetchone()[0])

    with held(journal):
        for n in range(5):
            journal.put(submitted(f"request-{n}"), look)
    assert [seen.get(timeout=10) for _ in range(5)] == [1] * 5


def test_acts_of_other_kinds_keep_their_place_in_the_row(journal: Journal) -> None:
    order: queue.SimpleQueue[str] = queue.SimpleQueue()
    with held(journal):
        journal.put(submitted("request-1"), lambda answer: order.put(answer.key))
        journal.put(submitted("request-2"), lambda answer: order.put(answer.key))
        journal.act(lambda db, _: order.put(str(len(db.execute("SELECT 1 FROM outbox").fetchall()))), lambda _: None)
        journal.put(submitted("request-3"), lambda answer: order.put(answer.key))
        journal.drafts_of("somebody", lambda found: order.put(f"drafts {len(found)}"))
    expected = ["request-1", "request-2", "2", "request-3", "drafts 0"]
    assert [order.get(timeout=10) for _ in expected] == expected


def test_whoever_stops_leaves_nothing_that_was_handed_in(journal: Journal, tmp_path: Path) -> None:
    with held(journal):
        for n in range(50):
            journal.put(submitted(f"request-{n:02}"), lambda _: None)
        stopping = threading.Thread(target=journal.stop, args=(20,))
        stopping.start()
    stopping.join(20)
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        assert db.execute("SELECT count(*) FROM outbox").fetchone()[0] == 50


def test_who_waits_for_the_file_has_it_once_it_is_free_and_not_for_ever(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (connect(tmp_path / "journal.db", JOURNAL) for _ in range(2))
    one.execute("BEGIN IMMEDIATE")
    asked, began = threading.Event(), threading.Event()
    two.set_trace_callback(lambda statement: statement == "BEGIN IMMEDIATE" and asked.set())

    def write() -> None:
        with transaction(two):
            began.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert asked.wait(10)
    assert not began.wait(0.05)
    one.execute("COMMIT")
    thread.join(10)
    assert began.is_set()
    one.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(store, "WAIT_S", 0.05)
    with pytest.raises(sqlite3.OperationalError, match="locked"), transaction(two):
        pass
    for db in (one, two):
        db.close()


def test_a_program_that_comes_waits_for_one_that_has_the_file_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    connect(path, JOURNAL).close()
    alone = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    alone.execute("PRAGMA locking_mode = EXCLUSIVE")
    alone.execute("INSERT INTO meta VALUES ('a', 'b')")
    found: queue.SimpleQueue[object] = queue.SimpleQueue()

    def come() -> None:
        with contextlib.closing(connect(path, JOURNAL)) as db:
            found.put(db.execute("SELECT value FROM meta WHERE name = 'a'").fetchone())

    thread = threading.Thread(target=come)
    thread.start()
    with pytest.raises(queue.Empty):
        found.get(timeout=0.1)
    alone.close()
    assert found.get(timeout=10) == ("b",)
    thread.join(10)


def test_who_is_waited_for_does_not_bring_the_log_back(tmp_path: Path) -> None:
    """A commit that also writes back takes three fsyncs instead of one; the sync process does it instead."""
    pages = [store.LOG_PAGES, store.BACKGROUND_PAGES]
    with contextlib.ExitStack() as open_:
        for most in pages:
            db = open_.enter_context(contextlib.closing(connect(tmp_path / "journal.db", JOURNAL, most)))
            assert db.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == most
    assert pages[0] > 5 * pages[1]
