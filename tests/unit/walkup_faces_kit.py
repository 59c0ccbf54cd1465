"""A visit at a terminal with a recogniser: faces that are seen, photographs that are taken, answers to looks."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.consent import CURRENT
from kiosk.domain.faces import Box, Quality, Sight
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.people import Factor, Person
from kiosk.flows.core import Effect
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.state import FaceRecord, Screen
from tests.unit.walkup_kit import NOW, STUDENT, Walk

FITTED = frozenset({"camera", "face", "face_records"})
TURNS = (0.0, 0.3, -0.3)
"""Of the three poses, as the picture shows them."""
LISTED = FaceRecord(CURRENT, NOW - 9e5)


def sight(track: int = 7, turn: float = 0.0, quality: Quality = Quality.GOOD, others: int = 0) -> Sight:
    return Sight(track, Box(0.4, 0.2, 0.2, 0.4), quality, turn, 1.0, 1, others)


class Faces(Walk):
    """A walk where the terminal looks at faces."""

    def __init__(self, people: int = 40) -> None:
        super().__init__()
        self.state = replace(self.state, station=replace(self.state.station, fitted=FITTED))
        self.post(ev.DeviceChanged("face", True), fe.GalleryChanged(people))

    def listed(self, found: FaceRecord | None = LISTED) -> Faces:
        self.post(fe.FaceLoaded(self.state.session, found))
        return self

    def see(self, track: int = 7, turn: float = 0.0, times: int = 2, **more: object) -> tuple[Effect, ...]:
        """The same face in some pictures in a row."""
        return self.post(*[fe.FaceSeen(sight(track, turn, **more))] * times)  # type: ignore[arg-type]

    def taken(self, track: int = 7, turn: float = 0.0, ok: bool = True) -> tuple[Effect, ...]:
        """The recogniser's answer to the last photograph that was asked for."""
        ask = self.of(fe.TakePortrait)[-1]
        return self.post(fe.PortraitTaken(ask.session, ask.ask, ok, track, turn))

    def agree(self) -> Faces:
        """Somebody with code and PIN before the camera, having agreed."""
        self.enter().press("open_face", "face_agree")
        self.post(ev.Admitted(self.state.session, STUDENT, Factor.PIN, NOW))
        assert self.screen is Screen.SHOTS, self.screen
        return self

    def photograph(self, poses: int = 3, track: int = 7) -> Faces:
        for turn in TURNS[:poses]:
            self.see(track, turn)
            self.taken(track, turn)
        return self

    def checked(self, like: str | None = "") -> tuple[Effect, ...]:
        ask = self.of(fe.CheckFace)[-1]
        return self.post(fe.FaceChecked(ask.session, ask.key, like))

    def matched(self, person: Person | None = STUDENT, track: int = 7) -> tuple[Effect, ...]:
        """The answer to the last look."""
        looks = [effect for effect in self.effects if isinstance(effect, fe.VerifyFace | fe.IdentifyFace)]
        found = Match(track, person.id) if person else Match(track, doubt=Doubt.TOO_FAR)
        return self.post(fe.FaceMatched(looks[-1].session, looks[-1].ask, found, NOW))

    def digits(self, digits: str = "0017") -> Faces:
        self.press("face_login", *(f"digit {digit}" for digit in digits), "confirm")
        return self

    @property
    def said(self) -> str:
        return self.state.message.key if self.state.message else ""
