"""A model is used only after it has done on the bundled faces what it must do on any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from devices.face.align import align
from devices.face.cards import Card, ModelError
from devices.face.network import Embedder, Picture
from devices.face.sample import samples

TOLERANCE = 1e-4
"""Largest distance of an engine's embedding from the reference engine's, of about 1.4 in length."""
LIKENESS = 0.75
"""A face and its mirror image are nearer than this share of the distance to another person."""


def chip(card: Card, number: int = 0) -> Picture:
    """The chip (size, size, 3) of one of the bundled faces."""
    sample = samples()[number]
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


def _tells_apart(embedder: Embedder) -> None:
    one, other = chip(embedder.card), chip(embedder.card, 1)
    first, mirrored, second = embedder.embed(np.stack([one, one[:, ::-1], other]))
    near, far = float(np.linalg.norm(first - mirrored)), float(np.linalg.norm(first - second))
    if not near < LIKENESS * far:
        raise ModelError(
            embedder.card.card, "", f"self-test: a face is {near:.2g} from its mirror image, {far:.2g} from another"
        )
