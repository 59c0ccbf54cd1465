"""dlib's ResNet as an ONNX graph: the same numbers, run by an engine that is ten times faster.

The picture is float32 (1, 3, rows, columns), RGB 0…255; the vector is (1, outputs), not normalised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.face.dat_file import DatError, Floats, Layer
from devices.face.onnx_file import INPUT, Graph

PIXEL_SCALE = 256.0
_CHANNELS = 3

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Value:
    """What a node puts out; `size`: channels, rows, columns."""

    name: str
    size: tuple[int, ...]


def to_onnx(layers: list[Layer]) -> bytes:
    """The ONNX file of a network read by `dat_file.read`. Raises DatError for an order of layers that is not known."""
    builder = _Builder(layers[0])
    rest = iter(layers[1:])
    for layer in rest:
        if layer.kind != "con":
            builder.step(layer)
        elif (affine := next(rest, None)) is not None and affine.kind == "affine":
            builder.convolve(layer, affine)
        else:
            raise DatError("a convolution without its affine layer")
    return builder.model()


class _Builder:
    """`now`: what the last layer put out; `kept`: what the block began with, which add_prev adds to its end."""

    def __init__(self, first: Layer) -> None:
        self.graph = Graph()
        self.now = self.kept = self.picture = _Value(INPUT, (_CHANNELS, *first.window))
        self.means = first.weights.astype(np.float64)

    def model(self) -> bytes:
        flat = self.graph.add("Flatten", [self.now.name], axis=1)
        return self.graph.model(flat, (1, *self.picture.size), self.now.size[0])

    def step(self, layer: Layer) -> None:
        match layer.kind, layer.window:
            case "relu", _:
                begins = self.now is self.kept
                self.now = _Value(self.graph.add("Relu", [self.now.name]), self.now.size)
                self.kept = self.now if begins else self.kept
            case "max_pool", _:
                self.now = self.kept = self._pool("MaxPool", layer, self.now)
            case "avg_pool", (0, 0):
                self.now = _Value(self.graph.add("GlobalAveragePool", [self.now.name]), (self.now.size[0], 1, 1))
            case "avg_pool", _:
                self.kept = self._pool("AveragePool", layer, self.kept)
            case "add_prev", _:
                self.now = self.kept = self._sum(self.now, self.kept)
            case "fc", _:
                self.now = self._full(layer)
            case kind, _:
                raise DatError(f"a layer {kind} out of its place")

    def convolve(self, layer: Layer, affine: Layer) -> None:
        """The affine layer goes into the convolution, and into the first one what dlib does to the picture before."""
        filters, bias = _filters(layer, self.now.size[0])
        gain, offset = np.split(affine.weights.astype(np.float64), 2)
        if gain.size != bias.size:
            raise DatError(f"{gain.size} gains for {bias.size} filters")
        filters, bias = filters * gain[:, None, None, None], bias * gain + offset
        if self.now is self.picture:
            if layer.padding != (0, 0):
                raise DatError("the first convolution is padded: its border has no mean to fold in")
            filters = filters / PIXEL_SCALE
            bias = bias - np.einsum("fkrc,k->f", filters, self.means)
        self.now = self._con(self.now, layer, filters, bias)

    def _con(self, value: _Value, layer: Layer, filters: Doubles, bias: Doubles) -> _Value:
        constants = [self.graph.constant(part.astype(np.float32)) for part in (filters, bias)]
        return self._windowed("Conv", layer, value, constants, len(bias))

    def _pool(self, kind: str, layer: Layer, value: _Value) -> _Value:
        return self._windowed(kind, layer, value, [], value.size[0])

    def _windowed(self, kind: str, layer: Layer, value: _Value, constants: list[str], outputs: int) -> _Value:
        name = self.graph.add(
            kind,
            [value.name, *constants],
            kernel_shape=layer.window,
            strides=layer.stride,
            pads=layer.padding * 2,
        )
        room = zip(value.size[1:], layer.window, layer.stride, layer.padding, strict=True)
        sides = [1 + (side + 2 * padding - window) // stride for side, window, stride, padding in room]
        return _Value(name, (outputs, *sides))

    def _sum(self, one: _Value, other: _Value) -> _Value:
        """dlib adds pictures of different size: what the smaller lacks in channels, below and to the right is 0."""
        size = tuple(max(pair) for pair in zip(one.size, other.size, strict=True))
        name = self.graph.add("Add", [self._grown(one, size), self._grown(other, size)])
        return _Value(name, size)

    def _grown(self, value: _Value, size: tuple[int, ...]) -> str:
        missing = [want - have for want, have in zip(size, value.size, strict=True)]
        if not any(missing):
            return value.name
        pads = self.graph.constant(np.array([0, 0, 0, 0, 0, *missing], np.int64))
        return self.graph.add("Pad", [value.name, pads])

    def _full(self, layer: Layer) -> _Value:
        """A fully connected layer over 1 × 1 pictures is a convolution by 1 × 1."""
        inputs = self.now.size[0]
        if self.now.size[1:] != (1, 1) or layer.weights.size != inputs * layer.outputs:
            raise DatError(f"{layer.weights.size} weights for {self.now.size} and {layer.outputs} outputs")
        filters = layer.weights.reshape(inputs, layer.outputs).T[:, :, None, None].astype(np.float64)
        one = Layer("con", layer.weights, layer.outputs, (1, 1))
        return self._con(self.now, one, filters, np.zeros(layer.outputs))


def _filters(layer: Layer, channels: int) -> tuple[Doubles, Doubles]:
    """Filters (outputs, channels, rows, columns) and one bias each."""
    shape = (layer.outputs, channels, *layer.window)
    count = int(np.prod(shape))
    if layer.weights.size != count + layer.outputs:
        raise DatError(f"{layer.weights.size} weights for filters of shape {shape}")
    weights: Floats = layer.weights
    return weights[:count].reshape(shape).astype(np.float64), weights[count:].astype(np.float64)
