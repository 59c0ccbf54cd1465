"""The heartbeat carries the chain's head; a chain that was written anew is noticed on both sides."""

from __future__ import annotations

import contextlib
import json

from sync import audit
from sync.audit import Broken, What
from sync.central import devices
from sync.store import connect, transaction
from sync.tables import JOURNAL
from tests.sync.central_kit import STUDENT
from tests.sync.running import Running
from tests.sync.test_central_erasures import leave, waiting
from tests.sync.test_engine_central import Hall
from tests.sync.test_engine_central import hall as hall
from tests.waiting import until


def kept(hall: Hall) -> tuple[int, str, float | None]:
    """Number and hash as the centre has them, and when it first found that they do not fit."""
    (row,) = hall.api.sql("select audit_seq, audit_hash, audit_broken_at from device")
    return row[0], row[1], row[2]


def again(hall: Hall) -> None:
    """Another run of the sync process: its first heartbeat comes at once."""
    hall.engine.end()
    hall.engine = Running(hall.folder / "kiosk.toml")


def test_the_centre_keeps_the_head_and_misses_a_chain_that_was_written_anew(hall: Hall) -> None:
    until(lambda: hall.api.sql("select 1 from device where audit_seq > 0"))
    path = hall.folder / "journal.db"
    with contextlib.closing(connect(path, JOURNAL)) as db:
        assert [entry.kind for entry in audit.entries(db)][:1] == ["centre.enrolled"]
        hall.journal.note("test.noted", n=1)
        until(lambda: audit.head(db).seq > kept(hall)[0])
        again(hall)
        until(lambda: kept(hall)[:2] == (audit.head(db).seq, audit.head(db).hash), "the new head")
        until(lambda: audit.confirmed(db) == audit.head(db), "the centre's word")
        assert kept(hall)[2] is None
        confirmed = audit.confirmed(db)
        hall.engine.end()
        with transaction(db):
            db.execute("DELETE FROM audit")
            db.execute("DELETE FROM sqlite_sequence WHERE name = 'audit'")
            for n in range(confirmed.seq + 3):
                audit.append(db, "test.made_up", 1.0, n=n)
        assert audit.verify(db) == Broken(confirmed.seq, What.REWRITTEN)
    hall.engine = Running(hall.folder / "kiosk.toml")
    until(lambda: kept(hall)[2] is not None, "the centre notices")
    assert kept(hall)[:2] == (confirmed.seq, confirmed.hash)


def test_a_terminal_that_is_revoked_says_so_in_its_chain(hall: Hall) -> None:
    hall.engine.wait_for("feed", name="persons")
    devices.revoke(hall.api.centre, "A-017")
    hall.engine.order({"op": "nudge"})
    again(hall)
    hall.engine.wait_for("link", state="refused")
    with contextlib.closing(connect(hall.folder / "journal.db", JOURNAL)) as db:
        until(lambda: "centre.refused" in [entry.kind for entry in audit.entries(db)])
        (entry,) = [entry for entry in audit.entries(db) if entry.kind == "centre.refused"]
    assert json.loads(entry.detail) == {"cache": "wiped", "word": "revoked"}


def test_who_leaves_is_confirmed_by_the_terminal_itself(hall: Hall) -> None:
    hall.engine.wait_for("feed", name="persons")
    person = leave(hall.api, STUDENT)
    assert waiting(hall.api) == [("A-017", "persons", person)]
    until(lambda: waiting(hall.api) == [], "the receipt")
    ((rows,),) = hall.api.sql("select rows from erasure where feed = 'persons'")
    assert json.loads(rows)["persons"] == 1
