"""Writes a small ONNX model: a chain of nodes over one float picture, weights inside; numpy and nothing else.

The numbers of fields are those of onnx.proto; every value is a varint or a length and bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 7
OPSET = 13
INPUT, OUTPUT = "picture", "vector"

_FLOAT, _INT64 = 1, 7
_ATTRIBUTE_INT, _ATTRIBUTE_INTS = 2, 7
_DATA_TYPES = {"float32": _FLOAT, "int64": _INT64}

Weights = NDArray[np.float32] | NDArray[np.int64]
Attribute = int | Sequence[int]


@dataclass(slots=True)
class Graph:
    """Nodes in the order they run, each with one output; `add` names it."""

    nodes: list[bytes] = field(default_factory=list)
    weights: list[bytes] = field(default_factory=list)

    def constant(self, values: Weights) -> str:
        """The name under which a node takes these values."""
        name = f"w{len(self.weights)}"
        self.weights.append(_tensor(name, values))
        return name

    def add(self, kind: str, inputs: Sequence[str], **attributes: Attribute) -> str:
        """The name of what the node puts out."""
        name = f"x{len(self.nodes)}"
        self.nodes.append(_node(kind, inputs, name, attributes))
        return name

    def model(self, last: str, shape: Sequence[int], length: int) -> bytes:
        """The file: float32 `picture` of `shape` in, float32 `vector` of (1, length) out, which `last` puts out."""
        nodes = [*self.nodes, _node("Identity", [last], OUTPUT, {})]
        graph = b"".join(
            [
                *(_part(1, node) for node in nodes),
                _text(2, "face"),
                *(_part(5, tensor) for tensor in self.weights),
                _part(11, _value(INPUT, shape)),
                _part(12, _value(OUTPUT, (1, length))),
            ]
        )
        opset = _part(8, _text(1, "") + _whole(2, OPSET))
        return _whole(1, IR_VERSION) + _text(2, "campus-terminal") + _part(7, graph) + opset


def _node(kind: str, inputs: Iterable[str], output: str, attributes: Mapping[str, Attribute]) -> bytes:
    ends = b"".join(_text(1, name) for name in inputs) + _text(2, output)
    settings = b"".join(_part(5, _attribute(name, value)) for name, value in attributes.items())
    return ends + _text(3, output) + _text(4, kind) + settings


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _whole(3, value) + _whole(20, _ATTRIBUTE_INT)
    return _text(1, name) + b"".join(_whole(8, each) for each in value) + _whole(20, _ATTRIBUTE_INTS)


def _tensor(name: str, values: Weights) -> bytes:
    sizes = b"".join(_whole(1, size) for size in values.shape)
    raw = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
    return sizes + _whole(2, _DATA_TYPES[values.dtype.name]) + _text(8, name) + _part(9, raw)


def _value(name: str, shape: Sequence[int]) -> bytes:
    sizes = b"".join(_part(1, _whole(1, size)) for size in shape)
    return _text(1, name) + _part(2, _part(1, _whole(1, _FLOAT) + _part(2, sizes)))


def _text(number: int, value: str) -> bytes:
    return _part(number, value.encode())


def _part(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _whole(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    """`value` is not negative: none is in the models written here."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
