"""A printer, the process that prints, and somebody who wants a paper: what the tray says is held against the journal.

`visit(seed)` lets one person get one paper, with bad luck out of nothing but the seed, and says what is wrong then.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from printers.sim.condition import LATER
from printers.sim.escpos_printer import EscposPrinter
from sync import listing
from sync.vault import Vault
from tests.faults.nursery import Starter
from tests.faults.printing import ISSUED, paper
from tests.faults.register import Register
from tests.waiting import until

BYTES = len(paper("S-0000"))
SPEED = 120_000.0
"""Bytes a second at which it prints: a page takes a moment, so that there is a middle of it."""
START_S = 15.0
LONGEST_S, TAP_S, SILENT_S, WATCH_S = 25.0, 0.4, 2.5, 0.25
READY = ("idle", "busy", "paper_low")
AWAY = ("disconnected", "error")
STROKES = 2
"""How often bad luck strikes in one visit, at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was wrong, and how often the process was killed, somebody was asked, or a page known to be spoiled."""

    wrong: list[str]
    kills: int
    questions: int
    spoiled: int


class Hall:
    """`plants`: faults planted into the process that prints. `speed`: of the printer, in bytes a second."""

    def __init__(self, folder: Path, starter: Starter, plants: Sequence[str] = (), speed: float = SPEED) -> None:
        self._state, self._starter, self._plants = folder / "state", starter, plants
        self._state.mkdir(parents=True)
        self._vault = Vault.open(self._state)
        self.printer = EscposPrinter(folder / "tray", bytes_per_s=speed)
        self._address = f"tcp://127.0.0.1:{self.printer.start_tcp()}"
        self._register = Register(self._state / ISSUED)
        self._denied: set[str] = set()
        self.kills = self.questions = self.spoiled = 0
        self._start()

    def close(self) -> None:
        self._child.kill()
        self.printer.stop()

    def _start(self) -> None:
        arguments = ["--folder", str(self._state), "--address", self._address]
        self._child = self._starter.start("printing", arguments, self._plants)
        self._read = 0
        self._eventually(lambda: self._last("status") != "", START_S)

    # --- one visit ----------------------------------------------------------------------------------------

    def visit(self, seed: int) -> list[str]:
        """What is wrong once the person has the paper; empty when nothing is."""
        dice, request, wrong = random.Random(seed), f"request-{seed:04}", list[str]()
        self._strokes = dice.randint(1, STROKES)
        if dice.random() < 0.15:
            self.printer.poke(dice.choice(("silent", "mute")))
            wrong += self._silence()
            self._mend()
        self._strike(dice)
        deadline, touch = time.monotonic() + LONGEST_S, f"collect {request}"
        while time.monotonic() < deadline:
            self._touch(touch)
            screen = self._next_screen(request)
            if screen is None:
                touch = self._another_life(request)
                continue
            match screen:
                case {"screen": "done"}:
                    return wrong + self._laws(request)
                case {"trouble": "unknown", "serial": str(serial)}:
                    wrong += self._silence()
                    touch = self._answer(serial)
                    self._mend()
                    self._strike(dice)
                case {"trouble": "spoiled" | "not_printed"}:
                    self.spoiled += touch != "reprint"
                    self._mend()
                    self._strike(dice)
                    touch = "reprint"
                case {"message": str(message)} if message:
                    self._mend_what_is_broken()
                    touch = f"collect {request}"
        return [*wrong, f"{request}: no paper after {LONGEST_S:.0f} s, {list(self._child.lines)[-3:]}"]

    def _touch(self, touch: str) -> None:
        """A person taps again where nothing happened; a tap on a printer that is not ready changes nothing."""
        name, _, request = touch.partition(" ")
        if name == "collect":
            self._eventually(lambda: self._last("status") in READY)
            self._child.order(op="collect", request=request)
        elif name:
            self._eventually(lambda: touch != "reprint" or self._last("status") in READY)
            self._child.order(op="press", touch=touch)

    def _next_screen(self, request: str) -> dict[str, str] | None:
        """What is shown for somebody to act on, once that is new; {} when nothing came, None when the process died."""
        found: list[dict[str, str]] = []

        def come() -> bool:
            lines = list(self._child.lines)
            new, self._read = lines[self._read :], len(lines)
            found.extend(each for each in map(json.loads, new) if _wants_a_touch(each, request))
            return bool(found)

        while not self._eventually(come) and self._last("screen") == "working" and self._child.alive:
            continue
        if not self._child.alive:
            return None
        return found[-1] if found else {}

    def _another_life(self, request: str) -> str:
        self._child.kill()
        self.kills += 1
        self._mend()
        self._start()
        return f"collect {request}"

    def _answer(self, serial: str) -> str:
        """Did it come out? Somebody looks, once nothing moves any more."""
        self.questions += 1
        self.printer.wait_for(lambda peer: peer.at_rest, 2.0)
        if self._whole(serial):
            return "came_out"
        self._denied.add(serial)
        return "not_out"

    def _silence(self) -> list[str]:
        """A printer that says nothing is told as away, and stays so for as long as it says nothing."""
        if not self.printer.condition.mute or not self.printer.plugged:
            return []
        if not self._eventually(lambda: self._last("status") in AWAY, SILENT_S):
            return ["silence reads as healthy"]
        well = self._eventually(lambda: self._last("status") in READY, WATCH_S)
        return ["silence reads as healthy"] if well else []

    def _last(self, name: str) -> str:
        said = (json.loads(line) for line in reversed(list(self._child.lines)))
        return next((each[name] for each in said if name in each), "")

    def _eventually(self, true: Callable[[], bool], seconds: float = TAP_S) -> bool:
        try:
            until(lambda: true() or not self._child.alive, seconds=seconds)
        except AssertionError:
            return False
        return self._child.alive

    # --- bad luck -----------------------------------------------------------------------------------------

    def _strike(self, dice: random.Random) -> None:
        """One thing or two that happen at a random byte: to the printer by those it prints, to us by those it gets."""
        if self._strokes <= 0:
            return
        self._strokes -= 1
        chance = dice.random()
        if chance < 0.6:
            self.printer.poke(f"{dice.choice(LATER)}_after", dice.randint(1, BYTES + 10))
        if chance > 0.4:
            self._kill_later(dice)

    def _kill_later(self, dice: random.Random) -> None:
        """At a byte that arrives, or at an answer to GS r: before it goes out, or a moment after."""
        begun, at, pid = len(self.printer.raw), dice.randint(1, BYTES + 60), self._child.pid
        nth, delay = dice.choice((0, 0, 1, 2, 2)), dice.choice((0.0, 0.002, 0.01, 0.03))
        answers = 0

        def kill() -> None:
            self.printer.heard, self.printer.said = _nothing, _nothing
            if self._child.pid == pid and self._child.alive:
                os.kill(pid, signal.SIGKILL)

        def heard(count: int) -> None:
            if count >= begun + at:
                kill()

        def said(data: bytes) -> None:
            nonlocal answers
            answers += len(data) == 1 and not data[0] & 0x90
            if answers == nth:
                self.printer.said = _nothing
                threading.Timer(delay, kill).start() if delay else kill()

        if nth:
            self.printer.said = said
        else:
            self.printer.heard = heard

    def _mend(self) -> None:
        """The technician: paper in, cover closed, plugged in, switched on."""
        self.printer.heard, self.printer.said = _nothing, _nothing
        with self.printer.changed:
            self.printer.condition.later.clear()
        paper = ("refill",) if self.printer.condition.out else ()
        for poke in (*paper, "power_on", "talk", "cover_closed"):
            self.printer.poke(poke)

    def _mend_what_is_broken(self) -> None:
        now = self.printer.condition
        if not now.works or now.mute or not now.plugged:
            self._mend()

    # --- the truth ----------------------------------------------------------------------------------------

    def _whole(self, serial: str) -> int:
        """How many whole sheets of this serial fell."""
        return sum(
            f"BEGIN {serial}\n" in sheet.text and f"END {serial}\n" in sheet.text for sheet in self.printer.tray.sheets
        )

    def _laws(self, request: str) -> list[str]:
        self.printer.wait_for(lambda peer: peer.at_rest, 2.0)
        if not self._eventually(lambda: self._settled(request), START_S):
            # killed between "done" and its record: the next life knows
            self._another_life(request)
        until(lambda: self._settled(request), f"the journal knows of {request}")
        rows = listing.rows(self._state / "journal.db", self._vault)
        words = {row.key.rpartition(":")[::2]: row for row in rows if row.kind.startswith("document.")}
        issues = [one for one in self._register.issues() if one.request == request]
        printed = [one for one in issues if (one.key, "printed") in words]
        void = [one for one in issues if one is not issues[-1] or (one.key, "voided") in words]
        counting = {one.serial: self._whole(one.serial) for one in issues if one not in void}
        lost = [one.serial for one in void if self._whole(one.serial) and one.serial not in self._denied]
        wrong = [f"called printed, and nothing there: {one.serial}" for one in printed if not self._whole(one.serial)]
        wrong += [f"out and void, and nobody was asked: {serial}" for serial in lost]
        if sum(counting.values()) != 1 or len(printed) != 1:
            wrong.append(f"papers that count: {counting}, called printed: {[one.serial for one in printed]}")
        return wrong + self._sheets()

    def _sheets(self) -> list[str]:
        """What no sheet may be, whosever it is."""
        texts = [sheet.text for sheet in self.printer.tray.sheets]
        begun = Counter(serial for text in texts for serial in _BEGIN.findall(text))
        wrong = [f"printed again by itself: {serial}" for serial, count in begun.items() if count > 1]
        return wrong + ["two jobs on one sheet" for text in texts if len(set(_SERIAL.findall(text))) > 1]

    def _settled(self, request: str) -> bool:
        rows = listing.rows(self._state / "journal.db", self._vault)
        return any(row.stream == request and row.kind == "document.printed" for row in rows)


def run(
    folder: Path,
    starter: Starter,
    seeds: Iterable[int],
    plants: Sequence[str] = (),
    until: str = "",
    speed: float = SPEED,
) -> Outcome:
    """A visit for each seed in one hall; no more of them once `until` is found wrong."""
    hall, wrong = Hall(folder, starter, plants, speed), list[str]()
    try:
        for seed in seeds:
            wrong += [f"seed {seed}: {each}" for each in hall.visit(seed)]
            if until and any(until in each for each in wrong):
                break
    finally:
        hall.close()
    return Outcome(wrong, hall.kills, hall.questions, hall.spoiled)


def soak(folder: Path, starter: Starter, seeds: Sequence[int]) -> list[str]:
    """The long form: what is wrong, and a line that says what was done."""
    found = run(folder, starter, seeds)
    told = f"kills {found.kills}  questions {found.questions}  spoiled {found.spoiled}"
    print(f"{len(seeds)} papers  {told}", flush=True)
    return found.wrong


_SERIAL, _BEGIN = re.compile(r"S-\d{4}"), re.compile(r"BEGIN (S-\d{4})")


def _wants_a_touch(line: dict[str, str], request: str) -> bool:
    screen = line.get("screen", "")
    if line.get("request") != request:
        return False
    return screen == "done" or (screen == "trouble" and line["trouble"] != "") or line.get("message", "") != ""


def _nothing(_: object) -> None:
    return
