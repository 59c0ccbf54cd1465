"""Reads dlib's serialised ResNet of face_recognition: every byte is accounted for, or the file is refused.

A number is one byte of size (top bit: negative) and that many bytes, little-endian; a text is its length and its bytes;
a tensor is the version 2, four sizes and float32. Layers stand innermost first, with bookkeeping numbers in between.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_TENSOR_VERSION = 2
_MOST_FLOATS = 1 << 24
_LONGEST_NUMBER = 8
_FALSE_TRUE = b"01"
_NONE: Floats = np.zeros(0, np.float32)
_NAMES = {
    b"input_rgb_image_sized": "input",
    b"con_4": "con",
    b"affine_": "affine",
    b"relu_": "relu",
    b"max_pool_2": "max_pool",
    b"avg_pool_2": "avg_pool",
    b"add_prev_": "add_prev",
    b"fc_2": "fc",
    b"loss_metric_2": "loss",
}


class DatError(ValueError):
    """Not a network that this reads; the text says where it stopped."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """`kind`: input, con, affine, relu, max_pool, avg_pool, add_prev or fc.

    `weights`: flat parameters (input: the three channel means). `window`, `stride`, `padding`: (rows, columns);
    a window of 0 is the whole picture. `outputs`: filters of a con, length of an fc.
    """

    kind: str
    weights: Floats
    outputs: int = 0
    window: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)


def read(data: bytes) -> list[Layer]:
    """The layers from the input to the output. Raises DatError."""
    reader, layers = _Reader(data), []
    while not reader.done:
        layer = reader.layer()
        layers += [layer] if layer else []
    if [layer.kind for layer in layers[:1] + layers[-1:]] != ["input", "fc"]:
        raise DatError("the network does not go from a picture to a vector")
    return layers


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._data)

    def layer(self) -> Layer | None:
        """What stands here, when it begins a layer; one bookkeeping entry is passed over otherwise."""
        if self._data[self._at] in _FALSE_TRUE:
            self._at += 1
            return None
        kind = self._name(self._number())
        match kind:
            case "input":
                means = np.array([self._float() for _ in range(3)], np.float32)
                return Layer(kind, means, 3, self._pair())
            case "con":
                return Layer(kind, self._tensor(), self._number(), self._pair(), self._pair(), self._pair())
            case "affine":
                return Layer(kind, self._tensor())
            case "max_pool" | "avg_pool":
                return Layer(kind, _NONE, 0, self._pair(), self._pair(), self._pair())
            case "relu" | "add_prev":
                return Layer(kind, _NONE)
            case "fc":
                outputs, _inputs = self._pair()
                return Layer(kind, self._tensor(), outputs)
        return None

    def _name(self, size: int) -> str:
        """The layer whose name of `size` bytes stands here; "" for a mere number."""
        name = self._data[self._at : self._at + size] if size > 0 else b""
        if name not in _NAMES:
            return ""
        self._at += size
        return _NAMES[name]

    def _take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) != size:
            raise DatError(f"the file ends within a value at byte {self._at}")
        self._at += size
        return piece

    def _number(self) -> int:
        at = self._at
        head = self._take(1)[0]
        if not 1 <= head & 0x7F <= _LONGEST_NUMBER:
            raise DatError(f"no number at byte {at}")
        value = int.from_bytes(self._take(head & 0x7F), "little")
        return -value if head & 0x80 else value

    def _float(self) -> float:
        mantissa, exponent = self._pair()
        return math.ldexp(mantissa, exponent)

    def _pair(self) -> tuple[int, int]:
        return self._number(), self._number()

    def _tensor(self) -> Floats:
        at, version = self._at, self._number()
        count = math.prod(self._number() for _ in range(4))
        if version != _TENSOR_VERSION or not 0 < count <= _MOST_FLOATS:
            raise DatError(f"no tensor at byte {at}")
        return np.frombuffer(self._take(4 * count), "<f4").astype(np.float32)
