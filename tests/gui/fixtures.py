"""A window on the scenes, and pictures to show in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from devices.thermal.frame import ThermalFrame
from devices.thermal.picture import picture
from kiosk.app.bench import looks
from kiosk.clock import Clock, starting_at
from kiosk.config import Config, DemoConfig, ScreenConfig, ServiceConfig
from kiosk.flows.core import Event
from kiosk.text import Texts, shipped_texts
from tests.gui.scenes import MORNING, NOW, OFFLINE, items, screens, with_look, with_queue
from ui.shell import Shell

__all__ = ["NOW", "OFFLINE", "clock", "config", "items", "screens", "shell", "texts", "with_look", "with_queue"]


@cache
def texts() -> Texts:
    """All words."""
    return shipped_texts()


def clock() -> Clock:
    """Monday morning."""
    return starting_at(MORNING)


class Stopped(Clock):
    """A clock on the wall that stands, so that two pictures of one screen are alike however long they take."""

    def now(self) -> float:
        return MORNING.timestamp()


def config(landscape: bool = False) -> Config:
    """A terminal of 1080 × 1920, or 1920 × 1080."""
    width, height = (1920, 1080) if landscape else (1080, 1920)
    open_ = "mon-fri 07:00-22:00; sat,sun 08:00-12:00,13:00-20:00"
    return Config(screen=ScreenConfig(width=width, height=height), service=ServiceConfig(open=open_), demo=DemoConfig())


def shell(landscape: bool = False, post: Callable[[Event], None] = lambda event: None) -> Shell:
    """A window on these data."""
    return Shell(config(landscape), texts(), items(), Stopped(), post)


def desk_scene() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """What a camera would see: 640 × 480, BGR."""
    scene = np.full((480, 640, 3), (96, 110, 120), np.uint8)
    scene[60:420, 180:460] = (235, 240, 240)
    for row in range(100, 380, 28):
        scene[row : row + 8, 210:430] = (90, 90, 90)
    return scene


def code_png() -> bytes:
    """A code as a test shows it."""
    return looks.code_png("TEST:0A1B2C3D4E5F")


def warm_scene() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """What a thermal camera would see of a face, coloured."""
    down, across = np.mgrid[0:24, 0:32]
    away = np.hypot((down - 11) / 7, (across - 16) / 5)
    pixels = (24 + 12 * np.exp(-(away**2))).astype(np.float32)
    return picture(ThermalFrame(1, 0.0, pixels, 25.0))


def paper_png() -> bytes:
    """A sheet that stands for a certificate."""
    sheet = Image.new("RGB", (576, 620), "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((180, 40, 396, 84), fill="black")
    for y in range(130, 330, 40):
        pen.rectangle((40, y, 536, y + 14), fill="#444444")
    pen.rectangle((40, 400, 200, 560), fill="black")
    pen.ellipse((390, 410, 540, 560), outline="#b3261e", width=6)
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
