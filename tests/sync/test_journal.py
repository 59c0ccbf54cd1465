"""Nothing acknowledged is lost, nothing is there twice, and a disk that takes nothing says so."""

from __future__ import annotations

import queue
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Clock
from kiosk.domain.faults import Code, Fault
from sync import listing
from sync.journal import BlobStored, Committed, Draft, Journal, NewEvent, Refused
from sync.store import NotKept, connect
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.helpers import OTHER, PERSON, committed, put, rated, submitted


def drafts(journal: Journal, person: str) -> tuple[Draft, ...]:
    answers: queue.SimpleQueue[tuple[Draft, ...]] = queue.SimpleQueue()
    journal.drafts_of(person, answers.put)
    return answers.get(timeout=10)


def test_the_same_key_again_is_the_same_act(journal: Journal) -> None:
    first = committed(journal, submitted("request-1"))
    again = committed(journal, submitted("request-1", values={"reason": "another"}))
    assert (first.existed, again.existed) == (False, True)
    assert (again.seq, again.receipt) == (first.seq, first.receipt)
    assert journal.counts() == {"queued": 1}


def test_receipts_count_by_campus_day_and_stand_in_the_body(journal: Journal, tmp_path: Path, vault: Vault) -> None:
    day = Clock().local().strftime("%Y%m%d")
    receipts = [committed(journal, submitted(f"request-{n}")).receipt for n in range(3)]
    assert receipts == [f"A-017-{day}-{n:04}" for n in (1, 2, 3)]
    assert committed(journal, rated("request-1")).receipt == ""
    bodies = [row.body or {} for row in listing.rows(tmp_path / "journal.db", vault)]
    assert [body.get("receipt") for body in bodies[:3]] == receipts


def test_receipts_go_on_after_a_restart_and_begin_anew_each_day(tmp_path: Path, vault: Vault) -> None:
    numbers = []
    for n, offset in enumerate((0.0, 0.0, 86400.0)):
        journal = Journal(tmp_path / "j.db", vault, Clock(offset), "A-017", f"boot-{n}", lambda _: None)
        journal.start()
        numbers.append(committed(journal, submitted(f"request-{n}")).receipt[-4:])
        journal.stop()
    assert numbers == ["0001", "0002", "0001"]


def test_an_event_that_could_never_be_sent_is_a_bug_at_once(journal: Journal) -> None:
    for event in (
        NewEvent("short", "s", "a.b", 1, {}),
        NewEvent("long-enough", "s", "Not A Kind", 1, {}),
        NewEvent("long-enough", "s", "a.b", 1, {"x": float("nan")}),
        NewEvent("long-enough", "s", "a.b", 1, {"x": "y" * 600_000}),
    ):
        with pytest.raises(ValueError, match=r"."):
            journal.put(event, lambda _: None)


def test_nothing_of_a_person_is_readable_on_the_disk(journal: Journal, tmp_path: Path) -> None:
    committed(journal, submitted("request-1"))
    saved = threading.Event()
    journal.save_draft(PERSON, "leave", "key-draft", {"reason": "家里有事"}, lambda _: saved.set())
    assert saved.wait(10)
    bytes_on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
    assert "家里".encode() not in bytes_on_disk
    assert PERSON.encode() not in bytes_on_disk


def test_a_draft_is_for_its_person_alone_and_can_be_dropped(journal: Journal) -> None:
    journal.save_draft(PERSON, "leave", "key-00001", {"reason": "a"})
    journal.save_draft(PERSON, "leave", "key-00001", {"reason": "b"})
    found = drafts(journal, PERSON)
    assert [(draft.item, draft.key, draft.values) for draft in found] == [("leave", "key-00001", {"reason": "b"})]
    assert drafts(journal, OTHER) == ()
    journal.drop_draft(PERSON, "leave")
    assert drafts(journal, PERSON) == ()


def test_what_was_handed_in_after_all_is_no_draft(journal: Journal) -> None:
    """The disk took its time, the person gave up and left: the form must not be offered to be handed in again."""
    journal.put(submitted("request-1"), lambda _: None)
    journal.save_draft(PERSON, "leave", "request-1", {"reason": "a"})
    assert drafts(journal, PERSON) == ()


def test_what_was_handed_in_before_the_power_went_is_no_draft(journal: Journal) -> None:
    """Between the commit and the dropping of its draft."""
    journal.save_draft(PERSON, "leave", "request-1", {"reason": "a"})
    journal.save_draft(PERSON, "repair", "request-2", {"where": "b"})
    committed(journal, submitted("request-1"))
    assert [draft.item for draft in drafts(journal, PERSON)] == ["repair"]


def test_a_draft_moved_to_another_person_is_unreadable(journal: Journal, tmp_path: Path, vault: Vault) -> None:
    journal.save_draft(PERSON, "leave", "key-00001", {"reason": "a"})
    drafts(journal, PERSON)
    db = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    db.execute("UPDATE drafts SET owner = ?", (vault.tag("person", OTHER),))
    db.close()
    assert drafts(journal, OTHER) == ()


def test_old_drafts_are_gone_after_their_days(tmp_path: Path, vault: Vault) -> None:
    for offset, expected in ((0.0, 1), (6.9 * 86400, 1), (7.1 * 86400, 0), (0.0, 0)):
        journal = Journal(tmp_path / "j.db", vault, Clock(offset), "A-017", "b", lambda _: None)
        journal.start()
        if not offset and expected:
            journal.save_draft(PERSON, "leave", "key-00001", {})
        assert len(drafts(journal, PERSON)) == expected
        journal.stop()


def test_a_dropped_draft_leaves_no_bytes(journal: Journal, tmp_path: Path, vault: Vault) -> None:
    journal.save_draft(PERSON, "leave", "key-00001", {"reason": "x" * 500})
    drafts(journal, PERSON)
    db = sqlite3.connect(tmp_path / "journal.db")
    sealed = db.execute("SELECT body FROM drafts").fetchone()[0]
    db.close()
    assert any(sealed[:64] in path.read_bytes() for path in tmp_path.glob("journal.db*"))
    journal.drop_draft(PERSON, "leave")
    journal.stop()
    assert not any(sealed[:64] in path.read_bytes() for path in tmp_path.glob("journal.db*"))


def test_a_photograph_is_kept_under_its_hash_and_sealed(journal: Journal, tmp_path: Path) -> None:
    answers: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    journal.put_blob(b"\xff\xd8jpeg" * 50, answers.put)
    journal.put_blob(b"\xff\xd8jpeg" * 50, answers.put)
    one, two = answers.get(timeout=10), answers.get(timeout=10)
    assert isinstance(one, BlobStored)
    assert one == two
    assert b"jpegjpeg" not in b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))


def test_print_jobs_found_unfinished_are_told(journal: Journal) -> None:
    store = journal.job_store()
    for job, state in (("a", "queued"), ("b", "printing"), ("c", "printed"), ("d", "unknown")):
        store.put(job, f"title of {job}", state, "")
    store.put("a", "title of a", "printing", "")
    assert sorted(journal.job_store().unfinished()) == [
        ("a", "title of a", "printing"),
        ("b", "title of b", "printing"),
    ]


def test_certificates_are_left_over_until_an_event_says_what_became_of_them(journal: Journal) -> None:
    store = journal.job_store()
    states = {"r1:1": "printed", "r2:1": "failed", "r3:1:ab": "unknown", "r4:2": "printing", "r5:1": "queued"}
    for seal, state in states.items():
        assert store.put(f"{seal}:p", f"S-{seal} ×1", state, "")
    store.put("r6:r", "receipt", "unknown", "")
    assert sorted(store.left()) == sorted((f"{seal}:p", f"S-{seal} ×1", state) for seal, state in states.items())
    for seal, word in (("r1:1", "printed"), ("r3:1:ab", "voided"), ("r4:2", "printed"), ("r5:1", "voided")):
        request = seal.split(":")[0]
        body = {"request": request, "serial": f"S-{seal}"}
        body |= {"copies": 1} if word == "printed" else {"reason": "unknown"}
        committed(journal, NewEvent(f"{seal}:{word}", request, f"document.{word}", 1, body))
    assert [job for job, _, _ in journal.job_store().left()] == ["r2:1:p"]


def test_paper_is_counted_for_each_printer_with_the_job_that_takes_it(journal: Journal, tmp_path: Path) -> None:
    one, other = journal.job_store("usb://04b8:0202"), journal.job_store("tcp://127.0.0.1:9100")
    assert one.paper() == {}
    assert one.put("a", "a", "printing", "", {"mm": 120.5, "cuts": 1})
    other.keep_paper({"mm": 3.0})
    assert journal.job_store("usb://04b8:0202").paper() == {"mm": 120.5, "cuts": 1.0}
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        db.execute("CREATE TRIGGER no BEFORE INSERT ON print_jobs BEGIN SELECT RAISE(ABORT, 'no'); END")
        assert not one.put("b", "b", "printing", "", {"mm": 500.0})
        db.execute("UPDATE meta SET value = '[]' WHERE name LIKE 'paper tcp%'")
    assert (one.paper()["mm"], other.paper()) == (120.5, {}), "both or neither; and nothing of what cannot be read"


def test_a_full_disk_refuses_says_so_once_and_works_again(tmp_path: Path, vault: Vault, faults: list[Fault]) -> None:
    db = connect(tmp_path / "journal.db", JOURNAL)
    journal = Journal(tmp_path / "journal.db", vault, Clock(), "A-017", "b", faults.append)
    journal.start()
    kept = [committed(journal, submitted("request-0")).key]
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    limit(journal, pages + 3)
    answers: list[Committed | Refused] = [put(journal, submitted(f"request-{n}")) for n in range(1, 40)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    kept += [answer.key for answer in answers if isinstance(answer, Committed)]
    assert refused
    assert {answer.fault.code for answer in refused} == {Code.JOURNAL_FULL}
    assert refused[0].fault.detail == "SQLITE_FULL"
    assert len(faults) == 1
    limit(journal, 1_000_000)
    kept.append(committed(journal, submitted(refused[0].key)).key)
    assert sorted(kept) == sorted(key for (key,) in db.execute("SELECT key FROM outbox"))
    db.close()
    journal.stop()


def limit(journal: Journal, pages: int) -> None:
    """As many pages as the writer's own connection may use, set on its thread."""
    done = threading.Event()

    def work(db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA max_page_count = {pages}")
        done.set()

    journal._ask(work, lambda _: None)
    assert done.wait(10)


def test_a_file_that_is_no_database_refuses_and_is_left_alone(
    tmp_path: Path, vault: Vault, faults: list[Fault]
) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database, but somebody's only copy" * 100)
    journal = Journal(tmp_path / "journal.db", vault, Clock(), "A-017", "b", faults.append)
    journal.start()
    assert isinstance(put(journal, submitted("request-1")), Refused)
    assert [fault.code for fault in faults] == [Code.JOURNAL_DAMAGED]
    journal.stop()
    assert (tmp_path / "journal.db").read_bytes().startswith(b"not a database")


def test_the_file_is_durable_and_private(tmp_path: Path) -> None:
    db = connect(tmp_path / "j.db", JOURNAL)
    found = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")
    }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    files = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert files == dict.fromkeys(("j.db", "j.db-wal", "j.db-shm"), 0o600)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(NotKept):
        connect(tmp_path / "j.db", JOURNAL)


ENQUEUER = """
import sys
from pathlib import Path
from kiosk.clock import Clock
from sync.journal import Journal
from sync.vault import Vault
from tests.sync.helpers import submitted
folder, run = Path(sys.argv[1]), sys.argv[2]
def say(text):
    sys.stdout.write(text + "\\n")
    sys.stdout.flush()
def done(answer):
    say(f"{answer.key} {answer.seq} {answer.receipt}")
journal = Journal(folder / "journal.db", Vault.open(folder), Clock(), "A-017", run, print)
journal.start()
for n in range(4_000):
    journal.put(submitted(f"run-{run}-{n}"), done)
journal.stop(60)
"""


def test_killed_again_and_again_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path, vault: Vault) -> None:
    """kill −9 after a random number of acknowledgements, 20 seeds on the same files."""
    told: dict[str, tuple[int, str]] = {}
    for seed in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", ENQUEUER, str(tmp_path), str(seed)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(random.Random(seed).randint(1, 60)):
            told |= acknowledged(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        for line in process.stdout.readlines():
            told |= acknowledged(line)
        process.stdout.close()
        process.wait()
    stored = {row.key: (row.seq, (row.body or {})["receipt"]) for row in listing.rows(tmp_path / "journal.db", vault)}
    assert len(told) > 200
    assert {key: stored.get(key) for key in told} == told
    receipts = [receipt for _, receipt in stored.values()]
    assert len(set(receipts)) == len(receipts)


def acknowledged(line: str) -> dict[str, tuple[int, str]]:
    """A whole line is an acknowledgement; the last one may have been cut by the kill."""
    parts: list[Any] = line.split()
    return {parts[0]: (int(parts[1]), parts[2])} if line.endswith("\n") and len(parts) == 3 else {}
