"""The window as the terminal uses it: events from any thread, timers, pictures, the end after a bug."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from kiosk.flows.core import Event, Intent
from tests.gui import fixtures
from tests.gui.probe import Probe
from ui.pictures import Icons, Live, Pictures, decoded, image_of

PANEL = QTest.createTouchDevice()


class Something(Event):
    """An event of a test."""


def test_an_event_from_another_thread_arrives_on_this_one(upright: Probe, qtbot: QtBot) -> None:
    upright.events.clear()
    threads: list[int] = []
    event = Something()
    upright.shell._delivered.connect(lambda _: threads.append(threading.get_ident()))
    worker = threading.Thread(target=lambda: upright.shell.deliver(event))
    worker.start()
    worker.join(5)
    assert upright.events == []
    qtbot.waitUntil(lambda: upright.events == [event] and len(threads) == 1, timeout=3000)
    assert threads == [threading.get_ident()]


def test_a_touch_is_an_intent_with_time_and_dice(upright: Probe) -> None:
    upright.show(fixtures.screens()["attract"])
    upright.events.clear()
    upright.tap("act.open_pin")
    upright.tap("act.language.en")
    first, second = upright.events
    assert isinstance(first, Intent)
    assert isinstance(second, Intent)
    assert (first.name, second.name, second.payload) == ("open_pin", "language", "en")
    assert abs(first.at - fixtures.NOW) < 3600
    assert first.fresh != second.fresh
    assert len(first.fresh) == 32


def test_a_slow_press_counts_as_well(upright: Probe, qtbot: QtBot) -> None:
    upright.show(fixtures.screens()["attract"])
    upright.events.clear()
    at = upright.centre(upright.button("act.open_pin"))
    upright.press("act.open_pin")
    held: list[bool] = []
    upright.shell.timer("held", 1.2, lambda: held.append(True))
    qtbot.waitUntil(lambda: held == [True], timeout=5000)
    upright.release(at)
    assert [event.name for event in upright.events] == ["open_pin"]


def test_timers_fire_once_and_can_be_stopped(upright: Probe, qtbot: QtBot) -> None:
    fired: list[str] = []
    upright.shell.timer("a", 0.02, lambda: fired.append("first"))
    upright.shell.timer("a", 0.03, lambda: fired.append("second"))
    upright.shell.timer("b", 0.01, lambda: fired.append("never"))
    upright.shell.stop_timer("b")
    upright.shell.timer("c", 0.08, lambda: fired.append("last"))
    qtbot.waitUntil(lambda: "last" in fired, timeout=3000)
    assert fired == ["second", "last"]


def test_seconds_left_are_on_the_screen(upright: Probe) -> None:
    upright.shell.timer("rate", 12.4, lambda: None)
    upright.show(fixtures.screens()["done"])
    assert any("12 秒后返回首页" in text for text in upright.texts())
    upright.shell.stop_timer("rate")


def test_a_photograph_is_shown_and_forgotten(upright: Probe, qtbot: QtBot) -> None:
    upright.show(fixtures.screens()["photo_looking"])
    upright.shell.picture("photo", fixtures.paper_png())
    qtbot.waitUntil(lambda: "photo" in upright.shell.bridge.view["overlay"]["body"]["picture"], timeout=3000)
    upright.shell.picture("photo", None)
    qtbot.waitUntil(lambda: upright.shell.bridge.view["overlay"]["body"]["picture"] == "", timeout=3000)


def test_pictures_that_are_none_are_not_shown(upright: Probe) -> None:
    pictures = Pictures()
    pictures.put("preview", decoded(b"not a picture"))
    assert pictures.addresses() == {}
    pictures.put("preview", decoded(fixtures.paper_png()))
    first = pictures.addresses()["preview"]
    pictures.put("preview", decoded(fixtures.paper_png()))
    assert pictures.addresses()["preview"] != first


def test_the_live_picture_has_its_colours_the_right_way_round(upright: Probe) -> None:
    frame = np.zeros((4, 6, 3), np.uint8)
    frame[:, :, 0] = 200
    image = image_of(frame)
    assert (image.width(), image.height()) == (6, 4)
    assert image.pixelColor(2, 2).blue() == 200


def test_only_a_new_frame_is_shown(upright: Probe) -> None:
    live = Live()
    frames = [(1, fixtures.desk_scene())]
    live.set_source(lambda: frames[0] if frames else None)
    assert live.poll()
    assert not live.poll()
    frames[0] = (2, fixtures.desk_scene())
    assert live.poll()
    frames.clear()
    assert not live.poll()


def test_no_picture_of_a_person_is_kept_when_nobody_looks(upright: Probe, qtbot: QtBot) -> None:
    upright.shell.render(fixtures.screens()["photo_framing"])
    qtbot.waitUntil(lambda: upright.shell._live.requestImage("", QSize(), QSize()).width() == 640, timeout=3000)
    upright.shell.render(fixtures.screens()["attract"])
    assert upright.shell._live.requestImage("", QSize(), QSize()).width() == 8


def test_two_thumbs_count_as_two(upright: Probe) -> None:
    upright.show(fixtures.screens()["pin"])
    upright.events.clear()
    one, two = (upright.centre(upright.button(f"act.digit.{digit}")) for digit in "17")
    finger = QTest.touchEvent(upright.shell.view, PANEL)
    finger.press(0, one).commit()
    finger.stationary(0).press(1, two).commit()
    finger.release(0, one).stationary(1).commit()
    finger.release(1, two).commit()
    assert [event.payload for event in upright.events] == ["1", "7"]


def test_scrolling_over_a_service_does_not_open_it(upright: Probe, qtbot: QtBot) -> None:
    upright.show(fixtures.with_look(fixtures.screens()["home"], large=True))
    upright.events.clear()
    start = upright.centre(upright.button("act.open_item.leave"))
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(upright.shell.view, left, pos=start)
    for step in range(1, 11):
        QTest.mouseMove(upright.shell.view, start - QPoint(0, step * 4))
    QTest.mouseRelease(upright.shell.view, left, pos=start - QPoint(0, 40))
    scrolled = next(i for i in upright.items() if i.inherits("QQuickFlickable") and i.property("interactive"))
    assert scrolled.property("contentY") > 0
    assert upright.events == []


def test_a_trembling_finger_still_presses(upright: Probe) -> None:
    upright.show(fixtures.screens()["home"])
    upright.events.clear()
    start = upright.centre(upright.button("act.open_item.leave"))
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(upright.shell.view, left, pos=start)
    for step in range(1, 6):
        QTest.mouseMove(upright.shell.view, start - QPoint(step * 2, step * 3))
    QTest.mouseRelease(upright.shell.view, left, pos=start - QPoint(10, 15))
    assert [event.payload for event in upright.events] == ["leave"]


def test_a_page_that_slides_in_can_be_pressed_at_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TERMINAL_REDUCED_MOTION")
    moving = Probe(fixtures.shell(post=(events := []).append), events)
    moving.shell.show()
    moving.show(fixtures.screens()["attract"])
    moving.shell.render(fixtures.screens()["pin"])
    moving.shell.app.processEvents()
    moving.tap("act.digit.5")
    assert [event.payload for event in events] == ["5"]
    title = next(item for item in moving.words() if item.property("text") == "请输入学工号")
    qtbot.waitUntil(lambda: title.mapToScene(QPointF(0, 0)).x() == 48.0, timeout=3000)
    moving.shell.close()


def test_a_window_that_is_taken_down_is_gone_at_once(qapp: object) -> None:
    shell = fixtures.shell(post=[].append)
    shell.show()
    engine = shell.view.engine()
    shell.close()
    assert not isValid(shell.view)
    assert not isValid(engine)


def test_an_icon_comes_in_the_colour_asked_for(upright: Probe) -> None:
    image = Icons().requestImage("tick/#1c7c4a", QSize(), QSize(48, 48))
    colours = {
        image.pixelColor(x, y).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() > 250
    }
    assert "#1c7c4a" in colours


def test_the_same_view_is_not_sent_twice(upright: Probe, qtbot: QtBot) -> None:
    state = fixtures.screens()["category"]
    upright.show(state)
    changes: list[int] = []
    upright.shell.bridge.viewChanged.connect(lambda: changes.append(1))
    upright.shell.render(replace(state))
    assert changes == []


CRASH = """
from tests.gui import fixtures
shell = fixtures.shell()
def burst():
    raise RuntimeError("a bug")
shell.timer("bug", 0.01, burst)
raise SystemExit(shell.exec())
"""


def test_a_bug_in_a_slot_ends_the_program(tmp_path: object) -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": "."}
    ran = subprocess.run([sys.executable, "-c", CRASH], env=env, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 70
    assert "a bug" in ran.stderr
    assert '"ui.crashed"' in ran.stderr + ran.stdout
