"""The phone and the paper that are held before the camera in demonstrations and tests."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from devices.sim import hall, phone


def test_pictures_are_what_a_720p_camera_gives() -> None:
    for frame in (hall.picture(0), phone.qr_picture("K1:TEST"), phone.document_picture()):
        assert frame.shape == (720, 1280, 3)
        assert frame.dtype == np.uint8
        assert frame.flags.c_contiguous


def test_hall_moves_slowly_and_comes_round_again() -> None:
    first = hall.picture(0)
    near = cv2.absdiff(first, hall.picture(1))
    assert 0 < np.count_nonzero(near.max(axis=2) > 12) < 0.05 * near[:, :, 0].size
    assert np.array_equal(first, hall.picture(hall.MOMENTS))


@pytest.mark.parametrize("width", [150, 236, 320])
def test_symbol_is_as_wide_as_asked(width: int) -> None:
    frame = phone.qr_picture("K1:" + "A" * 131, width)
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    middle = grey[360 - width // 2 : 360 + width // 2, 640 - width // 2 - 20 : 640 + width // 2 + 20]
    dark = np.flatnonzero((middle < 60).any(axis=0))
    assert abs(int(dark[-1] - dark[0]) + 1 - width) <= 2


def test_personal_code_makes_a_symbol_of_version_six() -> None:
    assert phone.qr_modules("K1:" + "A" * 131).shape == (41, 41)
