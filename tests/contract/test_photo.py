"""The photograph of a document: whole, small enough, and with nothing in it but the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from devices.photo import LONGEST_SIDE, MOST_BYTES, document_jpeg
from devices.ring import Frame
from devices.sim import phone


def decoded(jpeg: bytes) -> Frame:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def test_paper_is_whole_and_readable() -> None:
    paper = phone.document_picture()
    back = decoded(document_jpeg(paper))
    assert back.shape == paper.shape
    assert np.abs(back.astype(int) - paper).mean() < 3


@pytest.mark.parametrize("shape", [(2160, 3840), (3000, 1000), (1, 5000)])
def test_large_pictures_are_scaled_and_keep_their_shape(shape: tuple[int, int]) -> None:
    height, width = decoded(document_jpeg(np.full((*shape, 3), 200, np.uint8))).shape[:2]
    assert max(height, width) == LONGEST_SIDE
    assert abs(height - shape[0] * LONGEST_SIDE / max(shape)) <= 1


def test_worst_picture_still_fits() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1200, 1600, 3), np.uint8)
    assert len(document_jpeg(noise)) <= MOST_BYTES


def test_nothing_but_the_picture_is_in_the_file() -> None:
    jpeg = document_jpeg(phone.document_picture())
    at, kinds = 2, set()
    while jpeg[at + 1] != 0xDA:
        kinds.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    comments_and_applications = {0xFE, *range(0xE1, 0xF0)}
    assert not kinds & comments_and_applications


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3)])
def test_what_is_no_picture_is_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not a BGR picture"):
        document_jpeg(np.zeros(shape, np.uint8))
