"""What is known of the devices: counted once per change, by the hour, over a restart, whatever the disk does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.app.health import Health, Known
from kiosk.app.reports import Reports
from kiosk.domain.board import HOURS
from kiosk.domain.faults import Code, Fault
from kiosk.domain.printer import PrinterState
from printers.spool import StatusEvent
from sync import health
from sync.records import Stamp
from sync.store import connect
from sync.tables import JOURNAL

NOON = 1_772_424_000.0
GONE = Fault(Code.SCANNER_OFFLINE, "scanner")
STAMP = Stamp("A-017", "boot", NOON, 0.0)


class Disk:
    """The journal's writer, on the spot; broken = it takes nothing."""

    def __init__(self, path: Path) -> None:
        self.path, self.broken = path, False
        self.db = connect(path, JOURNAL)

    def act(self, work: Callable[[sqlite3.Connection, Stamp], None], failed: Callable[[Fault], None]) -> None:
        if self.broken:
            failed(Fault(Code.JOURNAL_REFUSED, "journal"))
        else:
            work(self.db, STAMP)


class Day:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "journal.db")


def begun(disk: Disk, day: Day) -> Health:
    made = Health(day)
    made.begin(disk)
    return made


def test_nothing_is_known_of_a_device_that_said_nothing(disk: Disk) -> None:
    assert begun(disk, Day()).of("scanner") == Known(None, None, 0.0, (0,) * HOURS)


def test_troubles_are_counted_in_their_hour_and_outlive_the_program(disk: Disk) -> None:
    day = Day()
    first = begun(disk, day)
    first.fault(GONE)
    day.now += 3600
    first.fault(GONE)
    first.fault(GONE)
    assert first.of("scanner").hours[-2:] == (1, 2)
    day.now += 3600
    second = begun(disk, day)
    second.fault(Fault(Code.SCANNER_GARBAGE, "scanner"))
    assert second.of("scanner").hours[-3:] == (1, 2, 1)
    assert sum(second.of("relay").hours) == 0
    day.now += HOURS * 3600
    assert sum(second.of("scanner").hours) == 0, "after a day nothing of it stands on the chart"


def test_the_last_good_sign_is_when_it_went_and_outlives_the_program(disk: Disk) -> None:
    day = Day()
    first = begun(disk, day)
    first.online("scanner", True)
    day.now += 90
    assert first.of("scanner").good == NOON + 90, "well at this moment"
    day.now += 10
    first.online("scanner", False)
    day.now += 500
    assert first.of("scanner").good == NOON + 100
    assert begun(disk, day).of("scanner").good == NOON + 100


def test_a_part_that_works_with_a_trouble_is_not_well_until_the_trouble_is_over(disk: Disk) -> None:
    day = Day()
    known = begun(disk, day)
    known.online("scanner", True)
    known.fault(GONE)
    day.now += 60
    assert known.of("scanner").good == NOON
    known.clear("scanner")
    assert known.of("scanner") == Known(True, None, NOON + 60, known.of("scanner").hours)


def test_what_was_well_when_the_program_ended_is_kept(disk: Disk) -> None:
    day = Day()
    known = begun(disk, day)
    known.online("printer", True)
    day.now += 7
    known.end()
    assert begun(disk, day).of("printer").good == NOON + 7


def test_a_disk_that_takes_nothing_costs_the_past_and_not_the_board(disk: Disk) -> None:
    disk.broken = True
    known = begun(disk, Day())
    known.fault(GONE)
    assert sum(known.of("scanner").hours) == 1
    disk.broken = False
    assert sum(begun(disk, Day()).of("scanner").hours) == 0


def test_what_is_older_than_a_week_goes_from_the_disk(disk: Disk) -> None:
    health.count(disk.db, "scanner", "F-SCAN-01", NOON - 8 * 86400)
    health.count(disk.db, "scanner", "F-SCAN-01", NOON)
    assert disk.db.execute("SELECT count(*) FROM device_faults").fetchone() == (1,)


def test_the_reports_tell_of_every_kind_of_device() -> None:
    reports = Reports(lambda _: None, Day())
    reports.device("camera")(True, None)
    reports.device("thermal")(True, Fault(Code.THERMAL_STUCK, "thermal"))
    reports.printer(StatusEvent(PrinterState.NO_PAPER, -1))
    reports.a4(StatusEvent(PrinterState.DISCONNECTED, -1))
    reports.sync({"ev": "link", "state": "online"})
    found = {name: reports.health.of(name) for name in ("camera", "thermal", "printer", "a4", "centre")}
    assert {name: known.online for name, known in found.items()} == {
        "camera": True,
        "thermal": True,
        "printer": True,
        "a4": False,
        "centre": True,
    }
    codes = {name: known.fault.code if known.fault else None for name, known in found.items()}
    assert codes == {
        "camera": None,
        "thermal": Code.THERMAL_STUCK,
        "printer": Code.PRINTER_NO_PAPER,
        "a4": Code.A4_OFFLINE,
        "centre": None,
    }
    reports.printer(StatusEvent(PrinterState.IDLE, -1))
    assert reports.health.of("printer").fault is None
