"""Several programs in one file: whoever leaves must not take the write-ahead log along."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sync.store import connect, transaction
from sync.tables import JOURNAL

VISITOR = """
import sys
from pathlib import Path
from sync.store import connect, transaction
from sync.tables import JOURNAL
db = connect(Path(sys.argv[1]), JOURNAL)
with transaction(db):
    db.execute("INSERT INTO meta VALUES (?, 'visitor')", (sys.argv[2],))
db.close()
"""


def visit(path: Path, name: str) -> None:
    """Another program comes, writes one row, and closes."""
    subprocess.run([sys.executable, "-c", VISITOR, str(path), name], check=True, timeout=30)


def names(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {row[0] for row in db.execute("SELECT name FROM meta WHERE value IN ('visitor', 'host')")}


def test_a_program_that_leaves_takes_nothing_of_the_others_along(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first, second = connect(path, JOURNAL), connect(path, JOURNAL)
    for name in ("a", "b"):
        visit(path, f"visitor-{name}")
        assert (tmp_path / "journal.db-wal").exists(), "the visitor took itself for the last one"
        with transaction(first):
            first.execute("INSERT INTO meta VALUES (?, 'host')", (f"host-{name}",))
    first.close()
    second.close()
    assert names(path) == {"visitor-a", "visitor-b", "host-a", "host-b"}


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(connect(path, JOURNAL)) as db:
        with transaction(db):
            db.execute("INSERT INTO meta VALUES ('x', 'y')")
        modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("journal.db", "journal.db-wal", "journal.db-shm"), 0o600)
