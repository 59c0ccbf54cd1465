"""Every screen of a lane and of a classroom, drawn: nothing cut, nothing small, the frame in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtQuick import QQuickItem
from pytestqt.qtbot import QtBot

from kiosk.flows.core import Event
from kiosk.flows.gate.state import State
from tests.gui import gate_scenes
from tests.gui.gate_scenes import SIGHT
from tests.gui.pixels import same
from tests.gui.probe import Probe

LANES, CLASSES = gate_scenes.lanes(), gate_scenes.attending()
LOOKS = [("zh", False), ("en", False), ("zh", True), ("en", True)]
THREE_METRES = 72


class LaneProbe(Probe):
    """A probe of a lane's window."""

    def lane(self, state: State) -> None:
        self.shell.render(state)  # type: ignore[arg-type]
        self.shell._on_live()
        self.shell.app.processEvents()
        self.shell.view.grabWindow()


def _probe(landscape: bool, room: str = "") -> Iterator[LaneProbe]:
    events: list[Event] = []
    shell = gate_scenes.shell(landscape, events.append, room)
    shell.show()
    yield LaneProbe(shell, events)  # type: ignore[arg-type]
    shell.close()


@pytest.fixture(scope="module")
def lane(qapp: object) -> Iterator[LaneProbe]:
    """A lane of 1080 × 1920."""
    yield from _probe(False)


@pytest.fixture(scope="module")
def wide_lane(qapp: object) -> Iterator[LaneProbe]:
    """A lane of 1920 × 1080."""
    yield from _probe(True)


@pytest.fixture(scope="module")
def room(qapp: object) -> Iterator[LaneProbe]:
    """A classroom's terminal, upright."""
    yield from _probe(False, "一教 203")


@pytest.fixture(scope="module")
def wide_room(qapp: object) -> Iterator[LaneProbe]:
    """A classroom's terminal, wide."""
    yield from _probe(True, "一教 203")


def _sweep(probe: LaneProbe, states: dict[str, State], language: str, folder: Path) -> dict[str, list[str]]:
    faults = {}
    for name, state in states.items():
        probe.warnings.clear()
        probe.lane(replace(state, language=language))
        found = probe.faults()
        if found:
            faults[name] = found
            probe.shell.view.grabWindow().save(str(folder / f"{name}.png"))
    return faults


@pytest.mark.parametrize("language", ["zh", "en"])
def test_upright_lanes_are_sound(lane: LaneProbe, language: str, tmp_path: Path) -> None:
    assert _sweep(lane, LANES, language, tmp_path) == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_wide_lanes_are_sound(wide_lane: LaneProbe, language: str, tmp_path: Path) -> None:
    assert _sweep(wide_lane, LANES, language, tmp_path) == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_classrooms_are_sound(room: LaneProbe, wide_room: LaneProbe, language: str, tmp_path: Path) -> None:
    assert _sweep(room, CLASSES, language, tmp_path) == {}
    assert _sweep(wide_room, CLASSES, language, tmp_path) == {}


@pytest.mark.parametrize("name", ["watching", "ask_turn_left", "recheck", "allow", "refer", "unsure", "unrecorded"])
def test_what_matters_can_be_read_from_three_metres(lane: LaneProbe, name: str) -> None:
    lane.lane(LANES[name])
    title = str(lane.shell.bridge._get_view()["body"]["title"])
    item = next(one for one in lane.words() if one.property("text") == title)
    assert item.property("font").pixelSize() >= THREE_METRES
    assert item.property("contentHeight") >= THREE_METRES


# --- the picture -------------------------------------------------------------------------------------------------


def _of(probe: LaneProbe, kind: str) -> QQuickItem:
    """The item that a QML file of this name made."""
    found = [one for one in probe.items() if one.metaObject().className().startswith(f"{kind}_QMLTYPE")]
    return found[0]


def _rect(item: QQuickItem) -> QRectF:
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def _oval(image: QImage) -> QRectF:
    """Where the made-up face is drawn, by its colour, from the middle outwards."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    bgr = pixels.reshape(image.height(), image.width(), 4)[:, :, :3].astype(np.int16)
    skin = np.abs(bgr - (170, 190, 220)).max(axis=2) < 24
    rows, columns = np.nonzero(skin)
    return QRectF(columns.min(), rows.min(), np.ptp(columns), np.ptp(rows))


@pytest.mark.parametrize("name", ["reading", "allow", "ask_digits"])
@pytest.mark.parametrize("landscape", [False, True])
def test_the_frame_stands_around_the_face(lane: LaneProbe, wide_lane: LaneProbe, name: str, landscape: bool) -> None:
    """However the picture is cropped, and although it is shown as a mirror does."""
    probe = wide_lane if landscape else lane
    state = LANES[name]
    probe.lane(replace(state, sight=None))
    face = _oval(probe.shell.view.grabWindow())
    probe.lane(state)
    frame = _rect(_of(probe, "GateFrame"))
    picture = _rect(_of(probe, "GatePicture"))
    assert abs(frame.center().x() - face.center().x()) < 4
    assert frame.intersected(picture).adjusted(-6, -6, 6, 6).contains(face)
    assert frame.width() < 1.5 * face.width()


def test_the_picture_is_a_mirror(lane: LaneProbe) -> None:
    lane.lane(replace(LANES["watching"], sight=replace(SIGHT, box=replace(SIGHT.box, x=0.1))))
    assert _rect(_of(lane, "GateFrame")).center().x() > lane.shell.view.width() / 2


def _drawn(probe: LaneProbe, colour: str) -> int:
    image = probe.shell.view.grabWindow().convertToFormat(QImage.Format.Format_RGB32)
    wanted = QColor(colour)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)[:, :3].astype(np.int16)
    return int((np.abs(pixels - (wanted.blue(), wanted.green(), wanted.red())).max(axis=1) < 6).sum())


def test_the_frame_is_dashed_amber_while_looking_and_solid_green_when_let_in(lane: LaneProbe) -> None:
    lane.lane(LANES["reading"])
    assert _drawn(lane, "#ffd27a") > 5000
    assert _drawn(lane, "#7fe0a8") == 0
    lane.lane(LANES["allow"])
    assert _drawn(lane, "#7fe0a8") > 5000
    assert _drawn(lane, "#ffd27a") == 0


def test_the_thermal_picture_stands_in_the_corner(lane: LaneProbe) -> None:
    lane.lane(LANES["watching"])
    with_it = lane.shell.view.grabWindow()
    lane.lane(LANES["away_thermal"])
    without = lane.shell.view.grabWindow()
    spot = (lane.shell.view.width() - 160, round(0.5 * lane.shell.view.height()) - 130)
    assert with_it.pixelColor(*spot).lightness() > without.pixelColor(*spot).lightness() + 40


def test_pictures_come_only_when_they_are_new_and_are_forgotten(lane: LaneProbe, qtbot: QtBot) -> None:
    shell = lane.shell
    lane.lane(LANES["watching"])
    frame, heat = shell.bridge._get_frame(), shell.bridge._get_heat()
    lane.lane(LANES["watching"])
    assert (shell.bridge._get_frame(), shell.bridge._get_heat()) == (frame, heat)
    assert shell._live.requestImage("", QSize(), QSize()).width() == 1280
    lane.lane(LANES["away_thermal"])
    assert shell._heat.requestImage("", QSize(), QSize()).width() == 8
    lane.lane(LANES["away_camera"])
    assert shell._live.requestImage("", QSize(), QSize()).width() == 8


# --- changes ------------------------------------------------------------------------------------------------------


def test_a_moving_face_reloads_nothing(lane: LaneProbe) -> None:
    lane.lane(LANES["reading"])
    panel, frame = _of(lane, "GateWatch"), _of(lane, "GateFrame")
    before = frame.x()
    lane.lane(replace(LANES["reading"], sight=replace(SIGHT, box=replace(SIGHT.box, x=0.2))))
    assert _of(lane, "GateWatch") is panel
    assert frame.x() != before


def test_from_watching_to_recording_the_sentence_changes_and_the_screen_stays(lane: LaneProbe) -> None:
    lane.lane(LANES["watching"])
    panel = _of(lane, "GateWatch")
    for name in ("ask_code", "reading", "recheck", "recording"):
        lane.lane(LANES[name])
        assert _of(lane, "GateWatch") is panel
    assert lane.shell.view.rootObject().property("shownPage") == "recording"


def test_a_screen_does_not_depend_on_the_way_to_it(lane: LaneProbe) -> None:
    odd = []
    for name in ("watching", "reading", "refer", "refuse_many", "guard_list", "guard_pin", "away_all", "allow_noted"):
        lane.lane(LANES[name])
        fresh = lane.shell.view.grabWindow()
        for detour in ("refuse_many", "guard_list_empty", "allow", "watching"):
            lane.lane(replace(LANES[detour], language="en"))
        lane.lane(LANES[name])
        again = lane.shell.view.grabWindow()
        if not same(fresh, again):
            odd.append(name)
    assert odd == []


# --- the finger ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "act", "intent"),
    [
        ("watching", "guard", ("guard", "")),
        ("watching", "language.en", ("language", "en")),
        ("allow", "help", ("help", "")),
        ("help", "help_close", ("help_close", "")),
        ("ask_digits", "tail.7", ("tail", "7")),
        ("ask_digits", "tail_erase", ("tail_erase", "")),
        ("guard_pin", "digit.5", ("digit", "5")),
        ("guard_pin", "digit.T", ("digit", "T")),
        ("guard_pin", "erase", ("erase", "")),
        ("guard_pin", "entry_field.pin", ("entry_field", "pin")),
        ("guard_pin", "confirm", ("confirm", "")),
        ("guard_pin_wrong", "clear", ("clear", "")),
        ("guard_pin", "guard_close", ("guard_close", "")),
        ("guard_list", "by_hand", ("by_hand", "")),
        ("guard_list", "guard_out", ("guard_out", "")),
        ("guard_reasons", "open_by_hand.remeasured", ("open_by_hand", "remeasured")),
        ("guard_reasons", "guard", ("guard", "")),
    ],
)
def test_every_press_is_the_flows_intent(lane: LaneProbe, name: str, act: str, intent: tuple[str, str]) -> None:
    lane.lane(LANES[name])
    lane.events.clear()
    lane.tap(f"act.{act}")
    assert [(event.name, event.payload) for event in lane.events] == [intent]  # type: ignore[attr-defined]


def test_one_press_opens_once_although_the_lane_changes_under_the_finger(lane: LaneProbe) -> None:
    lane.lane(LANES["guard_reasons"])
    lane.events.clear()
    at = lane.centre(lane.button("act.open_by_hand.papers"))
    lane.press("act.open_by_hand.papers")
    lane.lane(replace(LANES["guard_reasons"], sight=None, recorded=5))
    lane.release(at)
    assert [event.payload for event in lane.events] == ["papers"]  # type: ignore[attr-defined]


def test_nothing_under_the_guards_pane_can_be_pressed(lane: LaneProbe) -> None:
    state = replace(LANES["ask_digits"], guard=LANES["guard_list"].guard)
    lane.lane(state)
    assert not [item for item in lane.buttons() if item.objectName().startswith("act.tail") and item.isEnabled()]


def test_the_guards_list_scrolls_to_the_twentieth(lane: LaneProbe) -> None:
    lane.lane(LANES["guard_list"])
    scrolled = next(one for one in lane.items() if one.inherits("QQuickFlickable"))
    scrolled.setProperty("contentY", 400.0)
    lane.lane(replace(LANES["guard_list"], recorded=9))
    assert scrolled.property("contentY") == 400.0
    assert scrolled.property("contentHeight") > 20 * 128
