"""An hour in real time: all processes of hall and gate, people one after the other, cables, outages, kills; measured.

`python -m tests.faults.hour --minutes 60`. The programs are started as the demonstration starts them, and a service
manager listens to them. Scripts are those of `tests/faults/hall`: `first-*` once, `storm-*` while there are kills.
Exit code 1 when a visit did not happen, anything was lost, doubled or grew, or a word to the watchdog was missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devices.sim.scanner import ScannerPeer
from kiosk.clock import starting_at
from kiosk.demo.centre import waiting_rows
from kiosk.demo.hand import FIRST_FRAME_SECONDS, Hand
from kiosk.demo.play import EMPTY_SECONDS, MORNING
from kiosk.demo.pokes import Pokes
from kiosk.demo.processes import end
from kiosk.demo.stage import Stage
from kiosk.demo.visit import LeftOutError, Visit
from kiosk.demo.waiting import StageError, wait_until
from tests.faults import accounts
from tests.faults.family import family
from tests.faults.manager import Ear, listening, of_the_unit
from tests.faults.measured import Growth, taken

SCRIPTS = Path(__file__).parent / "hall"
STUDENTS = tuple(f"202300{n:02d}" for n in range(5, 60))
IDLE_S = 15.0
STORM, WARM = 0.25, 0.4
"""Shares of the time: until the last kill, and until what is taken counts."""
EVERY_S = 3.0
MOST_FAILURES = 5
TERMINALS = {"hall": "A-017", "gate": "G-02"}
MEND = (
    *("network up", "plug scanner", "plug camera", "plug printer", "close cover", "refill", "printer talk"),
    *("show nothing", "plug thermal", "plug relay", "relay hears", "plug gate camera", "plug gate scanner"),
    "leave gate",
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.hour", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="hour-") as folder:
        wrong = Hour(Path(folder), options.minutes * 60, random.Random(options.seed)).run()
    for line in wrong:
        print(f"WRONG  {line}")
    print("everybody was served, nothing lost, nothing doubled" if not wrong else f"{len(wrong)} things are wrong")
    return 1 if wrong else 0


class Calm(Visit):
    """A visit of which no pictures are kept, unless it fails."""

    def _shot(self, name: str = "") -> None:
        if name == "failed":
            super()._shot(name)


@dataclass
class Hour:
    """One run of so many `seconds`. `played`: how often each script happened."""

    folder: Path
    seconds: float
    dice: random.Random
    played: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ear = Ear(of_the_unit("WatchdogSec"), of_the_unit("TimeoutStartSec"))
        self.growth = Growth(warm_until=WARM * self.seconds)
        self.out = self.folder / "out"
        self._over = threading.Event()
        self._said = 0

    def run(self) -> list[str]:
        """What is wrong at the end."""
        self.stage = Stage(self.folder / "state", self.out, starting_at(MORNING).offset, IDLE_S)
        # as fast as the line takes it: a pause of this busy process would part a code in two
        self.stage.scanner = ScannerPeer(self.folder / "state" / "scanner", baud=0)
        try:
            with listening(self.folder, self.ear):
                self._opened()
                with self._watched():
                    self._people()
                self._closed()
        finally:
            self.stage.stop()
        return self.wrong + self.ear.wrong(time.monotonic()) + self._left() + self.growth.grown()

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _opened(self) -> None:
        self.stage.start()
        self.pokes, self.hand = Pokes(self.stage), Hand(self.stage.touch_socket)
        self.stage.terminal(window=False)
        self.hand.connect(FIRST_FRAME_SECONDS)
        self._began = time.monotonic()
        for script in sorted(SCRIPTS.glob("first-*")):
            self._visit(script)
        self._began = time.monotonic()

    def _people(self) -> None:
        """All scripts in any order, and again; who fails is counted, and the hall put in order behind them."""
        due: list[Path] = []
        while self._elapsed < self.seconds and len(self.wrong) < MOST_FAILURES:
            due = due or self._round()
            self._visit(due.pop())
            if self._elapsed // 60 > self._said:
                self._said = int(self._elapsed // 60)
                self._say()

    def _round(self) -> list[Path]:
        kinds = {path for path in SCRIPTS.glob("*.visit") if not path.name.startswith("first-")}
        storm = {path for path in kinds if path.name.startswith("storm-")}
        due = sorted(kinds if self._elapsed < STORM * self.seconds else kinds - storm)
        self.dice.shuffle(due)
        return due

    def _visit(self, script: Path) -> None:
        person = STUDENTS[sum(self.played.values()) % len(STUDENTS)]
        mine = self.folder / script.name
        mine.write_text(script.read_text("utf-8").replace("{student}", person), "utf-8")
        try:
            Calm(mine, self.stage, self.hand, self.pokes, self.out).play()
        except LeftOutError as why:
            print(f"       {script.name} left out: {why}", flush=True)
        except StageError as error:
            self.wrong.append(f"at {self._elapsed / 60:.1f} min: {error}")
            print(f"WRONG  {self.wrong[-1]}", flush=True)
            self._mend()
        self.played[script.stem] = self.played.get(script.stem, 0) + 1

    def _mend(self) -> None:
        """As if nothing had happened: cables in, nobody there."""
        for line in MEND:
            self.pokes.poke(line)
        with contextlib.suppress(StageError):
            self.hand.see("attract")

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch, name="samples", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY_S):
            here = {terminal.name: terminal.process.pid for terminal in self.stage.terminals()}
            assert self.stage.centre
            self.growth.note(self._elapsed, family(here, self.stage.centre.pid))
            for pid in here.values():
                self.ear.born(pid, time.monotonic())
            for pid in self.ear.lives.keys() - {*here.values()}:
                self.ear.gone(pid, time.monotonic())

    def _closed(self) -> None:
        """Everything delivered, every program ended as asked; then the books."""
        self._say()
        database = f"sqlite:///{self.stage.central_database}"
        for terminal in self.stage.terminals():
            journal = terminal.config_path.parent / "journal.db"
            with contextlib.suppress(StageError):
                wait_until(lambda found=journal: not waiting_rows(found), EMPTY_SECONDS, "an empty outbox")
            end(terminal.process)
            if terminal.process.returncode:
                self.wrong.append(f"the {terminal.name} ended with {terminal.process.returncode}")
            found = accounts.settled(journal, database, TERMINALS[terminal.name])
            self.wrong += [f"{terminal.name}: {said}" for said in found]

    def _left(self) -> list[str]:
        """What the programs wrote of themselves."""
        state = self.folder / "state"
        return accounts.logged(state, state / "gate", state / "central")

    def _say(self) -> None:
        now, visits = time.monotonic(), sum(self.played.values())
        words = sum(life.words for life in self.ear.ours)
        alive = f"{words} words to the watchdog, longest silence {self.ear.worst(now):.1f} s"
        print(f"{self._elapsed / 60:5.1f} min  {visits} visits  {alive}  peers {taken(os.getpid())}", flush=True)
        print(f"       {self.growth.last()}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TZ", "America/St_Johns")
    sys.exit(main())
