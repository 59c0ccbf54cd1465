"""People before the camera in the hall, made of the two bundled portraits; for the demonstration and the tests."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.sim import hall
from kiosk.assets import ROOT

PEOPLE = ("eileen-collins", "grace-hopper")
MOMENTS = 45
"""Pictures in which a person sways once to and fro."""
SHARE = 0.20
"""Width of the face over that of the picture, as at 60 cm."""

_FACE_Y = 330
_EYES = 0.24
_SOFT = 0.05
_PAPER = (244, 248, 250)

Frame = NDArray[np.uint8]
Mask = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """`picture`: BGR portrait; `cover`: 0…1, where the person is in it; `box`: left, top, width, height of the face."""

    picture: Frame
    cover: Mask
    box: tuple[int, int, int, int]


@functools.cache
def person(name: str) -> Person:
    """One of `PEOPLE`, cut out of the portrait. Raises KeyError for anybody else."""
    table = tomllib.loads((ROOT / "faces" / "faces.toml").read_text("utf-8"))
    x, y, w, h = table[name]["box"]
    data = np.frombuffer((ROOT / "faces" / f"{name}.jpg").read_bytes(), np.uint8)
    picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return Person(picture, _cover(picture, (x, y, w, h)), (x, y, w, h))


def person_frame(
    name: str, moment: int, share: float = SHARE, turn: float = 0.0, x: float = 0.5, light: float = 1.0
) -> Frame:
    """BGR 1280×720: that person, head and shoulders, swaying a little before the hall.

    `turn`: −1 … 1, how far the nose goes to the picture's left or right. `x`: where the face is across the picture.
    """
    return add_person(hall.picture(moment % hall.MOMENTS), name, moment, share, turn, x, light)


def add_person(
    frame: Frame, name: str, moment: int, share: float = SHARE, turn: float = 0.0, x: float = 0.5, light: float = 1.0
) -> Frame:
    """The same over a picture at hand."""
    who, phase = person(name), 2 * np.pi * moment / MOMENTS
    scale = share * hall.WIDTH / who.box[2] * (1 + 0.015 * np.sin(phase))
    across = x * hall.WIDTH + 22 * np.sin(phase)
    down = max(_FACE_Y + 6 * np.sin(2 * phase), hall.HEIGHT - _below(who) * scale + 4)
    layer = _layer(name, round(turn, 2), light)
    return _over(frame, layer, _placing(who, scale, across, down))


def two_people(moment: int, share: float = 0.16) -> Frame:
    """Both, side by side."""
    first = add_person(hall.picture(moment % hall.MOMENTS), PEOPLE[0], moment, share, x=0.28)
    return add_person(first, PEOPLE[1], moment + MOMENTS // 3, share, x=0.74)


def photograph_frame(name: str, moment: int, share: float = SHARE, askew: float = 0.0) -> Frame:
    """A paper with the portrait on it, held up by an unsteady hand. `askew`: −1 … 1, turned about its upright axis."""
    who, phase = person(name), 2 * np.pi * moment / MOMENTS
    paper = _paper(who)
    height, width = paper.shape[:2]
    scale = share * hall.WIDTH / who.box[2]
    x, y = _centre(who)
    corners = (np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - (x, y)) * scale
    depth = 1 + 0.25 * askew * corners[:, 0] / (width * scale)
    corners[:, 0] *= np.cos(askew)
    spot = (640 + 26 * np.sin(phase), _FACE_Y + 9 * np.sin(2 * phase))
    target = np.asarray(corners / depth[:, None] + spot, np.float32)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(source, target), np.float64)
    layer = np.dstack([paper, np.full((height, width), 255, np.uint8)])
    return _over(hall.picture(moment % hall.MOMENTS), layer, matrix)


def clip(name: str, frames: int, share: float = SHARE, turns: tuple[float, ...] = (0.0,)) -> Iterator[Frame]:
    """That many pictures of a person; `turns` are gone through one after the other."""
    for moment in range(frames):
        yield person_frame(name, moment, share, float(np.interp(_part(moment, frames, turns), _steps(turns), turns)))


def loop(name: str, turns: tuple[float, ...] = (0.0,)) -> Iterator[Frame]:
    """One sway of a person with nobody else in the hall: begins again where it ends when `turns` does."""
    for moment in range(MOMENTS):
        turn = float(np.interp(_part(moment, MOMENTS, turns), _steps(turns), turns))
        yield add_person(hall.background(), name, moment, turn=turn)


def empty(frames: int) -> Iterator[Frame]:
    """The hall without anybody near, not even a passer-by, with the noise of a camera."""
    random = np.random.default_rng(5)
    for _ in range(frames):
        noise = random.normal(0, 2.0, (hall.HEIGHT, hall.WIDTH, 1)).astype(np.float32)
        yield np.clip(hall.background() + noise, 0, 255).astype(np.uint8)


def _part(moment: int, frames: int, turns: tuple[float, ...]) -> float:
    return moment / max(1, frames - 1) * (len(turns) - 1)


def _steps(turns: tuple[float, ...]) -> list[float]:
    return [float(step) for step in range(len(turns))]


def _centre(who: Person) -> tuple[float, float]:
    x, y, w, h = who.box
    return x + w / 2, y + h / 2


def _below(who: Person) -> float:
    """How much of the portrait is below the middle of the face."""
    return float(who.picture.shape[0] - _centre(who)[1])


def _placing(who: Person, scale: float, across: float, down: float) -> NDArray[np.float64]:
    x, y = _centre(who)
    return np.array([[scale, 0, across - x * scale], [0, scale, down - y * scale], [0, 0, 1]])


def _over(frame: Frame, layer: Frame, matrix: NDArray[np.float64]) -> Frame:
    """`layer`: BGRA, its colours already times its coverage."""
    placed = cv2.warpPerspective(layer, matrix, (hall.WIDTH, hall.HEIGHT), flags=cv2.INTER_LINEAR)
    bare = cv2.merge([255 - placed[:, :, 3]] * 3)
    return np.asarray(cv2.add(cv2.multiply(frame, bare, scale=1 / 255), placed[:, :, :3]), np.uint8)


@functools.lru_cache(64)
def _layer(name: str, turn: float, light: float) -> Frame:
    who = person(name)
    lit = np.clip(_turned(who, turn) * light, 0, 255) * who.cover[:, :, None]
    return np.dstack([lit, 255 * who.cover]).round().astype(np.uint8)


def _turned(who: Person, turn: float) -> NDArray[np.float32]:
    """The middle of the face moved sideways against its rim: what a turning head looks like from in front."""
    picture = who.picture.astype(np.float32)
    if not turn:
        return picture
    x, y = _centre(who)
    side = who.box[2]
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    near = np.exp(-(((columns - x) / (0.45 * side)) ** 2) - ((rows - y - 0.12 * side) / (0.40 * side)) ** 2)
    moved = np.asarray(columns - near * turn * _EYES * side * 1.3, np.float32)
    return np.asarray(cv2.remap(picture, moved, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _cover(picture: Frame, box: tuple[int, int, int, int]) -> Mask:
    """Head and shoulders, found from a rough outline, with a soft edge."""
    x, y, w, h = box
    middle = (x + w // 2, y + h // 2)
    marks = np.full(picture.shape[:2], cv2.GC_BGD, np.uint8)
    cv2.ellipse(marks, (middle[0], middle[1] - h // 8), (int(0.95 * w), int(1.15 * h)), 0, 0, 360, cv2.GC_PR_FGD, -1)
    chest = [(-0.7, 0.7), (0.7, 0.7), (1.9, 1.4), (2.2, 6.0), (-2.2, 6.0), (-1.9, 1.4)]
    cv2.fillPoly(marks, [_around(box, chest)], (cv2.GC_PR_FGD,))
    cv2.ellipse(marks, middle, (int(0.42 * w), int(0.6 * h)), 0, 0, 360, cv2.GC_FGD, -1)
    neck = [(-0.38, 0.3), (0.38, 0.3), (0.40, 0.9), (0.95, 1.35), (1.2, 6.0), (-1.2, 6.0), (-0.95, 1.35), (-0.40, 0.9)]
    cv2.fillPoly(marks, [_around(box, neck)], (cv2.GC_FGD,))
    models = (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.setRNGSeed(1)
    cv2.grabCut(picture, marks, (0, 0, 1, 1), *models, 3, cv2.GC_INIT_WITH_MASK)
    solid = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    whole = cv2.morphologyEx(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.GaussianBlur(whole.astype(np.float32), (0, 0), max(1.0, _SOFT * w / 2)), np.float32)


def _around(box: tuple[int, int, int, int], points: list[tuple[float, float]]) -> NDArray[np.int32]:
    """Points given in widths of the face from its middle, in pixels."""
    x, y, w, h = box
    return np.array([(x + w / 2 + dx * w, y + h / 2 + dy * h) for dx, dy in points], np.int32)


def _paper(who: Person) -> Frame:
    """The portrait with a white border."""
    edge = who.box[2] // 3
    framed = who.picture.copy()
    framed[:edge], framed[-edge:], framed[:, :edge], framed[:, -edge:] = _PAPER, _PAPER, _PAPER, _PAPER
    return framed
