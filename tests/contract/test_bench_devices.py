"""The technician's other tests over the real drivers: scanner, relay and contact, printer, the machine, the network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.relay.relay import Relay
from devices.scanner import Scanner
from devices.sim.relay import LcusRelayPeer, ModbusRelayPeer
from devices.sim.scanner import ScannerPeer
from kiosk.app.bench import Fittings, doors, looks, machine, network, prints
from kiosk.app.bench.board import Board
from kiosk.app.bench.hands import Hands
from kiosk.app.bench.proofs import RUNS
from kiosk.clock import Clock
from kiosk.config import Config, PathsConfig, PrinterConfig, RelayConfig, ScannerConfig
from kiosk.domain.faults import Code, Fault
from kiosk.domain.proving import PROOFS, Finding, Outcome
from printers.driver import Pace
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import JobEvent, Spool, StatusEvent
from sync import netpath
from sync.netpath import Stretch
from tests.bench_kit import fittings, hands
from tests.contract.spool_kit import Store
from tests.thermal_kit import SOON
from tests.waiting import until

QUICK = Pace(poll=0.05, watch=0.05, grace=0.1, retry=0.1)


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
    # an answer to what was asked before may still be on its way
    until(lambda: looks.scanner_trigger(fit, hands()).why == "silent")


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
