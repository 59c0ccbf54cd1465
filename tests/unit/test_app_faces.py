"""Handlers for faces: late answers belong to nobody, photographs go with whoever leaves, doubles are found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from kiosk.app.face_parts import Vectors
from kiosk.app.faces import POSE_WORDS, Faces
from kiosk.app.gallery import GalleryKeeper, heard
from kiosk.domain.faults import Code, Fault
from kiosk.domain.matching import Doubt, Limits, Match
from kiosk.domain.people import Factor
from kiosk.flows.core import Effect, Event
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.state import FaceRecord
from sync.desk import Admitted, NotAdmitted, Reason
from sync.faces import Consent, Enrolment
from sync.journal import Committed, Refused
from tests.unit.walkup_faces_kit import sight
from tests.unit.walkup_kit import NOW, STRANGER, STUDENT

MODEL = "some-model"
FULL = Fault(Code.JOURNAL_REFUSED, "journal", "disk full")


def vector(seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=128).astype(np.float32)
    return drawn / np.float32(np.linalg.norm(drawn))


@dataclass(frozen=True)
class Photograph:
    template: Vectors
    track: int = 7
    turn: float = 0.0
    model: str = MODEL


@dataclass
class Recogniser:
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def verify(self, look: int, person: str, seconds: float) -> None:
        self.asked.append(("verify", look, person))

    def identify(self, look: int, among: frozenset[str] | None, seconds: float) -> None:
        self.asked.append(("identify", look, among))

    def portrait(self, look: int, seconds: float) -> None:
        self.asked.append(("portrait", look))

    def drop(self, look: int) -> None:
        self.asked.append(("drop", look))


@dataclass
class Store:
    """Commits at once, or refuses."""

    refuses: bool = False
    enrolled: list[tuple[Any, ...]] = field(default_factory=list)

    def enrol(
        self, person: str, model: str, consent: Consent, vectors: Vectors, key: str, done: Any, poses: Any = ()
    ) -> None:
        if not np.isfinite(vectors).all():
            raise ValueError("not finite")
        self.enrolled.append((person, model, consent, vectors.shape, poses))
        done(Refused(key, FULL) if self.refuses else Committed(key, 1, "", existed=False))

    def withdraw(self, person: str, key: str, done: Any) -> None:
        done(Committed(key, 1, "", existed=False))

    def status(self, person: str, done: Any) -> None:
        done(Enrolment("2026-03", NOW, MODEL) if person == STUDENT.id else None)


@dataclass
class Known:
    """Answers when told to."""

    ids: tuple[str, ...] | None = ()
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))
    waiting: list[Any] = field(default_factory=list)

    def numbers_ending(self, tail: str, done: Any) -> None:
        self.waiting.append(lambda: done(frozenset({STUDENT.id} if tail == "0017" else ())))

    def gallery(self, model: str, done: Any) -> None:
        assert model == MODEL
        done(self.ids, self.vectors)


class Desk:
    def recognised(self, person_id: str, done: Any) -> None:
        known = {STUDENT.id: STUDENT}
        person = known.get(person_id)
        done(Admitted(person, Factor.FACE) if person else NotAdmitted(Reason.NO_DATA))


class Kit:
    """The handlers with stand-ins around them; `told` is what the flow would hear."""

    def __init__(self, known: Known | None = None, *, fitted: bool = True) -> None:
        self.told: list[Event] = []
        self.changes = 0
        self.recogniser, self.store, self.known = Recogniser(), Store(), known or Known()
        self.work = ThreadPoolExecutor(1)
        self.faces = Faces(
            self.recogniser if fitted else None,
            self.store,
            self.known,
            Desk(),
            Limits(),
            self.work,
            self.told.append,
            lambda: NOW,
            self._changed,
        )

    def _changed(self) -> None:
        self.changes += 1

    def photograph(self, ask: int, seed: int = 1, session: int = 3, **more: Any) -> None:
        self.faces.take(fe.TakePortrait(session, ask, 2.0))
        look = self.recogniser.asked[-1][1]
        self.faces.photographed(look, Photograph(vector(seed), **more))

    def three(self, **more: Any) -> None:
        for ask in (1, 2, 3):
            self.photograph(ask, **more)

    def check(self, session: int = 3) -> str | None:
        self.faces.check(fe.CheckFace(session, "k", STUDENT.id, (1, 2, 3)))
        self.work.shutdown(wait=True)
        answer = self.told[-1]
        assert isinstance(answer, fe.FaceChecked)
        return answer.like

    def enrol(self) -> Event:
        self.faces.enrol(fe.EnrolFace(3, "k", STUDENT.id, (1, 2, 3), "2026-03", "en", NOW, ("code", "pin")))
        return self.told[-1]


def test_faces_on_record_that_cannot_be_read_are_not_nobody() -> None:
    kit = Kit(Known(ids=None))
    kit.three()
    assert kit.check() is None


class Loads:
    """A recogniser that only takes galleries, and a desk that answers what it is told."""

    def __init__(self) -> None:
        self.loaded: list[tuple[str, ...]] = []
        self.ahead = 0
        self.ids: tuple[str, ...] | None = None

    def gallery(self, model: str, done: Any) -> None:
        done(self.ids, np.stack([vector(1)] * len(self.ids or ())) if self.ids else np.empty((0, 0), np.float32))

    def look_ahead(self) -> None:
        self.ahead += 1

    def load(self, gallery: Any) -> None:
        self.loaded.append(gallery.ids)


def test_a_gallery_that_cannot_be_read_stays_as_it_was_until_it_can() -> None:
    both: Any = Loads()
    keeper = GalleryKeeper(both, both, MODEL, lambda _: None)
    both.ids = (STUDENT.id,)
    keeper.reload()
    heard(keeper, {"ev": "link", "state": "online"})
    both.ids = None
    heard(keeper, {"ev": "feed", "name": "passes"})
    assert both.loaded == [(STUDENT.id,)]
    both.ids = ()
    heard(keeper, {"ev": "link", "state": "online"})
    assert both.loaded == [(STUDENT.id,), ()]


def test_templates_are_read_while_others_come() -> None:
    both: Any = Loads()
    keeper = GalleryKeeper(both, both, MODEL, lambda _: None)
    for feed in ("persons", "templates"):
        heard(keeper, {"ev": "coming", "name": feed})
    assert (both.ahead, both.loaded) == (1, [])


def test_sights_are_told_only_while_a_screen_looks() -> None:
    kit = Kit()
    kit.faces.seen(sight())
    kit.faces.watch(fe.WatchFaces(True))
    kit.faces.seen(sight())
    kit.faces.gone(7)
    kit.faces.watch(fe.WatchFaces(False))
    kit.faces.seen(sight())
    kit.faces.gone(7)
    assert kit.told == [fe.FaceSeen(sight()), fe.FaceGone(7)]


def test_a_look_is_answered_once_under_its_own_number() -> None:
    kit = Kit()
    kit.faces.verify(fe.VerifyFace(3, 1, STUDENT.id, 6.0))
    kit.faces.verify(fe.VerifyFace(3, 2, STUDENT.id, 6.0))
    (_, first, _), (_, second, _) = kit.recogniser.asked
    for look in (second, second, first, 99):
        kit.faces.matched(look, Match(7, STUDENT.id))
    assert [event.ask for event in kit.told if isinstance(event, fe.FaceMatched)] == [2, 1]


def test_a_photograph_is_answered_once() -> None:
    kit = Kit()
    kit.photograph(1)
    kit.faces.photographed(kit.recogniser.asked[-1][1], Photograph(vector(9), track=8))
    assert kit.told == [fe.PortraitTaken(3, 1, True, 7, 0.0)]
    assert np.array_equal(kit.faces._templates[3, 1].vector, vector(1))


@pytest.mark.parametrize("left", ["watch", "wipe"])
def test_an_answer_for_somebody_who_left_is_told_to_nobody(left: str) -> None:
    kit = Kit()
    kit.faces.verify(fe.VerifyFace(3, 1, STUDENT.id, 6.0))
    kit.faces.take(fe.TakePortrait(3, 2, 2.0))
    (_, look, _), (_, shot) = kit.recogniser.asked
    kit.faces.watch(fe.WatchFaces(False)) if left == "watch" else kit.faces.wipe()
    assert kit.recogniser.asked[-2:] == [("drop", look), ("drop", shot)]
    kit.faces.matched(look, Match(7, STUDENT.id))
    kit.faces.photographed(shot, Photograph(vector(1)))
    assert kit.told == []
    assert not kit.faces._templates


def test_only_people_whose_number_ends_so_are_searched_and_only_while_somebody_waits() -> None:
    kit = Kit()
    kit.faces.identify(fe.IdentifyFace(3, 1, "0017", 6.0))
    kit.known.waiting.pop()()
    assert kit.recogniser.asked == [("identify", 1, frozenset({STUDENT.id}))]
    kit.faces.identify(fe.IdentifyFace(3, 2, "0018", 6.0))
    kit.faces.wipe()
    kit.known.waiting.pop()()
    assert [ask[0] for ask in kit.recogniser.asked] == ["identify", "drop", "drop"]


def test_without_a_recogniser_a_look_is_a_doubt_and_a_photograph_none() -> None:
    kit = Kit(fitted=False)
    kit.faces.verify(fe.VerifyFace(3, 1, STUDENT.id, 6.0))
    kit.faces.identify(fe.IdentifyFace(3, 2, "0017", 6.0))
    kit.faces.take(fe.TakePortrait(3, 3, 2.0))
    doubts = [event.match.doubt for event in kit.told if isinstance(event, fe.FaceMatched)]
    assert doubts == [Doubt.ENGINE_AWAY, Doubt.ENGINE_AWAY]
    assert kit.told[-1] == fe.PortraitTaken(3, 3, False)


def test_three_photographs_become_one_enrolment() -> None:
    kit = Kit()
    kit.three()
    assert kit.check() == ""
    assert kit.enrol() == ev.Recorded("k", "", NOW)
    consent = Consent("2026-03", NOW, "en", ("code", "pin"))
    assert kit.store.enrolled == [(STUDENT.id, MODEL, consent, (3, 128), POSE_WORDS)]
    assert kit.changes == 1


@pytest.mark.parametrize(("owner", "like"), [(STRANGER.id, STRANGER.id), (STUDENT.id, "")])
def test_the_same_face_under_another_name_is_found(owner: str, like: str) -> None:
    kit = Kit(Known((owner, "somebody-else"), np.stack([vector(1), vector(2)])))
    kit.three()
    assert kit.check() == like


def test_nobody_else_is_no_double() -> None:
    kit = Kit(Known(("somebody-else",), vector(2)[None]))
    kit.three()
    assert kit.check() == ""


@pytest.mark.parametrize("why", ["dropped", "left", "models", "session", "fewer"])
def test_photographs_that_are_not_there_are_neither_compared_nor_enrolled(why: str) -> None:
    kit = Kit()
    kit.photograph(1)
    kit.photograph(2, model="another" if why == "models" else MODEL)
    kit.photograph(3, session=2 if why == "session" else 3)
    if why == "dropped":
        kit.faces.handlers()[fe.DropPortraits](fe.DropPortraits(3))
    elif why == "left":
        kit.faces.wipe()
    elif why == "fewer":
        kit.faces._templates.pop((3, 2))
    assert isinstance(kit.enrol(), ev.NotRecorded)
    assert kit.check() is None
    assert kit.store.enrolled == []
    assert kit.changes == 0


def test_what_the_store_will_not_have_is_not_recorded() -> None:
    kit = Kit()
    kit.three()
    kit.faces._templates[3, 2] = type(kit.faces._templates[3, 2])(MODEL, vector(1) * np.float32(np.nan))
    assert isinstance(kit.enrol(), ev.NotRecorded)
    full = Kit()
    full.store.refuses = True
    full.three()
    assert full.enrol() == ev.NotRecorded("k", FULL)
    assert full.changes == 0


def test_withdrawing_and_what_is_on_record() -> None:
    kit = Kit(fitted=False)
    kit.faces.load(fe.LoadFace(3, STUDENT.id))
    kit.faces.load(fe.LoadFace(3, STRANGER.id))
    kit.faces.withdraw(fe.WithdrawFace(3, "w", STUDENT.id))
    assert kit.told == [
        fe.FaceLoaded(3, FaceRecord("2026-03", NOW)),
        fe.FaceLoaded(3, None),
        ev.Recorded("w", "", NOW),
    ]
    assert kit.changes == 1


def test_who_was_recognised_is_admitted_as_a_face() -> None:
    kit = Kit()
    kit.faces.load_person(fe.LoadPerson(3, STUDENT.id))
    kit.faces.load_person(fe.LoadPerson(3, STRANGER.id))
    assert kit.told == [ev.Admitted(3, STUDENT, Factor.FACE, NOW), ev.NotAdmitted(3, "no_data")]


def test_a_face_that_was_withdrawn_by_somebody_else_admits_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = Kit()
    monkeypatch.setattr(kit.store, "status", lambda _person, done: done(None))
    kit.faces.load_person(fe.LoadPerson(3, STUDENT.id))
    assert [type(event) for event in kit.told] == [ev.NotAdmitted]


def test_every_effect_about_faces_has_its_handler() -> None:
    effects = {kind for kind in vars(fe).values() if isinstance(kind, type) and issubclass(kind, Effect)}
    assert Kit().faces.handlers().keys() == effects - {Effect}
