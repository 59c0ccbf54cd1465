"""What runs an embedding network: onnxruntime, OpenCV or dlib itself; none is used before its self-test."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from devices.face import converted, selftest
from devices.face.cards import Card, ModelError, scan
from devices.face.network import Embedder, Picture, Vectors
from kiosk.config import FaceConfig

ORDER = ("onnxruntime", "dnn", "reference")
CACHE = "models"
"""Name of the cache folder in the terminal's state folder."""

Floats = NDArray[np.float32]


class _Network:
    """What the engines have in common: chips in, checked vectors out."""

    engine = ""

    def __init__(self, card: Card) -> None:
        self.card, self.fell_back = card, ""

    def embed(self, chips: Picture) -> Vectors:
        """See `Embedder`. Raises ValueError for chips of another shape, ModelError for a wrong answer."""
        size = self.card.size
        if chips.ndim != 4 or chips.shape[1:] != (size, size, 3) or chips.dtype != np.uint8:
            raise ValueError(f"chips are uint8 (n, {size}, {size}, 3), not {chips.dtype} {chips.shape}")
        rows = [self._checked(self._run(chip)) for chip in chips]
        return np.stack(rows) if rows else np.zeros((0, self.card.length), np.float32)

    def _run(self, chip: Picture) -> Floats:
        raise NotImplementedError

    def _checked(self, vector: Floats) -> Floats:
        if vector.size != self.card.length:
            raise ModelError(self.card.card, "output.length", f"{vector.size} numbers come from {self.card.path.name}")
        vector = vector.reshape(-1).astype(np.float32)
        if not self.card.unit:
            return vector
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


class ReferenceEmbedder(_Network):
    """dlib's own, as face_recognition calls it. Holds the interpreter for 100 ms a face: never in the window's process.

    It cannot be given another network than dlib's.
    """

    engine = "reference"

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        if card.form != "dlib":
            raise ModelError(card.card, "form", "face_recognition runs dlib's network alone")
        card.content()
        try:
            self._model: Any = dlib.face_recognition_model_v1(str(card.path))
        except RuntimeError as error:
            raise ModelError(card.card, "file", f"{card.path.name}: {error}") from error

    def _run(self, chip: Picture) -> Floats:
        return np.array(self._model.compute_face_descriptor(np.ascontiguousarray(chip)), np.float32)


class _OnnxNetwork(_Network):
    def _blob(self, chip: Picture) -> Floats:
        """(1, 3, size, size), in the order of channels and the scale that the card names."""
        ordered = chip if self.card.channels == "rgb" else chip[:, :, ::-1]
        planes = ordered.transpose(2, 0, 1).astype(np.float32)
        if any(self.card.mean) or self.card.std != (1.0, 1.0, 1.0):
            mean, std = (np.array(each, np.float32)[:, None, None] for each in (self.card.mean, self.card.std))
            planes = (planes - mean) / std
        return np.ascontiguousarray(planes[None])


class DnnEmbedder(_OnnxNetwork):
    """OpenCV's classic engine; its threads are those of the whole process."""

    engine = "dnn"

    def __init__(self, card: Card, model: bytes, threads: int) -> None:
        super().__init__(card)
        cv2.setNumThreads(threads)
        try:
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8), cv2.dnn.ENGINE_CLASSIC)
        except cv2.error as error:
            raise ModelError(card.card, "file", f"{card.path.name}: {_line(error)}") from error

    def _run(self, chip: Picture) -> Floats:
        try:
            self._net.setInput(self._blob(chip))
            return np.array(self._net.forward(), np.float32)
        except cv2.error as error:
            raise ModelError(self.card.card, "file", f"{self.card.path.name}: {_line(error)}") from error


class OnnxEmbedder(_OnnxNetwork):
    """onnxruntime on the processor."""

    engine = "onnxruntime"

    def __init__(self, card: Card, model: bytes, threads: int) -> None:
        super().__init__(card)
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelError(card.card, "", f"installed, but does not load: {_line(error)}") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(card.card, "file", f"{card.path.name}: {_line(error)}") from error
        self._input = self._session.get_inputs()[0].name

    def _run(self, chip: Picture) -> Floats:
        try:
            return np.array(self._session.run(None, {self._input: self._blob(chip)})[0], np.float32)
        except Exception as error:
            raise ModelError(self.card.card, "file", f"{self.card.path.name}: {_line(error)}") from error


def open_embedder(config: FaceConfig, cache: Path) -> Embedder:
    """The configured model on the configured engine, self-tested; `auto` takes the first engine that passes.

    `cache`: folder of the converted network, made with mode 0700. `fell_back` of the answer tells which engines that
    are installed failed before it. Raises ModelError when none is left.
    """
    return open_card(scan(config.models).card(config.embedder, "embedder"), config, cache)


def open_card(card: Card, config: FaceConfig, cache: Path) -> Embedder:
    """The same with a card at hand."""
    failures: list[str] = []
    for engine in usable(card) if config.engine == "auto" else (config.engine,):
        try:
            embedder = _start(engine, card, config.threads, cache)
        except ModelError as error:
            failures.append(": ".join(part for part in (engine, error.key, error.reason) if part))
            continue
        embedder.fell_back = "; ".join(failures)
        return embedder
    raise ModelError(card.card, "", "; ".join(failures))


def usable(card: Card) -> tuple[str, ...]:
    """The engines that are installed and can run this card's form, fastest first."""
    return tuple(
        engine
        for engine in ORDER
        if (engine != "reference" or card.form == "dlib") and (engine != "onnxruntime" or _has_onnxruntime())
    )


def _has_onnxruntime() -> bool:
    return importlib.util.find_spec("onnxruntime") is not None


def _start(engine: str, card: Card, threads: int, cache: Path) -> _Network:
    if engine == "reference":
        return _tested(ReferenceEmbedder(card), None)
    if engine == "onnxruntime" and not _has_onnxruntime():
        raise ModelError(card.card, "", "not installed")
    kind = _ONNX[engine]
    if card.form == "onnx":
        return _tested(kind(card, card.content(), threads), None)
    ready = converted.load(card, cache, lambda: ReferenceEmbedder(card))
    try:
        return _tested(kind(card, ready.model, threads), ready.vector)
    except ModelError:
        if not ready.kept:
            raise
    ready = converted.load(card, cache, lambda: ReferenceEmbedder(card), fresh=True)
    return _tested(kind(card, ready.model, threads), ready.vector)


_ONNX: Mapping[str, Callable[[Card, bytes, int], _Network]] = {"onnxruntime": OnnxEmbedder, "dnn": DnnEmbedder}


def _tested(embedder: _Network, expected: Floats | None) -> _Network:
    selftest.check(embedder, expected)
    return embedder


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
