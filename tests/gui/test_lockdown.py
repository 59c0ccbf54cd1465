"""The window of a real terminal: no key, no close, no drop gets out of it; the program itself does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtTest import QTest

from kiosk.config import ScreenConfig
from kiosk.flows.core import Event, Intent
from tests.gui import fixtures
from ui.shell import Shell

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
KEYS = [
    *((Qt.Key.Key_F4, ALT), (Qt.Key.Key_Q, CTRL), (Qt.Key.Key_W, CTRL), (Qt.Key.Key_Tab, ALT)),
    *((Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier)),
    *((Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Back, Qt.KeyboardModifier.NoModifier)),
]


def window(fullscreen: bool, events: list[Event]) -> Shell:
    config = replace(fixtures.config(), screen=ScreenConfig(fullscreen=fullscreen))
    shell = Shell(config, fixtures.texts(), fixtures.items(), fixtures.clock(), events.append)
    shell.show()
    return shell


@pytest.fixture
def locked(qapp: QGuiApplication) -> Iterator[tuple[Shell, list[Event]]]:
    events: list[Event] = []
    shell = window(True, events)
    yield shell, events
    shell.close()
    assert not QGuiApplication.allWindows(), "the program itself takes it down"


def test_no_key_does_anything_whoever_plugged_the_keyboard_in(locked: tuple[Shell, list[Event]]) -> None:
    shell, events = locked
    reached: list[int] = []
    shell.view.activeFocusItemChanged.connect(lambda: reached.append(1))
    for key, modifiers in KEYS:
        QTest.keyClick(shell.view, key, modifiers)
    assert (events, reached) == ([], [])
    assert shell.view.isVisible()


def test_whoever_asks_the_window_to_close_is_refused(locked: tuple[Shell, list[Event]]) -> None:
    shell, _ = locked
    ended: list[int] = []
    shell._ended.connect(ended.append)
    event = QCloseEvent()
    QGuiApplication.sendEvent(shell.view, event)
    assert not event.isAccepted()
    assert not shell.view.close()
    assert shell.view.isVisible()
    assert ended == []


def test_touches_work_as_ever(locked: tuple[Shell, list[Event]]) -> None:
    shell, events = locked
    shell.render(fixtures.screens()["attract"])
    shell.bridge.intent("open_pin", "")
    assert isinstance(events[0], Intent)
    press = QEvent(QEvent.Type.ContextMenu)
    assert QGuiApplication.sendEvent(shell.view, press)


def test_a_window_that_is_not_full_screen_may_be_closed(qapp: QGuiApplication) -> None:
    shell = window(False, [])
    assert shell.view.close()
    shell.close()
