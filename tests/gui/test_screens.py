"""Every screen, drawn: nothing cut, nothing small, nothing nameless, no complaint of QML."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.flows.walkup.state import Screen
from tests.gui import face_scenes, fixtures, technician_scenes
from tests.gui.fixtures import screens, with_look
from tests.gui.pixels import same
from tests.gui.probe import Probe

LOOKS = {
    "zh": {},
    "en": {"language": "en"},
    "large": {"large": True},
    "large_en": {"large": True, "language": "en"},
    "low": {"low_reach": True},
    "low_en_large": {"low_reach": True, "language": "en", "large": True},
}
MOVING = {"factor_code", "photo_framing"} | face_scenes.MOVING | technician_scenes.MOVING
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("look", LOOKS)
def test_upright_screens_are_sound(upright: Probe, look: str, tmp_path: Path) -> None:
    assert _sweep(upright, look, tmp_path) == {}


@pytest.mark.parametrize("look", ["zh", "en", "large_en"])
def test_wide_screens_are_sound(wide: Probe, look: str, tmp_path: Path) -> None:
    assert _sweep(wide, look, tmp_path) == {}


def _sweep(probe: Probe, look: str, folder: Path) -> dict[str, list[str]]:
    faults = {}
    for name, state in screens().items():
        probe.warnings.clear()
        probe.show(with_look(state, **LOOKS[look]))
        found = probe.faults()
        if found:
            faults[name] = found
            probe.shell.view.grabWindow().save(str(folder / f"{name}.png"))
    return faults


def test_every_control_is_in_the_lower_half_in_low_reach(upright: Probe) -> None:
    high = {}
    for name, state in screens().items():
        probe_state = with_look(state, low_reach=True)
        upright.show(probe_state)
        middle = upright.shell.view.height() / 2
        buttons = [item for item in upright.buttons() if item.isEnabled() and item.objectName() != "act.dismiss"]
        above = [item.objectName() for item in buttons if upright.centre(item).y() < middle]
        if above:
            high[name] = above
    assert high == {}


def test_the_language_changes_on_the_spot(upright: Probe) -> None:
    for name in ("attract", "pin", "home", "item_request", "form_errors", "review_request", "done", "help", "still"):
        state = screens()[name]
        upright.show(state)
        page = upright.shell.view.rootObject().property("shownPage")
        upright.show(with_look(state, language="en"))
        assert upright.shell.view.rootObject().property("shownPage") == page
        own = {"中文", "请出示校园码", "张*", "景观生态学院", "园林 2301", "刘敏"}
        left = [text for text in upright.texts() if CHINESE.search(text) and text not in own and len(text) > 1]
        answers = [text for text in left if "感冒" not in text and "湖南" not in text]
        assert answers == [], name


def test_pages_are_drawn_to_files(upright: Probe, tmp_path: Path) -> None:
    upright.show(screens()["home"])
    file = tmp_path / "home.png"
    assert upright.shell.view.grabWindow().save(str(file))
    assert file.stat().st_size > 20_000


def test_a_finger_stays_on_its_button_while_the_screen_changes(upright: Probe) -> None:
    upright.show(screens()["home"])
    upright.events.clear()
    at = upright.centre(upright.button("act.open_item.enrolment"))
    upright.press("act.open_item.enrolment")
    upright.show(fixtures.with_queue(screens()["home"]))
    upright.release(at)
    assert [(event.name, event.payload) for event in upright.events] == [("open_item", "enrolment")]


def test_a_dead_button_sends_nothing(upright: Probe) -> None:
    upright.show(screens()["trouble_spoiled"])
    upright.events.clear()
    upright.tap("act.reprint")
    assert upright.events == []


def test_nothing_under_an_overlay_can_be_pressed(upright: Probe) -> None:
    for name in ("still", "help", "calendar", "pad_zh", "photo_framing"):
        upright.show(screens()[name])
        over = [item.objectName() for item in upright.buttons() if item.isEnabled()]
        assert "act.open_item.enrolment" not in over
        assert "act.start" not in over
        assert not {"act.next", "act.previous"} & set(over)


@pytest.mark.parametrize("name", ["form_known", "pad_zh", "calendar", "photo_framing", "help", "home", "done"])
def test_out_help_and_language_are_always_there(upright: Probe, name: str) -> None:
    upright.show(screens()[name])
    there = {item.objectName() for item in upright.buttons() if item.isEnabled()}
    assert {"act.language.en", "act.out"} <= there
    assert "act.help" in there or name == "help"


def test_a_scrolled_page_stays_where_it_is_when_the_clock_ticks(upright: Probe) -> None:
    state = screens()["review_request"]
    upright.show(state)
    scrolled = next(i for i in upright.items() if i.inherits("QQuickFlickable") and i.property("interactive"))
    scrolled.setProperty("contentY", 120.0)
    upright.show(fixtures.with_queue(state))
    assert scrolled.property("contentY") == 120.0


@pytest.mark.timeout(180)
def test_a_screen_does_not_depend_on_the_way_to_it(upright: Probe) -> None:
    """By other looks, by being offline, and back."""
    odd, every = [], screens()
    for name, state in every.items():
        if name in MOVING:
            continue
        upright.shell.render(every["requests_none" if state.screen is not Screen.REQUESTS else "home"])
        fresh = upright.drawn(state)
        for detour in ("large", "en", "low"):
            upright.show(with_look(state, **LOOKS[detour]))
        upright.show(replace(state, station=fixtures.OFFLINE))
        if not same(upright.drawn(state), fresh):
            odd.append(name)
    assert odd == []


def test_a_picture_that_comes_late_is_shown_as_if_it_had_been_there(upright: Probe) -> None:
    state = screens()["review"]
    upright.shell.picture("preview", None)
    upright.show(state)
    without = upright.drawn(state)
    upright.shell.picture("preview", fixtures.paper_png())
    upright.show(state)
    late = upright.drawn(state)
    upright.show(screens()["home"])
    assert not same(late, without)
    assert same(upright.drawn(state), late)
