"""What is known of a model before it is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.domain.matching.limits import Limits

Pair = tuple[float, float]
Triple = tuple[float, float, float]


class ModelError(Exception):
    """A model that cannot be used: `file`, `key` ("" = the file itself) and why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (file, key, reason) if part))
        self.file, self.key, self.reason = file, key, reason


@dataclass(frozen=True, slots=True)
class Card:
    """`form`: dlib or onnx (embedder), hog or yunet (detector). `path`: the model's file, `card`: the card's name.

    Of an embedder: it takes chips of `size` × `size` pixels in the order `channels` (rgb or bgr), minus `mean`, divided
    by `std`, on which eyes, nose and corners of the mouth lie at `points` (x, y). It gives vectors of `length`, brought
    to length 1 when `unit`; `mirror`: better averaged with the mirror image. Of a detector: `score` is the least that
    counts as a face.
    """

    name: str
    kind: str
    form: str
    path: Path
    card: str
    sha256: str
    licence: str
    source: str
    size: int = 0
    channels: str = "rgb"
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    points: tuple[Pair, ...] = ()
    length: int = 0
    unit: bool = False
    mirror: bool = False
    score: float = 0.0
    limits: Limits = field(default_factory=Limits)

    def content(self) -> bytes:
        """The model's file. Raises ModelError when it cannot be read or is not the one that the card means."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ModelError(self.card, "file", f"{self.path.name}: {error.strerror}") from error
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise ModelError(self.card, "sha256", f"{self.path.name} has {found}")
        return data
