"""A pipeline before two real faces."""

from __future__ import annotations

import pytest

from devices.face.network import Embedder, Vectors
from devices.sim import faces
from tests.unit import face_kit as kit
from tests.unit.face_kit import Bench


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return kit.embedder(tmp_path_factory.mktemp("models"))


@pytest.fixture
def bench(embedder: Embedder) -> Bench:
    return Bench(embedder)


@pytest.fixture(scope="module")
def templates(embedder: Embedder) -> dict[str, Vectors]:
    """One embedding of each, from another distance than that of the clips."""
    found = {}
    for name in faces.PEOPLE:
        bench = Bench(embedder)
        bench.see(faces.clip(name, 6, share=0.26))
        found[name] = bench.pipeline.probes.mean(axis=0)
    return found
