"""A model is used only after it has done on the bundled faces what it must do on any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from devices.face.align import align
from devices.face.cards import Card, ModelError
from devices.face.network import Detector, Embedder, Ints, Picture
from devices.face.sample import Sample, samples

TOLERANCE = 1e-4
"""Largest distance of an engine's embedding from the reference engine's, of about 1.4 in length."""
OVERLAP = 0.4
"""Of two boxes around the same face: common area to area of both."""
LIKENESS = 0.75
"""A face and its mirror image are nearer than this share of the distance to another person."""


def chip(card: Card, number: int = 0) -> Picture:
    """The chip (size, size, 3) of one of the bundled faces. Raises ModelError when they are damaged."""
    sample = _bundled(number)
    return align(sample.picture, sample.points, card)


def check(embedder: Embedder, expected: NDArray[np.float32] | None) -> None:
    """Raises ModelError when the embedding of the first face is not `expected`, or, without one, when the model cannot
    tell the two faces apart."""
    if expected is None:
        _tells_apart(embedder)
        return
    found = embedder.embed(chip(embedder.card)[None])[0]
    away = float(np.linalg.norm(found - expected))
    if not away < TOLERANCE:
        raise ModelError(embedder.card.card, "", f"self-test: {away:.2g} away from the reference engine's embedding")


def check_detector(detector: Detector) -> None:
    """Raises ModelError when it does not find the first face where it is."""
    sample = _bundled(0)
    found = detector.find(sample.picture)
    if not found or _overlap(found[0].box, sample.box) < OVERLAP:
        what = f"finds {found[0].box} instead of {sample.box}" if found else "does not find the bundled face"
        raise ModelError(detector.card.card, "", f"self-test: {what}")


def _bundled(number: int) -> Sample:
    try:
        return samples()[number]
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ModelError("faces", "", f"the bundled faces are damaged: {error}") from error


def _overlap(one: Ints, other: Ints) -> float:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(width, 0) * max(height, 0)
    return common / max(one[2] * one[3] + other[2] * other[3] - common, 1)


def _tells_apart(embedder: Embedder) -> None:
    one, other = chip(embedder.card), chip(embedder.card, 1)
    first, mirrored, second = embedder.embed(np.stack([one, one[:, ::-1], other]))
    near, far = float(np.linalg.norm(first - mirrored)), float(np.linalg.norm(first - second))
    if not near < LIKENESS * far:
        reason = f"self-test: a face is {near:.2g} away from its mirror image and {far:.2g} from another person"
        raise ModelError(embedder.card.card, "", reason)
