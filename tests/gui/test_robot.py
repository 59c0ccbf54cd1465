"""The finger and the eye of scripts, over their socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from kiosk.config import Config, DemoConfig, ScreenConfig
from kiosk.flows.core import Event
from tests.gui import fixtures
from ui.shell import Shell


@dataclass
class Script:
    """Sends one order, waits for its answer while the window lives."""

    shell: Shell
    events: list[Event]
    path: str
    qtbot: QtBot

    def ask(self, order: object) -> dict[str, Any]:
        answers: list[str] = []

        def talk() -> None:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(10)
                line.connect(self.path)
                line.sendall((order if isinstance(order, bytes) else json.dumps(order).encode()) + b"\n")
                answers.append(line.makefile().readline())

        thread = threading.Thread(target=talk)
        thread.start()
        self.qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
        thread.join(5)
        answer: dict[str, Any] = json.loads(answers[0])
        return answer


@pytest.fixture
def script(qtbot: QtBot, tmp_path: Path) -> Iterator[Script]:
    events: list[Event] = []
    path = str(tmp_path / "touch")
    demo = DemoConfig(enabled=True, touch_socket=path)
    config = Config(screen=ScreenConfig(width=1080, height=1920), demo=demo)
    shell = Shell(config, fixtures.texts(), fixtures.items(), fixtures.clock(), events.append)
    shell.show()
    qtbot.waitUntil(lambda: Path(path).exists(), timeout=5000)
    yield Script(shell, events, path, qtbot)
    shell.close()


def _size(file: Path) -> tuple[int, int]:
    with Image.open(file) as picture:
        return picture.size


def test_a_tap_is_a_real_touch_of_the_window(script: Script) -> None:
    script.shell.render(fixtures.screens()["home"])
    assert script.ask({"do": "tap", "name": "act.open_item.enrolment"})["ok"]
    assert [(event.name, event.payload) for event in script.events] == [("open_item", "enrolment")]


def test_what_is_scrolled_away_is_brought_into_view_first(script: Script) -> None:
    script.shell.render(fixtures.with_look(fixtures.screens()["review_request"], large=True))
    assert script.ask({"do": "tap", "name": "act.edit_page.3"})["ok"]
    assert [(event.name, event.payload) for event in script.events] == [("edit_page", "3")]


def test_looking_tells_screen_names_and_texts(script: Script) -> None:
    script.shell.render(fixtures.screens()["calendar"])
    seen = script.ask({"do": "look"})
    assert (seen["screen"], seen["overlay"]) == ("form", "calendar.starts")
    assert "act.pad_day.2026-03-06" in seen["pressable"]
    assert "act.next" in seen["names"]
    assert "act.next" not in seen["pressable"]
    assert "开始时间" in seen["texts"]


def test_what_cannot_be_pressed_is_said_and_not_pressed(script: Script) -> None:
    script.shell.render(fixtures.screens()["trouble_spoiled"])
    dead = script.ask({"do": "tap", "name": "act.reprint"})
    assert (dead["ok"], dead["why"]) == (False, "cannot be pressed: act.reprint")
    assert script.ask({"do": "tap", "name": "act.nowhere"})["ok"] is False
    assert script.events == []


def test_a_picture_of_the_window_is_kept(script: Script, tmp_path: Path) -> None:
    script.shell.render(fixtures.screens()["attract"])
    file = tmp_path / "attract.png"
    assert script.ask({"do": "grab", "file": str(file)}) == {"ok": True}
    assert _size(file) == (1080, 1920)
    assert script.ask({"do": "grab", "file": str(tmp_path / "no" / "such.png")})["ok"] is False


def test_the_window_can_be_turned(script: Script, tmp_path: Path) -> None:
    assert script.ask({"do": "size", "width": 1920, "height": 1080})["ok"]
    file = tmp_path / "wide.png"
    script.ask({"do": "grab", "file": str(file)})
    assert _size(file) == (1920, 1080)


@pytest.mark.parametrize(
    "line", [b"garbage", b"[]", b"{}", b'{"do":"close"}', b'{"do":"accept"}', b'{"do":"size","width":"x","height":1}']
)
def test_nonsense_is_answered_and_changes_nothing(script: Script, line: bytes) -> None:
    assert script.ask(line)["ok"] is False
    assert script.ask({"do": "look"})["ok"]


def test_there_is_no_robot_outside_the_demonstration(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "touch"
    config = Config(demo=DemoConfig(enabled=False, touch_socket=str(path)))
    shell = Shell(config, fixtures.texts(), fixtures.items(), fixtures.clock(), lambda event: None)
    assert not path.exists()
    shell.close()
