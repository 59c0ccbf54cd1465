"""The technician's other tests over the real drivers: scanner, relay and contact, printer, the machine, the network."""

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

from devices.relay.relay import Relay
from devices.scanner import Scanner
from devices.sim.relay import LcusRelayPeer, ModbusRelayPeer
from devices.sim.scanner import ScannerPeer
from kiosk.app.bench import BenchDesk, Fittings, doors, looks, machine, network, prints
from kiosk.app.bench.board import Board
from kiosk.app.bench.hands import Hands
from kiosk.app.bench.proofs import RUNS
from kiosk.app.health import Health
from kiosk.app.pulses import pulses
from kiosk.app.watchdog import Watchdog
from kiosk.clock import Clock
from kiosk.config import Config, PathsConfig, PrinterConfig, RelayConfig, ScannerConfig
from kiosk.domain.faults import Code, Fault
from kiosk.domain.proving import PROOFS, Finding, Outcome, Result, Verdict, failed, proofs_of, verdict
from kiosk.flows.core import Event
from kiosk.flows.technician import events as te
from kiosk.text import shipped_texts
from printers.driver import Pace
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import JobEvent, Spool, StatusEvent
from sync import netpath
from sync.netpath import Stretch
from sync.records import Stamp
from sync.store import connect
from sync.tables import JOURNAL
from tests.contract.spool_kit import Store
from tests.thermal_kit import SOON
from tests.waiting import until

QUICK = Pace(poll=0.05, watch=0.05, grace=0.1, retry=0.1)


def fittings(config: Config | None = None, **parts: Any) -> Fittings:
    clock = Clock()
    return Fittings(config or Config(), clock, shipped_texts(), Health(clock.now), lambda: "", **parts)


def hands() -> Hands:
    return Hands(lambda _: None, lambda _: None)


def test_every_test_of_the_domain_is_run_by_something() -> None:
    assert set(RUNS) == {proof.name for proof in PROOFS}


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[tuple[ScannerPeer, Scanner, Config]]:
    peer = ScannerPeer(tmp_path / "scanner", mode="gm65", baud=0)
    peer.start()
    online = threading.Event()
    config = Config(scanner=ScannerConfig("gm65", str(peer.path)))
    made = Scanner(config.scanner, lambda _: None, lambda there, _: online.set() if there else None)
    made.start()
    assert online.wait(SOON)
    yield peer, made, config
    made.stop(SOON)
    peer.stop()


def test_a_scanner_that_takes_commands_acknowledges_a_trigger(
    scanner: tuple[ScannerPeer, Scanner, Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    peer, driver, config = scanner
    fit = fittings(config, scanner=driver)
    # a code makes the driver trigger again, and that is acknowledged
    answers = driver.answers
    threading.Timer(0.05, lambda: peer.scan("x")).start()
    assert looks.scanner_trigger(fit, hands()).outcome is Outcome.PASSED
    assert driver.answers > answers
    monkeypatch.setattr(looks, "TRIGGER_S", 0.2)
    peer.silent = True
    assert looks.scanner_trigger(fit, hands()).why == "silent"


def test_the_board_says_what_scanner_and_printer_tell_of_themselves(
    scanner: tuple[ScannerPeer, Scanner, Config], printer: tuple[EscposPrinter, Fittings, Hands]
) -> None:
    """As long as they are there; what tells nothing has no firmware."""
    _, driver, config = scanner
    spool = printer[1].printer
    fit = fittings(config, scanner=driver, printer=spool)
    board = Board(fit)

    def told() -> dict[str, str]:
        return {part.name: part.firmware for part in board.look() if part.name in ("scanner", "printer")}

    for name in ("scanner", "printer"):
        fit.health.online(name, True)
    until(lambda: told() == {"scanner": "1.10 (2018) · HW 1.00", "printer": "Peer Printers PP-80 2.07a"})
    fit.health.online("scanner", False)
    assert told()["scanner"] == ""
    assert {part.firmware for part in board.look() if part.name not in ("scanner", "printer")} == {""}


def test_a_scanner_without_commands_has_no_trigger_to_test() -> None:
    assert looks.scanner_trigger(fittings(), hands()).outcome is Outcome.NOT_THERE


def door(tmp_path: Path, kind: str, sensor: int = 0) -> tuple[Any, Relay, Fittings, Hands]:
    peer: Any = (ModbusRelayPeer if kind == "modbus" else LcusRelayPeer)(tmp_path / "relay")
    peer.start()
    held, online = hands(), threading.Event()
    config = Config(relay=RelayConfig(kind, str(peer.path), sensor=sensor))
    relay = Relay(config.relay, lambda there, _: online.set() if there else online.clear(), lambda: held.put("passage"))
    relay.start()
    assert online.wait(SOON)
    return peer, relay, fittings(config, relay=relay), held


@pytest.mark.parametrize("kind", ["modbus", "lcus"])
def test_a_pulse_closes_the_relay_once_for_half_a_second(tmp_path: Path, kind: str) -> None:
    peer, relay, fit, held = door(tmp_path, kind)
    try:
        held.put("word", "yes")
        assert doors.relay_pulse(fit, held).outcome is Outcome.PASSED
        until(lambda: len(peer.opened) == 1 and peer.opened[0].seconds)
        assert peer.opened[0].seconds == pytest.approx(0.5, abs=0.3)
        if kind == "lcus":
            held.put("word", "no")
            assert doors.relay_pulse(fit, held).why == "no_click", "it never answers: somebody has to hear it"
        assert doors.door_contact(fit, held) == Finding(Outcome.NOT_THERE, why="no_contact")
    finally:
        relay.stop(SOON)
        peer.stop()


def test_the_contact_sees_the_door_move_or_it_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "CONTACT_S", 2.0)
    peer, relay, fit, held = door(tmp_path, "modbus", sensor=1)
    try:
        peer.pass_through(after=0.3)
        assert doors.door_contact(fit, held).outcome is Outcome.PASSED
        monkeypatch.setattr(doors, "CONTACT_S", 0.3)
        assert doors.door_contact(fit, held).why == "no_contact_seen"
        peer.unplug()
        until(lambda: not relay._online)
        assert doors.relay_pulse(fit, held).why == "no_echo"
        assert doors.door_contact(fit, held).why == "no_echo"
    finally:
        relay.stop(SOON)
        peer.stop()


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[tuple[EscposPrinter, Fittings, Hands]]:
    peer, held = EscposPrinter(tmp_path / "paper"), hands()

    def heard(event: JobEvent | StatusEvent) -> None:
        if isinstance(event, JobEvent):
            held.put("job", event)

    config = Config(printer=PrinterConfig(f"tcp://127.0.0.1:{peer.start_tcp()}"))
    spool = Spool(config.printer, Store(), heard, Clock(), pace=QUICK)
    spool.start()
    until(lambda: spool.status == "idle")
    yield peer, fittings(config, printer=spool), held
    spool.stop(SOON)
    peer.stop()


def test_a_page_is_out_when_the_printer_says_so(printer: tuple[EscposPrinter, Fittings, Hands]) -> None:
    peer, fit, held = printer
    assert prints.printer_page(fit, held).outcome is Outcome.PASSED
    assert len(peer.pages) == 1
    peer.poke("paper_out")
    found = prints.printer_page(fit, held)
    assert (found.outcome, found.why) == (Outcome.FAILED, "no_paper")
    assert len(peer.pages) == 1


def test_a_page_that_does_not_come_out_is_not_looked_for(printer: tuple[EscposPrinter, Fittings, Hands]) -> None:
    peer, fit, held = printer
    peer.poke("cover_open")
    seen = replace(fit, camera=object())  # type: ignore[arg-type]
    assert prints.printer_loop(seen, held).why == "cover_open"
    assert prints.printer_loop(fit, held).outcome is Outcome.NOT_THERE, "nobody reads it back"


def test_nothing_is_claimed_of_what_is_not_fitted() -> None:
    bare, held = fittings(), hands()
    always = {"net_name", "net_tls", "net_api", "net_clock", "disk_write", "clock_right", "sound_loop", "touch_grid"}
    for name in sorted(set(RUNS) - always - {"tpm", "ups"}):
        assert RUNS[name](bare, held).outcome is Outcome.NOT_THERE, name


@pytest.mark.parametrize(
    ("test", "stretch", "outcome", "why"),
    [
        (network.name, Stretch(True, 0.01), "passed", ""),
        (network.name, Stretch(True, 2.5), "failed", "slow"),
        (network.name, Stretch(False, 0.1, "no_name"), "failed", "no_name"),
        (network.tls, Stretch(True, 0.1, days=14), "passed", ""),
        (network.tls, Stretch(True, 0.1, days=13), "failed", "ends_soon"),
        (network.tls, Stretch(False, 0.1, "no_tls"), "not_there", "no_tls"),
        (network.tls, Stretch(False, 0.1, "untrusted"), "failed", "untrusted"),
        (network.api, Stretch(True, 0.2), "passed", ""),
        (network.api, Stretch(False, 0.2, "odd"), "failed", "odd"),
        (network.clock, Stretch(True, 0.2, skew=-3.0), "passed", ""),
        (network.clock, Stretch(True, 0.2, skew=1e5), "failed", "skewed"),
        (network.clock, Stretch(True, 0.2, skew=float("nan")), "failed", "skewed"),
        (network.clock, Stretch(False, 0.2, "refused"), "failed", "refused"),
    ],
)
def test_each_stretch_of_the_way_is_judged(
    monkeypatch: pytest.MonkeyPatch,
    test: Callable[[Fittings, Hands], Finding],
    stretch: Stretch,
    outcome: str,
    why: str,
) -> None:
    for name in ("name", "tls", "api"):
        monkeypatch.setattr(netpath, name, lambda *_: stretch)
    found = test(fittings(), hands())
    assert (found.outcome.value, found.why) == (outcome, why)


def test_disk_and_clock(tmp_path: Path) -> None:
    fit = fittings(Config(paths=PathsConfig(state=tmp_path)))
    assert machine.disk_write(fit, hands()).outcome is Outcome.PASSED
    gone = fittings(Config(paths=PathsConfig(state=tmp_path / "gone")))
    assert machine.disk_write(gone, hands()).why == "not_written"
    assert machine.clock_right(fit, hands()).outcome is Outcome.PASSED
    assert machine.clock_right(replace(fit, doubt=lambda: "jumped"), hands()).why == "jumped"


def test_the_board_says_what_is_fitted_and_nothing_of_the_rest(tmp_path: Path) -> None:
    fit = fittings(Config(paths=PathsConfig(state=tmp_path)))
    found = {part.name: part for part in Board(fit).look()}
    assert set(found) == {"centre", "disk", "clock"}
    assert found["disk"].well
    assert found["centre"].online is None, "nobody has heard of it yet"
    fit.health.fault(Fault(Code.CLOCK_DOUBTFUL, "clock", "jumped"))
    fit.health.online("centre", True)
    found = {part.name: part for part in Board(fit).look()}
    assert found["centre"].well
    assert (found["clock"].well, sum(found["clock"].hours)) == (False, 1)


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
    until(lambda: watched.made.events)
    assert [each.ask for each in watched.made.events if isinstance(each, te.BoardLooked)][-1] == 5
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
