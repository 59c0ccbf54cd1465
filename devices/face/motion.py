"""Whether anything is there at all: most of the day a gate looks at an empty scene, which must cost nothing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.face.network import Picture

SMALL = 320
"""Width in pixels of the picture in which motion and near faces are looked for."""

_CELLS = (20, 11)
_GRAIN = 160
_DIFFERENT = 18
_SHARE = 90
_FEWEST = 20
_LEARN_S, _LEARN = 0.5, 0.1


def shrink(frame: Picture, width: int = SMALL) -> Picture:
    """Grey and at most `width` wide. By halves as far as they go: those are ten times quicker than other shares."""
    frame = _halved(frame) if frame.shape[1] >= 2 * width else frame
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8) if frame.ndim == 3 else frame
    while grey.shape[1] >= 2 * width:
        grey = _halved(grey)
    return grey if grey.shape[1] <= width else scaled(grey, width / grey.shape[1])


def scaled(picture: Picture, share: float) -> Picture:
    """Smaller, to a half at least."""
    return np.asarray(cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_LINEAR), np.uint8)


def _halved(picture: Picture) -> Picture:
    size = (picture.shape[1] // 2, max(1, picture.shape[0] // 2))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


class Motion:
    """Compares with how the scene looked for the last seconds, so that somebody who stands still is motion, too.

    Of every picture only a grain of about 160 pixels across is looked at: reading all of it would cost more than all
    the rest. It takes enough of 20 × 11 cells that differ: a face near enough covers more, a passer-by far away less.
    """

    def __init__(self) -> None:
        self._scene: NDArray[np.float32] | None = None
        self._shown: Picture = np.zeros((0, 0), np.uint8)
        self._learned = 0.0

    def see(self, frame: Picture, at: float, learn: bool = True) -> bool:
        """Whether something moved into this picture (BGR); the first one always counts.

        `learn`: let what is seen become the scene, within some ten seconds.
        """
        step = max(1, frame.shape[1] // _GRAIN)
        grain = np.ascontiguousarray(frame[step // 2 :: step, step // 2 :: step, 1])
        if self._scene is None or self._shown.shape != grain.shape:
            self._scene, self._shown, self._learned = grain.astype(np.float32), grain, at
            return True
        moved = self._cells(grain) >= _FEWEST
        if learn and at - self._learned >= _LEARN_S:
            cv2.accumulateWeighted(grain, self._scene, _LEARN)
            self._shown, self._learned = self._scene.round().astype(np.uint8), at
        return moved

    def _cells(self, grain: Picture) -> int:
        _, different = cv2.threshold(cv2.absdiff(grain, self._shown), _DIFFERENT, 255, cv2.THRESH_BINARY)
        return int(np.count_nonzero(cv2.resize(different, _CELLS, interpolation=cv2.INTER_AREA) > _SHARE))
