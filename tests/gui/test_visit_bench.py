"""The technician at board and tests: real drivers on their wires, a person who plugs, prints, holds and scans."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from devices.codereader import read
from devices.sim.camera import CameraPeer
from devices.sim.document import page_picture
from kiosk.app import techline, tools_technician
from kiosk.app.bench import looks
from kiosk.config import CameraConfig, CentreConfig, DemoConfig, PrinterConfig, history, load, toml_of
from kiosk.domain.faults import Code
from kiosk.domain.people import Factor
from kiosk.domain.proving import Outcome, Result
from sync.desk import Admitted
from tests.gui import visit_kit
from tests.gui.fixtures import NOW
from tests.gui.scenes import STUDENT
from tests.gui.test_visit_technician import TELLS, WORKER, noted, number
from tests.gui.visit_kit import Visit, standing

WAY_IN = (WORKER.number, visit_kit.PIN, "code-of-the-technician")
"""What a technician types or scans into a shell."""


@dataclass
class Room:
    """A terminal with a printer, a scanner and a camera, and the technician before it."""

    visit: Visit
    camera: CameraPeer

    def go_in(self) -> None:
        number(self.visit)
        self.visit.on("technician.factor")
        self.visit.scanner.scan("code-of-the-technician")
        self.visit.on("technician.techboard")
        self.visit.until(lambda: len(self.bench.parts) > 0, "the board")

    @property
    def bench(self) -> Any:
        assert self.visit.state.technician
        return self.visit.state.technician.bench

    def result(self, name: str) -> Result:
        """Wait for the end of this test."""
        self.visit.until(lambda: name in self.bench.results and not self.bench.running, f"a result of {name}")
        found: Result = self.bench.results[name]
        return found

    def part(self, name: str) -> Any:
        return next(part for part in self.bench.parts if part.name == name)

    def lay_page_before_camera(self) -> None:
        """What came out of the printer last, as a picture: what a person does with their hand."""
        self.camera.show(page_picture(self.visit.printer.pages[-1]))


@pytest.fixture
def camera() -> Iterator[CameraPeer]:
    peer = CameraPeer()
    peer.start()
    yield peer
    peer.stop()


@pytest.fixture
def room(tmp_path: Path, camera: CameraPeer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setitem(visit_kit.PEOPLE, WORKER.number, WORKER)
    monkeypatch.setitem(visit_kit.CODES, "code-of-the-technician", WORKER)
    tables = {"camera": CameraConfig(camera.url), "centre": CentreConfig("http://127.0.0.1:9")}
    with standing(tmp_path, qtbot, monkeypatch, **tables) as visit:
        yield Room(visit, camera)


def test_the_board_follows_a_plug_and_counts_the_trouble(room: Room) -> None:
    visit = room.visit
    assert {"board", "bench"} <= {pulse.name for pulse in visit.terminal.pulses()}
    room.go_in()
    visit.until(lambda: room.part("scanner").well and room.part("camera").well, "devices that are well")
    before = sum(room.part("scanner").hours)
    visit.scanner.unplug()
    visit.see("F-SCAN-01")
    visit.until(lambda: room.part("scanner").online is False, "the scanner away")
    assert sum(room.part("scanner").hours) == before + 1
    assert room.part("scanner").fault.code is Code.SCANNER_OFFLINE
    visit.scanner.plug()
    visit.until(lambda: room.part("scanner").well, "the scanner back")
    visit.see_no("F-SCAN-01")
    assert not [tell for tell in TELLS if any(tell in text for text in visit.texts())]


def test_a_page_is_printed_and_read_back_by_the_camera_and_all_of_it_is_reported(room: Room) -> None:
    visit = room.visit
    room.go_in()
    visit.until(lambda: room.part("printer").well and room.part("camera").well, "devices that are well")
    visit.press("tech_test.printer_loop")
    visit.see("拿到摄像头前")
    room.lay_page_before_camera()
    assert room.result("printer_loop").finding.outcome is Outcome.PASSED
    room.camera.clear()
    visit.press("tech_page.tests", "tech_test.scanner_code")
    visit.see("用扫码器扫下面的码")
    visit.scanner.scan("something else")
    assert room.result("scanner_code").finding.why == "other_code"
    visit.press("tech_report")
    visit.see("已打印，已保存并上报中心")
    (body,) = visit.rows("readiness.reported")
    assert (body["verdict"], body["operator"]) == ("not_ready", WORKER.id)
    assert {"scanner_code", "touch_grid", "disk_write"} <= set(body["failed"])
    assert [row["outcome"] for row in visit.rows("test.done")] == ["passed", "failed"]
    visit.until(lambda: any(fault.code is Code.NOT_READY for fault in visit.state.station.faults), "the fault")
    assert len(visit.printer.pages) == 2


def test_everything_that_needs_no_hands_runs_in_one_go(room: Room) -> None:
    visit = room.visit
    room.go_in()
    visit.until(lambda: room.part("printer").well and room.part("camera").well, "devices that are well")
    visit.press("tech_all")
    visit.until(lambda: "ups" in room.bench.results and not room.bench.running, "the last test")
    found = {name: result.finding.outcome for name, result in room.bench.results.items()}
    assert found["camera_picture"] is found["printer_page"] is found["disk_write"] is Outcome.PASSED
    assert found["net_tls"] is found["net_api"] is Outcome.FAILED, "nobody is at that port"
    assert found["scanner_trigger"] is Outcome.NOT_THERE
    visit.press("tech_page.tests")
    visit.see("不得投入使用")


def test_every_field_of_the_glass_is_touched(room: Room) -> None:
    visit = room.visit
    room.go_in()
    visit.press("tech_page.tests", "tech_test.touch_grid")
    visit.press(*(f"tech_cell.{cell}" for cell in range(12)))
    assert room.result("touch_grid").finding.value == "12/12"
    visit.press("tech_test.touch_grid")
    visit.press("tech_cell.0", "tech_stop")
    assert room.result("touch_grid").finding.outcome is Outcome.NOT_DONE
    visit.press("out")
    visit.on("attract")


def in_a_shell(room: Room, *answers: str | Callable[[], str]) -> int:
    """A technician in a shell of this machine who gives these answers; the exit code."""
    left, codes = list(answers), []

    def answer(_how: str, _text: str) -> str:
        given = left.pop(0) if left else "quit"
        return given if isinstance(given, str) else given()

    def talk() -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(room.visit.terminal.config.paths.state / techline.NAME))
            with line.makefile("rw", encoding="utf-8") as stream:
                codes.append(tools_technician.talk(stream, answer))

    thread = threading.Thread(target=talk)
    thread.start()
    room.visit.until(lambda: not thread.is_alive(), "the end of the talk")
    return codes[0]


def test_the_same_in_a_shell_beside_the_running_terminal(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    visit = room.visit
    visit.scanner.unplug()
    visit.until(lambda: not visit.state.station.scanner, "the scanner away")
    config = visit.terminal.config
    history.keep(replace(config, printer=PrinterConfig("usb://04b8:0202"), demo=DemoConfig()), NOW - 86_400)
    commands = ("part scanner", "test disk_write", "test touch_grid", "queue", "nonsense", "report")
    commands += ("log", "log all", "settings", "settings 7", "tests")
    assert in_a_shell(room, *WAY_IN, *commands) == 0
    said = capsys.readouterr().out
    assert "F-SCAN-01" in said
    assert "磁盘写入: 通过" in said
    assert "要在终端的屏幕上做" in said
    assert "待发送" in said
    assert "已打印，已保存并上报中心" in said
    assert "不得投入使用" in said
    assert "没有这样的记录" in said
    assert 'printer.address  "usb://04b8:0202" → "tcp://' in said
    assert not [tell for tell in TELLS if tell in said]
    visit.on("attract")
    assert [row["test"] for row in visit.rows("test.done")] == ["disk_write"]
    assert visit.rows("readiness.reported")[0]["operator"] == WORKER.id
    assert len(visit.printer.pages) == 1
    visit.until(lambda: noted(visit) == ["technician.in", "technician.out"], "the notes")


def test_a_stranger_in_a_shell_is_told_what_everybody_is_told(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_a_shell(room, STUDENT.number, visit_kit.PIN) == 1
    assert in_a_shell(room, WORKER.number, "000000") == 1
    first, second = (line for line in capsys.readouterr().out.splitlines() if line)
    assert first == second == "不能进入：工号或密码不对，或没有维护权限。"
    assert "technician.in" not in noted(room.visit)


def test_a_shell_asks_for_the_code_of_the_same_person_and_begins_anew_after_three_wrong_ones(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    number_, pin, good = WAY_IN
    assert in_a_shell(room, number_, pin, "code-of-zhang", "no code", good, "board") == 0
    said = [line for line in capsys.readouterr().out.splitlines() if line]
    assert said[0] == "不能进入：工号或密码不对，或没有维护权限。", "the code of somebody else"
    assert said[1].startswith("这个码不能用")
    assert in_a_shell(room, number_, pin, *["no code"] * 3, good) == 1
    room.visit.until(lambda: noted(room.visit)[-1] == "technician.refused", "the notes")
    assert noted(room.visit).count("technician.in") == 1


def test_a_code_that_was_shown_elsewhere_shuts_the_shell(
    room: Room, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit_kit.Door, "check_code", lambda _s, _t, done: done(Admitted(WORKER, Factor.CODE, "aa55")))
    told = room.visit.terminal.reports.sync

    def others() -> str:
        for nonce, first in (("aa55", True), ("bb66", False)):
            told({"ev": "spent", "nonce": nonce, "first": first})
        return "test disk_write"

    def ours() -> str:
        told({"ev": "spent", "nonce": "aa55", "first": False})
        return "test clock_right"

    assert in_a_shell(room, *WAY_IN, others, ours) == 0
    room.visit.until(lambda: noted(room.visit) == ["technician.in", "technician.out"], "the notes")
    assert "这个码不能用" in capsys.readouterr().out
    assert [row["test"] for row in room.visit.rows("test.done")] == ["disk_write"]


def test_screen_and_shell_do_not_test_at_the_same_time(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    visit = room.visit
    room.go_in()
    visit.press("tech_page.tests", "tech_test.scanner_code")
    visit.see("用扫码器扫下面的码")
    assert in_a_shell(room, *WAY_IN, "test disk_write") == 0
    assert "另一项检测正在进行" in capsys.readouterr().out
    assert room.bench.running == "scanner_code"
    visit.press("tech_stop")
    assert room.result("scanner_code").finding.outcome is Outcome.NOT_DONE


def test_a_code_is_drawn_for_a_shell_and_can_be_scanned_from_it() -> None:
    lines = list(looks.code_lines("TEST:0A1B2C3D4E5F"))
    dots = [[character in pair for character in row] for row in lines for pair in ("▀█", "▄█")]
    grey = np.where(np.array(dots), 255, 0).astype(np.uint8).repeat(6, 0).repeat(6, 1)
    assert read(grey) == ["TEST:0A1B2C3D4E5F"]


def test_settings_are_gone_back_to_at_the_screen_and_the_program_begins_anew_for_them(
    room: Room, tmp_path: Path
) -> None:
    visit, config = room.visit, room.visit.terminal.config
    source = tmp_path / "none.toml"
    source.write_text(toml_of(replace(config, demo=DemoConfig())), "utf-8")
    history.keep(replace(config, printer=PrinterConfig("usb://04b8:0202"), demo=DemoConfig()), NOW - 86_400)
    room.go_in()
    visit.press("tech_page.log", "tech_log")
    visit.see("没有这样的记录")
    visit.press("tech_page.settings", "tech_put_back")
    visit.see("确定退回")
    assert not visit.terminal.anew()
    visit.press("tech_put_back")
    visit.see("已退回")
    assert visit.terminal.anew() == "settings"
    assert load(history.effective(source)).printer.address == "usb://04b8:0202"
    visit.until(lambda: noted(visit)[-1] == "technician.in", "the notes")
