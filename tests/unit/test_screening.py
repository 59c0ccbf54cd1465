"""A temperature out of thermal pictures: pure, with its uncertainty, and nothing invented."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from devices.sim.thermal.scene import Scene
from kiosk.domain.faces import Box
from kiosk.domain.screening import (
    AmbientModel,
    Basis,
    Calibration,
    Cannot,
    Measured,
    NoReading,
    Reading,
    ReferenceSource,
    Registration,
    RegistrationError,
    fit,
    measure,
)
from tests.thermal_kit import Taken, slope

FACE = Box(0.35, 0.3, 0.3, 0.45)
"""9.6 × 10.8 of 32 × 24 pixels, with the registration left alone."""
SOURCE = ReferenceSource(Box(0.84, 0.04, 0.14, 0.17), 35.0, 0.1)
REFERENCE = Calibration(Basis.REFERENCE, reference=SOURCE, warm_up=0.0)
NONE = Calibration(warm_up=0.0)
MODEL = AmbientModel(table=((20.0, 1.5), (25.0, 1.0), (30.0, 0.6)), least=20.0, most=30.0, residual=0.4)
AMBIENT = Calibration(Basis.AMBIENT, ambient=MODEL, warm_up=0.0)
LATE = 1000.0


def picture(
    face: float = 35.0, room: float = 24.0, source: float = 35.0, shape: tuple[int, int] = (24, 32), **more: Any
) -> Taken:
    """A room with an ellipse of skin in FACE and a source at the upper right."""
    rows, columns = shape
    y, x = (np.mgrid[0:rows, 0:columns] + 0.5) / np.array([rows, columns]).reshape(2, 1, 1)
    pixels = np.full(shape, room, np.float32)
    across, down = (x - FACE.x) / FACE.w * 2 - 1, (y - FACE.y) / FACE.h * 2 - 1
    pixels[across**2 + down**2 <= 1] = face
    pixels[(x >= 0.84) & (x <= 0.98) & (y >= 0.04) & (y <= 0.21)] = source
    return Taken(pixels, **more)


def told(*pictures: Taken, calibration: Calibration = REFERENCE, box: Box | None = FACE) -> Measured:
    return measure(pictures, [box] * len(pictures), calibration, LATE)


def reading(*pictures: Taken, calibration: Calibration = REFERENCE) -> Reading:
    found = told(*pictures, calibration=calibration)
    assert isinstance(found, Reading), found
    return found


def why(found: Measured) -> Cannot:
    assert isinstance(found, NoReading), found
    return found.why


def test_raw_ambient_offset_and_corrected_are_kept_apart() -> None:
    calibration = replace(REFERENCE, site=1.2)
    found = reading(*[picture(face=33.5, source=34.0)] * 3, calibration=calibration)
    assert (found.raw, found.ambient) == (pytest.approx(33.5), 27.5)
    assert found.offset == pytest.approx(1.0 + 1.2)
    assert found.corrected == pytest.approx(35.7)
    assert (found.basis, found.frames, found.warm) == (Basis.REFERENCE, 3, True)


@pytest.mark.parametrize("calibration", [NONE, AMBIENT, REFERENCE], ids=lambda each: each.basis.value)
def test_a_sweep_has_slope_one_whatever_the_calibration(calibration: Calibration) -> None:
    sweep = [30.0 + 0.25 * step for step in range(81)]
    ambient = 22.0
    found = [reading(*[picture(face=c, ambient=ambient)] * 3, calibration=calibration) for c in sweep]
    assert slope(sweep, [each.raw for each in found]) == pytest.approx(1.0, abs=1e-4)
    assert slope(sweep, [each.corrected for each in found]) == pytest.approx(1.0, abs=1e-4)
    assert len({round(each.corrected, 3) for each in found}) == len(sweep), "no two are made the same"


def test_the_maximum_is_the_faces_and_not_the_pictures() -> None:
    with_cup = picture(face=35.0)
    with_cup.pixels[19:22, 24:28] = 70.0
    assert reading(with_cup).corrected == pytest.approx(35.0)
    assert with_cup.pixels.max() == 70.0


def test_a_pixel_on_the_edge_of_the_box_counts_and_one_beyond_it_does_not() -> None:
    """The box ends at column 20.8: the margin of half a pixel takes in the centre 21.0 would be at, not 21.5."""
    inside, outside = picture(), picture()
    inside.pixels[12, 20] = 39.0
    outside.pixels[12, 21] = 39.0
    assert reading(inside).corrected == pytest.approx(39.0)
    assert reading(outside).corrected == pytest.approx(35.0)


def test_the_uncertainty_is_what_the_calibration_earned() -> None:
    three = [picture(face=c) for c in (34.9, 35.0, 35.1)]
    assert reading(*three, calibration=NONE).u == 2.0
    assert reading(*three, calibration=AMBIENT).u == pytest.approx(math.hypot(0.8, 0.2, 0.2 / math.sqrt(3)))
    assert reading(*three).u == 0.3
    good = replace(AMBIENT, ambient=replace(MODEL, residual=0.1))
    assert reading(*three, calibration=good).u == 0.7, "without a source nobody earns less"
    poor = replace(REFERENCE, reference=replace(SOURCE, u=0.5))
    assert reading(*three, calibration=poor).u == pytest.approx(math.hypot(0.5, 0.2, 0.2 / math.sqrt(3)))


def test_few_or_noisy_pictures_are_less_sure() -> None:
    assert reading(picture()).u > reading(picture(), picture()).u > reading(*[picture()] * 3).u
    noisy = reading(*[picture(face=c) for c in (34.6, 35.0, 35.4)])
    assert noisy.u == pytest.approx(math.hypot(0.1, 0.2, 0.8 / math.sqrt(3)), abs=1e-4)


def test_the_ambient_model_lies_between_its_points_and_not_beyond_them() -> None:
    assert [MODEL.offset(at) for at in (20.0, 22.5, 28.0)] == pytest.approx([1.5, 1.25, 0.76])
    assert MODEL.offset(19.9) is None
    assert AmbientModel(coefficients=(1.0, -0.1)).offset(30.0) == pytest.approx(0.5)
    assert why(told(picture(ambient=31.0), calibration=AMBIENT)) is Cannot.UNCALIBRATED
    assert why(told(picture(ambient=None), calibration=AMBIENT)) is Cannot.UNCALIBRATED


def test_why_nothing_is_told() -> None:
    assert why(measure([], [], REFERENCE, LATE)) is Cannot.SILENT
    assert why(measure([picture()], [FACE], replace(REFERENCE, warm_up=60.0), LATE, LATE - 59)) is Cannot.WARMING_UP
    assert why(told(picture(), box=None)) is Cannot.NO_FACE
    assert why(told(picture(), box=Box(0.4, 0.4, 0.15, 0.3))) is Cannot.TOO_FAR
    assert why(told(picture(), box=Box(0.4, 0.4, 0.3, 0.2))) is Cannot.TOO_FAR
    assert why(told(picture(), box=Box(-0.1, 0.3, 0.3, 0.45))) is Cannot.OUTSIDE_VIEW
    assert why(told(picture(), box=Box(0.4, 0.3, 0.0, 0.0))) is Cannot.OUTSIDE_VIEW
    assert why(told(picture(), box=Box(0.6, 0.1, 0.3, 0.45))) is Cannot.OUTSIDE_VIEW, "before the source"
    assert why(told(picture(source=31.0))) is Cannot.DRIFTED
    assert why(told(picture(source=math.nan))) is Cannot.DRIFTED
    assert why(told(picture(source=34.0), picture(source=35.5))) is Cannot.UNSTEADY, "somebody before the source"
    assert why(told(picture(face=34.0), picture(face=35.5))) is Cannot.UNSTEADY
    assert why(told(picture(face=29.5))) is Cannot.TOO_COLD
    for ambient in (9.9, 40.1):
        assert why(told(picture(ambient=ambient))) is Cannot.TOO_COLD


@pytest.mark.parametrize("value", [300.0, -40.0, math.nan, math.inf])
def test_a_pixel_at_the_end_of_the_range_is_no_temperature(value: float) -> None:
    spoilt = picture()
    spoilt.pixels[12, 15] = value
    assert why(told(picture(), spoilt, picture())) is Cannot.SATURATED


def test_pictures_without_a_face_do_not_spoil_those_with_one() -> None:
    boxes = [None, Box(0.45, 0.4, 0.1, 0.2), FACE]
    found = measure([picture(), picture(), picture(face=36.0)], boxes, REFERENCE, LATE)
    assert isinstance(found, Reading)
    assert (found.frames, found.corrected) == (1, pytest.approx(36.0))


def warm(*, calibration: Calibration = REFERENCE, **kind: Any) -> bool | None:
    return told(picture(**kind), calibration=calibration).warm


def test_presence_is_warmth_in_the_shape_of_a_face() -> None:
    assert warm(face=34.0) is True
    assert warm(face=24.5) is False, "paper"
    assert warm(face=30.5, room=29.0) is False, "paper in a warm room"
    assert warm(face=35.0, room=34.0) is None, "nothing stands out on the hottest day"
    assert warm(face=28.0, room=12.0) is None, "it may be a face that is too cold"
    assert warm(face=60.0) is False, "no skin is so hot"
    assert warm(face=43.0, calibration=NONE) is True, "nor could an uncalibrated module know"


def test_a_warm_thing_that_is_not_a_face_is_none() -> None:
    stove = picture(room=24.0)
    stove.pixels[5:20, 6:27] = 35.0
    assert told(stove).warm is False
    candle = picture(face=24.0)
    candle.pixels[11:13, 15:17] = 36.0
    assert told(candle).warm is False


def test_eight_by_eight_and_one_pixel() -> None:
    coarse = picture(face=31.0, shape=(8, 8), ambient=None)
    found = told(coarse)
    assert isinstance(found, Reading)
    assert (found.basis, found.u, found.warm, found.offset) == (Basis.NONE, 2.0, True, 0.0)
    assert found.ambient == pytest.approx(24.0), "it tells none itself"
    one = Taken(np.array([[35.0]], np.float32), ambient=24.0)
    by_model = told(one, one, one, calibration=AMBIENT, box=None)
    assert isinstance(by_model, Reading)
    assert by_model.corrected == pytest.approx(35.0 + 1.1)
    assert by_model.u > reading(*[picture()] * 3, calibration=AMBIENT).u
    assert why(told(one, calibration=REFERENCE, box=None)) is Cannot.UNCALIBRATED, "it sees no source"
    assert why(told(replace(one, pixels=np.array([[300.0]])), calibration=AMBIENT)) is Cannot.SATURATED


@pytest.mark.parametrize("seed", range(12))
def test_faces_anywhere_are_right_within_their_uncertainty_and_paper_is_cold(seed: int) -> None:
    """Boxes a little off, rooms from 12 to 29 °C, skin from 33 to 40 °C, a module that reads 1.1 °C low."""
    dice, scene = np.random.default_rng(seed), Scene(24, 32, seed)
    scene.room, scene.skin = dice.uniform(12, 29), dice.uniform(33, 40)
    x, y, w, h = dice.uniform(0.3, 0.4), dice.uniform(0.33, 0.38), 0.2, 0.36
    scene.person = (x, y, w, h)
    dx, dy = dice.normal(0, 0.04, 2)
    box = Box(x + dx * w, y + dy * h, w * dice.uniform(0.9, 1.1), h * dice.uniform(0.85, 1.1))
    (a, b), (c, d) = scene.mounting.across, scene.mounting.down
    calibration = replace(REFERENCE, registration=Registration((a, 0.0, b), (0.0, c, d)))

    def seen() -> Measured:
        frames = [Taken(scene.sense(0.0).astype(np.float32), ambient=scene.ambient) for _ in range(3)]
        return measure(frames, [box] * 3, calibration, LATE)

    found = seen()
    assert isinstance(found, Reading)
    assert abs(found.corrected - scene.skin) < found.u
    assert found.warm is True
    scene.paper = True
    assert seen().warm is False


def test_a_registration_is_found_from_what_both_cameras_saw() -> None:
    true = Registration((1.4, 0.05, -0.2), (-0.03, 1.3, -0.12))
    points = [(0.2, 0.2), (0.8, 0.25), (0.5, 0.5), (0.3, 0.8), (0.75, 0.7)]
    found = fit([(point, true.there(point)) for point in points])
    assert found.x == pytest.approx(true.x)
    assert found.y == pytest.approx(true.y)
    assert found.residual == pytest.approx(0.0, abs=1e-9)
    for point in points:
        assert found.back(found.there(point)) == pytest.approx(point)
    dice = np.random.default_rng(3)
    rough = fit([(point, tuple(np.add(true.there(point), dice.normal(0, 0.01, 2)))) for point in points])
    assert 0.001 < rough.residual < 0.03


def test_points_that_fix_nothing_are_refused() -> None:
    pair = ((0.1, 0.1), (0.2, 0.2))
    with pytest.raises(RegistrationError, match="at least 3"):
        fit([pair, pair])
    with pytest.raises(RegistrationError, match="line"):
        fit([pair, ((0.3, 0.3), (0.4, 0.4)), ((0.8, 0.8), (0.9, 0.9))])
    with pytest.raises(RegistrationError, match="one place"):
        fit([pair, pair, pair])


def test_a_box_is_mapped_with_all_its_corners() -> None:
    turned = Registration((1.0, 0.2, 0.0), (-0.1, 1.0, 0.1))
    mapped = turned.box(Box(0.2, 0.2, 0.4, 0.4))
    assert (mapped.x, mapped.y) == (pytest.approx(0.24), pytest.approx(0.24))
    assert (mapped.w, mapped.h) == (pytest.approx(0.48), pytest.approx(0.44))
    mirrored = Registration((-1.0, 0.0, 1.0), (0.0, 1.0, 0.0)).box(Box(0.1, 0.1, 0.3, 0.2))
    assert (mapped.w > 0, mirrored.x, mirrored.w) == (True, pytest.approx(0.6), pytest.approx(0.3))
