"""A journal that is damaged: put aside, salvaged row by row, said once; never a crash loop, never a number twice."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.app.records import MEND
from kiosk.clock import Clock
from kiosk.config import CameraConfig, CentreConfig, Config, DemoConfig, PathsConfig, ScreenConfig, toml_of
from kiosk.domain.faults import Code, Fault
from sync import damage, listing, pages, salvage
from sync.cache import Cache
from sync.journal import Refused
from sync.readying import make_ready, open_vault
from sync.salvage import TABLES
from sync.store import NewerError, connect
from sync.tables import CACHE, JOURNAL
from sync.vault import KEY_FILE, Vault
from tests.faults.store_kit import Watched, peer, watched
from tests.sync.helpers import committed, put, rated, submitted
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.waiting import until

__all__ = ["peer", "watched"]
ROWS = 240
PAGE = 4096


def ready(folder: Path) -> list[Fault]:
    return make_ready(folder / "journal.db", Vault.open(folder), Clock())


def used(folder: Path) -> None:
    """A journal with something in every table."""
    made = Watched(folder)
    saved = threading.Semaphore(0)
    for n in range(ROWS):
        committed(made.journal, submitted(f"request-{n:04}") if n % 3 else rated("r" * 9, f"rating-{n:05}"))
    for n in range(20):
        made.journal.put_blob(bytes([n]) * (3000 + 900 * n), lambda _: saved.release())
        made.journal.save_draft(f"{n:016x}", "leave", f"draft-{n:04}", {"reason": "x" * 300}, lambda _: saved.release())
    for _ in range(40):
        assert saved.acquire(timeout=10)
    made.journal.stop()
    rows = {
        "print_jobs": ("job-1", b"sealed", "printing", "", 4.5),
        "own_templates": ("enrol-01", b"o" * 16, 5.5, b"b" * 90, b"s" * 40),
        "withdrawn": (b"w" * 16, 6.5),
        "nonces": (b"n" * 6, 7.5, 6.5, 1),
        "pin_failures": (b"p" * 16, 3, 8.5),
        "passages": (b"q" * 16, 1, 9.5),
        "audit": (1, 10.5, "boot", "kind", "detail", b"h" * 32),
        "issued_offline": ("ZD-2026-0302-0001", "request-0001:1:offline", 11.5, 0),
        "device_faults": ("scanner", "F-SCN-01", 492_000, 3),
        "device_signs": ("scanner", 12.5),
        "meta": ("epoch", "e1"),
        "attachments": (3, "ab" * 32),
    }
    with closing(connect(folder / "journal.db", JOURNAL)) as db:
        for table, row in rows.items():
            db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
    assert not (folder / "journal.db-wal").exists()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("used")
    used(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    """A state folder whose journal has been used for a while."""
    made = tmp_path / "state"
    shutil.copytree(template, made)
    return made


Kept = dict[str, tuple[int, str, bytes]]


def contents(path: Path) -> Kept:
    """key → seq, receipt, sealed body."""
    vault = Vault.open(path.parent)
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT key, seq, body FROM outbox").fetchall()
    return {
        key: (seq, str((listing.body_of(vault, key, body) or {}).get("receipt", "")), body) for key, seq, body in found
    }


def flip(data: bytearray, chance: random.Random) -> set[int]:
    """Bytes of some pages turn over."""
    hit = {chance.randrange(len(data) // PAGE) for _ in range(6)}
    for page in hit:
        for _ in range(40):
            data[page * PAGE + chance.randrange(PAGE)] ^= chance.randrange(1, 256)
    return hit


def zero(data: bytearray, chance: random.Random) -> set[int]:
    """Some pages are empty: sectors that were never written."""
    hit = {chance.randrange(len(data) // PAGE) for _ in range(6)}
    for page in hit:
        data[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    return hit


def cut(data: bytearray, chance: random.Random) -> set[int]:
    """The file ends too early."""
    count = len(data) // PAGE
    end = chance.randrange(PAGE, len(data))
    del data[end:]
    return set(range(end // PAGE, count))


def behead(data: bytearray, chance: random.Random) -> set[int]:
    """The first page is gone, and with it what leads to all others."""
    data[:PAGE] = chance.randbytes(PAGE)
    return {0}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("harm", [flip, zero, cut, behead])
def test_what_stands_on_whole_pages_is_salvaged(
    folder: Path, harm: Callable[[bytearray, random.Random], set[int]], seed: int
) -> None:
    """And no receipt number and no place is given twice, and the second start is quiet."""
    path = folder / "journal.db"
    before, data = contents(path), bytearray(path.read_bytes())
    whole = bytes(data)
    hit = harm(data, random.Random(seed))
    path.write_bytes(data)
    sound = damage.sound(path, thorough=True)
    said = ready(folder)
    assert [fault.code for fault in said] == ([] if sound else [Code.JOURNAL_SALVAGED])
    after = contents(path)
    safe = {key for key, (_, _, body) in before.items() if not on_pages(whole, body) & hit}
    assert safe <= after.keys()
    assert all(after[key][0] == before[key][0] for key in safe)
    if not sound:
        (aside,) = (each for each in folder.glob("journal.db.damaged-*") if each.name[-4:] not in ("-wal", "-shm"))
        assert aside.read_bytes() == bytes(data), "kept as it was"
    assert ready(folder) == []
    assert damage.sound(path, thorough=True)
    made = Watched(folder)
    new = committed(made.journal, submitted("request-new"))
    made.journal.stop()
    assert new.receipt not in {receipt for _, receipt, _ in before.values()}
    if not sound:
        assert new.seq > max(seq for seq, _, _ in before.values())


def on_pages(data: bytes, body: bytes) -> set[int]:
    """The pages on which a body stands; the header of its cell may be on the first."""
    at = data.find(body)
    assert at >= 0
    return set(range(max(0, at - 200) // PAGE, (at + len(body)) // PAGE + 1))


def test_every_table_comes_along(folder: Path) -> None:
    path = folder / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        before = {table.name: db.execute(f"SELECT count(*) FROM {table.name}").fetchone() for table in TABLES}  # noqa: S608
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {table: tuple(row[1] for row in db.execute(f"PRAGMA table_info({table})")) for table in tables}
    known = {table.name: table.columns for table in TABLES}
    assert {table: names for table, names in columns.items() if table not in ("tally", "sqlite_sequence")} == known
    assert all(count for (count,) in before.values()), before
    damage._note(path).touch()
    salvage.salvage(path, Vault.open(folder), Clock())
    with closing(sqlite3.connect(path)) as db:
        after = {table.name: db.execute(f"SELECT count(*) FROM {table.name}").fetchone() for table in TABLES}  # noqa: S608
        assert db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone() == ("e1",)
    assert after == before
    made = Watched(folder)
    assert sum(made.journal.counts().values()) == ROWS, "the tally, too"
    made.journal.stop()


def test_pages_tell_the_same_as_sql(folder: Path) -> None:
    """The reader of pages, held against SQLite itself, with records over several pages."""
    path = folder / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        told = set(db.execute("SELECT key, body FROM outbox")) | set(db.execute("SELECT sha256, body FROM blobs"))
    read = [columns for _, columns in pages.records(path)]
    found = {(row[1], row[5]) for row in read if len(row) == 15} | {(row[0], row[1]) for row in read if len(row) == 7}
    assert told <= found


def test_what_stands_in_the_log_alone_is_salvaged(tmp_path: Path) -> None:
    """A kill −9 before the log was ever brought in; then the file itself turns out to be nothing."""
    path, vault = tmp_path / "journal.db", Vault.open(tmp_path)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom tests.faults.store_kit import Watched\n"
        "from tests.sync.helpers import committed, submitted\nmade = Watched(Path(sys.argv[1]))\n"
        "for n in range(40): committed(made.journal, submitted(f'request-{n:03}'))\nos._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, stderr=-1).returncode == 9
    assert (tmp_path / "journal.db-wal").stat().st_size > PAGE
    path.write_bytes(b"")
    assert [fault.code for fault in ready(tmp_path)] == [Code.JOURNAL_SALVAGED]
    assert {row.key for row in listing.rows(path, vault)} == {f"request-{n:03}" for n in range(40)}


@pytest.mark.proves(Code.JOURNAL_SALVAGED)
@pytest.mark.parametrize("what", ["empty", "missing", "text", "foreign", "log_head"])
def test_a_file_that_is_no_journal_is_put_aside_and_said(folder: Path, what: str) -> None:
    path = folder / "journal.db"
    before = contents(path)
    (folder / "device.key").touch()
    match what:
        case "empty":
            path.write_bytes(b"")
        case "missing":
            path.unlink()
        case "text":
            path.write_text("somebody's shopping list\n" * 400, "utf-8")
        case "foreign":
            path.unlink()
            with closing(sqlite3.connect(path)) as db:
                db.execute("CREATE TABLE bookmarks (url TEXT)")
        case "log_head":
            (folder / "journal.db-wal").write_bytes(b"\x01" * 9000)
    content = path.read_bytes() if path.exists() else b""
    (fault,) = ready(folder)
    assert fault.code is Code.JOURNAL_SALVAGED
    assert "outbox" in fault.detail
    aside = [each for each in folder.glob("journal.db.damaged-*") if each.name[-4:] not in ("-wal", "-shm")]
    assert [each.read_bytes() for each in aside] == ([content] if what != "missing" else [])
    assert ready(folder) == []
    made = Watched(folder)
    new = committed(made.journal, submitted("request-new"))
    made.journal.stop()
    assert new.receipt not in {receipt for _, receipt, _ in before.values()}
    assert (what == "log_head") == (contents(path).keys() > before.keys())


def test_a_first_start_and_an_emptied_log_are_no_damage(tmp_path: Path, folder: Path) -> None:
    assert ready(tmp_path) == []
    (folder / "journal.db-wal").write_bytes(b"")
    assert ready(folder) == []
    assert len(contents(folder / "journal.db")) == ROWS


def test_a_salvage_that_was_cut_off_goes_on(folder: Path) -> None:
    """The new file was ready, the old one half moved away."""
    path = folder / "journal.db"
    before = contents(path)
    shutil.copy(path, folder / "journal.db.salvaged")
    (folder / "journal.db-wal").write_bytes(b"\x01" * 9000)
    path.write_bytes(b"x" * 9000)
    assert [fault.code for fault in ready(folder)] == [Code.JOURNAL_SALVAGED]
    assert contents(path).keys() == before.keys()
    assert not (folder / "journal.db-wal").exists()
    assert ready(folder) == []


@pytest.mark.proves(Code.JOURNAL_NEWER)
def test_a_file_of_a_newer_program_is_refused_and_not_touched(folder: Path, watched: list[Watched]) -> None:
    path = folder / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    content = path.read_bytes()
    assert ready(folder) == []
    made = Watched(folder)
    answer = put(made.journal, submitted("request-new"))
    made.journal.stop()
    assert isinstance(answer, Refused)
    assert {answer.fault.code, *(fault.code for fault in made.faults)} == {Code.JOURNAL_NEWER}
    assert len(made.faults) == 1
    assert path.read_bytes() == content
    with pytest.raises(NewerError), closing(connect(path, JOURNAL)):
        pass
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(JOURNAL)}")
    watched.append(Watched(folder))
    committed(watched[0].journal, submitted("request-new"))
    assert watched[0].faults == []


@pytest.mark.proves(Code.JOURNAL_DAMAGED)
def test_damage_that_is_met_while_running_ends_the_program_once(folder: Path, watched: list[Watched]) -> None:
    path = folder / "journal.db"
    data = bytearray(path.read_bytes())
    data[PAGE:] = bytes(len(data) - PAGE)
    path.write_bytes(data)
    made = Watched(folder)
    watched.append(made)
    answer = put(made.journal, submitted("request-new"))
    assert isinstance(answer, Refused)
    assert answer.fault.code is Code.JOURNAL_DAMAGED
    assert made.damaged.get(timeout=10)
    assert isinstance(put(made.journal, submitted("request-new")), Refused)
    assert made.damaged.empty()
    assert [fault.code for fault in made.faults] == [Code.JOURNAL_DAMAGED]
    made.journal.stop()
    assert [fault.code for fault in ready(folder)] == [Code.JOURNAL_SALVAGED]
    watched.append(Watched(folder))
    committed(watched[1].journal, submitted("request-new"))
    assert watched[1].faults == []


def test_the_sync_process_notes_damage_and_does_not_run_hot(folder: Path, peer: Peer) -> None:
    path = folder / "journal.db"
    engine = Running(write_config(folder, peer.url))
    engine.wait_for("link", state="online")
    until(lambda: len(peer.ledger) == ROWS)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[PAGE:] = bytes(len(data) - PAGE)
    path.write_bytes(data)
    until(lambda: engine.order({"op": "nudge"}) or damage.noted(path), "the note")
    alive = len(engine.said("alive"))
    until(lambda: len(engine.said("alive")) > alive)
    log = (folder / "log" / "sync.jsonl").read_text("utf-8").splitlines()
    assert sum('"sync_turn_failed"' in line for line in log) < 20
    assert engine.end() == 0


def test_the_terminal_ends_and_the_next_start_mends(folder: Path) -> None:
    """The real program ends as a service manager starts it again for; what it does first is done here."""
    path, config = folder / "journal.db", folder / "kiosk.toml"
    whole = Config(
        paths=PathsConfig(state=folder),
        centre=CentreConfig(url="http://127.0.0.1:9"),
        screen=ScreenConfig(fullscreen=False),
        camera=CameraConfig(),
        demo=DemoConfig(),
    )
    config.write_text(toml_of(whole), "utf-8")
    command = [sys.executable, "-m", "kiosk", "walkup", "--config", str(config)]
    first = subprocess.Popen(command, env=os.environ)
    try:
        until(lambda: "started" in logged(folder), "the first start", 60)
        data = bytearray(path.read_bytes())
        data[3 * PAGE :] = bytes(len(data) - 3 * PAGE)
        path.write_bytes(data)
        with closing(damage.looking(path)) as db, pytest.raises(sqlite3.DatabaseError) as met:
            db.execute("SELECT * FROM outbox NOT INDEXED").fetchall()
        assert damage.note(path, met.value)
        assert first.wait(30) == MEND
    finally:
        first.kill()
        first.wait()
    assert [fault.code for fault in ready(folder)] == [Code.JOURNAL_SALVAGED]
    assert not damage.noted(path)
    assert ready(folder) == []


def logged(folder: Path) -> list[str]:
    file = folder / "log" / "terminal.jsonl"
    return [json.loads(line)["event"] for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def back(key: Path, old: bytes) -> list[Fault]:
    """What a start says once somebody has put the former key back."""
    key.write_bytes(old)
    vault, said = open_vault(key.parent)
    return [*said, *make_ready(key.parent / "journal.db", vault, Clock())]


@pytest.mark.proves(Code.VAULT_KEY_LOST)
@pytest.mark.parametrize("how", ["lost", "cut"])
def test_a_lost_key_is_said_and_nothing_is_overwritten(folder: Path, how: str, peer: Peer) -> None:
    path, key = folder / "journal.db", folder / KEY_FILE
    before, old = contents(path), key.read_bytes()
    if how == "lost":
        key.unlink()
    else:
        key.write_bytes(old[:7])
    vault, said = open_vault(folder)
    said += make_ready(path, vault, Clock())
    assert {fault.code for fault in said} == {Code.VAULT_KEY_LOST}
    assert said[-1].detail == f"{ROWS} rows"
    assert [each.read_bytes() for each in folder.glob("vault.key.damaged-*")] == ([] if how == "lost" else [old[:7]])
    if how == "cut":
        assert back(key, old) == [], "with the key out of the backup all is well"
        return
    engine = Running(write_config(folder, peer.url))
    engine.wait_for("backlog", queued=0, dead=ROWS)
    assert engine.end() == 0
    assert ready(folder) == [], "they are listed as dead now"
    assert back(key, old) == []
    assert {name: each[2] for name, each in contents(path).items()} == {name: each[2] for name, each in before.items()}
    assert all(row.body for row in listing.rows(path, Vault.open(folder)))


@pytest.mark.parametrize("what", ["cut", "zero", "text", "foreign", "noted"])
def test_a_damaged_cache_is_begun_anew(tmp_path: Path, what: str) -> None:
    path, vault = tmp_path / "cache.db", Vault.open(tmp_path)
    with closing(connect(path, CACHE)) as db:
        db.executemany(
            "INSERT INTO rows VALUES ('notices', ?, NULL, 1, ?, 0)", [(f"{n}", b"x" * 900) for n in range(60)]
        )
    data = bytearray(path.read_bytes())
    match what:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "zero":
            path.write_bytes(data[:PAGE] + bytes(len(data) - PAGE))
        case "text":
            path.write_text("no cache" * 900, "utf-8")
        case "foreign":
            path.unlink()
            with closing(sqlite3.connect(path)) as db:
                db.execute("CREATE TABLE bookmarks (url TEXT)")
        case "noted":
            damage._note(path).touch()
    cache = Cache(path, vault)
    assert not cache.holds("notices", "1")
    cache.restart("e1")
    cache.close()
    assert not damage.noted(path)
    again = Cache(path, vault)
    assert again.epoch() == "e1"
    again.close()
