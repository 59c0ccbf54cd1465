"""What a terminal does for itself: hours, night, memory, time service, and beginning anew, never in a visit."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.app import memory, timesync
from kiosk.app.caretaker import AGAIN, LARGE_S, QUIET_S, STALLED, TIME_GRACE_S, resident_of
from kiosk.app.starts import HEALTHY_S
from kiosk.app.watchdog import Pulse
from kiosk.config import ServiceConfig
from kiosk.domain.faults import Code
from tests.unit.care_kit import MORNING, Care
from tests.waiting import until

PLAIN = ServiceConfig(time_sync=False, memory_megabytes=0)
HOURS = replace(PLAIN, open="mon-fri 07:00-22:00")
NIGHTLY = replace(PLAIN, restart="04:10")
NIGHT = replace(PLAIN, night="22:30-06:30")
EVENING = MORNING.replace(hour=21, minute=59, second=58)


def timex(state: int, status: int) -> tuple[int, bytes]:
    """What adjtimex(2) returns and fills in."""
    filled = bytearray(208)
    filled[40:44] = status.to_bytes(4, sys.byteorder)
    return state, bytes(filled)


KEPT, NOBODY_KEEPS = timex(0, 0x2001), timex(5, 0x40)


def panel(folder: Path) -> Path:
    made = folder / "backlight" / "panel"
    made.mkdir(parents=True)
    (made / "max_brightness").write_text("255\n", "ascii")
    (made / "brightness").write_text("255\n", "ascii")
    return made / "brightness"


def test_it_closes_at_its_hour_and_says_when_it_opens(tmp_path: Path) -> None:
    care = Care(tmp_path, HOURS, EVENING)
    care.run(1)
    assert care.hands.events == []
    care.run(3)
    assert care.hands.service.closed
    assert datetime.fromtimestamp(care.hands.service.opens, MORNING.tzinfo) == MORNING.replace(
        day=3, hour=7, minute=0, second=0
    )
    care.run(9 * 3600 + 10, step=30)
    assert not care.hands.service.closed
    assert len(care.hands.events) == 2, "said once per change"


def test_at_night_the_panel_is_dimmed_and_bright_for_whoever_comes(tmp_path: Path) -> None:
    light = panel(tmp_path)
    care = Care(tmp_path, NIGHT, MORNING.replace(hour=22, minute=29, second=50))
    care.run(5)
    assert light.read_text() == "255"
    care.run(30)
    assert light.read_text() == "64"
    care.hands.is_quiet = False
    care.run(1)
    assert light.read_text() == "255"
    assert care.hands.events == [], "the screen itself stays as it is"


def test_where_no_panel_can_be_set_the_screen_draws_darker(tmp_path: Path) -> None:
    care = Care(tmp_path, NIGHT, MORNING.replace(hour=22, minute=30))
    care.run(1)
    assert care.hands.service.dark == 0.75
    care.run(8 * 3600, step=30)
    assert care.hands.service.dark == 0.0


def test_it_begins_anew_at_night_once_nobody_was_there_for_a_while(tmp_path: Path) -> None:
    care = Care(tmp_path, NIGHTLY, MORNING.replace(hour=4, minute=9, second=50))
    care.hands.is_quiet = False
    care.run(300)
    assert care.hands.codes == [], "never in a visit"
    care.hands.is_quiet = True
    care.run(QUIET_S - 1)
    assert care.hands.codes == []
    care.run(5)
    assert care.hands.codes == [AGAIN]


def test_the_run_that_began_after_its_time_does_not_begin_anew_that_night(tmp_path: Path) -> None:
    care = Care(tmp_path, NIGHTLY, MORNING.replace(hour=4, minute=10, second=20))
    care.run(22 * 3600, step=30)
    assert care.hands.codes == []
    care.run(3 * 3600, step=30)
    assert care.hands.codes == [AGAIN]


def test_a_time_long_missed_waits_for_the_next_night(tmp_path: Path) -> None:
    care = Care(tmp_path, NIGHTLY, MORNING.replace(hour=4, minute=0))
    care.hands.is_quiet = False
    care.run(4 * 3600, step=30)
    care.hands.is_quiet = True
    care.run(3600, step=30)
    assert care.hands.codes == []


@pytest.mark.proves(Code.MEMORY_GROWN)
def test_a_process_that_grows_is_told_of_and_ends_well_when_it_is_small_again(tmp_path: Path) -> None:
    program = "import sys; held = bytearray(90_000_000); print('large', flush=True); sys.stdin.read()"
    care = Care(tmp_path, replace(PLAIN, memory_megabytes=1))
    large = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert large.stdin
    assert large.stdout
    try:
        assert large.stdout.readline() == b"large\n"
        found, size = memory.largest(os.getpid())
        assert found in (large.pid, os.getpid())
        assert size > 80_000_000
        care.resident = resident_of(large.pid)()
        care.run(31)
        assert [fault.code for fault in care.hands.faults] == [Code.MEMORY_GROWN]
        care.run(LARGE_S - 40, step=10)
        assert care.hands.codes == [], "not over and over"
        care.run(20, step=10)
        assert care.hands.codes == [AGAIN]
    finally:
        large.stdin.close()
        large.wait(10)
        large.stdout.close()
    until(lambda: resident_of(large.pid)() == 0)
    care.resident = resident_of(large.pid)()
    care.run(31)
    assert care.hands.wells == ["memory"]


@pytest.mark.proves(Code.CLOCK_UNKEPT)
def test_a_clock_that_nobody_keeps_right_is_told_of_once_it_had_time(tmp_path: Path) -> None:
    care = Care(tmp_path, replace(PLAIN, time_sync=True))
    care.synced = timesync.kept(*NOBODY_KEEPS)
    care.run(TIME_GRACE_S - 2, step=2)
    assert care.hands.faults == []
    care.run(300, step=2)
    assert [fault.code for fault in care.hands.faults] == [Code.CLOCK_UNKEPT]
    care.synced = timesync.kept(*KEPT)
    care.run(62, step=2)
    assert care.hands.wells == ["time-service"]


@pytest.mark.parametrize(("answer", "kept"), [(KEPT, True), (NOBODY_KEEPS, False), (timex(0, 0x40), False)])
def test_the_kernels_word_on_its_clock(answer: tuple[int, bytes], kept: bool) -> None:
    assert timesync.kept(*answer) is kept


def test_the_kernel_can_be_asked() -> None:
    assert timesync.synchronised() in (True, False)


def test_what_held_for_a_while_was_no_quick_end(tmp_path: Path) -> None:
    care = Care(tmp_path, PLAIN, before=3)
    care.run(HEALTHY_S - 1)
    assert (tmp_path / "starts").read_text() == "4"
    care.run(2)
    assert (tmp_path / "starts").read_text() == "0"


def test_out_of_service_it_tries_once_more_and_one_quick_end_is_too_many(tmp_path: Path) -> None:
    care = Care(tmp_path, replace(PLAIN, retry_minutes=30.0), before=4)
    assert care.starts.too_many
    care.run(1799)
    assert care.hands.codes == []
    assert (tmp_path / "starts").read_text() == "5", "out of service for long is not healthy"
    care.run(2)
    assert care.hands.codes == [AGAIN]
    assert care.starts.begin() == 3
    assert not care.starts.too_many
    assert care.starts.begin() == 4
    assert care.starts.too_many


def test_a_count_that_cannot_be_read_begins_anew(tmp_path: Path) -> None:
    for rubbish in ("", "many", "99999999", "²"):
        (tmp_path / "starts").write_text(rubbish, "utf-8")
        care = Care(tmp_path, PLAIN)
        assert care.starts.before == 0


def test_what_cannot_be_begun_anew_has_the_program_do_it_when_nobody_is_there(tmp_path: Path) -> None:
    beat = [1000.0]
    care = Care(tmp_path, PLAIN, pulses=[Pulse("printer", lambda: beat[0], 20.0)])
    care.hands.is_quiet = False
    care.run(100)
    assert [(fault.code, fault.device) for fault in care.hands.faults] == [(Code.PART_STALLED, "beat:printer")]
    assert care.hands.codes == []
    care.hands.is_quiet = True
    care.run(QUIET_S + 1)
    assert care.hands.codes == [STALLED]


def test_without_a_part_that_is_vital_the_program_ends_at_once(tmp_path: Path) -> None:
    care = Care(tmp_path, PLAIN, pulses=[Pulse("journal", lambda: 1000.0, 20.0, vital=True)])
    care.hands.is_quiet = False
    care.run(19)
    assert care.hands.codes == []
    care.run(3)
    assert care.hands.codes == [STALLED]


def test_nights_of_a_whole_year_begin_anew_once_each(tmp_path: Path) -> None:
    """The clock of the campus has no summer time; a year of nights, each by another run."""
    at = MORNING.replace(hour=4, minute=9)
    for day in range(0, 365, 73):
        care = Care(tmp_path, NIGHTLY, at + timedelta(days=day))
        care.run(120, step=10)
        assert care.hands.codes == [AGAIN]


def test_settings_that_a_technician_went_back_to_count_as_soon_as_nobody_is_there(tmp_path: Path) -> None:
    care = Care(tmp_path, ServiceConfig())
    care.hands.wants_anew = "settings"
    care.hands.is_quiet = False
    care.run(120)
    assert care.hands.codes == []
    care.hands.is_quiet = True
    care.run(120)
    assert care.hands.codes == [AGAIN]
