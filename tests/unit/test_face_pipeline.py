"""From pictures to sights, embeddings and answers: two real faces before a drawn hall, and the clock in our hands."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from devices.face import geometry, quality, wire
from devices.face.liveness import HeadTurn
from devices.face.looks import Looks
from devices.face.motion import Motion, shrink
from devices.face.network import Embedder, Picture, Vectors
from devices.face.pipeline import MOST_PROBES, PROBE_EVERY_S, Step
from devices.face.portrait import Portrait
from devices.sim import faces
from kiosk.config import FaceConfig
from kiosk.domain.faces import Liveness, Quality
from kiosk.domain.matching import Doubt, Gallery, Match, Matcher
from tests.unit import face_kit as kit
from tests.unit.face_kit import COLLINS, FPS, HOPPER, Bench

SIZE = (1280, 720)


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return kit.embedder(tmp_path_factory.mktemp("models"))


@pytest.fixture
def bench(embedder: Embedder) -> Bench:
    return Bench(embedder)


@pytest.fixture(scope="module")
def templates(embedder: Embedder) -> dict[str, Vectors]:
    """One embedding of each, from another distance than that of the clips."""
    found = {}
    for name in faces.PEOPLE:
        bench = Bench(embedder)
        bench.see(faces.clip(name, 6, share=0.26))
        found[name] = bench.pipeline.probes.mean(axis=0)
    return found


# What is seen


@pytest.mark.parametrize("name", faces.PEOPLE)
def test_a_face_is_found_where_it_is_and_followed_under_one_number(bench: Bench, name: str) -> None:
    steps = bench.see(kit.clip(name))
    seen = kit.sights(steps)
    assert len(seen) >= len(steps) - 2
    assert {sight.track for sight in seen} == {1}
    assert {sight.quality for sight in seen} == {Quality.GOOD}
    assert not any(step.gone for step in steps)
    last = seen[-1]
    across = 0.5 + 22 * np.sin(2 * np.pi * 23 / faces.MOMENTS) / 1280
    assert last.box.x + last.box.w / 2 == pytest.approx(across, abs=0.02)
    assert last.box.w == pytest.approx(faces.SHARE, abs=0.04)
    assert (last.frame, last.at, last.others) == (24, 24 / FPS, 0)


def test_somebody_further_away_is_found_too_at_the_third_try(bench: Bench) -> None:
    steps = bench.see(kit.clip(HOPPER, 6, 0.14))
    assert steps[2].sight is not None
    assert kit.sights(steps)[-1].box.w == pytest.approx(0.14, abs=0.03)


def test_following_a_face_takes_the_detector_every_sixth_picture(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:3])
    before = bench.detector.calls
    bench.see(kit.clip(COLLINS)[3:])
    assert bench.detector.calls - before <= len(kit.clip(COLLINS)) // 6 * 2


def test_embeddings_are_at_most_five_and_a_tenth_of_a_second_apart(bench: Bench) -> None:
    steps = bench.see(kit.clip(COLLINS))
    times = [number / FPS for number, step in enumerate(steps) if step.probe is not None]
    assert len(times) == MOST_PROBES
    assert np.diff(times).min() >= PROBE_EVERY_S
    assert bench.pipeline.probes.shape == (4, 128)


def test_nothing_more_is_embedded_once_it_is_decided_and_again_for_a_new_look(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:3])
    bench.pipeline.decided()
    assert not any(step.probe is not None for step in bench.see(kit.clip(COLLINS)[3:12]))
    bench.pipeline.again()
    assert any(step.probe is not None for step in bench.see(kit.clip(COLLINS)[12:15]))


def test_the_first_embedding_is_a_quick_one_that_the_second_takes_the_place_of(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:2])
    first = bench.pipeline.probes
    bench.see(kit.clip(COLLINS)[2:4])
    second = bench.pipeline.probes
    assert len(first) == len(second) == 1
    assert 0 < np.linalg.norm(first[0] - second[0]) < 0.3


def test_every_other_picture_of_a_decided_track_is_passed_over_while_nothing_is_asked(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:12])
    steps = [bench.pipeline.see(frame, 99, bench.now, closely=False) for frame in kit.clip(COLLINS)[12:]]
    assert len(kit.sights(steps)) == len(steps) // 2
    bench.pipeline.again()
    assert len(kit.sights(bench.see(kit.clip(COLLINS)[:4]))) == 4


def test_an_empty_scene_costs_no_detection(bench: Bench) -> None:
    bench.see(kit.empty())
    before = bench.detector.calls
    assert not kit.sights(bench.see(kit.empty() * 3))
    assert bench.detector.calls == before


def test_who_steps_into_an_empty_scene_is_seen_within_three_pictures(bench: Bench) -> None:
    bench.see(kit.empty() * 2)
    assert kit.sights(bench.see(kit.clip(HOPPER)[:3]))


def test_who_leaves_is_gone_within_a_second_and_who_comes_next_has_another_number(bench: Bench) -> None:
    bench.see(kit.clip(HOPPER)[:8])
    steps = bench.see(kit.empty()[:FPS])
    assert [step.gone for step in steps if step.gone] == [1]
    assert not any(step.swapped for step in steps)
    assert len(bench.pipeline.probes) == 0
    assert {sight.track for sight in kit.sights(bench.see(kit.clip(COLLINS)[:8]))} == {2}


def test_without_pictures_nobody_is_there(bench: Bench) -> None:
    bench.see(kit.clip(HOPPER)[:4])
    assert bench.pipeline.rest(bench.now + 0.5).gone == 0
    assert bench.pipeline.rest(bench.now + 1.5).gone == 1
    assert bench.pipeline.rest(bench.now + 1.6).gone == 0


def test_a_face_of_suddenly_another_size_has_another_number(bench: Bench) -> None:
    bench.see(kit.clip(HOPPER)[:8])
    steps = bench.see(faces.clip(HOPPER, 12, share=0.42))
    assert [step.gone for step in steps if step.gone] == [1]
    assert kit.sights(steps)[-1].track == 2


def test_another_person_in_the_same_place_is_noticed_and_has_another_number(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:12])
    bench.pipeline.again()
    steps = bench.see(kit.clip(HOPPER)[12:])
    ends = [step for step in steps if step.gone]
    assert [(step.gone, step.swapped) for step in ends] == [(1, True)]
    assert {step.sight.track for step in steps[steps.index(ends[0]) :] if step.sight} == {2}
    told = [step for step in steps[: steps.index(ends[0])] if step.probe is not None]
    assert told == []


def test_another_person_is_noticed_even_when_nobody_asks(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS))
    steps = bench.see([*kit.clip(HOPPER), *kit.clip(HOPPER)])
    assert [step.swapped for step in steps if step.gone] == [True]


def test_further_faces_are_counted(bench: Bench) -> None:
    steps = bench.see(faces.two_people(moment) for moment in range(6))
    assert kit.sights(steps)[-1].others == 1


# Quality


@pytest.mark.parametrize(
    ("light", "blur", "expected"),
    [(1.0, 0, Quality.GOOD), (0.2, 0, Quality.DARK), (2.2, 0, Quality.BRIGHT), (1.0, 8, Quality.BLURRED)],
)
def test_light_and_focus_decide_whether_a_picture_is_good(light: float, blur: int, expected: Quality) -> None:
    frame = faces.person_frame(HOPPER, 0, light=light)
    frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), blur), np.uint8) if blur else frame
    left, top = 640 - 128, 330 - 128
    chip = cv2.cvtColor(frame[top : top + 256, left : left + 256], cv2.COLOR_BGR2GRAY)
    found = quality.problems(np.asarray(chip, np.uint8), (left, top, 256, 256), kit.points(), SIZE, 0.1)
    assert found[:1] == (() if expected is Quality.GOOD else (expected,))


@pytest.mark.parametrize(
    ("box", "turn", "expected"),
    [
        ((540, 260, 200, 200), 0.0, ()),
        ((590, 310, 100, 100), 0.0, (Quality.FAR,)),
        ((-4, 260, 200, 200), 0.0, (Quality.EDGE,)),
        ((540, 560, 200, 200), 0.0, (Quality.EDGE,)),
        ((540, 260, 200, 200), 0.5, (Quality.TURNED,)),
        ((-4, 260, 100, 100), -0.5, (Quality.FAR, Quality.EDGE, Quality.TURNED)),
    ],
)
def test_place_size_and_turn_decide_whether_a_picture_is_good(
    box: tuple[int, int, int, int], turn: float, expected: tuple[Quality, ...]
) -> None:
    sharp = np.random.default_rng(1).integers(60, 200, (96, 96)).astype(np.uint8)
    assert quality.problems(sharp, box, kit.points(turn), SIZE, nearest=0.1) == expected


def test_a_picture_that_is_not_good_is_seen_and_not_embedded(bench: Bench) -> None:
    steps = bench.see(faces.person_frame(HOPPER, moment, light=0.2) for moment in range(5))
    assert {sight.quality for sight in kit.sights(steps)} == {Quality.DARK}
    assert not any(step.probe is not None for step in steps)


def test_too_far_is_what_the_configuration_says(embedder: Embedder) -> None:
    bench = Bench(embedder, FaceConfig(enabled=True, engine="dnn", nearest=0.3))
    assert {sight.quality for sight in kit.sights(bench.see(kit.clip(HOPPER)[:4]))} == {Quality.FAR}


# Geometry and motion


@pytest.mark.parametrize("turn", [-0.6, -0.2, 0.0, 0.3])
def test_turn_is_read_from_the_points_however_the_head_is_tilted(turn: float) -> None:
    straight = kit.points(turn)
    angle = np.radians(25)
    spin = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))], np.float32)
    assert geometry.turn(straight) == pytest.approx(turn, abs=0.01)
    assert geometry.turn(np.asarray((straight - 600) @ spin + 600, np.float32)) == pytest.approx(turn, abs=0.01)


def test_region_is_as_wide_as_the_face_and_points_in_one_spot_are_no_turn() -> None:
    x, y, w, h = geometry.region(kit.points(width=200))
    assert (x + w / 2, y + h / 2) == pytest.approx((640, 360), abs=8)
    assert w == h == pytest.approx(200, abs=8)
    assert geometry.turn(np.zeros((5, 2), np.float32)) == 0.0


def test_motion_is_what_differs_from_the_scene_and_becomes_the_scene_in_time() -> None:
    motion, hall, person = Motion(), kit.empty()[0], kit.clip(HOPPER)[0]
    assert motion.see(hall, 0.0)
    assert not motion.see(hall, 0.1)
    assert motion.see(person, 0.2)
    assert motion.see(person, 1.0)
    later = [motion.see(person, 1.0 + step / 2) for step in range(1, 60)]
    assert later[0]
    assert not any(later[30:])
    assert motion.see(hall, 41.0)


def test_small_picture_is_grey_and_320_wide() -> None:
    small = shrink(kit.clip(HOPPER)[0])
    assert (small.shape, small.dtype) == ((180, 320), np.uint8)
    assert shrink(kit.clip(HOPPER)[0], 480).shape == (270, 480)
    assert shrink(np.zeros((90, 160), np.uint8)).shape == (90, 160)


# Head turn


def judge(turns: list[float], side: str = "left", tracks: list[int] | None = None) -> Liveness | None:
    watch = HeadTurn(side, until=2.0)
    for number, turn in enumerate(turns):
        at = number / FPS
        verdict = watch.see(kit.sight((tracks or [1] * 99)[number], turn, at), at)
        if verdict:
            return verdict
    return watch.see(None, 2.0)


@pytest.mark.parametrize(
    ("turns", "side", "expected"),
    [
        ([0.0, 0.1, 0.2, 0.3, 0.3], "left", Liveness.LIVE),
        ([0.0, -0.1, -0.2, -0.3, -0.3], "right", Liveness.LIVE),
        ([0.0, 0.1, 0.2, 0.3, 0.3], "right", Liveness.STILL),
        ([0.0, 0.1, 0.3, 0.1, 0.3], "left", Liveness.STILL),
        ([0.3] * 9, "left", Liveness.STILL),
        ([0.05] * 9, "left", Liveness.STILL),
        ([], "left", Liveness.STILL),
    ],
)
def test_head_turn_is_one_to_the_side_that_was_asked_for(turns: list[float], side: str, expected: Liveness) -> None:
    assert judge(turns, side) is expected


def test_head_turn_is_done_by_one_face() -> None:
    assert judge([0.0, 0.3, 0.3], tracks=[1, 2, 2]) is Liveness.SWAPPED
    watch = HeadTurn("left", until=2.0)
    watch.see(kit.sight(track=4), 0.0)
    assert watch.gone(3) is None
    assert watch.gone(4) is Liveness.SWAPPED


def test_head_turn_waits_for_a_face_that_may_be_another() -> None:
    watch = HeadTurn("left", until=2.0)
    for turn in (0.0, 0.3, 0.3):
        assert watch.see(kit.sight(turn=turn), 0.1, sure=False) is None
    assert watch.see(kit.sight(turn=0.0), 0.2) is Liveness.LIVE


def test_sides_are_those_of_the_person() -> None:
    with pytest.raises(ValueError, match="left or right"):
        HeadTurn("up", 1.0)


# Looks


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
