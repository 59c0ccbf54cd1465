"""Judging a model: fair trials, honest shares, nothing dropped in silence."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from devices.face.evaluate import FolderError, People, read_people
from devices.face.network import Picture, Vectors
from kiosk.app import tools_face
from kiosk.app.judging import judge, report, write
from kiosk.assets import ROOT
from kiosk.domain.matching import Limits
from kiosk.domain.matching.judging import FEWEST_PEOPLE, Trials, one_of_many, trials
from tests.unit.matching_kit import faces, name, pictures

NOISE = 0.03


def crowd(count: int, photos: int, seed: int) -> dict[str, Vectors]:
    return {
        name(seed * 1000 + row): pictures(face, photos, seed=row, noise=NOISE)
        for row, face in enumerate(faces(count, seed))
    }


KNOWN, STRANGERS = crowd(24, 6, seed=1), crowd(12, 1, seed=2)


def hand_made(genuine: list[float], rival: list[float], impostor: list[float], outsider: list[list[float]]) -> Trials:
    arrays = [np.array(part) for part in (genuine, rival, impostor, outsider)]
    return Trials(3, 3, True, 30, *arrays)


# --- the arithmetic ----------------------------------------------------------------------------------------------


def test_shares_are_counted_with_the_limit_itself_inside() -> None:
    found = hand_made([0.5, 0.7, 0.9], [1.2, 0.75, 0.6], [0.8, 1.0, 1.2, 1.4], [[0.8, 1.0], [0.85, 0.86]])
    assert found.true_accept(0.7) == pytest.approx(2 / 3)
    assert found.false_match(1.0) == 0.5
    assert found.identified(0.9, 0.1) == pytest.approx(1 / 3)
    assert found.mistaken(0.9, 0.1) == pytest.approx(1 / 3)
    assert found.false_identified(0.9, 0.1) == 0.5


def test_threshold_lets_no_larger_share_pass_and_needs_ten_matches_behind_it() -> None:
    found = hand_made([0.5], [1.0], [float(at) for at in range(1, 10_001)], [[0.8, 1.0]])
    assert found.threshold(0.01) == 100
    assert found.false_match(100) == 0.01
    assert found.threshold(0.001) == 10
    assert found.threshold(0.0005) is None


def test_tail_of_a_normal_distribution_is_foretold() -> None:
    drawn = np.sort(np.random.default_rng(1).normal(1.4, 0.1, 100_000))
    found = hand_made([0.5], [1.0], drawn.tolist(), [[0.8, 1.0]])
    assert found.extrapolated_false_match(1.4 - 0.1 * 4.75) == pytest.approx(1e-6, rel=0.6)
    search = one_of_many(found, Limits(adapted=((1, 1.0), (20_000, 0.925)), caution=0), 20_000)
    assert search.extrapolated
    assert search.false_found == pytest.approx(0.02, rel=0.6)
    assert search.mistaken is None


# --- the trials --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adapted", [False, True])
def test_trials_have_every_pair_and_tell_people_apart(adapted: bool) -> None:
    found = trials(KNOWN, STRANGERS, 3, 3, adapted, most_rounds=1)
    assert (found.people, len(found.genuine), len(found.outsider)) == (24, 24, 24)
    assert (np.diff(found.impostor) >= 0).all()
    assert np.median(found.genuine) < found.impostor[0]
    one = trials(KNOWN, STRANGERS, 1, 1, adapted, most_rounds=1)
    assert len(one.outsider) == 24 + 12


def test_adapted_is_better_where_everybody_s_pictures_differ_along_the_same_axes() -> None:
    """As they do by pose, light and age: such axes say little about who it is, and adapting makes less of them."""
    people = {
        person: np.asarray(rows + np.random.default_rng(at).normal(0, 0.15, (6, 4)) @ faces(4, seed=3), np.float32)
        for at, (person, rows) in enumerate(crowd(60, 6, seed=1).items())
    }
    raw, adapted = (trials(people, {}, 1, 1, scale, most_rounds=5) for scale in (False, True))
    at_raw, at_adapted = raw.threshold(0.001), adapted.threshold(0.001)
    assert at_raw is not None
    assert at_adapted is not None
    assert adapted.true_accept(at_adapted) > raw.true_accept(at_raw)


def test_nobody_is_compared_with_a_gallery_that_they_are_in() -> None:
    """Everybody has one and the same picture six times: an impostor at distance 0 would be their own template."""
    still = {person: np.repeat(rows[:1], 6, axis=0) for person, rows in KNOWN.items()}
    found = trials(still, {}, 3, 3, adapted=False)
    assert float(found.genuine.max()) < 1e-6
    assert float(found.impostor[0]) > 0.1
    assert float(found.rival.min()) > 0.1


def test_same_seed_draws_the_same_pictures() -> None:
    one, other = (trials(KNOWN, STRANGERS, 2, 2, False) for _ in range(2))
    assert (one.genuine == other.genuine).all()


@pytest.mark.parametrize("count", [FEWEST_PEOPLE, 5, 7])
def test_few_people_still_make_trials(count: int) -> None:
    found = trials(dict(list(KNOWN.items())[:count]), {}, 1, 1, False, most_rounds=1)
    assert found.outsider.shape == (count, 2)
    assert np.isfinite(found.outsider).all()


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="3 people with 2 pictures"):
        trials(dict(list(KNOWN.items())[:3]), {}, 1, 1, False)


# --- what is told ------------------------------------------------------------------------------------------------


def test_report_and_files_say_who_was_left_out(tmp_path: Path) -> None:
    people = People(KNOWN, [(tmp_path / "ann" / "1.jpg", "no face found")])
    runs = judge(people, People(STRANGERS), Limits(), most_rounds=1)
    text = "\n".join(report(people, People(STRANGERS), runs))
    assert "left out:  1 pictures\n  ann/1.jpg: no face found" in text
    assert "extrapolated" in text
    write(tmp_path / "out", "synthetic", people, People(STRANGERS), runs)
    figures = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert figures["left_out"][0]["why"] == "no face found"
    assert {(run["photos"], run["frames"], run["adapted"]) for run in figures["runs"]} >= {(1, 1, False), (3, 3, True)}
    assert [search["people"] for search in figures["runs"][0]["searches"]] == [24, 200, 2_000, 20_000]
    with Image.open(tmp_path / "out" / "det.png") as plot:
        assert len(plot.convert("RGB").getcolors(1 << 20) or []) > 3


def test_small_gallery_is_judged_raw_as_on_the_terminal() -> None:
    people = People(dict(list(KNOWN.items())[:19]))
    runs = judge(people, People(), Limits(), most_rounds=1)
    assert not any(run.trials.adapted for run in runs)
    assert "raw scores only" in "\n".join(report(people, People(), runs))


def test_people_with_one_picture_each_cannot_be_judged() -> None:
    with pytest.raises(FolderError, match="0 people with 2 usable pictures"):
        judge(People(STRANGERS), People(), Limits())


# --- folders -----------------------------------------------------------------------------------------------------


def brightness(picture: Picture) -> Vectors | None:
    """A stand-in for a model: black pictures have no face, and white ones break it."""
    level = float(picture.mean())
    return None if level < 10 else np.array([level, np.nan if level > 250 else 1], np.float32)


def paint(path: Path, level: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((8, 8, 3), level, np.uint8))


def test_every_picture_is_used_or_named(tmp_path: Path) -> None:
    paint(tmp_path / "王芳" / "1.png", 100)
    paint(tmp_path / "王芳" / "2.png", 0)
    paint(tmp_path / "王芳" / "3.png", 255)
    paint(tmp_path / "李雷" / "1.png", 0)
    (tmp_path / "王芳" / "notes.txt").write_text("no picture")
    (tmp_path / "王芳" / "empty.jpg").touch()
    (tmp_path / "王芳" / ".hidden").write_text("")
    (tmp_path / "readme.md").write_text("")
    seen: list[Path] = []
    people = read_people(tmp_path, brightness, seen.append)
    assert list(people.vectors) == ["王芳"]
    assert people.usable == 1
    assert {(path.parent.name, path.name): why for path, why in people.unusable} == {
        ("王芳", "2.png"): "no face found",
        ("王芳", "3.png"): "no sound embedding",
        ("王芳", "notes.txt"): "no picture that can be read",
        ("王芳", "empty.jpg"): "no picture that can be read",
        ("李雷", "1.png"): "no face found",
    }
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("bad", "why"), [("nothing", "cannot be opened"), ("file.txt", "is a file"), ("empty", "has no subfolders")]
)
def test_bad_folder_is_a_clear_sentence_and_exit_2(
    bad: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file.txt").touch()
    (tmp_path / "empty").mkdir()
    assert tools_face.evaluate(options(tmp_path / bad, tmp_path)) == 2
    assert why in capsys.readouterr().err


def options(folder: Path, out: Path, strangers: Path | None = None) -> argparse.Namespace:
    return argparse.Namespace(folder=folder, strangers=strangers, out=out / "out", config=None)


# --- real faces --------------------------------------------------------------------------------------------------


def test_public_domain_faces_with_the_real_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two faces, and their mirror images as two more people: enough to walk through everything."""
    photographs = sorted((ROOT / "faces").glob("*.jpg"))[:2]
    if len(photographs) < 2:
        pytest.skip("assets/faces is not there")
    for photograph in photographs:
        picture = cv2.imread(str(photograph))
        assert picture is not None
        photograph_twice(tmp_path / "in" / photograph.stem, np.asarray(picture, np.uint8))
    paint(tmp_path / "in" / "nobody" / "grey.png", 128)
    assert tools_face.evaluate(options(tmp_path / "in", tmp_path)) == 2
    assert "2 people with 2 usable pictures; it takes 4" in capsys.readouterr().err
    for photograph in photographs:
        mirrored = np.ascontiguousarray(np.asarray(cv2.imread(str(photograph)), np.uint8)[:, ::-1])
        photograph_twice(tmp_path / "in" / f"{photograph.stem}-mirrored", mirrored)
    assert tools_face.evaluate(options(tmp_path / "in", tmp_path)) == 0
    told = capsys.readouterr().out
    assert "enrolled:  4 people, 8 pictures" in told
    assert "left out:  1 pictures\n  nobody/grey.png: no face found" in told
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["det.png", "evaluation.json"]


def photograph_twice(folder: Path, picture: Picture) -> None:
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "plain.png"), picture)
    cv2.imwrite(str(folder / "dim.png"), (picture * 0.7).astype(np.uint8))
