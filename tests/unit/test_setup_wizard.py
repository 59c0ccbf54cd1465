"""kiosk-setup: devices that are found, questions and answers, what is written, and who takes over from whom."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.probing import Found
from kiosk import config as configs
from kiosk.app.setup import found as finding
from kiosk.app.setup import names, proof
from kiosk.app.setup.__main__ import main
from kiosk.assets import ROOT
from kiosk.clock import Clock
from kiosk.text import shipped_texts
from printers import escpos
from printers.profiles import profile
from printers.sim.escpos_printer import EscposPrinter

Setup = Callable[..., tuple[int, str]]
KEYBOARD = 'I: Bus=0003 Vendor=046d Product=c31c Version=0110\nN: Name="A keyboard"\nB: PROP=0\n'
PANEL = 'I: Bus=0003 Vendor=0eef Product=0001 Version=0110\nN: Name="A panel"\nB: PROP=2\n'
BUTTON = 'I: Bus=0019 Vendor=0000 Product=0001 Version=0000\nN: Name="Power"\nB: PROP=0\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with the package, a scanner, a camera, a printer, a panel and a keyboard."""
    files = {
        "dev/serial/by-id/usb-scanner-if00": "",
        "dev/v4l/by-id/usb-camera-video-index0": "",
        "dev/v4l/by-id/usb-camera-video-index1": "",
        "sys/bus/usb/devices/1-1/idVendor": "04b8\n",
        "sys/bus/usb/devices/1-1/idProduct": "0202\n",
        "sys/bus/usb/devices/1-1/1-1:1.0/bInterfaceClass": "07\n",
        "dev/input/event3": "",
        "sys/class/input/event3/device/id/vendor": "1eab\n",
        "sys/class/input/event3/device/id/product": "0010\n",
        "sys/class/drm/card0-HDMI-A-1/status": "connected\n",
        "sys/class/drm/card0-HDMI-A-1/modes": "1920x1080\n1280x720\n",
        "proc/bus/input/devices": "\n\n".join((BUTTON, KEYBOARD, PANEL)),
    }
    for name, text in files.items():
        path = tmp_path / "machine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "machine/sys/bus/usb/devices/1-1:1.0").symlink_to("1-1/1-1:1.0")
    (tmp_path / "machine/dev/input/by-id").mkdir()
    (tmp_path / "machine/dev/input/by-id/usb-scanner-event-kbd").symlink_to("../event3")
    etc = tmp_path / "machine/etc/campus-terminal"
    etc.mkdir(parents=True)
    shutil.copyfile(ROOT.parent / "packaging/kiosk.toml", etc / "kiosk.toml")
    return tmp_path / "machine"


@pytest.fixture
def setup(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Setup:
    """Run it on that machine: exit code, and what it said."""

    def run(*arguments: str, answers: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        code = main([*arguments, "--root", str(root)])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_devices_are_found_by_names_that_last(root: Path) -> None:
    found = finding.look(root)
    assert found.serial == ("/dev/serial/by-id/usb-scanner-if00",)
    assert found.keyboards == ("/dev/input/by-id/usb-scanner-event-kbd",)
    assert finding.id_of(found.keyboards[0], root) == "1eab:0010"
    assert found.cameras == ("/dev/v4l/by-id/usb-camera-video-index0",)
    assert found.printers == ("usb://04b8:0202",)
    assert found.screens == ((1920, 1080),)
    assert [(panel.id, panel.touch) for panel in found.panels] == [("0eef:0001", True), ("046d:c31c", False)]
    assert finding.look(root / "nothing").screens == ()


def test_without_questions_what_is_said_is_enough(setup: Setup, root: Path) -> None:
    said = ("--role", "gate", "--id", "B-002", "--centre", "https://c.example.com/", "--code", "abc", "--turn", "90")
    code, told = setup("--yes", "--language", "en", *said, "--set", "relay.kind=lcus", "--lock")
    assert code == 0, told
    etc = root / "etc/campus-terminal"
    config = configs.load(etc / "terminal.toml")
    assert (config.terminal.id, config.centre.url) == ("B-002", "https://c.example.com/")
    assert config.centre.enrolment_code == "abc"
    assert (config.relay.kind, config.scanner.kind, config.centre.ca_file) == ("lcus", "none", "")
    assert config.camera.source == "/dev/v4l/by-id/usb-camera-video-index0"
    assert (config.screen.width, config.screen.height) == (1080, 1920)
    assert ((etc / "role").read_text(), (etc / "screen").read_text()) == ("ROLE=gate\n", "TURN=-r\n")
    assert (etc / "input").read_text() == "0eef:0001\n"
    assert (etc / "terminal.toml").stat().st_mode & 0o007 == 0
    assert (root / "etc/systemd/system/ctrl-alt-del.target").readlink() == Path("/dev/null")
    assert (root / "etc/systemd/system.conf.d/50-campus-terminal.conf").is_symlink()
    assert setup("--unlock")[0] == 0
    assert not (etc / "locked").exists()
    assert not (root / "etc/systemd/system.conf.d/50-campus-terminal.conf").is_symlink()


def test_the_questions_come_one_by_one_and_each_has_an_answer_by_enter(setup: Setup, root: Path) -> None:
    answers = "2\n\nattendance\n\nno such id!\nC-3\n" + "\n" * 40
    code, told = setup(answers=answers)
    assert code == 0, told
    config = configs.load(root / "etc/campus-terminal/terminal.toml")
    assert (config.terminal.id, config.face.enabled) == ("C-3", True)
    assert (root / "etc/campus-terminal/role").read_text() == "ROLE=attendance\n"
    assert "A keyboard (046d:c31c)" in told
    assert (root / "etc/campus-terminal/input").read_text() == "0eef:0001\n"


def test_who_goes_away_in_the_middle_has_changed_nothing(setup: Setup, root: Path) -> None:
    code, told = setup(answers="1\n\n\n\nC-3\n")
    assert (code, told.splitlines()[-1]) == (1, "已停止，没有改动任何内容。")
    assert sorted(path.name for path in (root / "etc/campus-terminal").iterdir()) == ["kiosk.toml"]


@pytest.mark.parametrize("wrong", ["terminal.id=a b", "terminal.nothing=1", "scanner.baud=fast", "nothing.at_all=1"])
def test_an_answer_that_cannot_be_is_refused_and_nothing_is_written(setup: Setup, root: Path, wrong: str) -> None:
    code, told = setup("--yes", "--role", "walkup", "--set", wrong)
    assert code == 2
    assert wrong.partition("=")[0] in told
    assert sorted(path.name for path in (root / "etc/campus-terminal").iterdir()) == ["kiosk.toml"]


def test_a_new_machine_takes_over_role_and_settings(setup: Setup, root: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    assert setup("--yes", "--role", "gate", "--id", "B-002", "--code", "old", "--set", "gate.gate=west")[0] == 0
    code, told = setup("--hand-over", str(stick), "--language", "en")
    assert (code, "take-in at the centre" in told) == (0, True)
    assert configs.load(stick / "B-002-settings.toml").centre.enrolment_code == ""
    for name in ("terminal.toml", "role", "screen", "input"):
        (root / "etc/campus-terminal" / name).unlink()
    code, told = setup("--yes", "--language", "en", "--from", str(stick), "--code", "new")
    assert (code, "take the queue in at the centre" in told) == (0, True)
    config = configs.load(root / "etc/campus-terminal/terminal.toml")
    assert (config.terminal.id, config.gate.gate, config.centre.enrolment_code) == ("B-002", "west", "new")
    assert (root / "etc/campus-terminal/role").read_text() == "ROLE=gate\n"
    code, told = setup("--yes", "--from", str(tmp_path))
    assert (code, "*-settings.toml" in told) == (1, True)


def test_the_centre_is_a_role_as_well(setup: Setup, root: Path) -> None:
    assert setup("--role", "centre", "--language", "en", answers="\npostgresql://centre@db/centre\n\n\n4\n")[0] == 0
    told = (root / "etc/campus-terminal/centre").read_text()
    assert "CENTRAL_DATABASE=postgresql://centre@db/centre\n" in told
    assert "WORKERS=4\n" in told


def test_the_test_page_says_where_it_was_printed() -> None:
    config = configs.load(ROOT.parent / "packaging/kiosk.toml")
    page = proof.page(config, shipped_texts(), Clock(1772412120 - Clock().now()))
    sent = escpos.encode(page, profile("generic-80mm"))
    for words in ("测试页", "A-017", "一号楼大厅"):
        assert words.encode("gbk") in sent


def test_the_page_is_printed_when_the_printer_says_so(setup: Setup, tmp_path: Path) -> None:
    printer = EscposPrinter(tmp_path / "paper")
    try:
        said = ("--language", "en", "--role", "walkup", "--printer", f"tcp://127.0.0.1:{printer.start_tcp()}")
        assert setup("--yes", *said)[0] == 0
        code, told = setup("--test-print", "--language", "en")
        assert (code, told.splitlines()[-1]) == (0, "The printer says: printed.")
        assert len(printer.pages) == 1
        printer.poke("paper_out")
        code, told = setup("--test-print", "--language", "en")
        assert (code, told.splitlines()[-1]) == (1, "Not printed: no_paper.")
    finally:
        printer.stop()


def plugged(root: Path, line: str, place: str, serial: str = "", interface: str = "1.0") -> str:
    """A serial adapter in this port; the name of its line."""
    usb = root / "sys/devices/usb1" / place
    at = usb / f"{place}:{interface}" / line
    at.mkdir(parents=True)
    for name, text in {"idVendor": "1a86", "idProduct": "7523", **({"serial": serial} if serial else {})}.items():
        (usb / name).write_text(f"{text}\n")
    (root / "sys/class/tty" / line).mkdir(parents=True)
    (root / "sys/class/tty" / line / "device").symlink_to(at)
    (root / "dev" / line).write_text("")
    return f"/dev/{line}"


def test_lines_get_names_that_stay_with_the_plug(setup: Setup, root: Path) -> None:
    scanner, relay = plugged(root, "ttyUSB0", "1-1.2", "A7-03"), plugged(root, "ttyUSB1", "1-1.3")
    ports = ("--set", f"scanner.port={scanner}", "--set", f"relay.port={relay}", "--set", "thermal.port=/dev/ttyS1")
    kinds = ("--set", "scanner.kind=gm65", "--set", "relay.kind=lcus", "--set", "thermal.kind=gy614")
    assert setup("--yes", "--role", "gate", *ports, *kinds)[0] == 0
    config = configs.load(root / "etc/campus-terminal/terminal.toml")
    assert (config.scanner.port, config.relay.port) == ("/dev/campus/scanner", "/dev/campus/relay")
    assert config.thermal.port == "/dev/ttyS1", "is on no USB and needs none"
    rules = (root / "etc/udev/rules.d/73-campus-terminal-names.rules").read_text().splitlines()
    assert rules[1:] == [
        'SUBSYSTEM=="tty", ATTRS{idVendor}=="1a86", ATTRS{idProduct}=="7523", ATTRS{serial}=="A7-03", '
        'SYMLINK+="campus/scanner"',
        'SUBSYSTEM=="tty", SUBSYSTEMS=="usb", KERNELS=="1-1.3:1.0", SYMLINK+="campus/relay"',
    ]


def test_an_adapter_of_several_lines_is_told_apart_by_its_interfaces(root: Path) -> None:
    first = plugged(root, "ttyUSB0", "1-1.2", "FT4X", "1.0")
    plugged(root, "ttyUSB1", "1-1.2", "FT4X", "1.1")
    plug = names.plug_of(first, root)
    assert plug
    assert (plug.serial, plug.place) == ("", "1-1.2:1.0")


@pytest.mark.parametrize("serial", ['"; RUN+="/bin/sh', "a b", "张"])
def test_a_serial_number_that_is_no_word_is_in_no_rule(serial: str, root: Path) -> None:
    plug = names.plug_of(plugged(root, "ttyUSB0", "1-1.2", serial), root)
    assert plug
    assert serial not in plug.rule("scanner")


def test_what_answers_at_a_line_is_the_default(setup: Setup, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"/dev/serial/by-id/usb-scanner-if00": Found("scanner", "gm65", 115200)}
    monkeypatch.setattr("kiosk.app.setup.wizard.probe", found.get)
    code, told = setup("--yes", "--probe", "--language", "en")
    assert (code, "Found: scanner (gm65)" in told) == (0, True), told
    scanner = configs.load(root / "etc/campus-terminal/terminal.toml").scanner
    assert (scanner.kind, scanner.port, scanner.baud) == ("gm65", "/dev/serial/by-id/usb-scanner-if00", 115200)
    assert "Found" not in setup("--yes", "--language", "en")[1], "not unasked, where nobody is asked anything"
