"""`python -m kiosk models`: says of every model what it is and whether it works; fails when the one in use does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.app import tools_models
from kiosk.config import Config, FaceConfig, PathsConfig
from tests.contract import face_kit

Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the conversion is done once."""
    return tmp_path_factory.mktemp("models-tool") / "state"


@pytest.fixture
def run(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a verb over the models in `tmp_path`; exit code and lines."""
    monkeypatch.setattr(tools_models, "ROUNDS", 1)

    def go(verb: str, **face: str) -> tuple[int, list[str]]:
        config = Config(face=FaceConfig(models=str(tmp_path), **face), paths=PathsConfig(state=state))
        code = tools_models.run(verb, config)
        return code, capsys.readouterr().out.splitlines()

    return go


def test_the_list_names_licence_file_state_and_use(tmp_path: Path, run: Run) -> None:
    face_kit.tiny(tmp_path)
    face_kit.tiny(tmp_path, "gone")
    (tmp_path / "gone.onnx").unlink()
    face_kit.tiny(tmp_path, "other")
    (tmp_path / "other.onnx").write_bytes(b"something else")
    (tmp_path / "bad.toml").write_text("kind = 1", "utf-8")
    code, lines = run("list", embedder="tiny")
    assert code == 0
    assert [line.split() for line in lines[1:-1]] == [
        ["dlib-hog", "detector", "CC0-1.0", "c4b1e9804792", "good", "yes"],
        ["dlib-resnet", "embedder", "CC0-1.0", "55533b28a958", "good", "no"],
        ["gone", "embedder", "Apache-2.0", "missing", "no"],
        ["other", "embedder", "Apache-2.0", "differs", "no"],
        ["tiny", "embedder", "Apache-2.0", lines[5].split()[3], "good", "yes"],
    ]
    assert lines[-1] == "refused: bad.toml: kind: found 1; allowed: detector or embedder"


def test_a_model_in_use_that_has_no_card_fails_both(run: Run) -> None:
    for verb in ("list", "check"):
        code, lines = run(verb, detector="none")
        assert code == 1
        assert any(line.startswith("FAILED: face.detector: none: no such card") for line in lines)


def test_the_check_tries_every_model_on_every_engine(tmp_path: Path, run: Run) -> None:
    face_kit.tiny(tmp_path)
    code, lines = run("check")
    assert code == 0
    assert [line.split()[:2] for line in lines] == [
        ["dlib-hog", "hog"],
        ["dlib-resnet", "onnxruntime"],
        ["dlib-resnet", "dnn"],
        ["dlib-resnet", "reference"],
        ["tiny", "onnxruntime"],
        ["tiny", "dnn"],
    ]
    assert all(line.endswith("ms a face   good") for line in lines)


@pytest.mark.parametrize(
    ("used", "engine", "code"), [("dlib-resnet", "dnn", 0), ("blind", "auto", 1), ("tiny", "reference", 1)]
)
def test_the_check_fails_with_the_model_in_use_alone(
    used: str, engine: str, code: int, tmp_path: Path, run: Run
) -> None:
    face_kit.tiny(tmp_path)
    face_kit.tiny(tmp_path, "blind", flat=True)
    found, lines = run("check", embedder=used, engine=engine)
    assert found == code
    failed = {line.split()[0] for line in lines if "FAILED" in line}
    assert failed == {"blind", used} - {"dlib-resnet"}
