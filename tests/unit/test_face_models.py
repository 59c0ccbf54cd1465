"""Cards, the reading of dlib's file, the writing of ONNX, and the cutting out of faces."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest

from devices.face import cards, conversion, dat_file
from devices.face.align import CORNERS, FEATURES, align, features, similarity
from devices.face.cards import Card, ModelError
from devices.face.network import Picture, Points
from devices.face.onnx_file import Graph
from devices.face.sample import FACES, samples
from kiosk.domain.matching.limits import Limits

GOOD = """
name = "other"
kind = "embedder"
form = "onnx"
file = "other.onnx"
sha256 = "{sha256}"
licence = "Apache-2.0"
source = "made for this test"
[input]
size = 112
mean = [1, 2, 3]
[alignment]
points = [[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]]
[output]
length = 128
unit = true
[limits]
adapted = [[1, 1.1], [1000, 0.9]]
raw_margin = 0.05
least = 30
""".format(sha256="0" * 64)


def write(folder: Path, text: str = GOOD, name: str = "other.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_card_says_what_the_model_takes_and_gives(tmp_path: Path) -> None:
    card = cards.read(write(tmp_path))
    assert (card.name, card.kind, card.form, card.path) == ("other", "embedder", "onnx", tmp_path / "other.onnx")
    assert (card.size, card.channels, card.mean, card.std) == (112, "rgb", (1, 2, 3), (1, 1, 1))
    assert (card.length, card.unit, card.mirror, card.points[4]) == (128, True, False, (70.7, 92.2))
    assert card.limits == Limits(adapted=((1, 1.1), (1000, 0.9)), raw_margin=0.05, least=30)


def test_the_built_in_cards_are_good_and_so_are_their_files() -> None:
    shelf = cards.scan()
    assert shelf.problems == ()
    assert sorted(shelf.cards) == ["dlib-hog", "dlib-resnet"]
    assert all(card.content() for card in shelf.cards.values())
    assert shelf.cards["dlib-resnet"].limits == Limits()


WRONG = {
    "name": ('name = "other"', 'name = "../x"', "name: found '../x'; allowed: a-z, 0-9 and -"),
    "no name": ('name = "other"', "", "name: found nothing"),
    "kind": ('kind = "embedder"', 'kind = "oracle"', "kind: found 'oracle'; allowed: detector or embedder"),
    "form": ('form = "onnx"', 'form = "hog"', "form: found 'hog'; allowed: dlib or onnx"),
    "file elsewhere": ('file = "other.onnx"', 'file = "../other.onnx"', "file: found '../other.onnx'"),
    "file in a folder": ('file = "other.onnx"', 'file = "a/b.onnx"', "file: found 'a/b.onnx'"),
    "absolute file": ('file = "other.onnx"', 'file = "/etc/passwd"', "file: found '/etc/passwd'"),
    "no file's name": ('file = "other.onnx"', r'file = "a\u0000b"', "file: found 'a\\x00b'"),
    "package": ('file = "other.onnx"', 'file = "x"\npackage = "no_such"', "package: found 'no_such'"),
    "package path": ('file = "other.onnx"', 'file = "x"\npackage = "os.path"', "package: found 'os.path'"),
    "sha256": ("0" * 64, "0" * 63, "sha256: found '000"),
    "licence": ('licence = "Apache-2.0"', 'licence = ""', "licence: found ''; allowed: a text"),
    "size": ("size = 112", "size = 112.0", "input.size: found 112.0; allowed: a whole number from 16 to 1024"),
    "true size": ("size = 112", "size = true", "input.size: found True"),
    "channels": ("size = 112", 'size = 112\nchannels = "grey"', "input.channels: found 'grey'; allowed: rgb or bgr"),
    "mean": ("mean = [1, 2, 3]", "mean = [1, 2]", "input.mean: found [1, 2]; allowed: three numbers"),
    "std": ("mean = [1, 2, 3]", "std = [1, 0, 1]", "input.std: found [1, 0, 1]; allowed: three numbers above 0"),
    "infinite": ("mean = [1, 2, 3]", "mean = [1, inf, 3]", "input.mean: found [1, inf, 3]; allowed: numbers"),
    "points": ("[41.5, 92.4], ", "", "alignment.points: found"),
    "length": ("length = 128", "", "output.length: found nothing"),
    "unit": ("unit = true", "unit = 1", "output.unit: found 1; allowed: true or false"),
    "unknown key": (
        "size = 112",
        "size = 112\nsise = 1",
        "input.sise: found 1; allowed: size, channels, mean, std and",
    ),
    "unknown table": ("[output]", "[outputs]", "outputs: found"),
    "a table of a detector": ("[limits]", "[detection]\nscore = 1\n[limits]", "detection: found {'score': 1}"),
    "looser limits": ("[1000, 0.9]", "[1000, 1.2]", "limits: found {"),
    "odd limits": ("[1000, 0.9]", "[1000]", "limits.adapted: found"),
    "words in limits": ("raw_margin = 0.05", 'raw_margin = "x"', "limits.raw_margin: found 'x'"),
    "no TOML": ('name = "other"', "name = ", "Invalid value"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_bad_card_is_refused_by_file_and_key_and_the_others_work(what: str, tmp_path: Path) -> None:
    good, bad, said = WRONG[what]
    assert good in GOOD
    write(tmp_path, GOOD.replace(good, bad, 1))
    write(tmp_path, GOOD.replace('"other"', '"third"'), "third.toml")
    shelf = cards.scan(str(tmp_path))
    assert sorted(shelf.cards) == ["dlib-hog", "dlib-resnet", "third"]
    (problem,) = shelf.problems
    assert str(problem).startswith(f"other.toml: {said}")
    with pytest.raises(ModelError, match=r"no such card; there are dlib-resnet, third; refused: other\.toml"):
        shelf.card("other", "embedder")


@pytest.mark.parametrize("table", ["input", "alignment", "output", "limits"])
def test_a_number_is_no_table(table: str, tmp_path: Path) -> None:
    kept = [part for part in GOOD.split("\n[") if not part.startswith(table)]
    path = write(tmp_path, f"{table} = 3\n" + "\n[".join(kept))
    with pytest.raises(ModelError, match=rf"other\.toml: {table}: found 3; allowed: a table"):
        cards.read(path)


def test_a_card_takes_the_place_of_a_built_in_one_of_its_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace('"other"', '"dlib-resnet"'))
    card = cards.scan(str(tmp_path)).card("dlib-resnet", "embedder")
    assert (card.form, card.card) == ("onnx", "other.toml")


def test_two_cards_of_one_name_and_a_missing_folder_are_said(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, GOOD, "zz.toml")
    (problem,) = cards.scan(str(tmp_path)).problems
    assert str(problem) == "zz.toml: name: other is the name of other.toml too"
    (missing,) = cards.scan(str(tmp_path / "none")).problems
    assert "no such folder" in str(missing)
    assert missing.file == str(tmp_path / "none")


def test_a_detector_is_no_embedder() -> None:
    with pytest.raises(ModelError, match=r"face\.embedder: dlib-hog: no such card; there are dlib-resnet$"):
        cards.scan().card("dlib-hog", "embedder")


def test_a_file_that_is_not_the_card_s_is_refused(tmp_path: Path) -> None:
    card = cards.read(write(tmp_path))
    with pytest.raises(ModelError, match=r"other\.toml: file: other\.onnx: No such file"):
        card.content()
    card.path.write_bytes(b"something else")
    with pytest.raises(ModelError, match=r"other\.toml: sha256: other\.onnx has [0-9a-f]{64}"):
        card.content()


@pytest.fixture(scope="module")
def dat() -> bytes:
    return cards.scan().cards["dlib-resnet"].content()


def test_dlib_s_network_is_read_to_its_last_byte(dat: bytes) -> None:
    layers = dat_file.read(dat)
    kinds = [layer.kind for layer in layers]
    assert {kind: kinds.count(kind) for kind in ("con", "affine", "add_prev", "max_pool", "avg_pool")} == {
        "con": 29, "affine": 29, "add_prev": 14, "max_pool": 1, "avg_pool": 5,
    }  # fmt: skip
    assert np.allclose(layers[0].weights, [122.782, 117.001, 104.298])
    strided = [layer for layer in layers if layer.kind == "con" and layer.stride == (2, 2)]
    assert len(strided) == 5
    assert all(layer.padding == (0, 0) for layer in strided)
    weights = sum(layer.weights.size for layer in layers)
    assert len(dat) * 0.99 < 4 * weights < len(dat)


def test_a_cut_or_changed_network_is_refused(dat: bytes) -> None:
    for cut in (0, 1, 100, 400, 60_000, len(dat) - 200_000):
        with pytest.raises(dat_file.DatError):
            conversion.to_onnx(dat_file.read(dat[:cut]))
    for old, new in ((b"con_4", b"con_5"), (b"affine_", b"affina_")):
        assert old in dat
        with pytest.raises(dat_file.DatError):
            conversion.to_onnx(dat_file.read(dat.replace(old, new)))


def test_layers_out_of_order_are_refused(dat: bytes) -> None:
    layers = dat_file.read(dat)
    for wrong in (
        [*layers[:2], *layers[3:]],
        [layers[0], *layers[3:]],
        [*layers, layers[0]],
        [layers[0], layers[-1]],
    ):
        with pytest.raises(dat_file.DatError):
            conversion.to_onnx(wrong)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 1 << 40])
def test_whole_numbers_are_varints(number: int) -> None:
    """Seven bits a byte, lowest first, all but the last with the top bit: read back here by another way."""
    graph = Graph()
    graph.add("X", [], one=number)
    (node,) = graph.nodes
    start = node.index(b"\x0a\x03one\x18") + 6
    digits = [byte & 0x7F for byte in node[start:]]
    length = next(at for at, byte in enumerate(node[start:]) if byte < 0x80) + 1
    assert sum(digit << 7 * place for place, digit in enumerate(digits[:length])) == number


@pytest.mark.parametrize("engine", ["dnn"])
def test_what_the_smaller_picture_lacks_is_zero_below_right_and_in_channels(engine: str) -> None:
    layer = dat_file.Layer
    none = np.zeros(0, np.float32)
    one = np.concatenate([np.ones(4 * 3, np.float32), np.zeros(4, np.float32)])
    neutral = layer("affine", np.repeat(np.array([256, 0], np.float32), 4))
    full = layer("fc", np.eye(4, dtype=np.float32).reshape(-1), 4)
    network = [
        layer("input", np.zeros(3, np.float32), 3, (4, 4)),
        layer("con", one, 4, (1, 1), (3, 3)),
        neutral,
        layer("avg_pool", none, 0, (1, 1)),
        layer("add_prev", none),
        layer("avg_pool", none),
        full,
    ]
    model = conversion.to_onnx(network)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8), cv2.dnn.ENGINE_CLASSIC)
    picture = np.arange(48, dtype=np.float32).reshape(1, 3, 4, 4)
    net.setInput(picture)
    sums = picture[0].sum(axis=0)[::3, ::3]
    expected = [(sums.sum() + (picture[0, k].sum() if k < 3 else 0)) / 16 for k in range(4)]
    assert np.allclose(net.forward()[0], expected, rtol=1e-5)


def turned(picture: Picture, degrees: float, scale: float, shift: tuple[float, float]) -> tuple[Picture, np.ndarray]:
    """On a 720p picture, and the matrix that did it."""
    matrix = cv2.getRotationMatrix2D((220, 130), degrees, scale)
    matrix[:, 2] += shift
    return np.asarray(cv2.warpAffine(picture, matrix, (1280, 720)), np.uint8), matrix


def moved(points: Points, matrix: np.ndarray) -> Points:
    return np.asarray(np.round(points @ matrix[:, :2].T + matrix[:, 2]), np.float32)


POSES = [(0, 1.0, (300, 200)), (20, 2.0, (400, 200)), (-35, 0.6, (0, 0)), (90, 1.0, (500, 300)), (0, 2.6, (-150, -180)),
         (10, 5.0, (300, 200)), (45, 2.5, (200, 100)), (0, 1.0, (1000, 560)), (0, 0.25, (900, 500))]  # fmt: skip


@pytest.mark.parametrize("pose", POSES)
def test_dlib_s_chip_is_dlib_s_to_the_last_bit(pose: tuple[float, float, tuple[float, float]]) -> None:
    sample = samples()[0]
    frame, matrix = turned(sample.picture, *pose)
    points = moved(sample.points, matrix)
    parts = [dlib.point(int(x), int(y)) for x, y in points]
    shape = dlib.full_object_detection(dlib.rectangle(0, 0, 10, 10), parts)
    expected = dlib.get_face_chip(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), shape, 150, 0.25)
    card = cards.scan().cards["dlib-resnet"]
    assert (align(frame, points, card) == expected).all()


@pytest.fixture
def other(tmp_path: Path) -> Card:
    return cards.read(write(tmp_path))


def middle(chip: Picture) -> complex:
    """The centre of gravity of what is white."""
    weights = chip[:, :, 0].astype(np.float64)
    rows, columns = np.indices(weights.shape)
    return complex((weights * columns).sum(), (weights * rows).sum()) / weights.sum()


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("kind", [FEATURES, CORNERS])
@pytest.mark.parametrize("scale", [0.5, 1.3, 2.7, 4.0, 7.0])
def test_a_chip_shows_the_face_where_the_card_wants_it(
    feature: tuple[float, float], kind: tuple[tuple[float, float], ...], scale: float, other: Card
) -> None:
    """A white dot at a feature of a tilted face comes to lie on the card's point, from dlib's points too."""
    matrix = cv2.getRotationMatrix2D((75, 75), 20, scale)
    matrix[:, 2] += (1000, 1000)
    x, y = matrix @ (*feature, 1)
    frame = np.zeros((2000, 2000, 3), np.uint8)
    cv2.circle(frame, (round(x * 256), round(y * 256)), round(1280 * scale), (255, 255, 255), -1, cv2.LINE_AA, 8)
    points = np.asarray(np.array(kind) @ matrix[:, :2].T + matrix[:, 2], np.float32)
    chip = align(frame, points, other)
    assert chip.shape == (112, 112, 3)
    turn, shift = similarity(np.array(FEATURES), np.array(other.points))
    assert abs(middle(chip) - (turn * complex(*feature) + shift)) < 0.1


def test_fine_grain_of_a_near_face_becomes_grey(other: Card) -> None:
    frame = np.zeros((1000, 1000, 3), np.uint8)
    frame[::2, ::2] = frame[1::2, 1::2] = 200
    chip = align(frame, np.asarray(np.array(CORNERS) * 6 + (1, 37), np.float32), other)
    assert np.abs(chip[20:90, 20:90].astype(int) - 100).max() < 10


def test_a_chip_is_red_green_blue(other: Card) -> None:
    frame = np.zeros((200, 200, 3), np.uint8)
    frame[:] = (250, 120, 10)
    for card in (other, cards.scan().cards["dlib-resnet"]):
        chip = align(frame, np.asarray(np.array(CORNERS) + 25, np.float32), card)
        assert chip[chip.shape[0] // 2, chip.shape[1] // 2].tolist() == [10, 120, 250]


@pytest.mark.parametrize("degrees", range(-180, 180, 30))
def test_the_two_kinds_of_points_are_told_apart_however_the_head_is_tilted(degrees: int) -> None:
    turn = np.array([[math.cos(math.radians(degrees)), -math.sin(math.radians(degrees))],
                     [math.sin(math.radians(degrees)), math.cos(math.radians(degrees))]])  # fmt: skip
    for narrow in (1.0, 0.6, 0.35):
        aside = np.diag([narrow, 1.0])
        assert features(np.asarray(np.array(FEATURES) @ aside @ turn.T, np.float32))
        assert not features(np.asarray(np.array(CORNERS) @ aside @ turn.T, np.float32))
    for sample in samples():
        assert not features(np.asarray(sample.points @ turn.T, np.float32))


def test_points_in_one_place_or_far_outside_give_a_black_chip(other: Card) -> None:
    frame = np.full((100, 100, 3), 200, np.uint8)
    assert not align(frame, np.zeros((5, 2), np.float32), other).any()
    assert not align(frame, np.asarray(np.array(CORNERS) + 5000, np.float32), other).any()
    assert not align(frame, np.asarray(np.array(CORNERS) - 5000, np.float32), other).any()


def test_the_bundled_faces_are_small_and_named() -> None:
    assert [sample.name for sample in samples()] == ["eileen-collins", "grace-hopper"]
    readme = (FACES / "README.md").read_text("utf-8")
    for path in FACES.glob("*.jpg"):
        assert path.stat().st_size <= 60_000
        assert path.name in readme
