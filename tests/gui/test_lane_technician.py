"""The technician at a gate: a broken cable of the thermal camera found, proved, and proved to be mended."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from devices.sim.relay import ModbusRelayPeer
from devices.sim.scanner import ScannerPeer
from devices.sim.thermal.peer import ThermalPeer
from kiosk.app.gate import GateTerminal
from kiosk.config import (
    CentreConfig,
    Config,
    DemoConfig,
    PathsConfig,
    RelayConfig,
    ScannerConfig,
    TerminalConfig,
    ThermalConfig,
)
from kiosk.domain.faults import Code
from kiosk.domain.people import Factor
from kiosk.domain.proving import Outcome, Result
from kiosk.domain.screening import Basis, Calibration
from sync import listing
from sync.cache import Cache
from sync.desk import Admitted, Answer, Desk, NotAdmitted, Reason
from sync.vault import Vault
from tests.gui import fixtures
from tests.gui.test_visit_technician import TELLS, WORKER
from tests.gui.visit_kit import PIN, Centre, Visit
from tests.sync.gate_kit import apply

SPEED = 460800


class Door(Desk):
    """The desk, but it knows the technician alone."""

    def check_pin(self, number: str, pin: str, done: Callable[[Answer], None]) -> None:
        good = (number, pin) == (WORKER.number, PIN)
        done(Admitted(WORKER, Factor.PIN) if good else NotAdmitted(Reason.WRONG, 4))

    def check_gate_code(self, text: str, done: Callable[[Any], None]) -> None:
        good = text == "code-of-the-technician"
        done(Admitted(WORKER, Factor.CODE, "aa") if good else NotAdmitted(Reason.UNKNOWN_CODE))


class Lane(Visit):
    """A person at the lane's glass, and the wires behind it."""

    def __init__(self, terminal: GateTerminal, qtbot: QtBot, peers: dict[str, Any]) -> None:
        self.terminal = terminal  # type: ignore[assignment]
        self.qtbot, self.peers = qtbot, peers
        self.view, self.shell = terminal.shell.view, terminal.shell  # type: ignore[assignment]
        self.taps = 0
        self.warnings: list[str] = []
        self.view.engine().warnings.connect(lambda found: self.warnings.extend(w.toString() for w in found))

    @property
    def bench(self) -> Any:
        assert self.state.technician
        return self.state.technician.bench

    def part(self, name: str) -> Any:
        return next(part for part in self.bench.parts if part.name == name)

    def result(self, name: str) -> Result:
        self.until(lambda: name in self.bench.results and not self.bench.running, f"a result of {name}")
        found: Result = self.bench.results[name]
        return found

    def tap_at(self, at: Any) -> None:
        super().tap_at(at)
        self.taps += 1

    def go_in(self) -> None:
        """Number, PIN, code; the board has been looked at. Taps are counted from here."""
        self.shell.bridge.intent("technician", "")
        self.until(lambda: self.can("digit.1"), "the sign-in")
        self.type(WORKER.number, "digit")
        self.press("confirm")
        self.pin()
        self.see("请出示您本人的校园码")
        self.peers["scanner"].scan("code-of-the-technician")
        self.until(lambda: bool(self.state.technician and self.bench.parts), "the board")
        self.taps = 0

    def rows(self, kind: str) -> list[dict[str, Any]]:
        state = self.terminal.config.paths.state
        found = listing.rows(state / "journal.db", Vault.open(state))
        return [row.body for row in found if row.kind == kind and row.body is not None]


@pytest.fixture
def lane(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Lane]:
    """With a parameter: whether its thermal camera is calibrated."""
    monkeypatch.setattr("kiosk.app.gate.Desk", Door)
    monkeypatch.setattr("kiosk.app.gate.SyncProcess", Centre)
    monkeypatch.setattr("kiosk.app.gate.LOOK_S", 0.2)
    peers: dict[str, Any] = {
        "scanner": ScannerPeer(tmp_path / "scanner", baud=0),
        "thermal": ThermalPeer(tmp_path / "thermal", "gy90640", SPEED, hurry=True),
        "relay": ModbusRelayPeer(tmp_path / "relay"),
    }
    for peer in peers.values():
        peer.start()
    file = tmp_path / "thermal.toml"
    file.write_text(peers["thermal"].calibration(), "utf-8")
    calibration = str(file) if getattr(request, "param", True) else ""
    config = Config(
        terminal=TerminalConfig(id="G-02"),
        paths=PathsConfig(state=tmp_path / "state"),
        centre=CentreConfig("http://127.0.0.1:9"),
        scanner=ScannerConfig("line", str(tmp_path / "scanner")),
        thermal=ThermalConfig("gy90640", str(tmp_path / "thermal"), SPEED, calibration=calibration),
        relay=RelayConfig("modbus", str(tmp_path / "relay"), sensor=1),
        demo=DemoConfig(clock_offset=fixtures.clock().offset),
    )
    terminal = GateTerminal(config, tmp_path / "none.toml", attendance=False)
    found = Lane(terminal, qtbot, peers)
    terminal.start()
    terminal.shell.show()
    try:
        found.until(lambda: {"scanner", "thermal", "relay"} <= found.state.devices.online, "devices")
        yield found
        assert found.warnings == []
    finally:
        terminal.stop()
        terminal.shell.close()
        for peer in peers.values():
            peer.stop()


def test_a_broken_thermal_cable_is_found_and_proved_in_four_taps(lane: Lane) -> None:
    assert {"board", "bench"} <= {pulse.name for pulse in lane.terminal.pulses()}
    lane.peers["thermal"].unplug()
    lane.go_in()
    lane.see("热像仪没有连接")
    lane.see("F-THM-01 检查热像仪的电源和串口线")
    lane.press("tech_part.thermal", "tech_test.thermal_picture")
    broken = lane.result("thermal_picture").finding
    assert (broken.outcome, broken.why) == (Outcome.FAILED, "away")
    lane.see("不通过")
    lane.peers["thermal"].plug()
    lane.until(lambda: lane.part("thermal").well, "the thermal camera back")
    lane.press("tech_test.thermal_picture")
    assert lane.result("thermal_picture").finding.outcome is Outcome.PASSED
    assert lane.taps == 3, "one more than four would be too many"
    assert [(row["test"], row["outcome"]) for row in lane.rows("test.done")] == [
        ("thermal_picture", "failed"),
        ("thermal_picture", "passed"),
    ]


def test_relay_contact_and_drift_are_tested_and_the_report_is_kept_without_a_printer(lane: Lane) -> None:
    lane.go_in()
    lane.press("tech_page.tests", "tech_test.relay_pulse")
    assert lane.result("relay_pulse").finding.outcome is Outcome.PASSED
    lane.press("tech_test.thermal_drift")
    assert lane.result("thermal_drift").finding.why in ("", "no_reference")
    lane.until(lambda: lane.peers["relay"].opened[0].seconds is not None, "the end of the first pulse")
    lane.press("tech_test.door_contact")
    lane.peers["relay"].pass_through()
    assert lane.result("door_contact").finding.outcome is Outcome.PASSED
    assert len(lane.peers["relay"].opened) == 2
    lane.press("tech_report")
    lane.see("本机没有打印机，不出纸")
    (body,) = lane.rows("readiness.reported")
    assert body["verdict"] == "not_ready"
    lane.until(lambda: lane.state.devices.faults.get("readiness") == "F-RDY-01", "the fault")


@pytest.mark.parametrize("lane", [False], indirect=True)
def test_a_camera_that_nobody_has_calibrated_is_told_of_at_the_start(lane: Lane) -> None:
    lane.until(lambda: lane.state.devices.faults == {"calibration": Code.THERMAL_UNCALIBRATED.value}, "the fault")
    assert lane.state.devices.works("thermal"), "it measures, and judges nobody"
    threading.Thread(target=lane.terminal.calibrated.take_up, args=(Calibration(Basis.REFERENCE),)).start()
    lane.until(lambda: lane.state.devices.faults == {}, "what the technician measured counts")


@pytest.mark.proves(Code.RULES_STALE)
def test_rules_that_nobody_confirms_grow_too_old_and_are_well_once_the_centre_says_the_same(lane: Lane) -> None:
    """Nothing new is told to the lane: it looks by itself."""
    state, now = lane.terminal.config.paths.state, fixtures.clock().now
    with closing(Cache(state / "cache.db", Vault.open(state), lambda: now() - 4 * 86400)) as cache:
        apply(cache, "rules", {"*": {"checks": [], "issued": now() - 9 * 86400}})
    lane.until(lambda: lane.state.devices.faults == {"rules": Code.RULES_STALE.value}, "rules too old")
    lane.see("通行规则停在")
    with closing(Cache(state / "cache.db", Vault.open(state), now)) as cache:
        apply(cache, "rules", {})
    lane.until(lambda: lane.state.devices.faults == {}, "rules that are confirmed")


def test_the_lane_admits_nobody_meanwhile_and_watches_again_afterwards(lane: Lane) -> None:
    lane.go_in()
    before = lane.state.session
    lane.peers["scanner"].scan("code-of-somebody")
    lane.peers["scanner"].scan("code-of-somebody-else")
    lane.press("language.en")
    lane.see("Devices")
    assert lane.state.case is None
    assert lane.state.session == before
    shown = json.dumps(lane.shell.bridge._get_view(), ensure_ascii=False)
    assert not [tell for tell in TELLS if tell in shown]
    lane.press("out")
    lane.until(lambda: lane.state.technician is None, "the lane")
    lane.until(lambda: lane.can("guard"), "the lane's own bar")
    lane.peers["scanner"].scan("code-of-a-third")
    lane.until(lambda: lane.state.session > before + 1, "a case")
