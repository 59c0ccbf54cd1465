"""Handlers of the bench's effects: looks at the board, runs one test at a time, keeps and prints the report."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, Protocol

from kiosk import log
from kiosk.app.bench.board import Board
from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.hands import GivenUpError, Hands
from kiosk.app.bench.paper import report_blocks
from kiosk.app.bench.proofs import RUNS
from kiosk.app.doer import Doer
from kiosk.domain.faults import Code, Fault
from kiosk.domain.proving import Finding, Outcome, Verdict
from kiosk.flows.core import Effect, Event
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import Asked
from printers import escpos
from printers.profiles import profile
from printers.spool import Job, JobEvent
from sync.records import Stamp
from sync.store import transaction

KEPT = "readiness"
"""Under this name journal.db keeps what the last report said."""


class Writer(Protocol):
    """The journal: acts on its own thread."""

    def act(self, work: Callable[[sqlite3.Connection, Stamp], None], failed: Callable[[Fault], None]) -> None: ...


class BenchDesk:
    """`deliver` is for any thread; `show` puts a picture of a code on the screen, None takes it away.

    `ready(fault)`: what the last report says of the terminal, None = nothing against it. `looks` and `tests` are the
    threads that must beat: a test that hangs has failed, and another thread goes on in its place.
    """

    def __init__(
        self,
        fittings: Fittings,
        writer: Writer,
        deliver: Callable[[Event], None],
        show: Callable[[bytes | None], None],
        ready: Callable[[Fault | None], None],
    ) -> None:
        self._fit, self._writer, self._deliver, self._show, self._ready = fittings, writer, deliver, show, ready
        self._board = Board(fittings)
        self.looks, self.tests = Doer("board"), Doer("bench", self._hung)
        self._asked: dict[int, int] = {}
        self._hands: tuple[int, int, Hands] | None = None
        self._lock, self._stopped = threading.Lock(), False

    def handlers(self) -> dict[type[Effect], Callable[..., None]]:
        """Kind of effect → its one handler; none of them blocks."""
        return {
            te.LookAtBoard: self._look,
            te.RunProof: self._run,
            te.ProofTold: self._told,
            te.DropProof: self._drop,
            te.PrintReport: self._report,
        }

    def start(self) -> None:
        """What the last report said of this terminal still holds."""
        self.looks.start()
        self.tests.start()
        self._writer.act(self._last, lambda _: None)

    def stop(self, timeout: float) -> None:
        """A test that runs is given up; one that hangs in its device is not waited for, and not heard any more."""
        self._stopped = True
        self._happened("over")
        self.tests.stop(timeout)
        self.looks.stop(timeout)

    # --- what the devices say meanwhile, on their own threads -----------------------------------------------------

    def scanned(self, text: str) -> bool:
        """Whether a running test took this; then it is nobody's code."""
        return self._happened("scanner", text)

    def passage(self) -> bool:
        """The same for the door's contact."""
        return self._happened("passage")

    def job(self, event: JobEvent) -> None:
        """The spool's word on a page."""
        self._happened("job", event)

    def _happened(self, kind: str, what: Any = None) -> bool:
        running = self._hands
        if running is None:
            return False
        running[2].put(kind, what)
        return True

    # --- the handlers ---------------------------------------------------------------------------------------------

    def _look(self, effect: te.LookAtBoard) -> None:
        self._asked[effect.session] = effect.ask

        def look() -> None:
            # behind one that takes long, those that nobody waits for any more are let go
            if self._asked[effect.session] != effect.ask:
                return
            self._say_so(te.BoardLooked(effect.session, effect.ask, self._board.look()))

        self.looks.put(look)

    def _run(self, effect: te.RunProof) -> None:
        def ask(asked: Asked) -> None:
            self._say_so(te.ProofAsks(effect.session, effect.run, asked))

        hands = Hands(ask, self._show, self.tests.alive)
        hands.test = effect.test
        with self._lock:
            busy = self._hands is not None
            self._hands = self._hands or (effect.session, effect.run, hands)
        if busy:
            done = Finding(Outcome.NOT_DONE, why="busy")
            self._deliver(te.ProofDone(effect.session, effect.run, done, self._fit.clock.now()))
            return
        self.tests.put(lambda: self._prove(effect, hands))

    def _prove(self, effect: te.RunProof, hands: Hands) -> None:
        log.event("test_began", name=effect.test)
        try:
            finding = RUNS[effect.test](self._fit, hands)
        except GivenUpError:
            finding = Finding(Outcome.NOT_DONE, why="given_up")
        with self._lock:
            if hands.lost:
                return
            if self._hands and self._hands[2] is hands:
                self._hands = None
        if not self._stopped:
            self._show(None)
        log.event("test_ended", name=effect.test, state=finding.outcome.value, reason=finding.why)
        self._say_so(te.ProofDone(effect.session, effect.run, finding, self._fit.clock.now()))

    def _hung(self) -> None:
        """Another thread has begun: what stood still on the one before has failed, whatever it may yet find."""
        with self._lock:
            running, self._hands = self._hands, None
            if running is None:
                return
            running[2].lost = True
        running[2].put("over")
        self._show(None)
        log.event("test_ended", name=running[2].test, state=Outcome.FAILED.value, reason="hung")
        self._say_so(te.ProofDone(*running[:2], Finding(Outcome.FAILED, why="hung"), self._fit.clock.now()))

    def _say_so(self, event: Event) -> None:
        if not self._stopped:
            self._deliver(event)

    def _told(self, effect: te.ProofTold) -> None:
        running = self._hands
        if running and running[:2] == (effect.session, effect.run):
            running[2].put("word", effect.word)

    def _drop(self, effect: te.DropProof) -> None:
        running = self._hands
        if running and running[:2] == (effect.session, effect.run):
            self._hands = None
            running[2].put("over")

    def _report(self, effect: te.PrintReport) -> None:
        self._keep(effect)
        printer = self._fit.printer
        self._deliver(te.ReportPaper(effect.session, effect.job, printer is not None))
        if printer is None:
            return

        def draw() -> None:
            data = escpos.encode(report_blocks(self._fit, effect), profile(self._fit.config.printer.profile))
            printer.submit(Job(effect.job, effect.number, data))

        self.tests.put(draw)

    # --- what the last report said --------------------------------------------------------------------------------

    def _keep(self, effect: te.PrintReport) -> None:
        kept = {"number": effect.number, "verdict": effect.verdict.value, "failed": list(effect.failed)}

        def work(db: sqlite3.Connection, _stamp: Stamp) -> None:
            with transaction(db):
                db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (KEPT, json.dumps(kept)))
            self._say(effect.verdict.value, effect.failed)

        self._writer.act(work, lambda _: self._say(effect.verdict.value, effect.failed))

    def _last(self, db: sqlite3.Connection, _stamp: Stamp) -> None:
        row = db.execute("SELECT value FROM meta WHERE name = ?", (KEPT,)).fetchone()
        if row is not None:
            kept = json.loads(row[0])
            self._say(str(kept["verdict"]), tuple(kept["failed"]))

    def _say(self, verdict: str, failed: tuple[str, ...]) -> None:
        bad = verdict == Verdict.NOT_READY
        self._ready(Fault(Code.NOT_READY, "readiness", " ".join(failed)) if bad else None)
