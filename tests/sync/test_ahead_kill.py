"""kill −9 while certificates sealed in advance are issued: no number on two papers, no paper without its record."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sync import ahead
from sync.cache import Cache
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.ahead_kit import Seals
from tests.sync.helpers import PERSON
from tests.waiting import until

ROUNDS = 3


def lines(folder: Path) -> list[list[str]]:
    papers = folder / "papers"
    return [line.split() for line in papers.read_text().splitlines()] if papers.exists() else []


def killed(folder: Path, seconds: float) -> None:
    """One life of the terminal, which ends so long after its first paper."""
    before = len(lines(folder))
    child = subprocess.Popen([sys.executable, "-m", "tests.sync.ahead_child", str(folder)])
    until(lambda: len(lines(folder)) > before or child.poll() is not None, "a paper")
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    child.kill()
    child.wait(10)


def test_a_kill_at_any_moment_gives_no_number_out_twice(tmp_path: Path) -> None:
    dice = random.Random(1)
    vault, seals = Vault.open(tmp_path), Seals(time.time())
    cache = Cache(tmp_path / "cache.db", vault)
    seals.feeds(cache)
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        ahead.keep(cache, vault, PERSON, ahead.book(db), [seals.row() for _ in range(60)])
    cache.close()
    for _ in range(ROUNDS):
        killed(tmp_path, dice.uniform(0.0, 0.05))
    papers = lines(tmp_path)
    assert len(papers) >= ROUNDS
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        used = dict(db.execute("SELECT key, serial FROM issued_offline").fetchall())
        told = {key for (key,) in db.execute("SELECT key FROM outbox WHERE kind = 'document.issued_offline'")}
    assert not [serial for serial, count in Counter(serial for _, serial in papers).items() if count > 1]
    assert len(set(used.values())) == len(used)
    assert {f"{key}:issued" for key in used} == told, "mark and record are one"
    assert {key: serial for key, serial in papers if used.get(key) != serial} == {}, "no paper before its record"
    assert len(used) - len(papers) <= ROUNDS, "at most one in each kill is used up and not printed"
