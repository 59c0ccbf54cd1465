"""What is asked of the pipeline and what it answers: a person confirmed, found, live, portrayed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from devices.face import wire
from devices.face.looks import Looks
from devices.face.network import Embedder, Picture, Vectors
from devices.face.pipeline import Step
from devices.face.portrait import Portrait
from devices.sim import faces
from kiosk.domain.faces import Liveness, Quality
from kiosk.domain.matching import Doubt, Gallery, Match, Matcher
from tests.unit import face_kit as kit
from tests.unit.face_bench import embedder, templates
from tests.unit.face_kit import COLLINS, HOPPER, Bench

__all__ = ["embedder", "templates"]


class Desk:
    """A pipeline, the looks on it, and what they answered."""

    def __init__(self, embedder: Embedder, templates: dict[str, Vectors]) -> None:
        self.bench = Bench(embedder)
        self.answers: list[tuple[str, int, Match | Liveness | Portrait | None]] = []
        self.looks = Looks(self.bench.pipeline, lambda *answer: self.answers.append(answer))
        gallery = Gallery(tuple(templates), np.stack(list(templates.values())), embedder.card.name)
        self.looks.load(Matcher(gallery, embedder.card.limits))

    def see(self, frames: list[Picture]) -> None:
        for frame in frames:
            step = self.bench.step(frame)
            self.looks.see(step, self.bench.now)

    def ask(self, look: wire.Look) -> None:
        self.looks.ask(look, self.bench.now)

    def match(self) -> Match:
        kind, _, value = self.answers.pop()
        assert kind == wire.MATCH
        assert isinstance(value, Match)
        assert self.answers == []
        return value


@pytest.fixture
def desk(embedder: Embedder, templates: dict[str, Vectors]) -> Desk:
    return Desk(embedder, templates)


def test_who_stood_there_before_the_code_was_read_is_confirmed_at_once(desk: Desk) -> None:
    desk.see(kit.clip(HOPPER)[:8])
    desk.ask(wire.Verify(7, HOPPER, 2.0))
    match = desk.match()
    assert (match.person, match.track, match.gallery) == (HOPPER, 1, 1)
    assert match.frames >= 3


def test_who_comes_after_the_code_is_confirmed_by_the_first_good_picture(desk: Desk) -> None:
    desk.ask(wire.Verify(7, HOPPER, 2.0))
    assert desk.answers == []
    desk.see(kit.clip(HOPPER)[:4])
    assert desk.match().person == HOPPER


def test_embeddings_of_long_ago_need_one_more(desk: Desk) -> None:
    desk.see(kit.clip(HOPPER))
    desk.see(kit.clip(HOPPER)[:8])
    desk.looks.ask(wire.Verify(7, HOPPER, 4.0), desk.bench.now + 1.0)
    assert desk.answers == []
    desk.see(kit.clip(HOPPER)[8:10])
    assert desk.match().person == HOPPER


def test_another_face_is_refused_at_the_deadline_and_not_before(desk: Desk) -> None:
    desk.ask(wire.Verify(7, COLLINS, 0.8))
    desk.see(kit.clip(HOPPER)[:10])
    assert desk.answers == []
    desk.see(kit.clip(HOPPER)[10:14])
    match = desk.match()
    assert (match.person, match.doubt) == ("", Doubt.TOO_FAR)
    assert match.score > match.limit


def test_person_without_a_template_is_told_at_once(desk: Desk) -> None:
    desk.ask(wire.Verify(7, "nobody", 2.0))
    assert desk.match().doubt is Doubt.NO_TEMPLATE
    desk.looks.load(None)
    desk.ask(wire.Verify(8, HOPPER, 2.0))
    assert desk.match().doubt is Doubt.NO_TEMPLATE
    desk.ask(wire.Identify(9, None, 2.0))
    assert desk.match().doubt is Doubt.NOT_ENROLLED


def test_without_a_good_picture_there_is_nobody(desk: Desk) -> None:
    desk.ask(wire.Verify(7, HOPPER, 0.5))
    desk.see([faces.person_frame(HOPPER, moment, light=0.2) for moment in range(2, 12)])
    assert desk.match().doubt is Doubt.NO_GOOD_FRAME


def test_identify_finds_one_of_all_and_nobody_outside_the_batch(desk: Desk) -> None:
    desk.see(kit.clip(HOPPER)[:8])
    desk.ask(wire.Identify(1, None, 1.0))
    assert (match := desk.match()).person == HOPPER
    assert match.gallery == 2
    desk.ask(wire.Identify(2, frozenset([COLLINS]), 0.3))
    desk.see(kit.clip(HOPPER)[8:14])
    assert desk.match().doubt is Doubt.TOO_FAR
    desk.ask(wire.Identify(3, frozenset(["nobody"]), 1.0))
    assert desk.match().doubt is Doubt.NOT_ENROLLED


def test_face_before_a_swap_is_never_the_answer_to_a_look_after_it(desk: Desk) -> None:
    desk.see(kit.clip(COLLINS)[:12])
    desk.see(kit.empty()[:3])
    desk.see(kit.clip(HOPPER)[:2])
    desk.ask(wire.Verify(7, COLLINS, 1.0))
    desk.see(kit.clip(HOPPER)[2:20])
    assert desk.match().doubt is Doubt.TOO_FAR


class Doubted:
    """A track that was embedded, and then hidden for a moment: it may be another face."""

    def __init__(self, probe: Vectors) -> None:
        self.probes, self.doubted = probe[None], True

    def again(self) -> None:
        """Nothing."""

    decided = again

    def portrait(self, step: Step) -> Portrait | None:
        raise AssertionError("a portrait of nobody knows whom")


def test_face_that_may_be_another_confirms_nothing_and_gives_no_portrait(
    templates: dict[str, Vectors], embedder: Embedder
) -> None:
    answers: list[tuple[str, int, object]] = []
    source = Doubted(templates[HOPPER])
    looks = Looks(source, lambda *answer: answers.append(answer))
    looks.load(Matcher(Gallery((HOPPER,), templates[HOPPER][None], "dlib-resnet"), embedder.card.limits))
    looks.see(Step(kit.sight(), probe=templates[HOPPER]), 1.0)
    looks.ask(wire.Verify(7, HOPPER, 2.0), 1.1)
    looks.ask(wire.TakePortrait(7, 2.0), 1.1)
    looks.see(Step(kit.sight()), 1.2)
    assert answers == []
    source.doubted = False
    looks.ask(wire.Verify(8, HOPPER, 2.0), 1.3)
    assert [(kind, look) for kind, look, _ in answers] == [(wire.MATCH, 8)]


def test_dropped_look_is_not_answered(desk: Desk) -> None:
    desk.ask(wire.Verify(7, HOPPER, 1.0))
    desk.ask(wire.Turn(7, "left", 1.0))
    desk.ask(wire.TakePortrait(7, 1.0))
    desk.looks.drop(7)
    desk.see(kit.clip(HOPPER)[:18])
    assert desk.answers == []


@pytest.mark.parametrize(("side", "far"), [("left", 0.5), ("right", -0.5)])
def test_a_turning_head_is_live_and_a_photograph_is_not(desk: Desk, side: str, far: float) -> None:
    desk.see(kit.clip(COLLINS)[:3])
    desk.ask(wire.Turn(7, side, 1.5))
    desk.see(list(faces.clip(COLLINS, 20, turns=(0.0, far, far))))
    assert desk.answers == [(wire.TURN, 7, Liveness.LIVE)]


def test_a_photograph_turned_in_the_hand_is_still(desk: Desk) -> None:
    desk.ask(wire.Turn(7, "left", 1.5))
    desk.see([faces.photograph_frame(COLLINS, moment, askew=np.sin(moment / 4) * 0.6) for moment in range(24)])
    assert desk.answers == [(wire.TURN, 7, Liveness.STILL)]


def test_portrait_is_numbers_of_a_lone_face_and_a_small_picture(
    desk: Desk, templates: dict[str, Vectors], embedder: Embedder
) -> None:
    desk.see(kit.clip(HOPPER)[:3])
    desk.ask(wire.TakePortrait(7, 1.0))
    desk.see(kit.clip(HOPPER)[3:4])
    (kind, look, portrait), *rest = desk.answers
    assert isinstance(portrait, Portrait)
    assert (kind, look, rest, portrait.quality, portrait.track) == (wire.PORTRAIT, 7, [], Quality.GOOD, 1)
    assert (portrait.template.dtype, portrait.template.shape, portrait.model) == (np.float32, (128,), "dlib-resnet")
    assert np.linalg.norm(portrait.template - templates[HOPPER]) < 0.25
    picture = cv2.imdecode(np.frombuffer(portrait.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (240, 240, 3)


def test_no_portrait_of_one_of_two_nor_of_a_dark_face(desk: Desk) -> None:
    desk.ask(wire.TakePortrait(7, 0.4))
    desk.see([faces.two_people(moment) for moment in range(4)])
    desk.see([faces.person_frame(HOPPER, moment, light=0.2) for moment in range(4)])
    assert desk.answers == [(wire.PORTRAIT, 7, None)]
