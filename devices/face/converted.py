"""The converted network in its cache folder: made once, checked each time, made again when anything is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from devices.face import conversion, dat_file, selftest
from devices.face.cards import Card, ModelError
from devices.face.network import Embedder


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """`model`: the ONNX file. `vector`: what the reference engine makes of the bundled face, (length,).

    `kept`: both come from the cache.
    """

    model: bytes
    vector: NDArray[np.float32]
    kept: bool = False


def load(card: Card, cache: Path, reference: Callable[[], Embedder], fresh: bool = False) -> Converted:
    """From the cache, or converted and put there; a folder that cannot be written costs time only.

    `reference` starts the reference engine, for a conversion alone. `fresh`: convert in any case. Raises ModelError.
    """
    data = card.content()
    chip = selftest.chip(card)
    key = {"model": card.sha256, "chip": _sha256(chip.tobytes())}
    if not fresh and (found := _kept(cache / card.sha256, key, card.length)):
        return found
    try:
        model = conversion.to_onnx(dat_file.read(data))
    except dat_file.DatError as error:
        raise ModelError(card.card, "file", f"{card.path.name}: {error}") from error
    made = Converted(model, reference().embed(chip[None])[0])
    _keep(cache / card.sha256, key, made)
    return made


def _kept(stem: Path, key: dict[str, str], length: int) -> Converted | None:
    """None: not there, or not what was written with this network, this face and this vector together."""
    try:
        note = json.loads(stem.with_suffix(".json").read_text("utf-8"))
        model = stem.with_suffix(".onnx").read_bytes()
        vector = np.array(note.pop("vector"), np.float32)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if note != key | {"onnx": _sha256(model)} or vector.shape != (length,):
        return None
    return Converted(model, vector, kept=True)


def _keep(stem: Path, key: dict[str, str], made: Converted) -> None:
    note = key | {"onnx": _sha256(made.model), "vector": [float(each) for each in made.vector]}
    try:
        _make_private(stem.parent)
        _write(stem.with_suffix(".onnx"), made.model)
        _write(stem.with_suffix(".json"), json.dumps(note).encode())
    except OSError:
        return


def _make_private(folder: Path) -> None:
    """`parents=True` would make those above with the usual mode, and the state folder is one of them."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing, also when the power goes."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
