"""People before a terminal in fast time: what each comes for, touch by touch; the books of what they handed in."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.domain.people import DEMO_PINS, Person, Role
from kiosk.flows.core import Intent
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link, Screen
from sync.central import codes
from sync.central.centre import Centre
from sync.wire import CodeAnswer, CodeAsk
from tests.faults.quickly import Quick

STUDENTS = tuple(f"202300{n:02d}" for n in range(5, 60))
TECHNICIAN = "T2019004"
PIN, STAFF_PIN = DEMO_PINS[Role.STUDENT], DEMO_PINS[Role.STAFF]
CODE_S = 30.0
TOUCH_S = (0.5, 4.0)
"""Between two touches of one person."""


@dataclass
class Guests:
    """`hall()`: the terminal as it is now. `handed_in`: keys of requests of which somebody was told that they are in.

    `left`: what was wrong on the way, in words.
    """

    hall: Callable[[], Quick]
    centre: Centre
    dice: random.Random
    handed_in: list[str] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)

    def comes(self, online: bool) -> None:
        """Somebody; what for depends on whether the centre can be reached."""
        kinds = [self.certificate if online else self.prepares, self.checks_in, self.walks_away, self.wrong_pin]
        kinds += [self.looks_around, self.shows_it_twice]
        twice = 0 if abs(self.hall().wheel.skew) > CODE_S else 1
        act = self.dice.choices(kinds, (4, 4, 2, 1, 2, twice))[0]
        self._visit(act)

    def _visit(self, act: Callable[[str], None]) -> None:
        self.visits[act.__name__] += 1
        act(self.dice.choice(STUDENTS))
        self._is("attract")

    # --- what they come for

    def certificate(self, number: str) -> None:
        """With the centre's seal, rated or not."""
        self._enter(number)
        self._press("open_item enrolment", "start", "next", "set purpose=loan", "next")
        self._is("review")
        self._submit()
        if self.dice.random() < 0.5:
            self._press("stars 4", "finish")
        self._leaves()

    def prepares(self, number: str) -> None:
        """The same, to be ready the next time: the centre cannot be reached."""
        self._enter(number)
        self._press("open_item enrolment", "prepare", "next", "set purpose=ticket", "next")
        self._is("review")
        self._submit()
        self._leaves()

    def checks_in(self, number: str) -> None:
        self._enter(number)
        self._press("open_item health_check_in", "start", "next", "edit temperature")
        self._press(*(f"pad_key {key}" for key in "36.5"), "pad_commit")
        self._press("set symptoms=none", "set stays_at=campus", "next")
        self._is("review")
        self._submit()
        self._press("out")

    def walks_away(self, number: str) -> None:
        """In the middle of a form: asked whether they are there, then gone with all they had typed."""
        person, began = self._enter(number), self._now
        self._press("open_item leave", "start", "next", "set type=sick")
        timing = self.hall().terminal.config.timing
        self._is("attract", timing.idle + timing.still + 2)
        if self._now - began < timing.idle:
            self.left.append("somebody was sent away before their time was over")
        self._gone(person)

    def wrong_pin(self, number: str) -> None:
        self._press("open_pin", *(f"digit {digit}" for digit in number), "confirm")
        self._press(*(f"digit {digit}" for digit in "000000"), "confirm")
        self._is("attract", 120.0)

    def looks_around(self, number: str) -> None:
        person = self._enter(number)
        self._press("open_requests", "back", "out")
        self._gone(person)

    def shows_it_twice(self, number: str) -> None:
        """A code opens once."""
        code = self._code(number, PIN)
        self._shows(code)
        self._inside()
        self._press("out")
        self._is("attract")
        self._shows(code)
        self.hall().settle()
        if self._screen is not Screen.ATTRACT:
            self.left.append("a code opened twice")

    def technician(self) -> None:
        """Looks at the queue and forgets to sign out."""
        self.visits["technician"] += 1
        self._press("technician", *(f"digit {digit}" for digit in TECHNICIAN), "confirm")
        self._press(*(f"digit {digit}" for digit in STAFF_PIN), "confirm")
        self.hall().settle()
        self._shows(self._code(TECHNICIAN, STAFF_PIN))
        self._until(lambda: (there := self.hall().state.technician) and there.inside, "the technician's pages")
        self._press("tech_page queue")
        self._is("attract", self.hall().terminal.config.timing.technician + 30)

    # --- how they do it

    def _enter(self, number: str) -> Person:
        """By code; by a clock that is wrong by hours no code is in its time, and the PIN is left."""
        if abs(self.hall().wheel.skew) > CODE_S:
            self._press("open_pin", *(f"digit {digit}" for digit in number), "confirm")
            self._press(*(f"digit {digit}" for digit in PIN), "confirm")
        else:
            self._shows(self._code(number, PIN))
        return self._inside()

    def _inside(self) -> Person:
        """At home; where the clock is doubted the PIN is asked for as well."""
        self._until(lambda: self._screen in (Screen.HOME, Screen.FACTOR), "somebody let in")
        if self._screen is Screen.FACTOR:
            self._press(*(f"digit {digit}" for digit in PIN), "confirm")
            self._is("home")
        person: Person = self.hall().state.visit.person
        return person

    def _code(self, number: str, pin: str) -> str:
        shown = codes.code_for(self.centre, CodeAsk(number=number, pin=pin))
        assert isinstance(shown, CodeAnswer), shown
        return shown.code

    def _shows(self, code: str) -> None:
        hall = self.hall()
        hall.terminal.runner.post(ev.CodeRead(code, hall.terminal.clock.now()))
        hall.settle()

    def _submit(self) -> None:
        """Until it is said to be done; or the paper ran out, and the reprint is."""
        self._press("submit")
        self._until(lambda: self._screen in (Screen.DONE, Screen.TROUBLE), "an end of the submission", 60.0)
        job = self.hall().state.job
        self.handed_in.append(job.key)
        if self._screen is Screen.TROUBLE:
            self.visits["trouble"] += 1
            self._press("reprint")
            self._until(lambda: self._screen is Screen.DONE, "the reprint")

    def _leaves(self) -> None:
        """Without a word."""
        if self._screen is not Screen.ATTRACT:
            person = self.hall().state.visit.person
            self._is("attract", 120.0)
            self._gone(person)

    def _press(self, *touches: str) -> None:
        for touch in touches:
            hall = self.hall()
            hall.wheel.turn_to(hall.wheel.mono + self.dice.uniform(*TOUCH_S))
            hall.settle()
            name, _, payload = touch.partition(" ")
            hall.terminal.runner.post(Intent(name, payload, hall.terminal.clock.now(), uuid.uuid4().hex))
            hall.settle()

    def _gone(self, person: Person) -> None:
        """Nothing of them is in the session, in what is shown, or waits on a timer."""
        hall = self.hall()
        hall.settle()
        there = repr(hall.state)
        secrets = (person.id, person.number, person.name, *(v for v in person.known.values() if len(v) > 3))
        if any(secret in there for secret in secrets) or hall.glass.pictures:
            self.left.append(f"something of somebody stays in the session: {sorted(hall.glass.pictures)}")

    @property
    def online(self) -> bool:
        return bool(self.hall().state.station.link is Link.ONLINE)

    @property
    def _now(self) -> float:
        return self.hall().wheel.mono

    @property
    def _screen(self) -> Screen:
        screen: Screen = self.hall().state.screen
        return screen

    def _is(self, screen: str, within: float = 30.0) -> None:
        self._until(lambda: self._screen == screen, f"the screen {screen}", within)

    def _until(self, true: Callable[[], object], what: str, within: float = 30.0) -> None:
        self.hall().until(true, what, within)
