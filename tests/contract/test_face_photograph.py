"""Photographs for an enrolment: a good one becomes a template, a bad one says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from devices.face.network import Picture
from devices.face.photograph import Photograph, Photographs, Refused, strangers
from devices.face.sample import samples
from kiosk.config import FaceConfig
from kiosk.domain.faces import Quality


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Photographs:
    return Photographs(FaceConfig(), tmp_path_factory.mktemp("models"))


def portrait(number: int = 0) -> Picture:
    """One of the bundled faces, large in the picture."""
    sample = samples()[number]
    x, y, w, h = sample.box
    cut = sample.picture[max(0, y - h) : y + 2 * h, max(0, x - w) : x + 2 * w]
    return np.asarray(cv2.resize(cut, (480, round(480 * cut.shape[0] / cut.shape[1]))), np.uint8)


def test_a_good_photograph_becomes_a_template(photographs: Photographs, tmp_path: Path) -> None:
    file = tmp_path / "front.jpg"
    cv2.imwrite(str(file), portrait())
    found = photographs.read(file)
    assert isinstance(found, Photograph), found
    assert found.template.shape == (photographs.card.length,)
    assert found.template.dtype == np.float32
    assert found.model == FaceConfig().embedder


def test_the_same_person_again_is_no_stranger_and_another_is(photographs: Photographs) -> None:
    shown = [photographs.look(one) for one in (portrait(), np.ascontiguousarray(portrait()[:, ::-1]), portrait(1))]
    one, mirrored, other = (each for each in shown if isinstance(each, Photograph))
    assert one.turn == pytest.approx(-mirrored.turn, abs=0.08)
    assert strangers([one, mirrored], photographs.card) is None
    assert strangers([one, mirrored, other], photographs.card) == (0, 2)


def test_a_bad_one_says_what_is_wrong(photographs: Photographs, tmp_path: Path) -> None:
    good = portrait()
    assert photographs.look(np.asarray(good // 8, np.uint8)) in (Quality.DARK, Refused.NO_FACE)
    assert photographs.look(np.asarray(cv2.GaussianBlur(good, (0, 0), 5), np.uint8)) is Quality.BLURRED
    assert photographs.look(np.full((400, 400, 3), 127, np.uint8)) is Refused.NO_FACE
    assert photographs.look(np.ascontiguousarray(np.hstack([good, good]))) is Refused.SEVERAL
    for content in (b"", b"no picture"):
        (tmp_path / "x.jpg").write_bytes(content)
        assert photographs.read(tmp_path / "x.jpg") is Refused.UNREADABLE
    assert photographs.read(tmp_path / "missing.jpg") is Refused.UNREADABLE
