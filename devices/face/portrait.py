"""One photograph for an enrolment: numbers to compare with, and a small picture for the person on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from devices.face import geometry
from devices.face.network import Ints, Picture, Vectors
from kiosk.domain.faces import Quality

_AROUND = 1.9
_SIDE = 240
_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 85)


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """`template`: float32 of the model's length, mean of picture and mirror image. `turn` as in `Sight`.

    `quality` is GOOD, or TURNED for a head turned on purpose. `jpeg`: the face, 240 × 240, for the screen, never kept.
    """

    track: int
    quality: Quality
    turn: float
    template: Vectors
    model: str
    jpeg: bytes


def small_jpeg(frame: Picture, box: Ints) -> bytes:
    """The face and some of what is around it, from a BGR picture; its border is repeated where it ends."""
    x, y, w, h = geometry.grown(box, _AROUND)
    scale = _SIDE / max(w, h)
    place = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]], np.float32)
    cut = cv2.warpAffine(frame, place, (_SIDE, _SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    done, data = cv2.imencode(".jpg", cut, _QUALITY)
    assert done
    return data.tobytes()
