"""A day in fast time: people, night, a restart, outages, a wrong clock, a technician; nothing lost, nothing grows.

`python -m tests.faults.day --hours 24`. One process in the wheel's time, with a real centre behind a wire that is cut.
Before the day a few people come, then the terminal stands still for a month, so that what was sent is swept away.
Exit code 1 when anything was lost, doubled, left behind, late, or grew from hour to hour.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from kiosk import config as configs
from kiosk import log
from kiosk.app.caretaker import AGAIN, Caretaker, Senses
from kiosk.app.running import _Hands
from kiosk.app.starts import Starts
from kiosk.clock import CAMPUS_ZONE, Clock
from kiosk.config import DemoConfig, PrinterConfig, ServiceConfig, toml_of
from sync.central import demodata, devices, flow
from sync.central.centre import Centre, Work, open_centre
from sync.central.database import migrate, open_engine, writing
from sync.sim.proxy import FaultProxy
from sync.store import reader
from tests.faults import accounts, books
from tests.faults.grown import Grown
from tests.faults.guests import Guests
from tests.faults.quickly import Paper, Quick, hurried
from tests.faults.wheel import OnWheel, Wheel
from tests.sync.central_kit import served
from tests.sync.helpers import quiet_disk
from tests.sync.running import write_config

TERMINAL = "A-017"
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=CAMPUS_ZONE)
HOUR_S, DAY_S = 3600.0, 86400.0
MONTH_S = 31 * DAY_S
CARE_S, APPROVE_S = 5.0, 60.0
SERVICE = ServiceConfig(open="mon-sun 07:00-22:00", night="22:30-06:30", restart="03:00", time_sync=False)
LATE_S = 900.0
"""Within so long everything is at the centre once the line is good again."""


@dataclass(frozen=True)
class Plan:
    """What happens besides people, by the hour of the run. So many `a_day` would come if it were always open.

    `month`: a few people come first, and then it stands still for a month.
    """

    hours: float = 24.0
    month: bool = True
    a_day: float = 240.0
    feed_s: float = 60.0
    sample_s: float = HOUR_S
    outages: tuple[tuple[float, float], ...] = ((3.0, 0.5), (9.2, 1.5), (16.5, 4.0), (21.9, 0.1))
    wrong_clock: tuple[tuple[float, float, float], ...] = ((5.0, 0.5, 7200.0), (12.0, 0.3, -5400.0))
    kills: tuple[float, ...] = (2.1, 4.6, 8.3, 13.7)
    technicians: tuple[float, ...] = (6.5, 14.2)
    no_paper: tuple[float, ...] = (1.5, 7.5, 10.5)


@dataclass
class Day:
    """One run. `restarts`: how often the program began anew by itself. `grown`: what it took, sample after sample.

    `people`: a centre's state folder with people in it, to be copied; None = one is made.
    """

    folder: Path
    plan: Plan = field(default_factory=Plan)
    seed: int = 1
    begins: datetime = MORNING
    service: ServiceConfig = SERVICE
    people: Path | None = None
    restarts: int = 0
    say: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        month = self.begins.replace(hour=12).timestamp() - MONTH_S
        self.wheel = Wheel(month if self.plan.month else self.begins.timestamp())
        self.swept: set[str] = set()
        self.grown, self.paper = Grown(), Paper()
        self.state, self.central = self.folder / "terminal", self.folder / "central"
        self.database = f"sqlite:///{self.central}/central.db"

    def run(self) -> list[str]:
        """What is wrong at the end."""
        with ExitStack() as stack:
            self.centre = self._centre()
            stack.callback(self.centre.engine.dispose)
            url = stack.enter_context(served(self.centre))
            self.proxy = FaultProxy(int(url.rsplit(":", 1)[1]))
            self.proxy.start()
            stack.callback(self.proxy.stop)
            stack.enter_context(hurried(self.wheel, self.paper))
            log.setup("day", self.state / "log", OnWheel(wheel=self.wheel))
            stack.callback(log.close)
            self._configure()
            self.guests = Guests(lambda: self.hall, self.centre, self.dice)
            stack.enter_context(patch.object(threading, "excepthook", self._bug))
            self._begin()
            stack.callback(lambda: self.hall.terminal.stop())
            self._ready()
            if self.plan.month:
                self._long_ago()
            self._day()
            self._drained()
            return self._found()

    # --- the day

    def _long_ago(self) -> None:
        """A few people, all of it delivered; then the machine is off for a month."""
        for _ in range(3):
            self.guests.checks_in("20230005")
        self._drained()
        self.swept = set(books.states(self.state / "journal.db"))
        self._end()
        self.wheel.skip(self.begins.timestamp() - self.wheel.wall)
        self._begin()
        self._ready()

    def _ready(self) -> None:
        self.hall.until(lambda: self.guests.online, "the line is up", 60.0)
        self.hall.until(self._known, "people known", 300.0)

    def _day(self) -> None:
        self.began = self.wheel.mono
        for hour, act in sorted(self._events(), key=lambda each: each[0]):
            self._turn_to(self.began + hour * HOUR_S)
            act()
        self._turn_to(self.began + self.plan.hours * HOUR_S)

    def _events(self) -> list[tuple[float, Callable[[], None]]]:
        plan, found = self.plan, list[tuple[float, Callable[[], None]]]()
        for at, hours in plan.outages:
            found += [(at, self.proxy.down), (at + hours, self.proxy.up)]
        for at, hours, seconds in plan.wrong_clock:
            found += [(at, lambda by=seconds: self._clock(by)), (at + hours, lambda: self._clock(0.0))]  # type: ignore[misc]
        found += [(at, lambda: self.hall.terminal.sync.kill()) for at in plan.kills]  # type: ignore[attr-defined]
        found += [(at, lambda: self._if_open(self.guests.technician)) for at in plan.technicians]
        found += [(at, lambda: setattr(self.paper, "out", 2)) for at in plan.no_paper]
        comes = [self.dice.uniform(0, plan.hours) for _ in range(round(plan.a_day * plan.hours / 24))]
        found += [(at, lambda: self._if_open(lambda: self.guests.comes(self.guests.online))) for at in comes]
        samples = range(1, int(plan.hours * HOUR_S / plan.sample_s) + 1)
        found += [(n * plan.sample_s / HOUR_S, self._sample) for n in samples]
        return [(at, act) for at, act in found if at <= plan.hours]

    def _if_open(self, act: Callable[[], None]) -> None:
        if not self.hall.state.station.service.closed and self.wheel.mono < self.began + self.plan.hours * HOUR_S:
            act()

    def _clock(self, skew: float) -> None:
        self.wheel.skew = skew

    def _turn_to(self, mono: float) -> None:
        while self.wheel.next <= mono:
            self.wheel.turn()
            self.hall.drain()
            if self.hall.glass.ended is not None:
                self._again()
        self.wheel.turn_to(mono)
        self.hall.settle()

    # --- the terminal and its caretaker

    def _begin(self) -> None:
        config = configs.load(self.folder / "kiosk.toml")
        self.hall = Quick(config, self.folder / "kiosk.toml", self.wheel)
        self.starts = Starts(self.state, config.service.quick_ends)
        self.starts.begin()
        terminal, glass = self.hall.terminal, self.hall.glass
        senses = Senses(lambda: 0, lambda: True)
        # what beats is threads of this machine's time; the hour in real time looks at them
        self.care = Caretaker(config.service, terminal.clock, _Hands(terminal), (), self.starts, senses)
        self._tend(glass)
        self.hall.settle()

    def _tend(self, glass: object) -> None:
        if self.hall.glass is glass:
            self.care.tick()
            self.hall.drain()
            self.hall.glass.timer("caretaker", CARE_S, lambda: self._tend(glass))

    def _again(self) -> None:
        """The program begins anew, as its service manager has it do."""
        assert self.hall.glass.ended == AGAIN, self.hall.glass.ended
        self.restarts += 1
        self._end()
        self.starts.healthy()
        self._begin()

    def _end(self) -> None:
        self.hall.stop()
        self.care = None  # type: ignore[assignment]

    # --- the centre

    def _centre(self) -> Centre:
        if self.people:
            shutil.copytree(self.people, self.central)
        else:
            settled(self.central, OnWheel(wheel=self.wheel, own=False))
        self.wheel.put(APPROVE_S, self._approve)
        engine = open_engine(self.database)
        return open_centre(engine, self.central, clock=OnWheel(wheel=self.wheel, own=False), demo=True)

    def _approve(self) -> None:
        with writing(self.centre.engine) as connection:
            flow.approve_waiting(Work(self.centre, connection, self.centre.clock.now()), APPROVE_S)
        self.wheel.put(APPROVE_S, self._approve)

    def _configure(self) -> None:
        code = devices.issue_code(self.centre, TERMINAL)
        self.state.mkdir(mode=0o700, exist_ok=True)
        path = write_config(self.folder, self.proxy.url, code, self.plan.feed_s)
        config = configs.load(path)
        config = replace(
            config,
            paths=replace(config.paths, state=self.state),
            printer=PrinterConfig("tcp://127.0.0.1:9"),
            service=self.service,
            demo=DemoConfig(enabled=True),
        )
        path.write_text(toml_of(config), "utf-8")

    def _known(self) -> bool:
        """Whether the terminal knows people by now."""
        with closing(reader(self.state / "cache.db")) as db:
            return bool(db.execute("SELECT 1 FROM rows WHERE feed = 'persons' LIMIT 1").fetchone())

    def _bug(self, bug: threading.ExceptHookArgs) -> None:
        self.guests.left.append(f"{bug.exc_type.__name__} in the thread {bug.thread and bug.thread.name}")
        threading.__excepthook__(bug)

    # --- what came of it

    def _drained(self) -> None:
        self.proxy.up()
        self.wheel.skew = 0.0
        journal = self.state / "journal.db"
        self.hall.until(lambda: not books.queued(journal), "everything delivered", LATE_S)

    def _found(self) -> list[str]:
        rows = books.states(self.state / "journal.db")
        held = books.held(self.database, TERMINAL)
        there = {key for key, _, _ in held.requests}
        lost = [key for key in self.guests.handed_in if key not in there]
        kept = sorted(self.swept & rows.keys())
        early = {key: ("sent", seq) for key, seq in held.events if key in self.swept}
        found = accounts.judged({**early, **rows}, held) + self.guests.left + self.grown.wrong()
        found += [f"told that it is in, and it is not at the centre: {lost[:5]}"] if lost else []
        found += [f"sent a month ago and still here: {kept[:5]}"] if kept else []
        found += [] if self.guests.handed_in else ["nobody handed anything in"]
        return found + self._caches() + accounts.logged(self.state, self.central, but=("begins_anew",))

    def _caches(self) -> list[str]:
        """What is kept for a while only, beyond its while."""
        with closing(reader(self.state / "journal.db")) as db:
            # each is swept when the next one is taken: those of the last visits may still be there
            dead = db.execute("SELECT count(*) FROM nonces WHERE until < ?", (self.wheel.wall - DAY_S / 4,)).fetchone()
        sizes = {path.name: path.stat().st_size for path in self.state.glob("*.db-wal")}
        found = [f"{dead[0]} codes that are dead for hours are still kept"] if dead[0] > 5 else []
        return found + [f"{name} has {size} bytes" for name, size in sizes.items() if size > MOST_LOG]

    def _sample(self) -> None:
        self.hall.settle()
        gc.collect()
        self.grown.note(self.wheel.waiting)
        hour = (self.wheel.mono - self.began) / HOUR_S
        done, last = len(self.guests.handed_in), self.grown.samples[-1]
        self.say(f"{hour:5.1f} h  {sum(self.guests.visits.values())} visits, {done} handed in  {last}")


def settled(central: Path, clock: Clock) -> None:
    """A centre's state folder with everybody of the demonstration."""
    central.mkdir(parents=True)
    engine = open_engine(f"sqlite:///{central}/central.db")
    migrate(engine)
    demodata.fill(open_centre(engine, central, clock=clock, demo=True))
    engine.dispose()


MOST_LOG = 8_000_000
"""Bytes of a write-ahead log between two sweeps."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.day", description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="day-", dir=quiet_disk()) as folder:
        day = Day(Path(folder), Plan(options.hours), options.seed, say=lambda line: print(line, flush=True))
        wrong = day.run()
    print(
        f"{options.hours:.0f} h in {time.monotonic() - began:.0f} s: {dict(day.guests.visits)}, {day.restarts} restarts"
    )
    for line in wrong:
        print(f"WRONG  {line}")
    print("nothing lost, nothing left, nothing grown" if not wrong else f"{len(wrong)} things are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("TZ", "America/St_Johns")
    sys.exit(main())
