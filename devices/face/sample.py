"""The two public-domain faces that come with the program: for self-tests, the demonstration and the tests."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from devices.face.network import Ints, Picture, Points
from kiosk.assets import ROOT

FACES = ROOT / "faces"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """`picture`: BGR. `box` and `points` (dlib's five) in its pixels, as dlib finds them."""

    name: str
    picture: Picture
    box: Ints
    points: Points


@cache
def samples() -> tuple[Sample, ...]:
    """Two different people. Raises OSError and ValueError when the program's own files are damaged."""
    table = tomllib.loads((FACES / "faces.toml").read_text("utf-8"))
    return tuple(
        Sample(name, _picture(name), (x, y, w, h), np.array(face["points"], np.float32))
        for name, face in table.items()
        for x, y, w, h in [face["box"]]
    )


def _picture(name: str) -> Picture:
    data = np.frombuffer((FACES / f"{name}.jpg").read_bytes(), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{name}.jpg is no picture")
    return np.asarray(picture, np.uint8)
