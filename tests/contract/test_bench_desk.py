"""The bench's desk: one test at a time, reports that hold, and what hangs."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.app.bench import BenchDesk, Fittings, machine
from kiosk.app.bench.hands import Hands
from kiosk.app.bench.proofs import RUNS
from kiosk.app.pulses import pulses
from kiosk.app.watchdog import Watchdog
from kiosk.config import Config, PathsConfig
from kiosk.domain.faults import Code, Fault
from kiosk.domain.proving import Finding, Outcome, Result, Verdict, failed, proofs_of, verdict
from kiosk.flows.core import Event
from kiosk.flows.technician import events as te
from sync.records import Stamp
from sync.store import connect
from sync.tables import JOURNAL
from tests.bench_kit import fittings
from tests.thermal_kit import SOON
from tests.waiting import until


class Desk:
    """The bench's desk over a journal that writes on the spot."""

    def __init__(self, path: Path, state: Path | None = None, doubt: Callable[[], str] = lambda: "") -> None:
        self.events: list[Event] = []
        self.ready: list[Fault | None] = []
        self.db = connect(path / "journal.db", JOURNAL)
        fit = replace(fittings(Config(paths=PathsConfig(state=state or path))), doubt=doubt)
        self.desk = BenchDesk(fit, self, self.events.append, lambda _: None, self.ready.append)

    def act(self, work: Callable[[Any, Stamp], None], failed: Callable[[Fault], None]) -> None:
        work(self.db, Stamp("A-017", "boot", 0.0, 0.0))

    def ask(self, effect: Any) -> None:
        self.desk.handlers()[type(effect)](effect)


def test_what_a_report_said_holds_until_another_one(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    paper = te.PrintReport(
        3, "report:R-1", "readiness:c0de", "R-1", Verdict.NOT_READY, ("disk_write",), (), "诸***", 1.0
    )
    first.ask(paper)
    assert first.ready[-1] == Fault(Code.NOT_READY, "readiness", "disk_write")
    assert first.events == [te.ReportPaper(3, "report:R-1", False)]
    again = Desk(tmp_path)
    again.desk.start()
    assert again.ready == [Fault(Code.NOT_READY, "readiness", "disk_write")], "after a restart as well"
    again.ask(replace(paper, verdict=Verdict.READY, failed=()))
    assert again.ready[-1] is None
    last = Desk(tmp_path)
    last.desk.start()
    assert last.ready == [None]
    for each in (again, last):
        each.desk.stop(SOON)


def reported(desk: Desk, run: int) -> Fault | None:
    """What stands against the terminal after a test of the disk and a report, all other tests having passed."""
    desk.ask(te.RunProof(3, run, "disk_write"))
    until(lambda: bool(desk.events) and isinstance(desk.events[-1], te.ProofDone))
    done = desk.events[-1]
    assert isinstance(done, te.ProofDone)
    good = Finding(Outcome.PASSED)
    results = [Result(proof.name, good, 0.0) for proof in proofs_of(()) if proof.name != "disk_write"]
    results.append(Result("disk_write", done.finding, done.at))
    paper = (verdict(results, ()), failed(results, ()), tuple(results))
    desk.ask(te.PrintReport(3, f"report:{run}", f"readiness:{run}", f"R-{run}", *paper, "诸***", 1.0))
    return desk.ready[-1]


@pytest.mark.proves(Code.NOT_READY)
def test_a_disk_that_fails_its_test_stands_against_the_terminal_until_it_passes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, state=tmp_path / "data")
    desk.desk.start()
    try:
        assert reported(desk, 1) == Fault(Code.NOT_READY, "readiness", "disk_write")
        (tmp_path / "data").mkdir()
        assert reported(desk, 2) is None
    finally:
        desk.desk.stop(SOON)


def test_one_test_at_a_time_and_whoever_leaves_ends_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.desk.start()
    desk.ask(te.RunProof(3, 1, "touch_grid"))
    until(lambda: any(isinstance(event, te.ProofAsks) for event in desk.events))
    desk.ask(te.RunProof(-1000, 1, "disk_write"))
    assert isinstance(desk.events[-1], te.ProofDone)
    assert (desk.events[-1].session, desk.events[-1].finding.why) == (-1000, "busy")
    desk.ask(te.ProofTold(-1000, 1, "3"))
    desk.ask(te.DropProof(3, 1))
    until(lambda: isinstance(desk.events[-1], te.ProofDone) and desk.events[-1].session == 3)
    done = desk.events[-1]
    assert isinstance(done, te.ProofDone)
    assert done.finding == Finding(Outcome.NOT_DONE, why="given_up")
    assert not desk.desk.scanned("K1:…"), "nobody tests: a code is somebody's"
    desk.desk.stop(SOON)


@dataclass
class Watched:
    """A bench's desk under the terminal's watchdog, whose clock test hangs in a read that only `let_go` ends."""

    made: Desk
    pipe: Path
    dog: Watchdog
    faults: list[Fault]
    wells: list[str]

    def run(self, number: int, test: str) -> te.ProofDone:
        """The test's outcome, however it comes about; the watchdog looks meanwhile."""
        self.made.ask(te.RunProof(3, number, test))
        until(lambda: self.dog.look() or self.done(number))
        return self.done(number)[0]

    def done(self, number: int) -> list[te.ProofDone]:
        return [each for each in self.made.events if isinstance(each, te.ProofDone) and each.run == number]

    def let_go(self) -> None:
        """Whatever hangs comes back after all."""
        with contextlib.suppress(OSError):
            os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK))


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr("kiosk.app.doer.BEAT_S", 0.05)
    monkeypatch.setattr("kiosk.app.bench.hands.STEP_S", 0.05)
    others = threading.enumerate()
    pipe, faults, wells = tmp_path / "pipe", list[Fault](), list[str]()
    os.mkfifo(pipe)
    made = Desk(tmp_path, doubt=pipe.read_text)
    parts = {"board": made.desk.looks, "bench": made.desk.tests}
    pulses_ = [replace(pulse, limit=1.0) for pulse in pulses(parts)]
    made.desk.start()
    found = Watched(made, pipe, Watchdog(pulses_, time.monotonic, faults.append, wells.append), faults, wells)
    yield found
    threads = [each for each in threading.enumerate() if each not in others]
    made.desk.stop(0.2)
    until(lambda: found.let_go() or not any(each.is_alive() for each in threads), "the end of what hung")


def test_a_test_that_hangs_has_failed_is_told_of_and_the_next_one_runs(watched: Watched) -> None:
    first = watched.made.desk.tests._thread
    assert watched.run(1, "clock_right").finding == Finding(Outcome.FAILED, why="hung")
    assert [(fault.code, fault.device) for fault in watched.faults] == [(Code.PART_STALLED, "beat:bench")]
    assert watched.run(2, "disk_write").finding.outcome is Outcome.PASSED
    until(lambda: watched.dog.look() or watched.wells == ["beat:bench"])
    until(lambda: watched.let_go() or not first.is_alive(), "it has found out")
    assert len(watched.done(1)) == 1, "what it found counts no more"
    assert watched.run(3, "disk_write").finding.outcome is Outcome.PASSED
    assert watched.dog.stalled == frozenset()


def test_a_bench_that_hangs_again_at_once_needs_the_whole_program(watched: Watched) -> None:
    assert watched.run(1, "clock_right").finding.why == "hung"
    watched.made.ask(te.RunProof(3, 2, "clock_right"))
    # nobody looks while it has only just begun to hang: then it would be taken for well again first
    until(lambda: time.monotonic() - watched.made.desk.tests.beat > 1.2)
    watched.dog.look()
    assert "bench" in watched.dog.stalled
    assert watched.dog.alive, "people can be served all the same, until nobody is there"


def test_who_waits_for_somebody_does_not_hang(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "TOUCH_S", 2.0)
    assert watched.run(1, "touch_grid").finding.why == "not_touched"
    assert watched.faults == []


def test_a_board_that_hangs_answers_the_last_look_alone(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = watched.made.desk
    held = threading.Event()
    monkeypatch.setattr(desk._board, "look", lambda: held.wait(SOON) and ())
    for ask in range(1, 6):
        watched.made.ask(te.LookAtBoard(3, ask))
    until(lambda: watched.dog.look() or watched.faults)
    assert watched.faults[0].device == "beat:board"
    held.set()
    until(lambda: [each.ask for each in watched.made.events if isinstance(each, te.BoardLooked)][-1:] == [5])
    assert len(watched.made.events) <= 2, "those in between nobody waits for"


def test_a_test_that_hangs_holds_no_end_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs, let_go = threading.Event(), threading.Event()

    def stuck(_fit: Fittings, _hands: Hands) -> Finding:
        hangs.set()
        let_go.wait(SOON)
        return Finding(Outcome.PASSED)

    monkeypatch.setitem(RUNS, "disk_write", stuck)  # type: ignore[arg-type]
    desk = Desk(tmp_path)
    desk.desk.start()
    desk.ask(te.RunProof(3, 1, "disk_write"))
    assert hangs.wait(SOON)
    desk.desk.stop(0.05)
    let_go.set()
    desk.desk.tests._thread.join(SOON)
    assert desk.events == [], "nobody is there any more to hear of it"
