"""Colours that can be read, fonts that draw every character, QML that keeps to what the software renderer can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QRawFont
from PySide6.QtQml import QQmlComponent

from kiosk.assets import ROOT
from tests.gui.probe import Probe
from ui import fonts
from ui.shell import QML

LEAST = 4.5
PAIRS = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "softDown"),
    ("muted", "paper"),
    ("muted", "card"),
    ("muted", "soft"),
    ("faint", "dead"),
    ("brand", "card"),
    ("brand", "paper"),
    ("brand", "soft"),
    ("brand", "softDown"),
    ("paleInk", "brand"),
    ("paleInk", "brandDown"),
    ("paleInk", "barDown"),
    ("paleInk", "go"),
    ("paleInk", "stop"),
    ("go", "goSoft"),
    ("wait", "waitSoft"),
    ("wait", "card"),
    ("stop", "stopSoft"),
    ("stop", "paper"),
]
SIGNS = [("onlineDot", "brand"), ("offlineDot", "brand"), ("edge", "card")]
BANNED = re.compile(r"layer\.|MultiEffect|ShaderEffect|ParticleSystem|QtQuick\.Controls|QtQuick\.Effects")


def _theme(probe: Probe) -> QObject:
    component = QQmlComponent(probe.shell.view.engine())
    source = b"import QtQuick\nQtObject { readonly property QtObject theme: Theme }"
    component.setData(source, QUrl.fromLocalFile(f"{QML}/probe.qml"))
    holder = component.create()
    assert holder is not None, component.errorString()
    holder.setParent(probe.shell)
    theme: QObject = holder.property("theme")
    return theme


def _contrast(one: QColor, two: QColor) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("contrast", [False, True])
def test_words_can_be_read_on_their_ground(upright: Probe, contrast: bool) -> None:
    theme = _theme(upright)
    theme.setProperty("contrast", contrast)
    ratios = {pair: _contrast(theme.property(pair[0]), theme.property(pair[1])) for pair in PAIRS}
    theme.setProperty("contrast", False)
    least = 7.0 if contrast else LEAST
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


def test_signs_stand_out_from_their_ground(upright: Probe) -> None:
    theme = _theme(upright)
    ratios = {pair: _contrast(theme.property(pair[0]), theme.property(pair[1])) for pair in SIGNS}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 2.5} == {}


def test_the_font_draws_every_character_of_the_texts(upright: Probe) -> None:
    files = [*(ROOT / "i18n").glob("*.toml"), *(ROOT / "items").glob("*.toml")]
    wanted = set("".join(path.read_text("utf-8") for path in files)) | set("℃𠮷𬬻●▏±·")
    raw = QRawFont.fromFont(QFont(fonts.FAMILY))
    missing = {c for c in wanted if c.isprintable() and not raw.supportsCharacter(ord(c))}
    assert missing == set()


def test_bold_is_drawn_from_its_own_file(upright: Probe) -> None:
    regular, bold = QFont(fonts.FAMILY, 60), QFont(fonts.FAMILY, 60)
    bold.setBold(True)
    word = "Certificate"
    assert QFontMetrics(regular).horizontalAdvance(word) != QFontMetrics(bold).horizontalAdvance(word)
    assert QGuiApplication.font().family() == fonts.FAMILY


def test_a_missing_font_is_said_in_one_sentence(upright: Probe, tmp_path: Path) -> None:
    with pytest.raises(fonts.FontMissingError, match="fonts-noto-cjk"):
        fonts.load((tmp_path,))


def test_qml_uses_nothing_that_needs_a_gpu() -> None:
    found = [path.name for path in QML.glob("*.qml") if BANNED.search(path.read_text("utf-8"))]
    assert found == []


def test_qml_has_no_words_of_its_own() -> None:
    words = re.compile(r'\b(?:text|label|title|hint):\s*"[^"]*\w[^"]*"|[\u4e00-\u9fff]')
    found = {path.name: words.findall(path.read_text("utf-8")) for path in QML.glob("*.qml")}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_every_icon_that_a_screen_names_exists() -> None:
    named = re.compile(r'(?:icon=|icon": |name: |name === ")"([a-z_]+)"')
    sources = [*QML.glob("*.qml"), *(QML.parent / "present").glob("*.py")]
    names = {name for path in sources for name in named.findall(path.read_text("utf-8"))}
    assert {name for name in names if not (ROOT / "icons" / f"{name}.svg").is_file()} == set()
