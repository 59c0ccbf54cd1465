"""A lane on its demonstration's stage for the bench: the crowd, how they walk up, and what became of each of them."""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from devices.face.still import Still
from devices.sim import faces, hall
from devices.sim.camera import encode
from kiosk.clock import starting_at
from kiosk.config import FaceConfig
from kiosk.demo.centre import waiting_rows
from kiosk.demo.gatepost import FACE_BOX, SKIN_C
from kiosk.demo.hand import Hand
from kiosk.demo.play import MORNING
from kiosk.demo.pokes import Pokes
from kiosk.demo.stage import Stage
from kiosk.demo.waiting import wait_until
from kiosk.domain.people import Role
from sync.central import demodata
from sync.central.people import Member

CROWD = 40
"""So many have one of the two real faces; everybody else has a made-up one."""
TURNS, MOMENTS, TEMPLATES = (-0.3, 0.0, 0.3), (0, 11, 22, 33), 3
BLUR = 7.0
FEVER_C = 37.2
"""Of the skin; the calibrated site adds 1.2."""
START_S, DECISION_S, OUTBOX_S = 90.0, 8.0, 60.0
LOOK_S = 0.004
STEPS, PACE = 6, 0.1
"""Pictures of walking up, and shares of the picture's width from one to the next: 1.2 m/s at 60 cm."""


@dataclass(frozen=True, slots=True)
class People:
    """Numbers by real face, and those whose face is made up; `ids` of them all."""

    real: dict[str, tuple[str, ...]]
    others: tuple[str, ...]
    ids: dict[str, str]


@dataclass(slots=True)
class Walker:
    """Somebody who comes to the lane. `number`: whose code it is, "" = `text` is none. Times: monotonic seconds."""

    face: str
    number: str
    passes: bool
    celsius: float = SKIN_C
    text: str = ""
    shown: float = 0.0
    over: float = 0.0
    opened: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the centre has it; `mono`: when its record was asked for."""

    key: str
    mono: float
    person: str
    outcome: str
    body: dict[str, Any]


class Pictures:
    """What the camera sees of the two, as JPEG: somebody out of focus, sharp, and one who comes as another goes."""

    def __init__(self) -> None:
        sharp = {name: list(faces.loop(name)) for name in faces.PEOPLE}
        self.sharp = {name: [encode(frame) for frame in loop] for name, loop in sharp.items()}
        self.blurred = {name: encode(_blurred(loop[0])) for name, loop in sharp.items()}
        pairs = itertools.product(("", *faces.PEOPLE), faces.PEOPLE)
        self.change = {pair: [encode(frame) for frame in _change(*pair)] for pair in pairs}

    def next_one(self, before: str, name: str) -> Iterator[bytes]:
        """`before`, if anybody, walks out of the picture, with `name` behind them."""
        return itertools.chain(self.change[before, name], itertools.cycle(self.sharp[name]))


class Lane:
    """The gate's terminal as a process of its own, with its peers; and the centre's word on what it decided."""

    def __init__(self, stage: Stage, people: People) -> None:
        self.stage, self.people, self.pictures = stage, people, Pictures()
        self.post, self._pokes = stage.gate(), Pokes(stage)

    def code_of(self, number: str) -> str:
        """What the phone got from the centre."""
        return self._pokes.code_of(number)

    def opened(self, before: int, until: float) -> float | None:
        """When the relay closed for the first time after so many openings; None = not until then."""
        while len(openings := self.post.relay.opened) <= before:
            if time.monotonic() > until:
                return None
            time.sleep(LOOK_S)
        return openings[before].at

    def openings(self) -> list[float]:
        """When the relay closed, every time."""
        return [opening.at for opening in self.post.relay.opened]

    def decided(self, after: float) -> list[Decided]:
        """Every decision that reached the centre and was made after this moment, oldest first."""
        query = (
            "select key, mono, body from event where terminal = ? and kind = 'gate.decided' and mono > ? order by seq"
        )
        with closing(sqlite3.connect(f"file:{self.stage.central_database}?mode=ro", uri=True, timeout=5)) as db:
            rows = [(key, mono, json.loads(body)) for key, mono, body in db.execute(query, (self.post.terminal, after))]
        return [Decided(key, mono, body["person"], body["outcome"], body) for key, mono, body in rows]

    def delivered(self) -> None:
        """Wait until the centre has everything."""
        journal = self.post.state / "journal.db"
        wait_until(lambda: not waiting_rows(journal), OUTBOX_S, "an empty outbox of the gate")

    def nobody(self, seconds: float) -> None:
        """The lane stays empty for a while."""
        self.post.leave()
        time.sleep(seconds)

    def stands(self, jpegs: Iterator[bytes], celsius: float = SKIN_C) -> None:
        """Somebody before both cameras."""
        self.post.camera.show_jpegs(jpegs)
        self.post.thermal.person(FACE_BOX, celsius)

    def walks_up(self, walker: Walker, before: str) -> None:
        """As the one before goes; returns when they stand there."""
        began, (left, top, width, height) = time.monotonic(), FACE_BOX
        self.post.camera.show_jpegs(self.pictures.next_one(before, walker.face))
        for step in range(1, STEPS + 1):
            self.post.thermal.person((left - PACE * (STEPS - step), top, width, height), walker.celsius)
            time.sleep(max(0.0, began + step / self.post.camera.fps - time.monotonic()))


@contextmanager
def lane(folder: Path) -> Iterator[Lane]:
    """The stage with everything on it, once the terminal knows all faces; taken down at the end."""
    shown = folder / "faces.json"
    people = _people(shown, folder)
    stage = Stage(folder / "demo", folder / "out", starting_at(MORNING).offset, faces=shown)
    try:
        stage.start()
        made = Lane(stage, _with_templates(people, stage.central_database))
        hand = Hand(made.post.touch_socket)
        hand.connect(START_S)
        hand.close()
        log = made.post.state / "log" / "gate.jsonl"
        wait_until(lambda: _known(log) >= CROWD, START_S, "the faces at the gate")
        yield made
    finally:
        stage.stop()


def crowd(people: People, count: int, strangers: float, fevers: float, seed: int = 7) -> list[Walker]:
    """In a random order, always the same: exactly these shares, the rest well and who they say they are."""
    draw = random.Random(seed)
    numbers = {name: itertools.cycle(draw.sample(group, len(group))) for name, group in people.real.items()}
    others = itertools.cycle(draw.sample(people.others, len(people.others)))
    walkers = []
    for n in range(count):
        face, other = faces.PEOPLE[n % 2], faces.PEOPLE[1 - n % 2]
        if n < round(count * strangers):
            kind = n % 3
            number = next(numbers[other]) if kind == 0 else next(others) if kind == 1 else ""
            walkers.append(Walker(face, number, passes=False, text="" if number else f"GATE-{draw.randrange(10**9)}"))
        elif n < round(count * strangers) + round(count * fevers):
            walkers.append(Walker(face, next(numbers[face]), passes=False, celsius=FEVER_C))
        else:
            walkers.append(Walker(face, next(numbers[face]), passes=True))
    draw.shuffle(walkers)
    return walkers


def _people(shown: Path, cache: Path) -> People:
    """Chooses them and writes the real ones' templates for the centre."""
    members = demodata.everybody(MORNING.date())
    able = [member for member in members if _may_come(member, MORNING.date())]
    groups = {name: tuple(m.number for m in able[n:CROWD:2]) for n, name in enumerate(faces.PEOPLE)}
    entries = []
    still, draw = Still(FaceConfig(enabled=True), cache / "models"), random.Random(5)
    for name, numbers in groups.items():
        vectors = _templates(still, name)
        for number in numbers:
            chosen = [vectors[n].tolist() for n in draw.sample(range(len(vectors)), TEMPLATES)]
            entries.append({"number": number, "model": still.card.name, "vectors": chosen})
    shown.write_text(json.dumps(entries), "utf-8")
    return People(groups, tuple(m.number for m in able[CROWD:]), {m.number: m.id for m in members})


def _may_come(member: Member, today: date) -> bool:
    """Nothing but face, code and temperature decides about them."""
    plan = demodata.lists()["gate"]
    if member.number in (plan["revoked"], plan["unwell"], *plan["undeclared"], *plan["faceless"]):
        return False
    if member.role is not Role.STUDENT:
        return True
    now = [
        each["name"] for each in plan["batch"] if each["begins"] <= MORNING.hour + MORNING.minute / 60 < each["ends"]
    ]
    return member.private["batch"] in now and str(member.known["graduates"]) > today.isoformat()


def _with_templates(people: People, database: Path) -> People:
    """Who has no face on record is let in by the code alone, whoever carries it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        known = {row[0] for row in db.execute("select person from template")}
    return People(people.real, tuple(n for n in people.others if people.ids[n] in known), people.ids)


def _templates(still: Still, name: str) -> Sequence[Any]:
    found = [still(faces.person_frame(name, moment, turn=turn)) for turn in TURNS for moment in MOMENTS]
    return [vector for vector in found if vector is not None]


def _known(log: Path) -> int:
    """How many people the terminal can recognise by its log."""
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if '"gallery_loaded"' in line]
    return max((int(line["count"]) for line in lines), default=0)


def _change(before: str, name: str) -> Iterator[Any]:
    """They follow each other half a metre apart."""
    for step in range(1, STEPS + 1):
        frame = faces.add_person(hall.background(), name, 0, x=0.5 - PACE * (STEPS - step))
        yield faces.add_person(frame, before, 0, x=0.5 + PACE * step) if before else frame


def _blurred(frame: Any) -> Any:
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), BLUR), np.uint8)
