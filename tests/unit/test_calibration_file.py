"""The calibration file: what is written is read back, and all that is wrong is said at once with file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.sim.thermal.peer import ThermalPeer
from kiosk.config import ConfigError
from kiosk.domain.faces import Box
from kiosk.domain.screening import (
    AmbientModel,
    Basis,
    Calibration,
    ReferenceSource,
    Registration,
    calibration_text,
    load_calibration,
    parse_calibration,
)

PLACE = Registration((1.42, 0.01, -0.23), (0.0, 1.32, -0.14), 0.012)
SOURCE = ReferenceSource(Box(0.84, 0.04, 0.14, 0.17), 35.0, 0.1, 1.1, 1.5)


@pytest.mark.parametrize(
    "made",
    [
        Calibration(),
        Calibration(Basis.REFERENCE, PLACE, None, SOURCE, 1.2, 300.0),
        Calibration(Basis.AMBIENT, PLACE, AmbientModel(((10.0, 2.0), (30.0, -0.5)), (), 10.0, 30.0, 0.4)),
        Calibration(Basis.AMBIENT, PLACE, AmbientModel((), (1.0, -0.02), 12.0, 33.0, 0.35), SOURCE),
    ],
)
def test_what_is_written_is_read_back(made: Calibration, tmp_path: Path) -> None:
    path = tmp_path / "thermal.toml"
    path.write_text(calibration_text(made), "utf-8")
    assert load_calibration(path) == made


def wrong(text: str) -> dict[str, str]:
    """Key → what is allowed."""
    with pytest.raises(ConfigError) as caught:
        parse_calibration("thermal.toml", text)
    assert {problem.file for problem in caught.value.problems} == {"thermal.toml"}
    return {problem.key: problem.allowed for problem in caught.value.problems}


def test_unknown_keys_are_refused_with_those_that_are_known() -> None:
    found = wrong('basis = "none"\nofset = 1\n[registration]\nx = [1,0,0]\ny = [0,1,0]\nz = 1\n')
    assert found.keys() == {"ofset", "registration.z"}
    assert "site" in found["ofset"]
    assert "x, y, residual" in found["registration.z"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "basis"),
        ('basis = "body"', "basis"),
        ('basis = "reference"', "reference"),
        ('basis = "ambient"', "ambient"),
        ('basis = "none"\nsite = 9', "site"),
        ('basis = "none"\nsite = nan', "site"),
        ('basis = "none"\nwarm_up = -1', "warm_up"),
        ('basis = "none"\nwarm_up = true', "warm_up"),
        ('basis = "none"\nregistration = 1', "registration"),
        ('basis = "none"\n[registration]\nx = [1,0]\ny = [0,1,0]', "registration.x"),
        ('basis = "none"\n[registration]\nx = [1,1,0]\ny = [1,1,0]', "registration.y"),
        ('basis = "none"\n[ambient]\ncoefficients = [1]', "ambient.residual"),
        ('basis = "none"\n[ambient]\nresidual = 1', "ambient.table"),
        ('basis = "none"\n[ambient]\nresidual = 1\ncoefficients = [1]\ntable = [[1,1],[2,2]]', "ambient.table"),
        ('basis = "none"\n[ambient]\nresidual = 1\ntable = [[2,1],[1,2]]', "ambient.table"),
        ('basis = "none"\n[ambient]\nresidual = 1\ntable = [[2,"x"],[3,2]]', "ambient.table"),
        ('basis = "none"\n[ambient]\nresidual = 1\ncoefficients = [1]\nleast = 30\nmost = 20', "ambient.most"),
        ('basis = "none"\n[reference]\nbox = [0,0,1,2]\ncelsius = 35\nu = 0.1\noffset = 0', "reference.box"),
        ('basis = "none"\n[reference]\nbox = [0,0,1,1]\ncelsius = 90\nu = 0.1\noffset = 0', "reference.celsius"),
        ('basis = "none"\n[reference]\nbox = [0,0,1,1]\ncelsius = 35\nu = inf\noffset = 0', "reference.u"),
        ('basis = "none"\n[reference]\nbox = [0,0,1,1]\ncelsius = 35\nu = 0.1', "reference.offset"),
        ("basis = ", "(syntax)"),
    ],
)
def test_what_is_wrong_is_named(text: str, key: str) -> None:
    assert wrong(text).keys() == {key}


def test_everything_wrong_is_said_at_once() -> None:
    text = 'basis = "x"\nsite = 9\n[reference]\nbox = [0]\ncelsius = 1\nu = 9\noffset = 0'
    found = wrong(text)
    assert found.keys() == {"basis", "site", "reference.box", "reference.celsius", "reference.u"}
    assert found["basis"] == "one of none, ambient, reference"
    assert found["reference.celsius"] == "a number from 25 to 45"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing"):
        load_calibration(tmp_path / "nothing.toml")


@pytest.mark.parametrize(
    ("kind", "basis"),
    [("gy90640", Basis.REFERENCE), ("htpa32", Basis.REFERENCE), ("gy614", Basis.AMBIENT), ("gy8833", Basis.NONE)],
)
def test_the_peers_file_is_one(tmp_path: Path, kind: str, basis: Basis) -> None:
    assert parse_calibration("peer.toml", ThermalPeer(tmp_path / "thermal", kind).calibration()).basis is basis
