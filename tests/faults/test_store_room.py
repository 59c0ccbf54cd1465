"""No room for new records: by count, by size, by the disk. It is said, least important first, and passes by itself."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.config import CentreConfig, Config, PathsConfig, QueueConfig, toml_of
from kiosk.domain.faults import Code
from sync import ballast, listing, outbox, room, space
from sync.client import Client
from sync.journal import BlobStored, Committed, Journal, Refused
from sync.kinds import KINDS, Priority
from sync.records import Stamp
from sync.sender import Sender
from sync.space import MEGABYTE, Space
from sync.store import connect, transaction, truncate_log
from sync.tables import JOURNAL
from sync.upkeep import Upkeep
from sync.vault import Vault
from sync.wire import BODIES, ItemResult, Verdict
from tests.faults.store_kit import NO_LIMITS, Watched, event, fill, peer, small_disk, tight, watched
from tests.sync.helpers import committed, put, rated, submitted
from tests.sync.keys_kit import Key
from tests.sync.peer import Peer
from tests.sync.running import Running
from tests.waiting import PATIENCE, until

__all__ = ["peer", "small_disk", "watched"]


def settle_all(path: Path, vault: Vault) -> None:
    """As if the centre had taken everything."""
    with closing(connect(path, JOURNAL)) as db:
        while items := outbox.due(db, vault, 4e9):
            outbox.settle(db, items, [ItemResult(key=item.key, verdict=Verdict.CREATED) for item in items], 4e9)


def test_every_kind_of_the_wire_has_its_priority_and_age() -> None:
    assert set(KINDS) == {kind for kind, _ in BODIES}


def test_what_matters_less_is_refused_first_and_said_once(tmp_path: Path, watched: list[Watched]) -> None:
    """From 80 % on, from 90 % on, at 100 %; what completes an act that was begun is kept all the same."""
    made = Watched(tmp_path, tight(rows=100))
    watched.append(made)
    asked = {"codes.refused": 80, "rating.given": 90, "request.submitted": 100}
    first_refused: dict[str, int] = {}
    for n in range(105):
        for kind in (*asked, "document.printed"):
            answer = put(made.journal, event(kind, f"{kind}-{n}"))
            if isinstance(answer, Refused):
                assert answer.fault.code is Code.JOURNAL_FULL
                first_refused.setdefault(kind, made.journal.counts()["queued"])
    assert "document.printed" not in first_refused
    assert {kind: rows // 10 * 10 for kind, rows in first_refused.items()} == asked
    assert made.spaces == [Space.LOW, Space.FULL]
    assert [fault.detail for fault in made.faults] == ["low: rows 80 %", "full: rows 100 %"]
    settle_all(made.path, made.vault)
    until(lambda: made.space is Space.PLENTY)
    for kind in asked:
        committed(made.journal, event(kind, f"{kind}-again"))
    assert len(made.faults) == 2


def test_photographs_count_until_they_are_at_the_centre(tmp_path: Path, watched: list[Watched]) -> None:
    made = Watched(tmp_path, tight(megabytes=1))
    watched.append(made)
    answers: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    for n in range(3):
        made.journal.put_blob(bytes([n]) * 600_000, answers.put)
    kinds = [type(answers.get(timeout=10)) for _ in range(3)]
    assert kinds == [BlobStored, BlobStored, Refused]
    assert isinstance(put(made.journal, submitted("request-1")), Refused)
    with closing(connect(made.path, JOURNAL)) as db, transaction(db):
        db.execute("UPDATE blobs SET sent = 1")
    committed(made.journal, submitted("request-1"))


@pytest.mark.parametrize("seed", range(3))
def test_the_tally_of_bytes_is_what_adding_up_would_say(tmp_path: Path, seed: int) -> None:
    chance, vault = random.Random(seed), Vault.open(tmp_path)
    blob = "INSERT OR IGNORE INTO blobs VALUES (?, ?, 1, 1, 0, 0, 0)"
    adding_up = (
        "SELECT state, count(*), sum(length(body)) FROM outbox GROUP BY 1",
        "SELECT iif(sent = 0, 'photos', 'photos_sent'), count(*), sum(length(body)) FROM blobs GROUP BY 1",
    )
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        for _ in range(60):
            n = chance.randrange(12)
            match chance.randrange(5):
                case 0:
                    outbox.insert(db, vault, rated("r" * 9, f"rating-{n:02}"), Stamp("A-017", "boot", n, n))
                case 1:
                    db.execute(blob, (f"{n}", b"x" * n))
                case 2:
                    db.execute("UPDATE blobs SET sent = ? WHERE sha256 = ?", (n % 3, f"{n}"))
                case 3:
                    db.execute("UPDATE outbox SET state = 'sent', body = ? WHERE seq = ?", (b"y" * n, n))
                case 4:
                    room.drop_sent(db, 2)
            told = {state: tuple(rest) for state, *rest in db.execute("SELECT state, count, bytes FROM tally")}
            real = dict.fromkeys(told, (0, 0))
            for query in adding_up:
                real |= {name: (count, size) for name, count, size in db.execute(query)}
            assert told == real


def test_what_was_sent_goes_before_anything_new_is_refused(tmp_path: Path, watched: list[Watched]) -> None:
    made = Watched(tmp_path, tight(rows=100))
    watched.append(made)
    for n in range(95):
        committed(made.journal, event("request.submitted", f"request-{n:03}"))
    settle_all(made.path, made.vault)
    until(lambda: made.journal.counts().get("sent", 0) < 95, "the journal's own look")
    until(lambda: made.space is Space.PLENTY)
    with closing(connect(made.path, JOURNAL)) as db:
        kept = sorted(made.keys())
        Upkeep(made.path, tmp_path / "cache.db", tight(rows=100), Clock()).make_room(db)
        assert not space.crowded(db, tmp_path, tight(rows=100))
    assert kept == [f"request-{n:03}" for n in range(95 - len(kept), 95)], "the oldest go first"


@pytest.mark.proves(Code.JOURNAL_FULL)
@pytest.mark.parametrize("longer", [0, 10, 20, 40])
def test_a_full_file_refuses_drains_and_collects_again(
    tmp_path: Path, watched: list[Watched], peer: Peer, longer: int
) -> None:
    """SQLite's own limit in place of the disk's, without root: for the writer and for whoever sends.

    By the length of a row it differs how full the pages are.
    """
    made, signing = Watched(tmp_path), Key()
    watched.append(made)
    peer.keys[signing.signer.id] = signing.public
    asked = [submitted(f"request-{n:03}", remark="x" * longer) for n in range(160)]
    kept = [committed(made.journal, each).key for each in asked[:60]]
    limit_pages(made.journal, 3)
    answers = [put(made.journal, each) for each in asked[60:]]
    kept += [answer.key for answer in answers if isinstance(answer, Committed)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert {answer.fault.code for answer in refused} == {Code.JOURNAL_FULL}
    assert (made.space, [fault.detail for fault in made.faults]) == (Space.FULL, ["SQLITE_FULL"])
    with closing(connect(made.path, JOURNAL)) as db:
        # a row that was sent is longer: two pages for that, as the ballast gives many on a disk
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + 2}")
        client = Client(CentreConfig(url=peer.url), lambda: signing.signer)
        sender = Sender(db, made.vault, client, Clock())
        with held(made.journal):
            while sender.send_due() not in (0, None):
                pass
            client.close()
            assert set(peer.ledger) == set(kept)
            assert made.states() == dict.fromkeys(kept, "sent")
    until(lambda: made.space is Space.PLENTY)
    for n in range(10):
        committed(made.journal, submitted(f"afterwards-{n}"))


@contextlib.contextmanager
def held(journal: Journal) -> Iterator[None]:
    """Its thread stands still, so that it does not make room of what is sent meanwhile."""
    begun, over = threading.Event(), threading.Event()

    def stand(_db: sqlite3.Connection, _stamp: object) -> None:
        begun.set()
        over.wait(PATIENCE)

    journal.act(stand, lambda _: None)
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        over.set()


def limit_pages(journal: Journal, more: int) -> None:
    """From the next connection of the writer on: so many pages more than there are now, and no others."""
    real = journal._open

    def opened() -> sqlite3.Connection:
        db = real()
        if "pages" not in limits:
            limits["pages"] = db.execute("PRAGMA page_count").fetchone()[0] + more
        db.execute(f"PRAGMA max_page_count = {limits['pages']}")
        return db

    limits: dict[str, int] = {}
    journal._open = opened  # type: ignore[method-assign]


@pytest.mark.proves(Code.JOURNAL_FULL)
def test_a_disk_that_is_really_full_refuses_drains_and_collects_again(
    small_disk: Path, watched: list[Watched], peer: Peer
) -> None:
    """Somebody else's file takes all there is: the ballast lets the verdicts in, and is there again afterwards."""
    limits = QueueConfig(free_megabytes=1, ballast_megabytes=2)
    config = small_disk / "kiosk.toml"
    centre = CentreConfig(url=peer.url, enrolment_code=peer.code, feed_seconds=0.5)
    config.write_text(toml_of(Config(paths=PathsConfig(state=small_disk), centre=centre, queue=limits)), "utf-8")
    made = Watched(small_disk, limits)
    watched.append(made)
    until(lambda: ballast.present(small_disk, 2 * MEGABYTE), "the ballast")
    peer.fault("/v1/events:batch", "broken", 100_000)
    engine = Running(config)
    try:
        engine.wait_for("link", state="online")
        until(lambda: peer.beats and peer.beats[-1]["space"] == "plenty", "the centre knows of the room")
        kept = [committed(made.journal, submitted(f"request-{n:03}")).key for n in range(250)]
        with closing(connect(made.path, JOURNAL)) as db:
            until(lambda: truncate_log(db), "a log that takes no room, so that each write needs some")
        filler = fill(small_disk)
        answer = put(made.journal, submitted("one-too-many"))
        assert isinstance(answer, Refused)
        assert answer.fault.code is Code.JOURNAL_FULL
        assert made.space is Space.FULL
        for n in range(40):
            kept.append(committed(made.journal, event("document.printed", f"paper-{n:03}")).key)
        assert not ballast.present(small_disk, 2 * MEGABYTE)
        peer.mend()
        engine.order({"op": "nudge"})
        until(lambda: set(peer.ledger) == set(kept), "everything at the centre")
        until(lambda: set(made.states().values()) <= {"sent"}, "every verdict on the full disk")
        assert made.space is Space.FULL
        filler.unlink()
        until(lambda: made.space is Space.PLENTY)
        until(lambda: ballast.present(small_disk, 2 * MEGABYTE), "the ballast again")
        committed(made.journal, submitted("one-too-many"))
        engine.order({"op": "nudge"})
        until(lambda: "one-too-many" in peer.ledger)
    finally:
        assert engine.end() == 0
    assert {fault.code for fault in made.faults} == {Code.JOURNAL_FULL}


@pytest.mark.proves(Code.JOURNAL_REFUSED)
def test_a_disk_that_can_only_be_read_refuses_and_recovers(small_disk: Path, watched: list[Watched]) -> None:
    made = Watched(small_disk, NO_LIMITS)
    kept = [committed(made.journal, submitted(f"request-{n}")).key for n in range(5)]
    made.journal.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    made = Watched(small_disk, NO_LIMITS)
    watched.append(made)
    answer = put(made.journal, submitted("request-9"))
    assert isinstance(answer, Refused)
    assert (answer.fault.code, made.space) == (Code.JOURNAL_REFUSED, Space.FULL)
    assert [fault.code for fault in made.faults] == [Code.JOURNAL_REFUSED]
    until(lambda: remounted(small_disk), "a moment at which nobody has it open")
    until(lambda: made.space is Space.PLENTY)
    kept.append(committed(made.journal, submitted("request-9")).key)
    assert made.keys() == set(kept)


def remounted(folder: Path) -> bool:
    return subprocess.run(["mount", "-o", "remount,rw", str(folder)], capture_output=True, check=False).returncode == 0


FAILING = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int broken(void) { const char *flag = getenv("FSYNC_BROKEN"); return flag && access(flag, F_OK) == 0; }
static int call(const char *name, int fd) {
    if (broken()) { errno = EIO; return -1; }
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}
int fsync(int fd) { return call("fsync", fd); }
int fdatasync(int fd) { return call("fdatasync", fd); }
"""
COLLECTOR = """
import sys
from pathlib import Path
from tests.faults.store_kit import Watched
from tests.sync.helpers import put, submitted
made = Watched(Path(sys.argv[1]))
for line in sys.stdin:
    answer = put(made.journal, submitted(line.strip()))
    said = getattr(answer, "fault", None)
    print(f"{type(answer).__name__} {said.code.value if said else ''} {said.detail if said else ''}", flush=True)
"""


@pytest.fixture(scope="session")
def failing_fsync(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fsync")
    (folder / "failing.c").write_text(FAILING, "utf-8")
    command = ["gcc", "-shared", "-fPIC", "-o", str(folder / "failing.so"), str(folder / "failing.c"), "-ldl"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"gcc cannot build the failing fsync: {error}")
    return folder / "failing.so"


@pytest.mark.proves(Code.JOURNAL_REFUSED)
def test_a_disk_whose_fsync_fails_acknowledges_nothing(tmp_path: Path, failing_fsync: Path) -> None:
    """Refused while it fails, collected afterwards; after a kill −9 all that was acknowledged is there."""
    flag = tmp_path / "broken"
    env = {**os.environ, "LD_PRELOAD": str(failing_fsync), "FSYNC_BROKEN": str(flag)}
    process = subprocess.Popen(
        [sys.executable, "-c", COLLECTOR, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=env,
    )
    assert process.stdin
    assert process.stdout

    def ask(key: str) -> list[str]:
        assert process.stdin
        assert process.stdout
        process.stdin.write(key + "\n")
        process.stdin.flush()
        return process.stdout.readline().split()

    kept = []
    for n in range(3):
        kept += [f"good-{n:05}", f"back-{n:05}"]
        assert ask(f"good-{n:05}") == ["Committed"]
        flag.touch()
        assert ask(f"back-{n:05}") == ["Refused", Code.JOURNAL_REFUSED.value, "SQLITE_IOERR_FSYNC"]
        flag.unlink()
        assert ask(f"back-{n:05}") == ["Committed"]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert {row.key for row in listing.rows(tmp_path / "journal.db", Vault.open(tmp_path))} == set(kept)


def test_a_kind_that_completes_an_act_is_never_low() -> None:
    assert {kind for kind, each in KINDS.items() if each.priority is Priority.LAST} >= {
        *("document.printed", "document.voided", "gate.opened", "gate.passed", "face.withdrawn", "erasure.done"),
    }
