"""Somebody left, or withdrew: nothing of them is left in the bytes of either database, and the centre hears of it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Clock
from sync import audit, erasure, janitor, listing, outbox, owntemplates, pins, retention, store
from sync.cache import Cache
from sync.faces import FaceStore
from sync.janitor import PUT_OFF, Janitor
from sync.journal import Journal
from sync.records import Stamp
from sync.store import connect, reader, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import FeedAnswer, FeedRow
from sync.witness import Witness
from tests.sync.gate_kit import answer, apply, at_rest, enrol, pass_row, person_row, raw_bytes, template_row
from tests.sync.helpers import OTHER, PERSON, committed, submitted
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.waiting import until

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 8
LONG_AGO = 1_000_000.0
JOURNAL_ROWS = (
    "SELECT body FROM drafts",
    "SELECT body FROM blobs",
    "SELECT body FROM own_templates",
    "SELECT owner FROM passages",
    "SELECT owner FROM pin_failures",
)


def request_row(person: str) -> dict[str, Any]:
    row = {"item": "leave", "person": person, "receipt": "A-017-20260302-0001", "status": "in_approval"}
    return {**row, "submitted": 1.0, "step": 0, "due": 2.0, "values": {"reason": "家里有事"}, "marks": []}


def use(folder: Path, vault: Vault, journal: Journal) -> None:
    """What a person leaves behind who was at the screen and at the gate."""
    answer(lambda done: journal.put_blob(PHOTO, done))
    with contextlib.closing(reader(folder / "journal.db")) as db:
        sha = db.execute("SELECT sha256 FROM blobs").fetchone()[0]
    values = {"reason": "家里有事", "photo": sha}
    answer(lambda done: journal.save_draft(PERSON, "leave", "request-0009", values, done))
    with contextlib.closing(connect(folder / "journal.db", JOURNAL)) as db:
        pins.begin(db, vault.tag("number", "20230017"), Clock().now(), 300.0)
        now = Clock().now()
        db.execute("INSERT INTO passages VALUES (?, 1, ?)", (vault.tag("person", PERSON), now))
    at_rest(journal)


def told(peer: Peer) -> None:
    """The centre's rows about two people."""
    for number, person in (("20230017", PERSON), ("20230018", OTHER)):
        peer.put_row("persons", person, person_row(number))
        peer.put_row("templates", person, template_row(int(number) % 7, at=LONG_AGO))
        peer.put_row("passes", person, pass_row())
        peer.put_row("requests", f"request-{number}", request_row(person))


def residue(folder: Path, mine: bytes) -> list[bytes]:
    """Every sealed value that is this person's, as it lies on the disk now."""
    with (
        contextlib.closing(reader(folder / "cache.db")) as copies,
        contextlib.closing(reader(folder / "journal.db")) as db,
    ):
        query = "SELECT body FROM rows WHERE id IN (?, 'request-20230017')"
        found = [body for (body,) in copies.execute(query, (PERSON,))]
        found += [value for each in JOURNAL_ROWS for (value,) in db.execute(each)]
    return [*found, mine]


@pytest.fixture
def engine(tmp_path: Path, peer: Peer) -> Iterator[Running]:
    made = Running(write_config(tmp_path, peer.url))
    yield made
    made.end()


def receipts(peer: Peer) -> list[dict[str, Any]]:
    return [item["body"] for key, item in peer.ledger.items() if key.startswith("erase:")]


def test_of_somebody_who_left_no_byte_is_left_and_the_centre_gets_receipts(
    tmp_path: Path, vault: Vault, journal: Journal, peer: Peer, engine: Running
) -> None:
    told(peer)
    use(tmp_path, vault, journal)
    engine.wait_for("feed", name="templates")
    engine.order({"op": "nudge"})
    until(lambda: PERSON.encode() in raw_bytes(tmp_path))
    before = residue(tmp_path, PERSON.encode())
    assert len(before) == 4 + 4 + 1
    assert all(value in raw_bytes(tmp_path) for value in before)
    peer.put_row("persons", PERSON, None)
    # at once with the others it might be asked for behind them
    until(lambda: receipts(peer), "a receipt")
    for feed in ("templates", "passes"):
        peer.put_row(feed, PERSON, None)
    until(lambda: len(receipts(peer)) == 2, "two receipts")
    until(lambda: not [value for value in before if value in raw_bytes(tmp_path)], "no byte left")
    first, second = receipts(peer)
    counts = {"persons": 1, "templates": 1, "passes": 1, "requests": 1}
    counts |= {"drafts": 1, "blobs": 1, "passages": 1, "pin_failures": 1}
    assert (first["feed"], first["row"], first["rows"]) == ("persons", PERSON, counts)
    assert (second["feed"], second["rows"]) == ("templates", {})
    assert (first["kept"], first["kept_until"]) == (0, 0.0)
    engine.wait_for("feed", name="requests")
    assert OTHER.encode() in raw_bytes(tmp_path)
    with contextlib.closing(reader(tmp_path / "journal.db")) as db:
        entries = [entry for entry in audit.entries(db) if entry.kind == "erasure.done"]
        assert len(entries) == 2
        assert PERSON not in repr(entries)
        assert audit.verify(db) is None


# --- step by step ----------------------------------------------------------------------------------------------


class Hall:
    """Cache, journal and whoever clears away behind them, without a network."""

    def __init__(self, folder: Path, vault: Vault, cache: Cache, db: sqlite3.Connection, witness: Witness) -> None:
        self.folder, self.vault, self.cache, self.db = folder, vault, cache, db
        self.janitor = Janitor(folder, db, cache, vault, Clock(), "A-017", witness, lambda: 0)

    def leaves(self, person: str = PERSON, feed: str = "persons") -> None:
        apply(self.cache, feed, {person: None})

    def receipts(self) -> list[dict[str, Any] | None]:
        rows = listing.rows(self.folder / "journal.db", self.vault)
        return [row.body for row in rows if row.kind == "erasure.done"]

    def pending(self) -> list[erasure.Pending]:
        with self.cache.writing() as db:
            return erasure.pending(db)


@pytest.fixture
def hall(tmp_path: Path, vault: Vault, journal: Journal) -> Iterator[Hall]:
    with (
        contextlib.closing(Cache(tmp_path / "cache.db", vault)) as cache,
        contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db,
        contextlib.closing(Witness(tmp_path / "journal.db", Clock())) as witness,
    ):
        apply(cache, "persons", {PERSON: person_row("20230017"), OTHER: person_row("20230018")})
        apply(cache, "templates", {PERSON: template_row(1, at=LONG_AGO)})
        retention.new_epoch(db, "e1", 0.0)
        yield Hall(tmp_path, vault, cache, db, witness)


def test_the_receipt_waits_until_nothing_is_left_in_the_logs(hall: Hall) -> None:
    with contextlib.closing(reader(hall.folder / "cache.db")) as somebody:
        somebody.execute("BEGIN")
        somebody.execute("SELECT * FROM rows").fetchone()
        hall.leaves()
        hall.janitor.turn()
        assert hall.receipts() == []
        assert len(hall.pending()) == 1
    hall.janitor.turn()
    assert len(hall.receipts()) == 1
    assert hall.pending() == []
    assert PERSON.encode() not in raw_bytes(hall.folder)


def test_acts_one_after_the_other_put_off_an_empty_log_for_a_while_and_an_erasure_for_none(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_in, log = store.checkpoint, hall.folder / "journal.db-wal"
    with contextlib.closing(connect(hall.folder / "journal.db", JOURNAL)) as terminal:

        def and_somebody_hands_in(db: sqlite3.Connection) -> bool:
            done = worked_in(db)
            if db is hall.db:
                with transaction(terminal):
                    terminal.execute("INSERT OR REPLACE INTO meta VALUES ('act', 'somebody was here')")
            return done

        monkeypatch.setattr(store, "checkpoint", and_somebody_hands_in)
        for _ in range(PUT_OFF):
            hall.janitor.turn()
            assert log.stat().st_size
        hall.janitor.turn()
        assert not log.stat().st_size
        hall.leaves()
        hall.janitor.turn()
        assert len(hall.receipts()) == 1


def test_who_reads_the_copies_takes_no_turn_from_those_who_hand_in(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(janitor, "truncate_log", lambda _, politely=False: asked.append(politely) or True)
    with contextlib.closing(reader(hall.folder / "cache.db")) as gallery:
        gallery.execute("BEGIN")
        gallery.execute("SELECT * FROM rows").fetchone()
        apply(hall.cache, "templates", {OTHER: template_row(2)})
        assert not hall.cache.clean()
        for _ in range(PUT_OFF + 1):
            hall.janitor.turn()
    assert asked == [True] * (PUT_OFF + 1)


def test_a_moment_in_which_nobody_writes_empties_the_log(hall: Hall) -> None:
    assert (hall.folder / "journal.db-wal").stat().st_size
    hall.janitor.turn()
    assert not (hall.folder / "journal.db-wal").stat().st_size


@pytest.mark.parametrize("cut", ["after the rows", "after the journal", "after the receipt"])
def test_a_cut_at_any_step_leaves_one_receipt_with_the_true_counts(hall: Hall, journal: Journal, cut: str) -> None:
    use(hall.folder, hall.vault, journal)
    hall.leaves()
    (one,) = hall.pending()
    if cut != "after the rows":
        erasure.forget(hall.db, hall.vault, hall.cache, one, 5.0)
    if cut == "after the receipt":
        erasure.receipt(hall.db, hall.vault, one, Stamp("A-017", "boot-0", 5.0, 5.0))
    hall.janitor.turn()
    hall.janitor.turn()
    (body,) = hall.receipts()
    counts = {"persons": 1, "templates": 1, "drafts": 1, "blobs": 1, "passages": 1, "pin_failures": 1}
    assert body is not None
    assert body["rows"] == counts
    assert hall.pending() == []
    assert hall.db.execute("SELECT count(*) FROM meta WHERE name LIKE 'erasing%'").fetchone() == (0,)
    assert [entry.kind for entry in audit.entries(hall.db)].count("erasure.done") == 1


def test_what_must_still_be_sent_is_kept_counted_and_gone_after_its_days(hall: Hall, journal: Journal) -> None:
    committed(journal, submitted("request-0001"))
    committed(journal, submitted("request-0002", OTHER))
    sealed = hall.db.execute("SELECT body FROM outbox WHERE key = 'request-0001'").fetchone()[0]
    hall.leaves()
    hall.janitor.turn()
    (body,) = hall.receipts()
    assert body is not None
    assert body["kept"] == 1
    assert body["kept_until"] == pytest.approx(Clock().now() + retention.KEEP_S, abs=60)
    items = outbox.due(hall.db, hall.vault, Clock().now())
    assert [item.key for item in items][:2] == ["request-0001", "request-0002"]
    assert sealed in raw_bytes(hall.folder)
    hall.db.execute("UPDATE outbox SET state = 'sent', sent_at = 0 WHERE key = 'request-0001'")
    retention.purge(hall.db, Clock().now())
    hall.janitor.turn()
    assert sealed not in raw_bytes(hall.folder)


def test_a_face_that_waits_to_be_sent_goes_with_its_person(hall: Hall, journal: Journal) -> None:
    store = FaceStore(journal, hall.folder / "cache.db", hall.vault, Clock(), lambda _: None)
    enrol(store, "face-0001", 3)
    before = [row[0] for row in hall.db.execute("SELECT body FROM outbox UNION SELECT body FROM own_templates")]
    assert all(value in raw_bytes(hall.folder) for value in before)
    hall.leaves()
    hall.janitor.turn()
    assert not [value for value in before if value in raw_bytes(hall.folder)]
    (body,) = hall.receipts()
    assert body is not None
    assert (body["rows"]["own_templates"], body["kept"]) == (1, 1)
    assert listing.counts(hall.db) == {"sent": 1, "queued": 1}
    assert owntemplates.withdrawn(hall.db) == {}


def test_a_withdrawal_here_is_receipted_when_the_centre_has_heard_of_it(hall: Hall, journal: Journal) -> None:
    store = FaceStore(journal, hall.folder / "cache.db", hall.vault, Clock(), lambda _: None)
    answer(store.withdraw, PERSON, "face-gone-1")
    at_rest(journal)
    hall.cache.drop_withdrawn(owntemplates.withdrawn(hall.db))
    hall.janitor.turn()
    assert hall.receipts() == []
    hall.leaves(feed="templates")
    hall.janitor.turn()
    (body,) = hall.receipts()
    assert body is not None
    assert (body["feed"], body["row"], body["rows"], body["kept"]) == ("templates", PERSON, {}, 1)
    assert hall.cache.holds("persons", PERSON)


def test_a_terminal_that_begins_says_nothing_of_people_it_never_knew(tmp_path: Path, vault: Vault) -> None:
    rows = [FeedRow(id=person, rev=rev, data=None) for rev, person in ((3, PERSON), (4, OTHER))]
    with contextlib.closing(Cache(tmp_path / "cache.db", vault)) as cache:
        cache.restart("e1")
        cache.apply(FeedAnswer(epoch="e1", feed="persons", rows=rows, next=4, more=False))
        with cache.writing() as db:
            assert erasure.pending(db) == []
        apply(cache, "persons", {"00000000000000c3": None})
        with cache.writing() as db:
            assert [one.person for one in erasure.pending(db)] == ["00000000000000c3"]


# --- a disk that was carried off ------------------------------------------------------------------------------


def test_a_stolen_disk_shows_no_text_and_no_number(tmp_path: Path, vault: Vault, journal: Journal) -> None:
    use(tmp_path, vault, journal)
    committed(journal, submitted("request-0001"))
    with contextlib.closing(Cache(tmp_path / "cache.db", vault)) as cache:
        apply(cache, "persons", {PERSON: person_row("20230017")})
        apply(cache, "templates", {PERSON: template_row(1)})
        raw = raw_bytes(tmp_path)
        vectors = template_row(1)["vectors"]
        for text in ("家里有事", "张伟", "Zhang Wei", "20230017", vectors[:40]):
            assert text.encode() not in raw
        assert PHOTO not in raw


@pytest.mark.parametrize("table", ["outbox", "drafts"])
def test_rows_that_were_swapped_cannot_be_read(tmp_path: Path, vault: Vault, journal: Journal, table: str) -> None:
    for number, person in enumerate((PERSON, OTHER)):
        committed(journal, submitted(f"request-000{number}", person))
        answer(lambda done, who=person, n=number: journal.save_draft(who, "leave", f"r-{n}", {"a": "b"}, done))
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        (one, first), (two, second) = db.execute(f"SELECT rowid, body FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
        db.execute(f"UPDATE {table} SET body = ? WHERE rowid = ?", (second, one))  # noqa: S608
        db.execute(f"UPDATE {table} SET body = ? WHERE rowid = ?", (first, two))  # noqa: S608
        if table == "outbox":
            assert outbox.due(db, vault, Clock().now()) == []
            assert listing.counts(db) == {"dead": 2}
            return
    assert answer(journal.drafts_of, PERSON) == ()


def test_the_terminal_tells_its_gallery_of_who_left(hall: Hall) -> None:
    hall.leaves()
    assert {"templates", "persons"} <= hall.janitor.turn()
    assert hall.janitor.turn() == set()
