"""When a terminal asks the machine for the update that lies ready: at night or while it is closed, never in a visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.app.caretaker import AGAIN, INSTALL_S, QUIET_S
from kiosk.config import ServiceConfig
from tests.unit.care_kit import MORNING, Care

PLAIN = ServiceConfig(time_sync=False, memory_megabytes=0)


def ready(folder: Path, config: ServiceConfig, at: datetime) -> Care:
    care = Care(folder, config, at)
    care.update_ready = True
    return care


@pytest.mark.parametrize(
    ("config", "hour", "minute"),
    [
        (replace(PLAIN, restart="04:10"), 4, 10),
        (replace(PLAIN, open="mon-sun 07:00-22:00"), 22, 0),
        (replace(PLAIN, open="mon-sun 07:00-22:00", restart="04:10"), 22, 0),
        (PLAIN, 3, 0),
    ],
)
def test_not_before_its_hour(tmp_path: Path, config: ServiceConfig, hour: int, minute: int) -> None:
    care = ready(tmp_path, config, MORNING.replace(hour=8))
    while care.clock.local().hour != hour or care.clock.local().minute < minute:
        assert care.asked == 0
        care.run(30, step=30)
    care.run(QUIET_S + 2)
    assert care.asked == 1


def test_never_in_a_visit(tmp_path: Path) -> None:
    care = ready(tmp_path, PLAIN, MORNING.replace(hour=2, minute=59))
    care.hands.is_quiet = False
    care.run(600)
    assert care.asked == 0
    care.hands.is_quiet = True
    care.run(QUIET_S - 1)
    assert care.asked == 0
    care.run(3)
    assert care.asked == 1


def test_the_machine_has_its_time_and_the_nightly_start_comes_all_the_same(tmp_path: Path) -> None:
    """Whoever does not install ends nothing: a machine without the unit begins anew as on any night."""
    care = ready(tmp_path, replace(PLAIN, restart="04:10"), MORNING.replace(hour=4, minute=9))
    care.run(60 + INSTALL_S - 10)
    assert (care.asked, care.hands.codes) == (1, [])
    care.update_ready = False
    care.run(20)
    assert care.hands.codes == [AGAIN]


def test_without_an_update_nothing_is_different(tmp_path: Path) -> None:
    care = Care(tmp_path, replace(PLAIN, restart="04:10"), MORNING.replace(hour=4, minute=9))
    care.run(100)
    assert (care.asked, care.hands.codes) == (0, [AGAIN])
