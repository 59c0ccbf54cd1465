"""`python -m kiosk enrol`: a face put on record from photographs, with the consent on paper; or withdrawn."""

from __future__ import annotations

import argparse
import queue
import sqlite3
import sys
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from devices.face.cards import Card, ModelError
from devices.face.photograph import Photograph, Photographs, strangers
from kiosk import config as configs
from kiosk.app.faces import alike
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain import consent as consents
from kiosk.domain.faces import Quality
from kiosk.domain.matching import Gallery
from kiosk.domain.people import mask_name
from kiosk.domain.portraits import Pose, turned_well
from sync import cache
from sync.faces import Consent, FaceStore
from sync.gatedesk import GateDesk
from sync.journal import Committed, Journal, Refused
from sync.store import reader
from sync.vault import Vault
from sync.wire import PersonRow

CACHE = "models"
"""Below the state folder: the converted network."""
LONGEST_S = 60.0
DONE, NOT_DONE, MISUSED = 0, 1, 2
WRONG = {
    "unreadable": "is no picture that can be read",
    "no_face": "shows no face",
    "several": "shows more than one face",
    Quality.FAR: "shows the face too small",
    Quality.EDGE: "cuts the face off",
    Quality.TURNED: "shows the head turned too far",
    Quality.DARK: "is too dark",
    Quality.BRIGHT: "is too bright",
    Quality.BLURRED: "is blurred",
}


class Reader(Protocol):
    """What looks at the photographs."""

    @property
    def card(self) -> Card: ...
    def read(self, path: Path) -> Any: ...


class NotDoneError(Exception):
    """Why nothing was recorded."""


class Tool:
    """One run over a terminal's state folder; the terminal may be running meanwhile. Close it afterwards."""

    def __init__(self, config: Config) -> None:
        self._config, self._clock = config, Clock(config.demo.clock_offset)
        state = config.paths.state
        self._vault, self._cache = Vault.open(state), state / "cache.db"
        boot = uuid.uuid4().hex
        self._journal = Journal(
            state / "journal.db", self._vault, self._clock, config.terminal.id, boot, lambda fault: None
        )
        self._store = FaceStore(self._journal, self._cache, self._vault, self._clock, lambda person: None)
        self._desk = GateDesk(self._cache, state / "journal.db", self._vault, self._clock, config)
        self._journal.start()
        self._desk.start()

    def close(self) -> None:
        self._desk.stop()
        self._journal.stop()

    def person(self, number: str) -> tuple[str, str]:
        """Id and name of whose number it is. Raises NotDoneError."""
        try:
            with closing(reader(self._cache)) as db:
                owner = self._vault.tag("number", number)
                found = next(cache.rows_by_id(db, self._vault, "persons", PersonRow, owner), None)
        except sqlite3.Error as error:
            raise NotDoneError(f"this terminal has no data of people yet ({error})") from error
        if found is None:
            raise NotDoneError(f"this terminal knows nobody with the number {number}")
        return found[0], found[1].name

    def enrol(self, person: str, version: str, photographs: Sequence[Photograph], card: Card) -> None:
        """Compare with everybody, then commit. Raises NotDoneError."""
        vectors = np.stack([photograph.template for photograph in photographs])
        ids, known = _answer(lambda done: self._desk.gallery(card.name, lambda *found: done(found)))
        if ids is None:
            raise NotDoneError("the faces on record cannot be read to compare with: see the terminal's log")
        if alike(Gallery(ids, known, card.name), vectors, person, card.limits):
            raise NotDoneError("this face stands on record under another name: verify who it is")
        agreed = Consent(version, self._clock.now())
        poses = tuple(_pose(photograph.turn) for photograph in photographs)
        key = uuid.uuid4().hex
        self._committed(lambda done: self._store.enrol(person, card.name, agreed, vectors, key, done, poses))

    def withdraw(self, person: str) -> None:
        """Raises NotDoneError."""
        if _answer(lambda done: self._store.status(person, done)) is None:
            raise NotDoneError("no face of this person is on record here")
        self._committed(lambda done: self._store.withdraw(person, uuid.uuid4().hex, done))

    def _committed(self, ask: Callable[[Callable[[Committed | Refused], None]], None]) -> None:
        answer = _answer(ask)
        if isinstance(answer, Refused):
            raise NotDoneError(f"the journal refused it: {answer.fault.detail}")


def run(options: argparse.Namespace, opener: Callable[[Config], Reader] | None = None) -> int:
    """Enrol or withdraw; the exit code: 0 recorded, 1 not recorded and why, 2 asked for wrongly."""
    config = configs.load(options.config)
    wrong = _misused(options)
    if wrong:
        print(wrong, file=sys.stderr)
        return MISUSED
    try:
        with closing(Tool(config)) as tool:
            person, name = tool.person(options.number)
            if options.withdraw:
                return _withdrawn(tool, person, name)
            return _enrolled(tool, person, name, options, (opener or _open)(config))
    except (NotDoneError, ModelError) as error:
        print(f"nothing recorded: {error}", file=sys.stderr)
        return NOT_DONE


def _enrolled(tool: Tool, person: str, name: str, options: argparse.Namespace, reader: Reader) -> int:
    tool.enrol(person, options.consent, _photographs(options.photographs, reader), reader.card)
    print(f"enrolled: {mask_name(name)}, consent {options.consent}, model {reader.card.name}")
    print("It counts here from now on, at other terminals once this one is online. No photograph was kept.")
    return DONE


def _withdrawn(tool: Tool, person: str, name: str) -> int:
    tool.withdraw(person)
    print(f"withdrawn: {mask_name(name)}")
    print("Deleted in the journal here; at the centre and on all other terminals once this one is online.")
    return DONE


def _misused(options: argparse.Namespace) -> str:
    if options.withdraw:
        return "withdrawing takes no photographs and no consent" if options.photographs or options.consent else ""
    if not options.consent:
        return "enrolling takes --consent VERSION: of the text that the person signed on paper"
    if not consents.current(options.consent):
        return f"--consent {options.consent}: the text in force is {consents.CURRENT}; have that one signed"
    if len(options.photographs) != consents.PHOTOGRAPHS:
        return f"enrolling takes {consents.PHOTOGRAPHS} photographs: straight, slightly left, slightly right"
    return ""


def _photographs(paths: Sequence[Path], reader: Reader) -> list[Photograph]:
    """Every one good, all of one person, and the head turned: three prints of one photograph are one photograph."""
    found = []
    for path in paths:
        one = reader.read(path)
        if not isinstance(one, Photograph):
            raise NotDoneError(f"{path.name} {WRONG[one]}")
        found.append(one)
    if pair := strangers(found, reader.card):
        first, second = (paths[place].name for place in pair)
        raise NotDoneError(f"{first} and {second} may not show the same person")
    if {_pose(one.turn) for one in found} != set(Pose):
        turns = ", ".join(f"{path.name} {_pose(one.turn)}" for path, one in zip(paths, found, strict=True))
        raise NotDoneError(f"needed: straight, slightly left, slightly right; there are {turns}")
    return found


def _pose(turn: float) -> str:
    """What the head of a photograph does; "unclear" between two poses."""
    return next((pose.value for pose in Pose if turned_well(pose, turn)), "unclear")


def _answer(ask: Callable[[Callable[[Any], None]], None]) -> Any:
    """What `done` is called with, on whatever thread."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    ask(answers.put)
    try:
        return answers.get(timeout=LONGEST_S)
    except queue.Empty:
        raise NotDoneError("the terminal's files do not answer") from None


def _open(config: Config) -> Reader:
    return Photographs(config.face, config.paths.state / CACHE)
