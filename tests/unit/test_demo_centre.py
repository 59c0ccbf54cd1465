"""What the demonstration reads from the files of a terminal that has only just been started."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from kiosk.demo import centre
from sync import outbox
from sync.records import Stamp
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.helpers import submitted


def counted(journal: Path) -> tuple[int, int, int]:
    kind = "request.submitted"
    return centre.waiting_rows(journal), centre.committed_rows(journal, kind), centre.printing_jobs(journal)


def test_a_journal_that_is_not_made_yet_has_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    assert counted(path) == (0, 0, 0)
    assert not path.exists(), "whoever looks makes no file"
    path.touch()
    assert counted(path) == (0, 0, 0)


def test_what_is_on_the_disk_is_counted(tmp_path: Path) -> None:
    path, vault = tmp_path / "journal.db", Vault.open(tmp_path / "keys")
    with closing(connect(path, JOURNAL)) as db:
        with transaction(db):
            for n in range(2):
                outbox.add(db, vault, submitted(f"request-{n}"), Stamp("A-017", "boot-1", 1_772_412_120.0, 5.0))
            db.execute("UPDATE outbox SET state = 'sent' WHERE seq = 1")
        assert counted(path) == (1, 2, 0)
