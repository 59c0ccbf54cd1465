"""At the terminal: each is used up once and on record, nothing that may not be is issued, and what must go is gone."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.app.papers import look_back
from kiosk.clock import Clock
from kiosk.config import Config
from sync import ahead, audit, erasure, salvage
from sync.ahead import AheadStore, Issued, NotIssued
from sync.cache import Cache
from sync.clockwatch import ClockWatch
from sync.janitor import Janitor
from sync.journal import Journal, NewEvent
from sync.listing import body_of
from sync.reseal import reseal
from sync.store import connect, reader
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire_ahead import AheadRow
from sync.witness import Witness
from tests.sync.ahead_kit import DAY, Seals, end, wanted
from tests.sync.gate_kit import answer, apply, person_row, raw_bytes
from tests.sync.helpers import OTHER, PERSON, committed, submitted

NOTHING = frozenset[tuple[str, str]]()


@pytest.fixture
def seals() -> Seals:
    return Seals(time.time())


@pytest.fixture
def store(tmp_path: Path, journal: Journal, cache: Cache, vault: Vault, seals: Seals) -> AheadStore:
    seals.feeds(cache)
    return AheadStore(journal, tmp_path / "cache.db", vault, Clock(), Config())


@pytest.fixture
def db(tmp_path: Path, journal: Journal) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as opened:
        yield opened


@pytest.fixture
def keep(cache: Cache, vault: Vault, db: sqlite3.Connection) -> Callable[..., None]:
    """As the sync process does with what the centre sealed."""

    def put(*rows: AheadRow, person: str = PERSON) -> None:
        ahead.keep(cache, vault, person, ahead.book(db), rows)

    return put


def issue(store: AheadStore, **more: str) -> Issued | NotIssued:
    found: Issued | NotIssued = answer(lambda done: store.issue(wanted(**more), done))
    return found


def serial_of(answered: Issued | NotIssued) -> str:
    return answered.sealed.serial if isinstance(answered, Issued) else answered.reason


def printed(key: str, serial: str, kind: str = "printed") -> NewEvent:
    body = {"request": "request-0001", "serial": serial}
    body |= {"copies": 1} if kind == "printed" else {"reason": "spoiled"}  # type: ignore[dict-item]
    return NewEvent(f"{key}:{kind}", "request-0001", f"document.{kind}", 1, body)


def test_it_is_used_up_in_the_transaction_of_its_record(
    store: AheadStore, keep: Callable[..., None], seals: Seals, db: sqlite3.Connection, vault: Vault
) -> None:
    row = seals.row()
    keep(row, seals.row("employment", "en"))
    assert answer(store.offers, PERSON) == {("enrolment", "zh"), ("employment", "en")}
    assert answer(store.offers, OTHER) == NOTHING
    done = issue(store)
    assert isinstance(done, Issued)
    assert (done.sealed.code, done.sealed.url, done.sealed.fields, done.again) == (row.code, row.url, row.fields, False)
    key, stream, kind, sealed = db.execute("SELECT key, stream, kind, body FROM outbox").fetchone()
    assert (key, stream, kind) == ("request-0001:1:offline:issued", "request-0001", "document.issued_offline")
    body = {"request": "request-0001", "serial": row.serial, "copies": 1, "replaces": ""}
    assert body_of(vault, key, sealed) == body
    told = [entry for entry in audit.entries(db) if entry.kind == "document.issued_offline"]
    assert len(told) == 1
    assert row.serial in repr(told)
    assert PERSON not in repr(told)
    assert answer(store.offers, PERSON) == {("employment", "en")}


@pytest.mark.parametrize("table", ["issued_offline", "outbox"])
def test_mark_and_record_are_on_the_disk_together_or_not_at_all(
    store: AheadStore, keep: Callable[..., None], seals: Seals, db: sqlite3.Connection, table: str
) -> None:
    keep(seals.row())
    db.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
    assert serial_of(issue(store)) == "not_recorded"
    for each in ("issued_offline", "outbox", "audit"):
        assert db.execute(f"SELECT count(*) FROM {each}").fetchone() == (0,), each  # noqa: S608
    db.execute("DROP TRIGGER full")
    assert isinstance(issue(store), Issued)


def test_each_is_issued_once_first_what_lapses_first_and_then_there_is_none(
    store: AheadStore, keep: Callable[..., None], seals: Seals
) -> None:
    late, soon = seals.row(days=6), seals.row(days=2)
    keep(late, soon)
    found = [serial_of(issue(store, key=f"request-0001:{n}:offline")) for n in (1, 2, 3)]
    assert found == [soon.serial, late.serial, "none_ahead"]


def test_the_same_key_is_the_same_act_until_something_has_come_of_it(
    store: AheadStore, keep: Callable[..., None], seals: Seals, journal: Journal
) -> None:
    keep(seals.row(), seals.row())
    first, second = issue(store), issue(store)
    assert isinstance(first, Issued)
    assert isinstance(second, Issued)
    assert (first.sealed, first.again, second.again) == (second.sealed, False, True)
    committed(journal, printed(first.key, first.sealed.serial, "voided"))
    assert serial_of(issue(store)) == "none_ahead", "what is void is not printed"


def test_what_may_not_be_issued(
    store: AheadStore, keep: Callable[..., None], seals: Seals, cache: Cache, vault: Vault, db: sqlite3.Connection
) -> None:
    ended = seals.row()
    for reason, row in {
        "past its use-by": seals.row(days=-0.01),
        "past its own last day": seals.row(last=-0.01),
        "ended at the centre": ended,
        "sealed by nobody we know": Seals(time.time()).row(),
        "in another language": seals.row(language="en"),
        "another document": seals.row("employment"),
    }.items():
        keep(row)
        end(cache, ended.serial)
        assert serial_of(issue(store)) == "none_ahead", reason
    ahead.keep(cache, vault, PERSON, "f" * 16, [seals.row()])
    assert serial_of(issue(store)) == "none_ahead", "another journal's"
    keep(seals.row(), person=OTHER)
    assert serial_of(issue(store)) == "none_ahead", "somebody else's"
    keep(seals.row())
    seals.feeds(cache, revoked=True)
    assert serial_of(issue(store)) == "none_ahead", "its key is not to be believed"
    assert db.execute("SELECT count(*) FROM issued_offline").fetchone() == (0,)


def test_nothing_is_issued_before_the_list_of_what_ended_is_here(
    tmp_path: Path, journal: Journal, cache: Cache, vault: Vault, seals: Seals, keep: Callable[..., None]
) -> None:
    seals.feeds(cache, complete=False)
    store = AheadStore(journal, tmp_path / "cache.db", vault, Clock(), Config())
    keep(seals.row())
    assert answer(store.offers, PERSON) == NOTHING
    apply(cache, "revocations", {})
    assert answer(store.offers, PERSON) == {("enrolment", "zh")}


@pytest.mark.parametrize(("wrong_by", "offered"), [(-400 * DAY, False), (-3600.0, False), (3600.0, False), (0.0, True)])
def test_a_clock_that_cannot_be_trusted_issues_nothing(
    tmp_path: Path,
    journal: Journal,
    store: AheadStore,
    vault: Vault,
    keep: Callable[..., None],
    seals: Seals,
    db: sqlite3.Connection,
    wrong_by: float,
    offered: bool,
) -> None:
    """By its use-by alone a clock that was set back would let it be issued for ever."""
    keep(seals.row())
    ClockWatch(lambda: db, Clock(), 0.0).told(time.time())
    clock = Clock(wrong_by)
    there = AheadStore(journal, tmp_path / "cache.db", vault, clock, Config())
    assert bool(answer(there.offers, PERSON)) is offered
    assert isinstance(answer(lambda done: there.issue(wanted(), done)), Issued) is offered


def test_after_a_restart_what_never_came_to_the_printer_is_void_and_what_did_is_not(
    store: AheadStore, keep: Callable[..., None], seals: Seals, journal: Journal
) -> None:
    keep(*(seals.row() for _ in range(3)))
    keys = [f"request-0001:{n}:offline" for n in (1, 2, 3)]
    serials = [serial_of(issue(store, key=key)) for key in keys]
    committed(journal, printed(keys[0], serials[0]))
    jobs = journal.job_store()
    jobs.put(f"{keys[1]}:p", f"{serials[1]} ×1", "printed", "")
    assert jobs.left() == [(f"{keys[1]}:p", f"{serials[1]} ×1", "printed"), (f"{keys[2]}:p", serials[2], "queued")]
    records, asks = look_back(jobs.left())
    assert [(record.key, record.kind) for record in records] == [
        (f"{keys[1]}:printed", "document.printed"),
        (f"{keys[2]}:voided", "document.voided"),
    ]
    assert asks.papers == ()
    for record in records:
        committed(journal, NewEvent(record.key, record.stream, record.kind, 1, dict(record.body)))
    assert jobs.left() == []


# --- what must go ------------------------------------------------------------------------------------------------


@pytest.fixture
def janitor(tmp_path: Path, db: sqlite3.Connection, cache: Cache, vault: Vault) -> Janitor:
    witness = Witness(tmp_path / "journal.db", Clock())
    return Janitor(tmp_path, db, cache, vault, Clock(), "A-017", witness, lambda: 0)


def bodies(tmp_path: Path) -> list[bytes]:
    with contextlib.closing(reader(tmp_path / "cache.db")) as copies:
        return [body for (body,) in copies.execute("SELECT body FROM ahead ORDER BY serial")]


@pytest.mark.parametrize("why", ["use_by", "ended", "used", "book", "epoch", "wipe", "left"])
def test_not_a_byte_is_left_of_what_may_not_be_issued_any_more(
    tmp_path: Path,
    store: AheadStore,
    keep: Callable[..., None],
    seals: Seals,
    cache: Cache,
    vault: Vault,
    db: sqlite3.Connection,
    janitor: Janitor,
    why: str,
) -> None:
    row, other = seals.row(days=0.0 if why == "use_by" else 7.0), seals.row()
    keep(row)
    keep(other, person=OTHER)
    mine, theirs = bodies(tmp_path)
    assert mine in raw_bytes(tmp_path)
    match why:
        case "ended":
            end(cache, row.serial)
        case "used":
            issue(store)
        case "book":
            ahead.keep(cache, vault, PERSON, "f" * 16, [row])
            (mine, theirs) = bodies(tmp_path)
        case "epoch":
            cache.restart("e2")
        case "wipe":
            cache.wipe()
        case "left":
            apply(cache, "persons", {PERSON: person_row("20230017")})
            apply(cache, "persons", {PERSON: None})
    janitor.turn()
    assert mine not in raw_bytes(tmp_path)
    assert (theirs in raw_bytes(tmp_path)) is (why not in ("epoch", "wipe"))


def test_who_left_takes_them_along_and_the_receipt_counts_them(
    store: AheadStore, keep: Callable[..., None], seals: Seals, cache: Cache
) -> None:
    keep(seals.row(), seals.row())
    apply(cache, "persons", {PERSON: person_row("20230017")})
    apply(cache, "persons", {PERSON: None})
    with cache.writing() as copies:
        (pending,) = erasure.pending(copies)
    assert pending.rows["ahead"] == 2


def test_a_row_that_was_moved_or_changed_is_not_issued(
    tmp_path: Path, store: AheadStore, keep: Callable[..., None], seals: Seals, cache: Cache
) -> None:
    keep(seals.row())
    with cache.writing() as copies:
        copies.execute("UPDATE ahead SET serial = 'ZD-2026-0302-9999'")
    assert serial_of(issue(store)) == "none_ahead"


def test_a_new_key_of_the_vault_takes_them_over(
    tmp_path: Path, store: AheadStore, keep: Callable[..., None], seals: Seals, cache: Cache, db: sqlite3.Connection
) -> None:
    keep(seals.row())
    old = (tmp_path / "vault.key").read_bytes()
    newer = Vault(b"n" * 32, old)
    assert reseal(db, cache, newer).moved >= 1
    (body,) = bodies(tmp_path)
    assert not newer.stale(body)


def test_a_salvaged_journal_remembers_what_was_used_and_begins_another_book(
    tmp_path: Path,
    store: AheadStore,
    keep: Callable[..., None],
    seals: Seals,
    journal: Journal,
    vault: Vault,
    cache: Cache,
) -> None:
    """What else had been used nobody knows: nothing that was sealed for the old one is issued."""
    keep(seals.row(), seals.row())
    used = serial_of(issue(store))
    committed(journal, submitted("request-0001"))
    journal.stop()
    salvage.salvage(tmp_path / "journal.db", vault, Clock())
    mended = Journal(tmp_path / "journal.db", vault, Clock(), "A-017", "boot-2", lambda _: None)
    mended.start()
    again = AheadStore(mended, tmp_path / "cache.db", vault, Clock(), Config())
    assert answer(again.offers, PERSON) == NOTHING
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        assert db.execute("SELECT serial FROM issued_offline").fetchall() == [(used,)]
        assert ahead.sweep(cache, db, time.time())
        row = seals.row()
        ahead.keep(cache, vault, PERSON, ahead.book(db), [row])
    assert answer(again.offers, PERSON) == {("enrolment", "zh")}
    mended.stop()


def test_a_cache_that_cannot_be_read_offers_nothing_and_is_not_the_journals_trouble(
    tmp_path: Path, journal: Journal, vault: Vault, faults: list[object]
) -> None:
    there = AheadStore(journal, tmp_path / "nowhere" / "cache.db", vault, Clock(), Config())
    assert answer(there.offers, PERSON) == NOTHING
    assert serial_of(answer(lambda done: there.issue(wanted(), done))) == "none_ahead"
    assert faults == []


def test_an_act_that_could_never_be_sent_is_a_bug(store: AheadStore) -> None:
    with pytest.raises(ValueError, match="key"):
        store.issue(dataclasses.replace(wanted(), key="?"), lambda _: None)
