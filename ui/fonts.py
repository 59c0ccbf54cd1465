"""The Chinese font: loaded from its files, so that every screen looks the same, or a clear sentence when missing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

FAMILY = "Noto Sans CJK SC"
FOLDERS = (Path("/usr/share/fonts/opentype/noto"), Path("/usr/share/fonts/noto-cjk"))
FILES = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")


class FontMissingError(Exception):
    """The font is not installed; the message says what to install."""


def load(folders: tuple[Path, ...] = FOLDERS) -> None:
    """Make FAMILY the application's font, regular and bold. Raises FontMissingError."""
    for name in FILES:
        path = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if path is None or QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FontMissingError(f"{name} was not found: install the font with `apt-get install fonts-noto-cjk`")
    if FAMILY not in QFontDatabase.families():
        raise FontMissingError(f"{FAMILY} is not in the installed fonts-noto-cjk")
    QGuiApplication.setFont(QFont(FAMILY))
