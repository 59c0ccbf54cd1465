"""What the tests of the recogniser's models share: cards for dropped-in models, and a tiny network of one's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from devices.face.onnx_file import INPUT, Graph
from kiosk.assets import ROOT

SHARED = ROOT.parent.parent / "shared" / "models"
TINY_SIZE, TINY_LENGTH = 64, 4

CARD = """
name = "{name}"
kind = "{kind}"
form = "{form}"
file = "{file}"
sha256 = "{sha256}"
licence = "Apache-2.0"
source = "made for this test"
"""
EMBEDDER = """
[input]
size = {size}
mean = {mean}
std = {std}
[alignment]
points = [[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]]
[output]
length = {length}
unit = {unit}
mirror = true
"""


def write_card(folder: Path, name: str, kind: str, form: str, file: str, rest: str = "") -> Path:
    """A card beside a file that is there already."""
    sha256 = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    path = folder / f"{name}.toml"
    path.write_text(CARD.format(name=name, kind=kind, form=form, file=file, sha256=sha256) + rest, "utf-8")
    return path


def shared_model(folder: Path, file: str) -> None:
    """Link one of the public model files into a folder, or skip the test."""
    if not (SHARED / file).exists():
        pytest.skip(f"{file} is not beside this repository")
    (folder / file).symlink_to(SHARED / file)


def mobilefacenet(folder: Path, length: int = 128) -> Path:
    shared_model(folder, "MobileFaceNet.onnx")
    colour = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}
    rest = EMBEDDER.format(size=112, length=length, unit="true", **colour)
    return write_card(folder, "mobilefacenet", "embedder", "onnx", "MobileFaceNet.onnx", rest)


def yunet(folder: Path) -> Path:
    shared_model(folder, "face_detection_yunet_2023mar.onnx")
    rest = "[detection]\nscore = 0.7\n"
    return write_card(folder, "yunet", "detector", "yunet", "face_detection_yunet_2023mar.onnx", rest)


def tiny(folder: Path, name: str = "tiny", length: int = TINY_LENGTH, flat: bool = False) -> Path:
    """A network that gives the mean colour in another basis, and its card; `flat`: it sees nothing at all."""
    graph = Graph()
    filters = np.eye(TINY_LENGTH, 3, dtype=np.float32)[:, :, None, None] * (0 if flat else 1)
    pooled = graph.add("GlobalAveragePool", [INPUT])
    weights = [graph.constant(filters), graph.constant(np.ones(TINY_LENGTH, np.float32))]
    vector = graph.add("Conv", [pooled, *weights], kernel_shape=(1, 1))
    model = graph.model(graph.add("Flatten", [vector], axis=1), (1, 3, TINY_SIZE, TINY_SIZE), TINY_LENGTH)
    (folder / f"{name}.onnx").write_bytes(model)
    rest = EMBEDDER.format(size=TINY_SIZE, mean=[0, 0, 0], std=[1, 1, 1], length=length, unit="false")
    return write_card(folder, name, "embedder", "onnx", f"{name}.onnx", rest)
