"""What is measured in a picture: quality, turn of a head, motion, and whether a head turned as it was asked to."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from devices.face import geometry, quality
from devices.face.liveness import HeadTurn
from devices.face.motion import Motion, shrink
from devices.sim import faces
from kiosk.domain.faces import Liveness, Quality
from tests.unit import face_kit as kit
from tests.unit.face_kit import FPS, HOPPER

SIZE = (1280, 720)


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
