"""The DET plot: false match against false rejection, on normal axes, where equal steps are equally hard to earn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kiosk.domain.matching.judging import Trials

SIZE = (1100, 900)
LEFT, TOP, RIGHT, BOTTOM = 130, 90, 1060, 790
TICKS = (0.0001, 0.001, 0.01, 0.05, 0.2, 0.4)
LEAST, MOST = 0.00005, 0.5
RAW, ADAPTED = (196, 78, 30), (20, 92, 170)
GREY, INK = (216, 220, 226), (40, 44, 52)
STEPS = 2_000
DASH = 14


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the plot; `limit` is marked on it, the terminal's own for a claim of one person."""

    name: str
    trials: Trials
    limit: float
    dashed: bool


def draw(curves: Sequence[Curve], title: str, path: Path) -> None:
    """Write the plot as PNG. A curve is drawn only where some are rejected, but not half. Raises OSError."""
    image = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(image)
    _axes(pen, title)
    for curve in curves:
        _curve(pen, curve)
    _legend(pen, curves)
    image.save(path)


def _axes(pen: ImageDraw.ImageDraw, title: str) -> None:
    pen.text((LEFT, 28), title, INK, _font(24))
    for share in TICKS:
        x, y, label = _x(share), _y(share), f"{share * 100:g} %"
        pen.line([(x, TOP), (x, BOTTOM)], GREY, 2 if share == 0.001 else 1)
        pen.line([(LEFT, y), (RIGHT, y)], GREY, 1)
        pen.text((x, BOTTOM + 10), label, INK, _font(18), anchor="ma")
        pen.text((LEFT - 12, y), label, INK, _font(18), anchor="rm")
    pen.rectangle([LEFT, TOP, RIGHT, BOTTOM], outline=INK, width=2)
    pen.text(((LEFT + RIGHT) / 2, BOTTOM + 48), "false match: a stranger passes", INK, _font(20), anchor="ma")
    side = Image.new("L", (560, 30), 0)
    ImageDraw.Draw(side).text((280, 0), "false rejection: the right person does not pass", 255, _font(20), anchor="ma")
    turned = side.rotate(90, expand=True)
    pen.bitmap((14, (TOP + BOTTOM - turned.height) // 2), turned, INK)


def _curve(pen: ImageDraw.ImageDraw, curve: Curve) -> None:
    trials = curve.trials
    limits = np.quantile(trials.impostor, np.geomspace(1 / len(trials.impostor), MOST, STEPS))
    colour, gone = ADAPTED if trials.adapted else RAW, 0.0
    for here, there in pairwise(_point(trials, float(limit)) for limit in limits):
        gone += math.dist(here, there)
        on_end = min(here[1], there[1]) >= BOTTOM or max(here[1], there[1]) <= TOP
        if not on_end and not (curve.dashed and gone // DASH % 2):
            pen.line([here, there], colour, 3)
    x, y = _point(trials, curve.limit)
    pen.ellipse([x - 7, y - 7, x + 7, y + 7], fill="white", outline=colour, width=3)


def _legend(pen: ImageDraw.ImageDraw, curves: Sequence[Curve]) -> None:
    height = 28 * (len(curves) + 1) + 16
    pen.rectangle([RIGHT - 450, TOP + 14, RIGHT - 14, TOP + 14 + height], fill="white", outline=GREY)
    for at, curve in enumerate(curves):
        y, colour = TOP + 38 + 28 * at, ADAPTED if curve.trials.adapted else RAW
        for part in range(4):
            if not (curve.dashed and part % 2):
                pen.line([(RIGHT - 436 + part * 15, y), (RIGHT - 421 + part * 15, y)], colour, 4)
        words = curve.name + ("" if _overlap(curve.trials) else ": no overlap")
        pen.text((RIGHT - 364, y), words, INK, _font(18), anchor="lm")
    y = TOP + 38 + 28 * len(curves)
    pen.ellipse([RIGHT - 413, y - 7, RIGHT - 399, y + 7], fill="white", outline=INK, width=3)
    pen.text((RIGHT - 364, y), "the terminal's limit for one person", INK, _font(18), anchor="lm")


def _overlap(trials: Trials) -> bool:
    """Whether the two overlap: is anybody rejected where no stranger passes any more."""
    return trials.true_accept(float(trials.impostor[0])) < 1


def _point(trials: Trials, limit: float) -> tuple[float, float]:
    return _x(trials.false_match(limit)), _y(1 - trials.true_accept(limit))


def _x(share: float) -> float:
    return LEFT + _along(share) * (RIGHT - LEFT)


def _y(share: float) -> float:
    return BOTTOM - _along(share) * (BOTTOM - TOP)


def _along(share: float) -> float:
    """0…1 along an axis; what is rarer or commoner than the axis goes lies on its end."""
    low, here, high = (NormalDist().inv_cdf(value) for value in (LEAST, min(max(share, LEAST), MOST), MOST))
    return (here - low) / (high - low)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
