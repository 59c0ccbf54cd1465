"""The photograph of a document: the whole picture, small enough to send, with nothing of where it came from."""

from __future__ import annotations

import cv2
import numpy as np

from devices.ring import Frame

LONGEST_SIDE = 1600
MOST_BYTES = 400_000

_QUALITIES = (88, 80, 70, 60, 50, 40, 30)
_SHRINK = 0.8


def document_jpeg(frame: Frame) -> bytes:
    """A camera's BGR frame, as it stands, as JPEG of at most 400 kB and 1600 pixels a side; nothing is cut off.

    Encoded from the pixels, so it carries no metadata. ValueError for anything that is no picture.
    """
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.size == 0:
        raise ValueError(f"not a BGR picture: {frame.shape}")
    picture = _scaled(frame, min(1.0, LONGEST_SIDE / max(frame.shape[:2])))
    while True:
        for quality in _QUALITIES:
            jpeg = _encode(picture, quality)
            if len(jpeg) <= MOST_BYTES:
                return jpeg
        picture = _scaled(picture, _SHRINK)


def _scaled(frame: Frame, scale: float) -> Frame:
    if scale >= 1.0:
        return frame
    size = (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encode(frame: Frame, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", frame, (cv2.IMWRITE_JPEG_QUALITY, quality))
    assert done
    return data.tobytes()
