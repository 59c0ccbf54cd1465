"""The walk-up terminal's handlers for faces: looks, photographs, and what is on record.

A photograph is a template in memory here from the shutter to the last touch; whoever leaves takes it with them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np

from kiosk.app.face_parts import Desk, Known, People, Portrait, Recogniser, Store, Template, Vectors
from kiosk.domain.faces import Sight
from kiosk.domain.faults import Code, Fault
from kiosk.domain.matching import Doubt, Gallery, Limits, Match, Matcher
from kiosk.domain.portraits import POSES
from kiosk.flows.core import Effect, Event
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.state import FaceRecord
from sync.desk import Admitted, NotAdmitted, Reason
from sync.faces import Consent, Enrolment
from sync.journal import Committed, Refused

POSE_WORDS = tuple(pose.value for pose in POSES)


class Faces:
    """Hands each effect to the adapter it is for; `recogniser` None = not fitted: faces can only be withdrawn then.

    `changed` is told after each commit. `limits` are those of the model in use.
    """

    def __init__(
        self,
        recogniser: Recogniser | None,
        store: Store,
        known: Known | None,
        desk: Desk,
        limits: Limits,
        work: Executor,
        deliver: Callable[[Event], None],
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._recogniser, self._store, self._known, self._desk = recogniser, store, known, desk
        self._limits, self._work, self._deliver, self._now = limits, work, deliver, now
        self._changed = changed
        self._lock = threading.Lock()
        self._looks: dict[int, tuple[int, int]] = {}
        self._count = 0
        self._templates: dict[tuple[int, int], Template] = {}
        self._watching = False

    def handlers(self) -> dict[type[Effect], Callable[..., None]]:
        """Kind of effect → its one handler."""
        return {
            fe.WatchFaces: self.watch,
            fe.VerifyFace: self.verify,
            fe.IdentifyFace: self.identify,
            fe.LoadPerson: self.load_person,
            fe.TakePortrait: self.take,
            fe.DropPortraits: lambda _: self._forget(),
            fe.CheckFace: self.check,
            fe.EnrolFace: self.enrol,
            fe.WithdrawFace: self.withdraw,
            fe.LoadFace: self.load,
        }

    # --- what the recogniser says, on its own thread ---------------------------------------------------------------

    def seen(self, sight: Sight) -> None:
        """Nobody hears of a face while no screen looks at one."""
        if self._watching:
            self._deliver(fe.FaceSeen(sight))

    def gone(self, track: int) -> None:
        if self._watching:
            self._deliver(fe.FaceGone(track))

    def matched(self, look: int, match: Match) -> None:
        with self._lock:
            asked = self._looks.pop(look, None)
        if asked:
            self._deliver(fe.FaceMatched(*asked, match, self._now()))

    def photographed(self, look: int, portrait: Portrait | None) -> None:
        """What comes for somebody who left, or who began again, is kept nowhere."""
        with self._lock:
            asked = self._looks.pop(look, None)
            if asked and portrait:
                self._templates[asked] = Template(portrait.model, portrait.template)
        if asked and portrait:
            self._deliver(fe.PortraitTaken(*asked, True, portrait.track, portrait.turn))
        elif asked:
            self._deliver(fe.PortraitTaken(*asked, False))

    # --- the handlers ----------------------------------------------------------------------------------------------

    def watch(self, effect: fe.WatchFaces) -> None:
        self._watching = effect.on
        if not effect.on:
            self._drop_looks()

    def wipe(self) -> None:
        """The person has left."""
        self._watching = False
        self._drop_looks()
        self._forget()

    def verify(self, effect: fe.VerifyFace) -> None:
        look = self._look(effect.session, effect.ask)
        if self._recogniser is None:
            self.matched(look, Match(0, doubt=Doubt.ENGINE_AWAY))
        else:
            self._recogniser.verify(look, effect.person, effect.seconds)

    def identify(self, effect: fe.IdentifyFace) -> None:
        look, recogniser = self._look(effect.session, effect.ask), self._recogniser
        if recogniser is None or self._known is None:
            self.matched(look, Match(0, doubt=Doubt.ENGINE_AWAY))
            return

        def among(people: People) -> None:
            if self._open(look):
                recogniser.identify(look, people, effect.seconds)

        self._known.numbers_ending(effect.tail, among)

    def load_person(self, effect: fe.LoadPerson) -> None:
        """Nobody by a face that was withdrawn, though the recogniser may not have heard of it yet."""

        def done(answer: Admitted | NotAdmitted) -> None:
            if isinstance(answer, Admitted):
                self._deliver(ev.Admitted(effect.session, answer.person, answer.factor, self._now()))
            else:
                self._deliver(ev.NotAdmitted(effect.session, answer.reason.value))

        def listed(found: Enrolment | None) -> None:
            if found:
                self._desk.recognised(effect.person, done)
            else:
                done(NotAdmitted(Reason.NO_DATA))

        self._store.status(effect.person, listed)

    def take(self, effect: fe.TakePortrait) -> None:
        look = self._look(effect.session, effect.ask)
        if self._recogniser is None:
            self.photographed(look, None)
        else:
            self._recogniser.portrait(look, effect.seconds)

    def check(self, effect: fe.CheckFace) -> None:
        """Compared with everybody on record; off the main thread and the desk's, it takes a while with many.

        None, cannot be checked: also when the faces on record cannot be read.
        """
        face, known = self._face(effect.session, effect.asks), self._known
        if face is None or known is None:
            self._deliver(fe.FaceChecked(effect.session, effect.key, None))
            return

        def work(ids: tuple[str, ...], vectors: Vectors) -> None:
            like = alike(Gallery(ids, vectors, face.model), face.vector, effect.person, self._limits)
            self._deliver(fe.FaceChecked(effect.session, effect.key, like))

        def found(ids: tuple[str, ...] | None, vectors: Vectors) -> None:
            if ids is None:
                self._deliver(fe.FaceChecked(effect.session, effect.key, None))
            else:
                self._off(lambda: work(ids, vectors))

        known.gallery(face.model, found)

    def enrol(self, effect: fe.EnrolFace) -> None:
        """What no centre would take is not recorded here either."""
        face = self._face(effect.session, effect.asks)
        consent = Consent(effect.consent, effect.agreed, effect.language, effect.factors)
        try:
            if face is None:
                raise ValueError("a photograph is missing")
            self._store.enrol(effect.person, face.model, consent, face.vector, effect.key, self._recorded, POSE_WORDS)
        except ValueError as error:
            self._deliver(ev.NotRecorded(effect.key, Fault(Code.FACE_MODEL, "face", str(error))))

    def withdraw(self, effect: fe.WithdrawFace) -> None:
        self._store.withdraw(effect.person, effect.key, self._recorded)

    def load(self, effect: fe.LoadFace) -> None:
        def done(found: Enrolment | None) -> None:
            record = FaceRecord(found.consent, found.since) if found else None
            self._deliver(fe.FaceLoaded(effect.session, record))

        self._store.status(effect.person, done)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _recorded(self, answer: Committed | Refused) -> None:
        if isinstance(answer, Committed):
            self._changed()
            self._deliver(ev.Recorded(answer.key, answer.receipt, self._now()))
        else:
            self._deliver(ev.NotRecorded(answer.key, answer.fault))

    def _look(self, session: int, ask: int) -> int:
        with self._lock:
            self._count += 1
            self._looks[self._count] = (session, ask)
            return self._count

    def _open(self, look: int) -> bool:
        with self._lock:
            return look in self._looks

    def _drop_looks(self) -> None:
        with self._lock:
            looks = list(self._looks)
            self._looks.clear()
        for look in looks:
            if self._recogniser is not None:
                self._recogniser.drop(look)

    def _forget(self) -> None:
        """A photograph that is still being taken goes nowhere either."""
        self._drop_looks()
        with self._lock:
            self._templates.clear()

    def _face(self, session: int, asks: tuple[int, ...]) -> Template | None:
        """The photographs of these asks, one row each; None unless all are there, of one model."""
        with self._lock:
            found = [self._templates.get((session, ask)) for ask in asks]
        kept = [template for template in found if template is not None]
        models = {template.model for template in kept}
        if not asks or len(kept) != len(asks) or len(models) != 1:
            return None
        return Template(models.pop(), np.stack([template.vector for template in kept]).astype(np.float32))

    def _off(self, work: Callable[[], None]) -> None:
        self._work.submit(work).add_done_callback(lambda future: _no_bug_is_swallowed(future.exception()))


def alike(gallery: Gallery, probes: Vectors, person: str, limits: Limits) -> str:
    """The id of somebody else whose face this may be; "" = of nobody."""
    if not len(gallery.ids):
        return ""
    found = Matcher(gallery, limits).alike(probes)
    return next((other for other, _ in found if other != person), "")


def _no_bug_is_swallowed(error: BaseException | None) -> None:
    if error is not None:
        sys.excepthook(type(error), error, error.__traceback__)
