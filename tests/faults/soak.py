"""The soak: real commands under kills, faults of the network, outages and 2 % poison, then quiet work that is measured.

`python -m tests.faults.soak --minutes 30`. A line a minute. Exit code 1 when anything was lost, doubled, stuck or grew.
Afterwards the long forms of what the suite does short: 200 seeds of kills, a power cut after every operation, and
200 people who want a paper from a printer with bad luck.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from sync.central.centre import open_centre
from sync.central.database import migrate, open_engine, reading
from sync.central.tables import event
from sync.sim.proxy import Mode
from tests.faults import books, cuts, kills, papers, recorder
from tests.faults.measured import Growth
from tests.faults.nursery import Commands, Nursery, Starter
from tests.faults.stage import ROLES, TERMINAL, Stage
from tests.sync.central_kit import SOMEBODY, fill_in, morning_clock
from tests.sync.helpers import quiet_disk

ROUGH = tuple(mode for mode in Mode if mode not in (Mode.PASS, Mode.BUSY_ABSURD))
"""What the sync process, which waits as long as in the hall, gets over within the run: not 15 minutes of silence."""
EASY = (Mode.DOWN, Mode.LOST_RESPONSE, Mode.TRUNCATE, Mode.RESET, Mode.PORTAL)
STORM = 0.4
"""Share of the time in which processes are killed."""
TOGETHER = 10
"""Seeds after which everything is drained and looked at."""
LIVES = (12, 10, 8, 6)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--database", default="", help="an empty database for the centre; default: SQLite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=200, help="of kills, afterwards; 0 leaves the long forms out")
    options = parser.parse_args(arguments)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        wrong += Soak(options, Path(folder) / "hall").run()
        if options.seeds:
            wrong += long_forms(options, Path(folder))
    for line in wrong:
        print(f"WRONG  {line}")
    print("nothing lost, nothing doubled" if not wrong else f"{len(wrong)} things are wrong")
    return 1 if wrong else 0


@dataclass
class Soak:
    """One run. `faults`: how often the network was changed."""

    options: argparse.Namespace
    folder: Path
    faults: int = 0
    growth: Growth = field(default_factory=Growth)

    def run(self) -> list[str]:
        """What is wrong at the end."""
        self._dice = random.Random(self.options.seed)
        self.stage = made_stage(self.folder, Commands(), self.options.database, ("--pause", "0.2"))
        self.stage.open()
        try:
            self._began, self._said = time.monotonic(), 0
            self.stage.wait_until(lambda: self.stage.line == "online", "the line is up")
            self._for(STORM, self._storm)
            self.stage.proxy.up()
            self.growth.warm_until = self._elapsed + (1 - STORM) * self.options.minutes * 60 / 4
            self._for(1.0, self._steady)
            found = self.stage.drain()
            self._say()
        finally:
            self.stage.close()
        return [f"{name}: {keys[:5]}" for name, keys in found.items()] + self._no_poison() + self.growth.grown()

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _for(self, share: float, turn: Callable[[], None]) -> None:
        """Turn after turn until this share of the time is over; each minute a line."""
        while self._elapsed < share * self.options.minutes * 60:
            turn()
            self.stage.look()
            if self._elapsed // 60 > self._said:
                self._said = int(self._elapsed // 60)
                self._say()

    def _storm(self) -> None:
        """Somebody is killed, or the network is as bad as it gets; now and then it is away for a while."""
        chance, dice = self._dice.random(), self._dice
        if chance < 0.5:
            role = dice.choice(ROLES)
            self.stage.kill(role)
            self.stage.wait(dice.choice((0.0, 0.5, 3.0)))
            self.stage.start(role)
        elif chance < 0.54:
            self._network(Mode.DOWN, dice.uniform(5, 15))
        else:
            self._network(dice.choice(ROUGH), dice.uniform(0.2, 3))
        self.stage.wait(dice.uniform(0.2, 2))

    def _steady(self) -> None:
        """Long quiet work with short faults; measured at its quiet moments."""
        if self._dice.random() < 0.3:
            self._network(self._dice.choice(EASY), self._dice.uniform(0.2, 2))
        self.stage.wait(3)
        if self.stage.line == "online" and books.queued(self.stage.journal) < 20:
            self.growth.note(self._elapsed, {role: child.pid for role, child in self.stage.children.items()})

    def _network(self, mode: Mode, seconds: float) -> None:
        self.stage.proxy.mode = mode
        self.faults += 1
        self.stage.wait(seconds)
        self.stage.proxy.up()

    def _say(self) -> None:
        acks = {ack.key for ack in self.stage.books.acks()}
        rows = [state for state, _ in books.states(self.stage.journal).values()]
        there = len(self.stage.held().events)
        counts = f"acknowledged {len(acks)}  at the centre {there}  waiting {rows.count('queued')}"
        more = f"dead {rows.count('dead')}  kills {self.stage.kills}  faults {self.faults}"
        print(f"{self._elapsed / 60:5.1f} min  {counts}  {more}  {self.growth.last()}", flush=True)

    def _no_poison(self) -> list[str]:
        poison = [ack for ack in self.stage.books.acks() if ack.key.endswith(books.POISON)]
        return [] if poison else ["there was no poison: nothing was shown of it"]


def made_stage(folder: Path, starter: Starter, database: str = "", enqueuer: tuple[str, ...] = ()) -> Stage:
    """A hall whose centre has a few people. Raises SystemExit where the database is not empty."""
    central = folder / "central"
    central.mkdir(parents=True)
    engine = open_engine(database or f"sqlite:///{central}/central.db")
    migrate(engine)
    with reading(engine) as connection:
        if connection.execute(sa.select(sa.func.count()).select_from(event)).scalar_one():
            raise SystemExit(f"there are events in this database already; {TERMINAL} would be blamed for them")
    fill_in(open_centre(engine, central, clock=morning_clock(), demo=True), SOMEBODY)
    engine.dispose()
    return Stage(folder, central, starter, database=database, enqueuer=enqueuer)


def long_forms(options: argparse.Namespace, folder: Path) -> list[str]:
    """Kills by many seeds, a power cut after each operation of a session on every kind of disk, and papers."""
    nursery = Nursery(recorder.build(folder))
    try:
        kept = _seeds(options, folder, nursery) + _power_cuts(options, folder, nursery)
        return kept + papers.soak(folder / "papers", nursery, range(options.seed, options.seed + options.seeds))
    finally:
        nursery.stop()


def _seeds(options: argparse.Namespace, folder: Path, nursery: Nursery) -> list[str]:
    stage, wrong = made_stage(folder / "seeds", nursery), list[str]()
    stage.open()
    try:
        for n in range(options.seeds):
            kills.storm(stage, options.seed + n)
            if n % TOGETHER == TOGETHER - 1 or n == options.seeds - 1:
                wrong += [f"seeds to {n}: {name} {keys[:5]}" for name, keys in stage.drain().items()]
                stage.start("enqueuer")
        print(f"{options.seeds} seeds  kills {stage.kills}  acknowledged {len(stage.books.acks())}", flush=True)
    finally:
        stage.close()
    return wrong


def _power_cuts(options: argparse.Namespace, folder: Path, nursery: Nursery) -> list[str]:
    if not nursery.records:
        print(f"power cuts left out: {recorder.NO_COMPILER}")
        return []
    (folder / "cut").mkdir()
    session = cuts.record(nursery, folder / "cut", LIVES)
    moments = range(len(session.ops) + 1)
    with tempfile.TemporaryDirectory(dir=quiet_disk()) as place:
        wrong = cuts.examine(session, moments, Path(place), options.seed, cuts.every_model())
    print(f"{len(moments)} power cuts on {len(cuts.every_model())} kinds of disk", flush=True)
    return wrong


if __name__ == "__main__":
    os.environ.setdefault("TZ", "America/St_Johns")
    sys.exit(main())
