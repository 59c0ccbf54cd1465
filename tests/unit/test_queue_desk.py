"""What the technician's touches do to the terminal's own journal, on threads of their own."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from kiosk.app import queue_acts
from kiosk.app.pulses import pulses
from kiosk.app.queue import Acts, NotSealed, QueueDesk, Sealed
from kiosk.app.watchdog import Watchdog
from kiosk.clock import starting_at
from kiosk.domain.backlog import Stick
from kiosk.domain.faults import Code, Fault
from kiosk.flows.core import Effect, Event
from kiosk.flows.technician import events as te
from sync import listing, outbox, retention
from sync.export import WhyNot
from sync.journal import Journal, NewEvent
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import ItemResult, Verdict
from tests.sync.central_kit import MORNING
from tests.waiting import PATIENCE, until

WHO = "00000000000000e5"


@dataclass
class Post:
    """The desk over a real journal; what came of each effect."""

    desk: QueueDesk
    events: list[Event] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    exports: list[tuple[Path, str]] = field(default_factory=list)
    nudges: list[int] = field(default_factory=list)
    stuck: threading.Event | None = None
    answer: Sealed | NotSealed = field(default_factory=lambda: Sealed("a.age", 3))

    def ask(self, effect: Effect) -> Event:
        """The answer to this effect."""
        before = len(self.events)
        self.desk.handlers()[type(effect)](effect)
        until(lambda: len(self.events) > before)
        return self.events[-1]


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setattr("kiosk.app.doer.BEAT_S", 0.05)
    clock = starting_at(MORNING)
    vault = Vault.open(tmp_path)
    journal = Journal(tmp_path / "journal.db", vault, clock, "A-017", "boot", lambda fault: None)
    holder: list[Post] = []

    def deliver(event: Event) -> None:
        holder[0].threads.add(threading.get_ident())
        holder[0].events.append(event)

    def export(folder: Path, by: str) -> Sealed | NotSealed:
        holder[0].exports.append((folder, by))
        if holder[0].stuck:
            holder[0].stuck.wait(PATIENCE)
        return holder[0].answer

    def note(kind: str, /, **detail: str) -> None:
        holder[0].notes.append((kind, detail))

    sticks: Callable[[], tuple[Stick, ...]] = lambda: (Stick("/media/usb0", "KINGSTON", 5),)  # noqa: E731 - said once, here
    acts = Acts(retention.retry, export, note, sticks, lambda: holder[0].nudges.append(1))
    desk = QueueDesk(tmp_path, vault, journal, acts, deliver)
    holder.append(Post(desk))
    journal.start()
    desk.start()
    _dead(tmp_path, vault, journal, 3)
    yield holder[0]
    desk.stop(3.0)
    journal.stop()


def _dead(folder: Path, vault: Vault, journal: Journal, count: int) -> None:
    done: list[Any] = []
    for n in range(count):
        journal.put(NewEvent(f"key-{n:06d}", f"s{n}", "request.submitted", 1, {"person": "p"}, True), done.append)
    until(lambda: len(done) == count)
    db = connect(folder / "journal.db", JOURNAL)
    items = outbox.due(db, vault, MORNING.timestamp() + 60)
    outbox.settle(db, items, [ItemResult(key=i.key, verdict=Verdict.REJECTED, reason="no") for i in items], 0.0)
    db.close()


def states(folder: Path) -> dict[str, int]:
    db = connect(folder / "journal.db", JOURNAL)
    try:
        return {state: count for state, count in listing.counts(db).items() if count}
    finally:
        db.close()


def test_a_look_is_answered_off_the_main_thread(post: Post) -> None:
    found = post.ask(te.LookAtQueue(4, 7, 1, 1))
    assert isinstance(found, te.QueueLooked)
    assert (found.session, found.ask, found.standing.dead, [row.seq for row in found.rows]) == (4, 7, 3, [2])
    assert threading.get_ident() not in post.threads


def test_one_letter_then_all_are_queued_again_and_the_sync_process_hears_of_it(post: Post, tmp_path: Path) -> None:
    assert post.ask(te.SendAgain(4, (2,), WHO)) == te.SentAgain(4, 1)
    assert states(tmp_path) == {"dead": 2, "queued": 1}
    assert post.ask(te.SendAgain(4, None, WHO)) == te.SentAgain(4, 2)
    assert states(tmp_path) == {"queued": 3}
    assert post.ask(te.SendAgain(4, (2, 99), WHO)) == te.SentAgain(4, 0)
    assert len(post.nudges) == 3


def test_an_export_goes_where_it_was_asked_for(post: Post, tmp_path: Path) -> None:
    assert post.ask(te.LookForSticks(4)) == te.SticksFound(4, (Stick("/media/usb0", "KINGSTON", 5),))
    assert post.ask(te.ExportQueue(4, str(tmp_path), WHO)) == te.Exported(4, "a.age", 3)
    assert post.exports[0][0] == tmp_path
    post.answer = NotSealed("full")
    assert post.ask(te.ExportQueue(4, str(tmp_path), WHO)) == te.NotExported(4, "full")


def test_a_stick_that_hangs_is_said_to_have_failed_and_the_pages_go_on(post: Post, tmp_path: Path) -> None:
    stuck, faults, wells = threading.Event(), list[Fault](), list[str]()
    post.stuck = stuck
    dog = Watchdog(
        [replace(pulse, limit=0.2) for pulse in pulses({"queue": post.desk.work})],
        monotonic,
        faults.append,
        wells.append,
    )
    post.desk.handlers()[te.ExportQueue](te.ExportQueue(4, str(tmp_path), WHO))
    until(lambda: dog.look() or bool(post.events))
    assert post.events == [te.NotExported(4, "failed")]
    assert [(fault.code, fault.device) for fault in faults] == [(Code.PART_STALLED, "beat:queue")]
    assert isinstance(post.ask(te.LookAtQueue(4, 1, 0, 6)), te.QueueLooked)
    stuck.set()
    post.stuck = None
    assert post.ask(te.ExportQueue(4, str(tmp_path), WHO)) == te.Exported(4, "a.age", 3)
    assert len(post.events) == 3, "what it came to in the end counts no more"


def test_who_it_was_is_written_as_a_tag_alone(post: Post, tmp_path: Path) -> None:
    handlers = post.desk.handlers()
    handlers[te.Note](te.Note("technician.in", {"who": WHO, "factors": "pin"}))
    handlers[te.Note](te.Note("technician.refused", {"reason": "wrong"}))
    post.ask(te.ExportQueue(4, str(tmp_path), WHO))
    tag = Vault.open(tmp_path).tag("person", WHO).hex()
    assert post.notes == [
        *(("technician.in", {"who": tag, "factors": "pin"}), ("technician.refused", {"reason": "wrong"})),
    ]
    assert post.exports[-1][1] == tag


def test_a_journal_that_cannot_be_read_is_said_and_no_crash(post: Post, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    desk = QueueDesk(tmp_path / "elsewhere", Vault.open(tmp_path), None, None, post.events.append)  # type: ignore[arg-type]
    desk.start()
    desk.handlers()[te.LookAtQueue](te.LookAtQueue(4, 1, 0, 6))
    until(lambda: bool(post.events))
    assert post.events == [te.QueueTrouble(4, "SQLITE_CANTOPEN")]
    desk.stop(3.0)


@pytest.mark.parametrize(
    ("why", "said"),
    [(WhyNot.NO_RECIPIENT, "no_recipient"), (WhyNot.NOT_ENROLLED, "not_enrolled"), (WhyNot.FULL, "full")],
)
def test_why_there_is_no_file_is_passed_on(why: WhyNot, said: str, tmp_path: Path) -> None:
    assert queue_acts.reason(why, tmp_path) == said


def test_a_stick_that_cannot_be_written_is_gone_or_shut_or_broken(tmp_path: Path) -> None:
    assert queue_acts.reason(WhyNot.NOT_WRITTEN, tmp_path / "none") == "gone"
    assert queue_acts.reason(WhyNot.NOT_WRITTEN, tmp_path) == "failed"
    assert queue_acts.reason(WhyNot.NOT_WRITTEN, Path("/sys")) == ("read_only" if shut(Path("/sys")) else "failed")
    assert queue_acts.reason(WhyNot.NOT_READ, tmp_path) == "unreadable"


def shut(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY) or not os.access(folder, os.W_OK)


def test_sent_again_is_in_the_audit_chain_with_the_tag(post: Post, tmp_path: Path) -> None:
    post.ask(te.SendAgain(4, (2,), WHO))
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        detail = db.execute("SELECT detail FROM audit WHERE kind = 'outbox.retried'").fetchall()
    assert [json.loads(one)["by"] for (one,) in detail] == [Vault.open(tmp_path).tag("person", WHO).hex()]
