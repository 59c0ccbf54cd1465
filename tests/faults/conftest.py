"""Fixtures of the harnesses: one nursery for all, and stages on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import recorder
from tests.faults.nursery import Nursery
from tests.faults.stage import Stage
from tests.sync.central_kit import central_template  # noqa: F401 - a fixture

MakeStage = Callable[..., Stage]


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """With the recorder in front of the C library, where there is a compiler."""
    made = Nursery(recorder.build(tmp_path_factory.mktemp("recorder")))
    yield made
    made.stop()


@pytest.fixture
def make_stage(nursery: Nursery, central_template: Path, tmp_path: Path) -> Iterator[MakeStage]:  # noqa: F811
    """Stages, opened; everything of them has ended when the test has."""
    made: list[Stage] = []

    def make(**more: Any) -> Stage:
        folder = tmp_path / f"stage-{len(made)}"
        skip = shutil.ignore_patterns("*-wal", "*-shm")
        central = Path(shutil.copytree(central_template, folder / "central", ignore=skip))
        roles = more.pop("roles", ("sync", "enqueuer"))
        stage = Stage(folder, central, more.pop("starter", nursery), **more)
        made.append(stage)
        stage.open(roles)
        return stage

    yield make
    for stage in made:
        stage.close()
