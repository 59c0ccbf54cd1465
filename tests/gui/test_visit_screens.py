"""What holds on every screen of a visit: the language, the help, and that silence leaves nothing of the person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.flows.walkup.state import Look, Screen
from tests.gui.scenes import STUDENT
from tests.gui.visit_kit import Visit, standing
from ui.present.overlay import NUMBERS

OF_FACES = {
    *(Screen.FACE, Screen.CONSENT, Screen.SHOTS, Screen.SAVING, Screen.WITHDRAW, Screen.FACE_DONE),
    *(Screen.DIGITS, Screen.LOOK),
}
"""Shown only where there is a recogniser: walked in test_visit_faces; the technician's in test_visit_technician."""
PHONE = "027-8888 1234"


@pytest.fixture(params=["upright", "wide"])
def visit(
    request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visit]:
    with standing(tmp_path, qtbot, monkeypatch, request.param == "wide") as terminal:
        yield terminal


def every_screen(visit: Visit) -> Iterator[Screen]:
    """One long visit that stops at every screen there is, once each."""
    yield visit.state.screen
    visit.number()
    yield visit.state.screen
    visit.press("back")
    visit.enter()
    yield visit.state.screen
    visit.press("open_search")
    visit.type("zd")
    yield visit.state.screen
    visit.press("back", "open_category.certificates")
    yield visit.state.screen
    visit.press("open_item.transcript")
    yield visit.state.screen
    visit.press("back", "back", "open_item.enrolment")
    yield visit.state.screen
    visit.press("start", "next", "set.purpose=other", "edit.purpose_words", "pad_mode.en")
    visit.type("abc")
    visit.press("pad_commit")
    yield visit.state.screen
    visit.press("set.purpose=loan", "next")
    yield visit.state.screen
    visit.centre.seals = False
    visit.printer.poke("paper_out_after", 2000)
    visit.press("submit")
    visit.until(lambda: bool(visit.centre.asked), "an ask for the seal")
    yield visit.state.screen
    visit.centre.answer(visit.centre.asked[0])
    visit.on("trouble")
    visit.until(lambda: not visit.state.station.prints, "the end of the paper")
    yield visit.state.screen
    visit.press("leave_it")
    visit.on("done")
    yield visit.state.screen
    visit.press("again", "open_requests")
    visit.until(lambda: bool(visit.state.visit and visit.state.visit.requests), "the request")
    yield visit.state.screen
    assert visit.state.visit
    visit.press(f"open_request.{visit.state.visit.requests[0].key}")
    yield visit.state.screen


def test_language_and_help_on_every_screen_keep_the_state(visit: Visit) -> None:
    seen = []
    for screen in every_screen(visit):
        seen.append(screen)
        before, chinese = visit.state, visit.texts()
        visit.press("language.en")
        assert replace(visit.state, look=before.look) == before
        words = [text for text in chinese if len(text) > 2 and not text.isascii()]
        left = [text for text in words if text in visit.texts()]
        assert len(left) < len(words) / 2, (screen, left)
        visit.press("help")
        visit.see(PHONE)
        visit.see(f"A-017-{NUMBERS[screen]}")
        assert visit.state == replace(before, look=Look("en"), help=True)
        visit.press("help_close", "language.zh")
        assert visit.state == before
        assert visit.texts() == chinese
    assert set(seen) == set(Screen) - OF_FACES - {Screen.TECHNICIAN}


def test_silence_is_asked_about_and_ends_with_nothing_of_the_person(visit: Visit) -> None:
    visit.number()
    visit.pin()
    visit.on("home")
    visit.leave()
    assert visit.tells()
    visit.shell.hurry = {"idle": 0.002, "still": 1000}
    visit.press("language.en")
    visit.see("Still there?")
    before = visit.state
    assert before.still == 5
    visit.shell.hurry = {"still": 0.02}
    visit.press("stay")
    assert (visit.state.still, visit.state.filling) == (None, before.filling)
    visit.see("family")
    visit.shell.hurry = {"idle": 0.002, "still": 0.1}
    counted: list[dict[str, str]] = []
    visit.shell.bridge.viewChanged.connect(lambda: counted.append(visit.shell.bridge._get_view()["overlay"]["body"]))
    visit.press("language.zh")
    visit.on("attract")
    assert [body["seconds"] for body in counted if "seconds" in body] == ["5", "4", "3", "2", "1"]
    assert visit.tells() == []
    assert visit.state.visit is None
    assert not any("family" in text or STUDENT.id in text for text in (*visit.texts(), repr(visit.state)))
