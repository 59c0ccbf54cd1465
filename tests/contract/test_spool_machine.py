"""Any order of jobs, bad luck, restarts and answers: no paper twice, none called printed that is not there."""

from __future__ import annotations

import re
import tempfile
import threading
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.clock import Clock
from kiosk.config import PrinterConfig
from printers.pace import Pace
from printers.sim.condition import LATER
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import Job, JobEvent, JobState, Spool, StatusEvent
from printers.status import READY
from tests.contract.spool_kit import ENDS, Store
from tests.faults.printing import paper

HURRIED = Pace(
    connect=0.5,
    first=0.6,
    again=0.2,
    answer=0.15,
    busy=0.25,
    confirm=0.25,
    margin=0.05,
    watch=0.03,
    grace=0.05,
    poll=0.03,
    retry=0.03,
    look=0.01,
)
LEGAL = {
    (JobState.QUEUED, JobState.PRINTING, JobState.PRINTED),
    (JobState.QUEUED, JobState.PRINTING, JobState.UNKNOWN),
    (JobState.QUEUED, JobState.PRINTING, JobState.FAILED),
    (JobState.QUEUED, JobState.FAILED),
}
SOON_S = 15.0


class Kept(Store):
    """What a restart finds: the last state of each job."""

    def unfinished(self) -> list[tuple[str, str, str]]:
        last = {job: state for job, state, _ in self.rows}
        return [(job, "made up", state) for job, state in last.items() if state in ("queued", "printing")]


class SpoolMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.printer = EscposPrinter(Path(self.folder.name), bytes_per_s=150_000.0)
        self.address = f"tcp://127.0.0.1:{self.printer.start_tcp()}"
        self.store, self.changed = Kept(), threading.Condition()
        self.states: dict[str, list[JobState]] = {}
        self.asked: dict[str, bool] = {}
        self.start()

    def start(self) -> None:
        self.spool = Spool(PrinterConfig(address=self.address), self.store, self.note, Clock(), HURRIED)
        self.spool.start()

    def note(self, event: JobEvent | StatusEvent) -> None:
        with self.changed:
            if isinstance(event, JobEvent):
                self.states[event.id].append(event.state)
            self.changed.notify_all()

    @precondition(lambda self: len(self.states) < 8)
    @rule()
    def submit(self) -> None:
        name = f"S-{len(self.states) + 1:04}"
        self.states[name] = []
        self.spool.submit(Job(name, name, paper(name)))

    @rule(poke=st.sampled_from([f"{name}_after" for name in LATER]), at=st.integers(1, 3000))
    def bad_luck_later(self, poke: str, at: int) -> None:
        self.printer.poke(poke, at)

    @precondition(lambda self: len(self.states) < 8)
    @rule(poke=st.sampled_from([f"{name}_after" for name in LATER]), at=st.integers(1, 2700))
    def a_job_is_struck_and_all_is_mended(self, poke: str, at: int) -> None:
        self.printer.poke(poke, at)
        self.submit()
        self.wait()
        self.mend()

    @rule(poke=st.sampled_from(["paper_out", "cover_open", "cutter", "silent", "mute", "unplug", "power_off"]))
    def bad_luck_now(self, poke: str) -> None:
        self.printer.poke(poke)

    @rule()
    def mend(self) -> None:
        with self.printer.changed:
            self.printer.condition.later.clear()
        paper_in = ("refill",) if self.printer.condition.out else ()
        for poke in (*paper_in, "power_on", "talk", "cover_closed", "cutter_ok"):
            self.printer.poke(poke)
        with self.changed:
            assert self.changed.wait_for(lambda: self.spool.status in READY, SOON_S), "it is back by itself"

    @rule()
    def wait(self) -> None:
        """Every job comes to its end, whatever the printer does."""
        with self.changed:
            done = self.changed.wait_for(lambda: all(ENDS & set(each) for each in self.states.values()), SOON_S)
        assert done, self.states

    @rule()
    def restart(self) -> None:
        """In the middle of whatever it does."""
        self.spool.stop(SOON_S)
        self.start()

    @rule()
    def answer(self) -> None:
        """Somebody looks in the tray for what nobody knows of."""
        self.printer.wait_for(lambda peer: peer.at_rest, 2.0)
        for name in self.ended(JobState.UNKNOWN) - self.asked.keys():
            self.asked[name] = self.whole(name)

    def ended(self, state: JobState) -> set[str]:
        with self.changed:
            return {name for name, states in self.states.items() if states[-1:] == [state]}

    def whole(self, name: str) -> bool:
        return any(f"BEGIN {name}\n" in s.text and f"END {name}\n" in s.text for s in self.printer.tray.sheets)

    @invariant()
    def what_is_called_printed_is_there(self) -> None:
        printed = self.ended(JobState.PRINTED)
        assert {name for name in printed if not self.whole(name)} == set()

    @invariant()
    def nothing_is_printed_twice_and_no_sheet_is_of_two(self) -> None:
        texts = [sheet.text for sheet in self.printer.tray.sheets]
        begun = Counter(name for text in texts for name in re.findall(r"BEGIN (S-\d{4})", text))
        assert [name for name, count in begun.items() if count > 1] == []
        assert [text for text in texts if len(set(re.findall(r"S-\d{4}", text))) > 1] == []

    def teardown(self) -> None:
        try:
            self.mend()
            self.wait()
            self.answer()
            assert {tuple(states) for states in self.states.values()} <= LEGAL, self.states
            lost = {name for name in self.ended(JobState.FAILED) if self.whole(name)}
            assert lost == set(), "out, and known not to be: nobody would ask"
            assert self.asked.keys() == self.ended(JobState.UNKNOWN)
        finally:
            self.spool.stop(SOON_S)
            self.printer.stop()
            self.folder.cleanup()


SpoolMachine.TestCase.settings = settings(
    max_examples=10, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
)
test_whatever_happens_in_whatever_order = SpoolMachine.TestCase
