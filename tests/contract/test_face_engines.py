"""Every engine gives face_recognition's own numbers, or is not used; the cache is never trusted unchecked."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from devices.face import conversion, converted, detect, engines, selftest
from devices.face.align import align
from devices.face.cards import Card, ModelError, scan
from devices.face.network import Detector, Embedder, Found, averaged
from devices.face.sample import FACES, samples
from kiosk.config import FaceConfig
from tests.contract import face_kit

RESNET = "dlib-resnet"
ENGINES = ("onnxruntime", "dnn", "reference")
Embeddings = dict[str, np.ndarray]
NAMES = [sample.name for sample in samples()]


@pytest.fixture(scope="session")
def card() -> Card:
    return scan().card(RESNET, "embedder")


@pytest.fixture(scope="session")
def reference(card: Card) -> Embedder:
    return engines.ReferenceEmbedder(card)


@pytest.fixture(scope="session")
def made(card: Card, reference: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the conversion."""
    cache = tmp_path_factory.mktemp("models") / "state" / "cache"
    assert not converted.load(card, cache, lambda: reference).kept
    return cache


@pytest.fixture
def cache(made: Path, tmp_path: Path) -> Path:
    """The same to spoil, by new files in place of the old ones."""
    copy = tmp_path / "cache"
    copy.mkdir(mode=0o700)
    for path in made.iterdir():
        (copy / path.name).hardlink_to(path)
    return copy


@pytest.fixture(scope="session")
def embeddings(card: Card, reference: Embedder) -> Embeddings:
    """The reference engine's, of both faces."""
    chips = {sample.name: align(sample.picture, sample.points, card) for sample in samples()}
    return {name: reference.embed(chip[None])[0] for name, chip in chips.items()}


@pytest.fixture
def no_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(layers: object) -> bytes:
        raise AssertionError("converted although the cache is good")

    monkeypatch.setattr(conversion, "to_onnx", refuse)


def away(embedder: Embedder, embeddings: Embeddings) -> float:
    """Largest distance from the reference engine's embeddings."""
    chips = np.stack([align(sample.picture, sample.points, embedder.card) for sample in samples()])
    found = embedder.embed(chips)
    assert found.shape == (2, 128)
    assert found.dtype == np.float32
    return max(float(np.linalg.norm(row - embeddings[name])) for row, name in zip(found, NAMES, strict=True))


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_reference_s_numbers(
    engine: str, made: Path, embeddings: Embeddings, no_conversion: None
) -> None:
    embedder = engines.open_embedder(FaceConfig(engine=engine), made)
    assert (embedder.engine, embedder.fell_back, embedder.card.name) == (engine, "", RESNET)
    assert away(embedder, embeddings) < 1e-4


def test_the_reference_is_what_face_recognition_gives(embeddings: Embeddings) -> None:
    """In a process of its own: face_recognition's models warn when they are imported."""
    code = (
        "import json, sys, face_recognition as f\n"
        "for name, (x, y, w, h) in json.loads(sys.argv[2]).items():\n"
        "    picture = f.load_image_file(f'{sys.argv[1]}/{name}.jpg')\n"
        "    print(json.dumps(f.face_encodings(picture, [(y, x + w - 1, y + h - 1, x)], model='small')[0].tolist()))\n"
    )
    boxes = json.dumps({sample.name: sample.box for sample in samples()})
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(FACES), boxes], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name, line in zip(NAMES, done.stdout.splitlines(), strict=True):
        assert np.linalg.norm(np.array(json.loads(line)) - embeddings[name]) < 1e-4, name


def test_two_people_are_far_apart_and_a_mirror_image_is_near(made: Path, embeddings: Embeddings) -> None:
    one, other = embeddings.values()
    assert 0.6 < np.linalg.norm(one - other) < 0.8
    embedder = engines.open_embedder(FaceConfig(engine="dnn"), made)
    chip = selftest.chip(embedder.card)
    mean = averaged(embedder, chip[None])[0]
    assert np.allclose(mean, averaged(embedder, np.ascontiguousarray(chip[None, :, ::-1]))[0], atol=1e-5)
    assert 0 < np.linalg.norm(mean - one) < 0.3


def test_no_chips_give_no_vectors_and_odd_chips_are_refused(made: Path) -> None:
    embedder = engines.open_embedder(FaceConfig(engine="dnn"), made)
    assert embedder.embed(np.zeros((0, 150, 150, 3), np.uint8)).shape == (0, 128)
    for odd in (np.zeros((1, 112, 112, 3), np.uint8), np.zeros((150, 150, 3), np.uint8), np.zeros((1, 150, 150, 3))):
        with pytest.raises(ValueError, match="chips are uint8"):
            embedder.embed(odd)  # type: ignore[arg-type]


def test_the_cache_is_private_and_nothing_half_written_is_left(made: Path, card: Card) -> None:
    assert sorted(path.name for path in made.iterdir()) == [f"{card.sha256}.json", f"{card.sha256}.onnx"]
    for path in (made, made.parent, *made.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def renew(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    renew(path, bytes(data))


def truncate(path: Path) -> None:
    renew(path, path.read_bytes()[:-1000])


def edit(**changes: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        note = json.loads(path.read_text("utf-8"))
        renew(path, json.dumps(note | changes).encode())

    return change


SPOILED = {
    "a flipped bit": (".onnx", flip),
    "half a model": (".onnx", truncate),
    "no model": (".onnx", Path.unlink),
    "no note": (".json", Path.unlink),
    "half a note": (".json", truncate),
    "not a note": (".json", lambda path: renew(path, b"[]")),
    "another network's note": (".json", edit(model="0" * 64)),
    "another face's note": (".json", edit(chip="0" * 64)),
    "another vector": (".json", edit(vector=[0.1] * 128)),
    "a short vector": (".json", edit(vector=[0.1] * 127)),
    "no number in the vector": (".json", edit(vector=[float("nan")] * 128)),
    "words in the vector": (".json", edit(vector="none")),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_cache_is_made_again(
    what: str, made: Path, cache: Path, card: Card, embeddings: Embeddings, reference: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(engines, "ReferenceEmbedder", lambda card: reference)
    suffix, spoil = SPOILED[what]
    spoil(cache / f"{card.sha256}{suffix}")
    embedder = engines.open_embedder(FaceConfig(engine="dnn"), cache)
    assert (embedder.engine, embedder.fell_back) == ("dnn", "")
    assert away(embedder, embeddings) < 1e-4
    for path in made.iterdir():
        assert (cache / path.name).read_bytes() == path.read_bytes()


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, reference: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "ReferenceEmbedder", lambda card: reference)
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert engines.open_embedder(FaceConfig(engine="dnn"), tmp_path / "file" / "cache").engine == "dnn"


class Wrong(engines.DnnEmbedder):
    """Off by more than the tolerance, as an engine with a fault in one of its kernels would be."""

    def _run(self, chip: np.ndarray) -> np.ndarray:
        return super()._run(chip) + np.float32(1e-4)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def spoil(*names: str) -> None:
        monkeypatch.setattr(engines, "_ONNX", {**engines._ONNX, **dict.fromkeys(names, Wrong)})

    return spoil


def test_auto_takes_the_fastest(made: Path) -> None:
    embedder = engines.open_embedder(FaceConfig(), made)
    assert (embedder.engine, embedder.fell_back) == ("onnxruntime", "")


def test_an_engine_that_is_not_installed_is_no_failure(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_has_onnxruntime", lambda: False)
    embedder = engines.open_embedder(FaceConfig(), made)
    assert (embedder.engine, embedder.fell_back) == ("dnn", "")
    with pytest.raises(ModelError, match="onnxruntime: not installed"):
        engines.open_embedder(FaceConfig(engine="onnxruntime"), made)


def test_an_engine_that_does_not_load_is_passed_over(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_has_onnxruntime", lambda: True)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    embedder = engines.open_embedder(FaceConfig(), made)
    assert embedder.engine == "dnn"
    assert embedder.fell_back.startswith("onnxruntime: installed, but does not load: ")


def test_damaged_faces_are_said(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise ValueError("eileen-collins.jpg is no picture")

    monkeypatch.setattr(selftest, "samples", damaged)
    with pytest.raises(ModelError, match=r"bundled faces are damaged: eileen-collins\.jpg is no picture"):
        engines.open_embedder(FaceConfig(), made)


@pytest.mark.parametrize(("bad", "left"), [(("onnxruntime",), "dnn"), (("onnxruntime", "dnn"), "reference")])
def test_auto_falls_back_and_says_why(
    bad: tuple[str, ...], left: str, cache: Path, broken: Callable[..., None], embeddings: Embeddings
) -> None:
    broken(*bad)
    embedder = engines.open_embedder(FaceConfig(), cache)
    assert embedder.engine == left
    assert [part.split(":")[0] for part in embedder.fell_back.split("; ")] == list(bad)
    assert "self-test" in embedder.fell_back
    assert away(embedder, embeddings) < 1e-4


def test_a_named_engine_that_fails_is_not_replaced(cache: Path, broken: Callable[..., None]) -> None:
    broken("dnn")
    with pytest.raises(ModelError, match=r"dlib-resnet\.toml: dnn: self-test: .* away from the reference"):
        engines.open_embedder(FaceConfig(engine="dnn"), cache)


def test_another_network_under_the_card_s_name_is_refused(card: Card, made: Path) -> None:
    other = replace(card, sha256="0" * 64)
    for engine in ENGINES:
        with pytest.raises(ModelError, match=rf"dlib-resnet\.toml: {engine}: sha256: .*55533b28"):
            engines.open_card(other, FaceConfig(engine=engine), made)


def test_a_missing_network_is_said_by_name(card: Card, made: Path) -> None:
    with pytest.raises(ModelError, match=r"dlib-resnet\.toml: .*reference: file: gone\.dat: No such file"):
        engines.open_card(replace(card, path=card.path.with_name("gone.dat")), FaceConfig(), made)


@pytest.mark.parametrize("engine", ["onnxruntime", "dnn"])
def test_a_dropped_in_model_embeds(engine: str, tmp_path: Path) -> None:
    face_kit.tiny(tmp_path)
    embedder = engines.open_embedder(FaceConfig(models=str(tmp_path), embedder="tiny", engine=engine), tmp_path)
    chip = selftest.chip(embedder.card)
    assert np.allclose(embedder.embed(chip[None])[0], [*(chip.mean(axis=(0, 1)) + 1), 1], atol=0.01)


@pytest.mark.parametrize("engine", ["onnxruntime", "dnn"])
def test_a_model_of_another_length_is_refused(engine: str, tmp_path: Path) -> None:
    face_kit.tiny(tmp_path, length=128)
    with pytest.raises(ModelError, match=rf"tiny\.toml: {engine}: output\.length: 4 numbers come from tiny\.onnx"):
        engines.open_embedder(FaceConfig(models=str(tmp_path), embedder="tiny", engine=engine), tmp_path)


def test_a_model_that_sees_nothing_is_refused(tmp_path: Path) -> None:
    face_kit.tiny(tmp_path, flat=True)
    with pytest.raises(ModelError, match="self-test: a face is 0 away from its mirror image and 0 from another"):
        engines.open_embedder(FaceConfig(models=str(tmp_path), embedder="tiny"), tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_that_is_no_model_is_refused(engine: str, tmp_path: Path) -> None:
    (tmp_path / "noise.onnx").write_bytes(bytes(range(256)) * 16)
    rest = face_kit.EMBEDDER.format(size=112, mean=[0, 0, 0], std=[1, 1, 1], length=128, unit="true")
    face_kit.write_card(tmp_path, "noise", "embedder", "onnx", "noise.onnx", rest)
    with pytest.raises(ModelError, match=r"noise\.toml: "):
        engines.open_embedder(FaceConfig(models=str(tmp_path), embedder="noise", engine=engine), tmp_path)


def test_mobilefacenet_takes_the_place_of_the_embedder(tmp_path: Path) -> None:
    face_kit.mobilefacenet(tmp_path)
    config = FaceConfig(models=str(tmp_path), embedder="mobilefacenet")
    both = [engines.open_embedder(replace(config, engine=engine), tmp_path) for engine in ("onnxruntime", "dnn")]
    chips = np.stack([selftest.chip(both[0].card, number) for number in range(2)])
    one, other = (embedder.embed(chips) for embedder in both)
    assert np.abs(one - other).max() < 1e-4
    assert np.allclose(np.linalg.norm(one, axis=1), 1, atol=1e-5)
    assert np.linalg.norm(one[0] - one[1]) > 1.2
    with pytest.raises(ModelError, match="face_recognition runs dlib's network alone"):
        engines.open_embedder(replace(config, engine="reference"), tmp_path)


@pytest.fixture(scope="session", params=["dlib-hog", "yunet"])
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Detector:
    folder = tmp_path_factory.mktemp("detectors")
    if request.param == "yunet":
        face_kit.yunet(folder)
    return detect.open_detector(FaceConfig(models=str(folder), detector=request.param))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("grey", [False, True])
def test_a_detector_finds_the_face_and_none_where_none_is(detector: Detector, number: int, grey: bool) -> None:
    sample = samples()[number]
    picture = cv2.cvtColor(sample.picture, cv2.COLOR_BGR2GRAY) if grey else sample.picture
    found = detector.find(picture)
    assert found
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert selftest._overlap(found[0].box, sample.box) > 0.6
    assert detector.find(np.full_like(picture, 128)) == []


def test_of_two_faces_the_surer_comes_first(detector: Detector) -> None:
    both = [cv2.resize(sample.picture, (400, 480)) for sample in samples()]
    for pair in (both, both[::-1]):
        scores = [each.score for each in detector.find(np.hstack(pair))]
        assert len(scores) >= 2
        assert scores == sorted(scores, reverse=True)


def test_landmarks_are_found_from_either_detector_s_box(detector: Detector) -> None:
    landmarks = detect.open_landmarks()
    for sample in samples():
        points = landmarks.points(sample.picture, detector.find(sample.picture)[0].box)
        assert points.shape == (5, 2)
        assert np.abs(points - sample.points).max() < 0.06 * sample.box[2]


def test_a_detector_that_misses_the_face_is_refused() -> None:
    card = scan().card("dlib-hog", "detector")
    with pytest.raises(ModelError, match=r"dlib-hog\.toml: self-test: does not find the bundled face"):
        detect.open_card(replace(card, score=9.0))


def test_a_detector_that_finds_a_face_elsewhere_is_refused() -> None:
    class Elsewhere:
        card = scan().card("dlib-hog", "detector")

        def find(self, picture: np.ndarray) -> list[Found]:
            return [Found((300, 300, 88, 88), 2.0)]

    with pytest.raises(ModelError, match=r"finds \(300, 300, 88, 88\) instead of \(179, 83, 88, 88\)"):
        selftest.check_detector(Elsewhere())


def test_an_embedding_hardly_depends_on_which_points_the_face_was_aligned_by(tmp_path: Path) -> None:
    face_kit.yunet(tmp_path)
    face_kit.mobilefacenet(tmp_path)
    detector = detect.open_detector(FaceConfig(models=str(tmp_path), detector="yunet"))
    embedder = engines.open_embedder(FaceConfig(models=str(tmp_path), embedder="mobilefacenet"), tmp_path)
    for sample in samples():
        features = detector.find(sample.picture)[0].points
        assert features is not None
        chips = np.stack([align(sample.picture, points, embedder.card) for points in (features, sample.points)])
        assert np.linalg.norm(np.subtract(*averaged(embedder, chips))) < 0.5, sample.name
