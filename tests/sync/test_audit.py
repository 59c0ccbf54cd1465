"""The audit chain: what was changed, removed, inserted, moved or cut off shows, and where."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.clock import Clock
from kiosk.config import Config, PathsConfig, TerminalConfig, toml_of
from kiosk.domain.faults import Code, Fault
from kiosk.text import shipped_texts
from sync import audit, listing, retention
from sync.audit import Broken, What
from sync.journal import Journal, NewEvent
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import AuditHead
from sync.witness import Witness
from tests.sync.helpers import PERSON, committed, submitted
from tests.waiting import until

CHANGE = "UPDATE audit SET detail = '{\"n\":9}' WHERE seq = 3"
REMOVE = "DELETE FROM audit WHERE seq = 3"
RENUMBER = "UPDATE audit SET seq = seq - 1 WHERE seq > 3"
SWAP = """UPDATE audit SET (kind, detail, at, hash) = (SELECT kind, detail, at, hash FROM audit o
    WHERE o.seq = 7 - audit.seq) WHERE seq IN (3, 4)"""
INSERT = """INSERT INTO audit SELECT 6, at, boot, kind, detail, hash FROM audit WHERE seq = 3"""
FIRST = "DELETE FROM audit WHERE seq = 1"
LAST = "DELETE FROM audit WHERE seq = 5"
BYTES = "UPDATE audit SET kind = x'00ff' WHERE seq = 2"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as made:
        yield made


def fill(db: sqlite3.Connection, count: int = 5) -> list[AuditHead]:
    heads = []
    for n in range(count):
        with transaction(db):
            heads.append(audit.append(db, "test.noted", 1000.0 + n, "boot", n=n, word="门"))
    return heads


def test_a_chain_that_nobody_touched_is_whole(db: sqlite3.Connection) -> None:
    assert audit.verify(db) is None
    assert audit.head(db) == AuditHead()
    heads = fill(db)
    assert audit.verify(db) is None
    assert audit.head(db) == heads[-1] == audit.held(db, 5)
    assert audit.verify(db, heads[2]) is None
    assert next(audit.entries(db)).detail == '{"n":0,"word":"门"}'


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ([CHANGE], Broken(3, What.CHANGED)),
        (["UPDATE audit SET at = at + 1 WHERE seq = 3"], Broken(3, What.CHANGED)),
        (["UPDATE audit SET boot = 'another' WHERE seq = 3"], Broken(3, What.CHANGED)),
        (["UPDATE audit SET hash = x'' WHERE seq = 5"], Broken(5, What.CHANGED)),
        ([BYTES], Broken(2, What.CHANGED)),
        ([REMOVE], Broken(3, What.MISSING)),
        ([REMOVE, RENUMBER], Broken(3, What.CHANGED)),
        ([FIRST], Broken(1, What.MISSING)),
        ([SWAP], Broken(3, What.CHANGED)),
        ([INSERT], Broken(6, What.CHANGED)),
        ([LAST], Broken(5, What.TRUNCATED)),
        (["DELETE FROM audit"], Broken(1, What.TRUNCATED)),
    ],
)
def test_each_way_of_tampering_shows_where_it_begins(db: sqlite3.Connection, harm: list[str], expected: Broken) -> None:
    fill(db)
    for statement in harm:
        db.execute(statement)
    assert audit.verify(db) == expected
    audit.head(db)
    audit.held(db, 5)


def test_an_end_that_was_cut_off_is_missed_even_when_the_count_was_turned_back(db: sqlite3.Connection) -> None:
    heads = fill(db)
    db.execute(LAST)
    db.execute("UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit'")
    assert audit.verify(db) is None
    assert audit.verify(db, heads[-1]) == Broken(5, What.TRUNCATED)
    with transaction(db):
        audit.confirm(db, heads[-1])
    assert audit.verify(db) == Broken(5, What.TRUNCATED)


def test_after_a_cut_the_chain_goes_on_and_the_gap_stays(db: sqlite3.Connection) -> None:
    fill(db)
    db.execute(LAST)
    fill(db, 2)
    assert audit.verify(db) == Broken(5, What.MISSING)


def test_a_chain_written_anew_is_told_by_the_head_that_the_centre_kept(db: sqlite3.Connection) -> None:
    heads = fill(db)
    db.execute("DELETE FROM audit")
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'audit'")
    for n in range(6):
        with transaction(db):
            audit.append(db, "test.noted", 2000.0 + n, "boot", n=n)
    assert audit.verify(db) is None
    assert audit.verify(db, heads[-1]) == Broken(5, What.REWRITTEN)


def test_an_entry_needs_a_transaction_and_a_name(db: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="outside"):
        audit.append(db, "test.noted", 1.0)
    with transaction(db), pytest.raises(ValueError, match="bad name"):
        audit.append(db, "Noted", 1.0)
    assert audit.head(db) == AuditHead()


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(db: sqlite3.Connection) -> None:
    fill(db, 2)

    def fail() -> None:
        with transaction(db):
            audit.append(db, "test.noted", 1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    fill(db, 1)
    assert audit.verify(db) is None
    assert audit.head(db).seq == 3


def test_two_processes_write_one_chain(tmp_path: Path, journal: Journal, db: sqlite3.Connection) -> None:
    code = """import sys
from pathlib import Path
from kiosk.clock import Clock
from sync.witness import Witness
witness = Witness(Path(sys.argv[1]), Clock())
for n in range(25):
    witness.note("other.noted", n=n)
"""
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "journal.db")]) as other:
        for n in range(25):
            journal.note("test.noted", n=n)
        assert other.wait(30) == 0
    until(lambda: audit.head(db).seq == 50)
    assert audit.verify(db) is None


# --- what is written into it -----------------------------------------------------------------------------------


def kinds(db: sqlite3.Connection) -> list[str]:
    return [entry.kind for entry in audit.entries(db)]


def test_a_start_says_what_has_changed_since_the_last(journal: Journal, db: sqlite3.Connection) -> None:
    journal.begin({"config": "a", "custody": "file:1"}, program="gate", version="1")
    journal.begin({"config": "a", "custody": "file:1"}, program="gate", version="1")
    journal.begin({"config": "b", "custody": "file:1"}, program="gate", version="1")
    until(lambda: kinds(db).count("program.started") == 3)
    journal.note("program.stopped", program="gate")
    until(lambda: kinds(db)[-1] == "program.stopped")
    assert kinds(db)[1:3] == ["config.changed", "custody.changed"]
    assert kinds(db)[3:-1] == ["program.started", "program.started", "config.changed"]
    last = [entry for entry in audit.entries(db) if entry.kind == "config.changed"][-1]
    assert last.detail == '{"before":"a","now":"b"}'


def test_a_row_that_was_really_removed_is_a_fault_at_the_next_start(
    tmp_path: Path, vault: Vault, db: sqlite3.Connection
) -> None:
    fill(db)
    subprocess.run([sys.executable, "-c", REMOVER, str(tmp_path / "journal.db")], check=True)
    faults: list[Fault] = []
    journal = Journal(tmp_path / "journal.db", vault, Clock(), "A-017", "boot-2", faults.append)
    journal.start()
    journal.begin({}, program="walkup")
    until(lambda: faults)
    journal.stop()
    assert faults == [Fault(Code.AUDIT_BROKEN, "audit", "entry 3: missing")]
    assert kinds(db)[-2:] == ["program.started", "audit.broken"]
    texts = shipped_texts()
    for language in ("zh", "en"):
        assert "journal.db" in texts.get(language, f"fault.{Code.AUDIT_BROKEN}.remedy")


REMOVER = """import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DELETE FROM audit WHERE seq = 3")
db.commit()
"""


def test_a_guards_opening_is_in_the_chain_once_and_names_nobody(journal: Journal, db: sqlite3.Connection) -> None:
    body = {"gate": "east", "direction": "in", "decision": "", "guard": PERSON, "reason": "no_face", "receipt": ""}
    event = NewEvent("opened-0001", "gate:east", "gate.opened", 1, body)
    committed(journal, event)
    committed(journal, event)
    (entry,) = audit.entries(db)
    assert entry.kind == "gate.opened"
    assert "opened-0001" in entry.detail
    assert PERSON not in entry.detail


def test_a_restored_centre_and_rows_tried_again_are_in_the_chain(
    journal: Journal, vault: Vault, db: sqlite3.Connection
) -> None:
    retention.new_epoch(db, "e1", 1.0)
    seqs = [committed(journal, submitted(f"request-000{n}")).seq for n in range(3)]
    db.execute("UPDATE outbox SET state = 'dead', verdict = 'rejected: why' WHERE seq = ?", (seqs[1],))
    assert retention.retry(db, seqs, 2.0, by="shell:root") == 1
    assert retention.retry(db, None, 2.0) == 0
    found = list(audit.entries(db))
    assert [entry.kind for entry in found] == ["epoch.changed", "outbox.retried"]
    assert found[1].detail == '{"by":"shell:root","count":1,"rows":"1,2,3"}'
    assert listing.counts(db) == {"queued": 3}


class Leaping(Clock):
    """A clock that is set while it runs."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + Leaping.ahead


def test_a_clock_that_jumped_is_in_the_chain(
    tmp_path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Witness(tmp_path / "journal.db", Leaping())) as witness:
        witness.look_at_clock()
        monkeypatch.setattr(Leaping, "ahead", -86400.0)
        witness.look_at_clock()
        witness.look_at_clock()
    (entry,) = audit.entries(db)
    assert (entry.kind, entry.detail) == ("clock.jumped", '{"seconds":-86400.0}')


def test_threads_of_one_witness_take_turns(tmp_path: Path, db: sqlite3.Connection) -> None:
    with closing(Witness(tmp_path / "journal.db", Clock())) as witness:
        threads = [threading.Thread(target=witness.note, args=("test.noted",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert witness.heads()[0].seq == 8
    assert audit.verify(db) is None


# --- the command -----------------------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    path = tmp_path / "kiosk.toml"
    path.write_text(toml_of(Config(paths=PathsConfig(state=tmp_path), terminal=TerminalConfig(id="A-017"))), "utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--config", str(path)])
        out: Any = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_the_command_lists_and_verifies(command: Callable[..., tuple[int, str, str]], db: sqlite3.Connection) -> None:
    fill(db)
    code, out, _ = command("audit", "list")
    assert (code, len(out.splitlines())) == (0, 5)
    assert "test.noted" in out
    code, out, _ = command("audit", "verify")
    assert (code, out) == (0, f"5 entries, all as written; head {audit.head(db).hash}\n")
    db.execute(REMOVE)
    code, out, _ = command("audit", "verify")
    assert (code, out) == (1, "not as it was written: entry 3: missing\n")


def test_without_a_journal_there_is_nothing_to_verify(command: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = command("audit", "verify")
    assert (code, out) == (1, "")
    assert "journal.db" in err
