"""A day in fast time, its short form; and what it catches: a leak, lost records, a stuck timer, what stays behind."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.app.effects import Effects
from kiosk.clock import CAMPUS_ZONE, starting_at
from kiosk.config import ServiceConfig
from sync import outbox
from sync.sender import Sender
from sync.wire import ItemResult, Verdict
from tests.faults.day import Day, Plan, settled
from tests.faults.grown import MOST, Grown, Sample
from tests.faults.guests import STUDENTS, Guests
from tests.faults.quickly import Glass
from tests.sync.helpers import quiet_disk

EVENING = datetime(2026, 3, 2, 20, 30, tzinfo=CAMPUS_ZONE)
SERVICE = ServiceConfig(open="mon-sun 07:00-21:05", night="21:10-06:30", restart="21:15", time_sync=False)
HOUR = Plan(
    hours=1.0,
    a_day=480.0,
    feed_s=300.0,
    sample_s=600.0,
    outages=((0.15, 0.08),),
    wrong_clock=((0.3, 0.1, 7200.0),),
    kills=(0.12,),
    technicians=(0.5,),
    no_paper=(0.0,),
)
QUARTER = replace(
    HOUR, hours=0.2, month=False, sample_s=120.0, outages=(), wrong_clock=(), kills=(), technicians=(), no_paper=()
)
STEADY = {name: most for name, most in MOST.items() if name != "rss"}
"""What a process that other tests use as well can be judged by within an hour."""


@pytest.fixture(scope="module")
def people() -> Iterator[Path]:
    """Everybody of the demonstration, at a centre of a month ago."""
    with tempfile.TemporaryDirectory(dir=quiet_disk()) as folder:
        settled(Path(folder) / "central", starting_at(EVENING.replace(month=1)))
        yield Path(folder) / "central"


@pytest.fixture
def make_day(people: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Plan], Day]]:
    # every feed four times after each sending is most of the work of an hour; the long form does it
    monkeypatch.setattr("sync.loops.AFTER_SENDING_S", (1.0,))
    with tempfile.TemporaryDirectory(dir=quiet_disk()) as folder:

        def make(plan: Plan) -> Day:
            day = Day(Path(folder), plan, begins=EVENING, service=SERVICE, people=people)
            day.grown = Grown(STEADY)
            return day

        yield make


def test_an_evening_passes_and_nothing_is_lost_left_or_grown(make_day: Callable[[Plan], Day]) -> None:
    day = make_day(HOUR)
    assert day.run() == []
    assert day.restarts == 1
    assert {"certificate", "checks_in", "walks_away", "technician"} <= day.guests.visits.keys()
    assert len(day.guests.handed_in) > 5
    assert day.swept, "what was sent a month ago was there, and is gone"


def test_a_leak_a_loss_and_what_stays_behind_are_caught(
    make_day: Callable[[Plan], Day], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[object] = []
    # a leak beside whatever other tests have left in this process
    much = sys.getallocatedblocks() // 1000
    monkeypatch.setattr(Glass, "render", lambda _glass, _state: kept.extend(object() for _ in range(much)))
    monkeypatch.setattr(Sender, "_send", _marks_and_does_not_send)
    monkeypatch.setattr(Effects, "wipe", lambda _effects, _effect: None)
    found = make_day(QUARTER).run()
    for wrong in ("blocks grew", "told that it is in, and it is not at the centre", "something of somebody stays"):
        assert any(said.startswith(wrong) for said in found), (wrong, found)


def _marks_and_does_not_send(sender: Any, batch: Any, *, ahead: bool = False) -> int:
    found = [ItemResult(key=item.key, verdict=Verdict.CREATED) for item in batch.items]
    return outbox.settle(sender._db, batch.items, found, sender._clock.now())


def test_a_timer_that_is_stuck_is_caught(make_day: Callable[[Plan], Day], monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = Glass.timer
    monkeypatch.setattr(Glass, "timer", lambda *args: None if args[1] == "idle" else genuine(*args))
    monkeypatch.setattr(Guests, "comes", lambda guests, _online: guests.walks_away(STUDENTS[0]))
    with pytest.raises(AssertionError, match="the screen attract"):
        make_day(QUARTER).run()


@pytest.mark.parametrize("name", MOST)
def test_what_never_comes_down_again_has_grown(name: str) -> None:
    usual = Sample(rss=1000, blocks=1000, files=50, threads=12, timers=11)
    much = replace(usual, **{name: 1100})
    judged = Grown(samples=[usual] * 6)
    assert judged.wrong() == []
    judged.samples += [much] * 3
    assert [said.split()[0] for said in judged.wrong()] == [name]
    judged.samples[-1] = usual
    assert judged.wrong() == [], "work comes and goes"
    assert Grown().wrong() == ["only 0 samples, nothing can be said of growth"]
