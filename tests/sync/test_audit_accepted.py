"""A break in the audit chain that somebody took on record: it goes on, what was before is bound, the centre hears."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.clock import Clock
from kiosk.config import Config, PathsConfig, toml_of
from kiosk.domain.faults import Code, Fault
from sync import acceptance, audit, listing, readying, retention
from sync.audit import Broken, What
from sync.central import devices
from sync.journal import Journal
from sync.records import Stamp
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.central_kit import Api
from tests.sync.central_kit import event as event_of
from tests.sync.helpers import committed, submitted
from tests.sync.test_audit import CHANGE, INSERT, LAST, REMOVE, fill
from tests.waiting import until

STAMP = Stamp("A-017", "boot", 2000.0, 1.0)
WHY = "硬盘更换后由信息中心核对"
HARMS = [[CHANGE], [REMOVE], [INSERT], [LAST], ["DELETE FROM audit"], ["UPDATE audit SET hash = x'' WHERE seq = 5"]]
TURNED_BACK = ["DELETE FROM audit WHERE seq > 2", "DELETE FROM sqlite_sequence WHERE name = 'audit'"]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as made:
        yield made


def accepted(db: sqlite3.Connection, vault: Vault) -> audit.Accepted | None:
    return acceptance.accept(db, vault, STAMP, "shell:zhou", WHY)


@pytest.mark.parametrize("harm", [*HARMS, TURNED_BACK])
def test_after_it_was_accepted_the_chain_goes_on_whatever_the_break(
    db: sqlite3.Connection, vault: Vault, harm: list[str]
) -> None:
    heads = fill(db)
    with transaction(db):
        audit.confirm(db, heads[-1])
    for statement in harm:
        db.execute(statement)
    broken = audit.verify(db)
    assert broken
    done = accepted(db, vault)
    assert done
    assert done.broken == broken
    assert done.head.seq > heads[-1].seq
    assert audit.verify(db) is None
    fill(db, 2)
    assert audit.verify(db) is None
    assert accepted(db, vault) is None, "there is nothing to accept any more"


@pytest.mark.parametrize("again", ["UPDATE audit SET at = at + 1 WHERE seq = 1", "DELETE FROM audit WHERE seq = 2"])
def test_what_was_accepted_stays_as_it_was_then(db: sqlite3.Connection, vault: Vault, again: str) -> None:
    fill(db)
    db.execute(CHANGE)
    accepted(db, vault)
    db.execute(again)
    assert audit.verify(db), "another hand at what was accepted is another break"
    assert accepted(db, vault)
    assert audit.verify(db) is None


def test_what_comes_after_it_is_looked_at_as_ever(db: sqlite3.Connection, vault: Vault) -> None:
    fill(db)
    db.execute(CHANGE)
    accepted(db, vault)
    fill(db, 3)
    db.execute("UPDATE audit SET at = at + 1 WHERE seq = 8")
    assert audit.verify(db) == Broken(8, What.CHANGED)
    db.execute("UPDATE audit SET detail = replace(detail, 'zhou', 'wang') WHERE kind = 'audit.accepted'")
    assert audit.verify(db) == Broken(3, What.CHANGED), "an acceptance that was touched accepts nothing"


@pytest.mark.proves(Code.AUDIT_BROKEN)
def test_the_command_takes_it_on_record_and_the_running_terminal_is_well_again(
    tmp_path: Path, vault: Vault, db: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(toml_of(Config(paths=PathsConfig(state=tmp_path))), "utf-8")
    fill(db)
    db.execute(REMOVE)
    faults: list[Fault] = []
    wells: list[str] = []
    journal = Journal(
        tmp_path / "journal.db",
        *(vault, Clock(), "A-017", "boot-2", faults.append),
        look_s=0.05,
        on_whole=lambda: wells.append("audit"),
    )
    journal.start()
    journal.begin({}, program="walkup")
    until(lambda: faults)
    assert main(["audit", "verify", "--config", str(config)]) == 1
    assert main(["audit", "accept", "--config", str(config)]) == 2, "not without a reason"
    assert wells == []
    assert main(["audit", "accept", "--config", str(config), "--reason", WHY]) == 0
    until(lambda: wells == ["audit"])
    journal.stop()
    assert main(["audit", "verify", "--config", str(config)]) == 0
    assert main(["audit", "accept", "--config", str(config), "--reason", WHY]) == 0
    assert "nothing to accept" in capsys.readouterr().out
    assert [fault.code for fault in faults] == [Code.AUDIT_BROKEN]
    (row,) = [row for row in listing.rows(tmp_path / "journal.db", vault) if row.kind == "audit.accepted"]
    assert row.body
    assert (row.body["seq"], row.body["what"], row.body["reason"]) == (3, "missing", WHY)


BEAT = {"version": "0.1.0", "queued": 0, "dead": 0, "oldest_s": 0.0}


def test_the_centre_hears_of_it_and_goes_on_from_there(central_api: Api) -> None:
    def beat(seq: int, mark: str) -> None:
        central_api.post("/v1/heartbeat", {**BEAT, "at": 1.0, "audit": {"seq": seq, "hash": mark * 64}})

    def kept() -> tuple[Any, ...]:
        return tuple(central_api.sql("select audit_seq, audit_hash, audit_broken_at is null from device")[0])

    beat(7, "a")
    beat(7, "b")
    assert kept() == (7, "a" * 64, False)
    body = {"seq": 5, "what": "rewritten", "by": "shell:zhou", "reason": WHY, "head": {"seq": 9, "hash": "c" * 64}}
    late = {**body, "head": {"seq": 6, "hash": "d" * 64}}
    assert central_api.send(event_of("audit:A-017:9:cccc", "audit.accepted", body)) == ["created"]
    assert kept() == (9, "c" * 64, True)
    beat(12, "e")
    assert central_api.send(event_of("audit:A-017:6:dddd", "audit.accepted", late)) == ["created"]
    assert kept() == (12, "e" * 64, True), "an older one changes nothing"
    first, _ = devices.acceptances(central_api.centre)
    assert (first.terminal, first.body["what"], first.body["reason"]) == ("A-017", "rewritten", WHY)


def test_what_was_salvaged_is_in_the_chain(tmp_path: Path, vault: Vault, journal: Journal) -> None:
    for n in range(3):
        committed(journal, submitted(f"request-000{n}"))
    journal.note("test.noted", n=1)
    journal.stop()
    path = tmp_path / "journal.db"
    with contextlib.closing(connect(path, JOURNAL)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outbox_waiting'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    faults = readying.make_ready(path, vault, Clock())
    assert [fault.code for fault in faults] == [Code.JOURNAL_SALVAGED]
    with contextlib.closing(connect(path, JOURNAL)) as db:
        entry = list(audit.entries(db))[-1]
        assert audit.verify(db) is None
    assert entry.kind == "journal.salvaged"
    told = json.loads(entry.detail)
    assert (told["lost"], told["aside"][:19]) == ("0", "journal.db.damaged-")


def test_what_went_because_its_time_was_over_is_counted_in_the_chain_and_not_named(
    tmp_path: Path, vault: Vault, journal: Journal, db: sqlite3.Connection
) -> None:
    seqs = [committed(journal, submitted(f"request-000{n}")).seq for n in range(5)]
    db.execute("UPDATE outbox SET state = 'sent', sent_at = 1.0 WHERE seq <> ?", (seqs[2],))
    retention.purge(db, 40 * 86400.0, 2)
    retention.purge(db, 41 * 86400.0, 2)
    found = [entry for entry in audit.entries(db) if entry.kind == "retention.swept"]
    assert [json.loads(entry.detail) for entry in found] == [{"sent": 2}, {"sent": 2}], "nothing went: nothing is said"
    assert listing.counts(db) == {"queued": 1}
    assert audit.verify(db) is None
