"""The demonstration's panel: every button sends its line, the answer is shown, two languages."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui import fixtures
from ui import panel
from ui.panel import GROUPS, LANES, Panel
from ui.robot import visible_items


def _buttons(shown: Panel) -> dict[str, QQuickItem]:
    return {i.objectName(): i for i in visible_items(shown.view) if i.objectName().startswith("act.")}


def _texts(shown: Panel) -> list[str]:
    return [str(i.property("text")) for i in visible_items(shown.view) if i.inherits("QQuickText")]


def test_buttons_send_their_lines_and_show_the_answer(qtbot: QtBot) -> None:
    lines: list[tuple[str, int]] = []

    def poke(line: str) -> str:
        lines.append((line, threading.get_ident()))
        return f"did {line}"

    shown = Panel(poke, fixtures.texts())
    shown.view.show()
    shown.view.grabWindow()
    button = _buttons(shown)["act.poke.show code of 20230001"]
    at = button.mapToScene(QPointF(button.width() / 2, button.height() / 2)).toPoint()
    QTest.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: "did show code of 20230001" in _texts(shown), timeout=3000)
    assert [line for line, _ in lines] == ["show code of 20230001"]
    assert lines[0][1] != threading.get_ident()
    wanted = {f"act.poke.{line}" for group in GROUPS.values() for line in group.values()}
    assert wanted <= set(_buttons(shown))
    shown.close()


def test_what_a_poke_raises_is_shown(qtbot: QtBot) -> None:
    def poke(line: str) -> str:
        raise OSError("the centre is gone")

    shown = Panel(poke, fixtures.texts())
    shown.bridge.touched.emit("poke", "network down")
    qtbot.waitUntil(lambda: "OSError: the centre is gone" in _texts(shown), timeout=3000)
    shown.close()


def test_the_language_can_be_switched(qtbot: QtBot) -> None:
    shown = Panel(lambda line: "", fixtures.texts())
    assert "打印机" in _texts(shown)
    shown.bridge.touched.emit("language", "en")
    assert "Printer" in _texts(shown)
    shown.close()


@pytest.mark.usefixtures("qtbot")
def test_it_ends_with_the_terminal() -> None:
    assert panel.open(lambda line: "", ended=lambda: True) == 0


@pytest.mark.usefixtures("qtbot")
@pytest.mark.parametrize("role", LANES)
def test_a_lane_has_buttons_of_its_own(role: str) -> None:
    shown = Panel(lambda line: "", fixtures.texts(), groups=LANES[role])
    shown.view.show()
    shown.view.grabWindow()
    assert set(_buttons(shown)) >= {f"act.poke.{line}" for group in LANES[role].values() for line in group.values()}
    assert not {"act.poke.paper out", "act.poke.show document"} & set(_buttons(shown))
    shown.close()
