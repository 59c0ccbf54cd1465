"""The campus font at any size, loaded once."""

from __future__ import annotations

import hashlib
import threading
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FOLDERS = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/local/share/fonts"),
)
SANS_SC, MONO_SC = 2, 7
"""Faces of the collection: proportional, and the one whose letters are half a Hanzi wide."""


def file(bold: bool = False) -> Path:
    """Where Debian's fonts-noto-cjk put the font; FileNotFoundError names the package."""
    name = f"NotoSansCJK-{'Bold' if bold else 'Regular'}.ttc"
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} not found; install fonts-noto-cjk")


def sha256(bold: bool = False) -> str:
    """Identity of the font file, named beside every picture that is compared bit by bit."""
    return hashlib.sha256(file(bold).read_bytes()).hexdigest()


def font(size: int, bold: bool = False, face: int = MONO_SC) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels. Kept per thread: FreeType faces are not for two threads at once."""
    return _font(threading.get_ident(), size, bold, face)


@lru_cache(maxsize=48)
def _font(thread: int, size: int, bold: bool, face: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file(bold)), size, index=face, layout_engine=ImageFont.Layout.BASIC)
