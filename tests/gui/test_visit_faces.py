"""A face put on record, used and withdrawn at the window: real presses down to the journal, before stand-in eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from devices.face.portrait import Portrait
from kiosk.config import CameraConfig, FaceConfig
from kiosk.domain.consent import CURRENT
from kiosk.domain.faces import Quality
from kiosk.domain.matching import Doubt, Gallery, Match
from kiosk.domain.people import Person
from sync.cache import Cache
from sync.vault import Vault
from sync.wire import FeedAnswer, FeedRow
from tests.gui.face_scenes import sight
from tests.gui.scenes import STUDENT
from tests.gui.visit_kit import OTHER, Visit, standing

MODEL = FaceConfig().embedder
TURNS = (0.0, 0.3, -0.3)


class Eyes:
    """In the place of the recogniser: sees what the test shows, photographs at once, and matches when told to."""

    newest: Eyes

    def __init__(self, *_: object, on_sight: Any, on_gone: Any, on_match: Any, on_portrait: Any, **more: Any) -> None:
        self.sight, self.gone, self.match, self.portray = on_sight, on_gone, on_match, on_portrait
        self.state: Callable[[bool, None], None] = more["on_state"]
        self.face, self.turn, self.looks, self.gallery = 1, 0.0, [0], Gallery((), np.empty((0, 128), np.float32), MODEL)
        Eyes.newest = self

    def start(self) -> None:
        self.state(True, None)

    def stop(self, timeout: float) -> None:
        """Nothing runs."""

    def load(self, gallery: Gallery) -> None:
        self.gallery = gallery

    def verify(self, look: int, person: str, seconds: float) -> None:
        self.looks.append(look)

    def identify(self, look: int, among: frozenset[str] | None, seconds: float) -> None:
        self.looks.append(look)

    def drop(self, look: int) -> None:
        """Nothing is being done."""

    def portrait(self, look: int, seconds: float) -> None:
        template = np.random.default_rng(self.face).normal(size=128).astype(np.float32)
        self.portray(look, Portrait(7, Quality.GOOD, self.turn, template, MODEL, b""))

    def show(self, turn: float) -> None:
        """Two pictures in a row."""
        self.turn = turn
        for _ in range(2):
            self.sight(sight(turn))


class Nothing:
    """In the place of the camera and its reader of codes."""

    ring_name = "none"

    def __init__(self, *_: object) -> None:
        return

    def start(self) -> None:
        """Nothing runs."""

    def stop(self, timeout: float) -> None:
        """Nothing runs."""

    def watch(self, on: bool) -> None:
        """No codes are read."""

    def latest(self) -> None:
        return


def known_people(state: Path) -> None:
    """What the centre would have sent: whoever is not there is in no gallery."""
    cache = Cache(state / "cache.db", Vault.open(state))
    rows = [FeedRow(id=one.id, rev=rev, data=row_of(one)) for rev, one in enumerate((STUDENT, OTHER), 1)]
    cache.apply(FeedAnswer(epoch="e1", feed="persons", rows=rows, next=2, more=False))
    cache.close()


def row_of(person: Person) -> dict[str, Any]:
    names = {"number": person.number, "name": person.name, "name_en": person.name_en}
    return {**names, "role": person.role.value, "verifier": "none", "known": {}}


@pytest.fixture(params=["upright", "wide"])
def visit(
    request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visit]:
    for name, part in (("Recogniser", Eyes), ("Camera", Nothing), ("CodeReader", Nothing)):
        monkeypatch.setattr(f"kiosk.app.terminal.{name}", part)
    known_people(tmp_path / "state")
    tables: dict[str, Any] = {"camera": CameraConfig(source="stand-in"), "face": FaceConfig(enabled=True)}
    with standing(tmp_path, qtbot, monkeypatch, request.param == "wide", **tables) as terminal:
        yield terminal


def to_the_camera(visit: Visit, code: str = "code-of-zhang") -> None:
    """In by the code, to the consent, and the PIN as the second way."""
    visit.enter(code)
    visit.press("open_face", "face_agree")
    visit.on("factor")
    visit.pin()
    visit.on("shots")


def photographs(visit: Visit) -> None:
    for taken, turn in enumerate(TURNS, 1):
        Eyes.newest.show(turn)
        visit.until(lambda count=taken: bool(visit.state.errand) and len(visit.state.errand.shots) == count, "a photo")  # type: ignore[misc]


def enrol(visit: Visit, code: str = "code-of-zhang") -> None:
    to_the_camera(visit, code)
    photographs(visit)
    visit.press("face_keep")
    visit.on("face_done")


def test_a_face_comes_on_record_lets_in_and_is_withdrawn(visit: Visit) -> None:
    visit.on("attract")
    assert not visit.can("face_login"), "nobody could be recognised"
    enrol(visit)
    visit.see("人脸登记好了")
    (row,) = visit.rows("face.enrolled")
    assert (row["person"], row["consent"]["version"], row["rows"]) == (STUDENT.id, CURRENT, 3)
    assert row["consent"]["factors"] == ["code", "pin"]
    visit.until(lambda: Eyes.newest.gallery.persons == (STUDENT.id,), "the face in the gallery")
    visit.press("out", "face_login")
    visit.type(STUDENT.number[-4:], "digit")
    visit.press("confirm")
    visit.on("look")
    Eyes.newest.sight(sight())
    visit.until(lambda: len(Eyes.newest.looks) > 1, "a look")
    Eyes.newest.match(Eyes.newest.looks[-1], Match(7, STUDENT.id))
    visit.on("home")
    visit.see("已登记")
    visit.press("open_face", "face_withdraw")
    visit.on("factor")
    visit.pin()
    visit.press("face_withdraw_yes")
    visit.see("登记已撤回")
    assert [one["person"] for one in visit.rows("face.withdrawn")] == [STUDENT.id]
    visit.until(lambda: Eyes.newest.gallery.persons == (), "an empty gallery")
    visit.press("face_home")
    visit.see("未登记")


def test_the_same_face_under_another_name_ends_with_a_neutral_sentence(visit: Visit) -> None:
    enrol(visit)
    visit.press("out")
    enrol(visit, "code-of-situ")
    visit.see("请到窗口核实")
    assert visit.tells() == []
    assert [row["person"] for row in visit.rows("face.enrolled")] == [STUDENT.id]
    told = [{"person": OTHER.id, "like": STUDENT.id, "consent": CURRENT}]
    visit.until(lambda: visit.rows("face.doubled") == told, "the record for the clerk")


def test_a_doubt_names_the_other_ways(visit: Visit) -> None:
    enrol(visit)
    visit.press("out", "face_login")
    visit.type("0017", "digit")
    visit.press("confirm")
    visit.on("look")
    visit.until(lambda: len(Eyes.newest.looks) > 1, "a look")
    Eyes.newest.match(Eyes.newest.looks[-1], Match(7, doubt=Doubt.TWO_ALIKE))
    visit.on("attract")
    visit.see("无法确认")
    assert visit.tells() == []


def test_leaving_before_the_last_touch_leaves_nothing(visit: Visit) -> None:
    to_the_camera(visit)
    photographs(visit)
    visit.press("out")
    visit.on("attract")
    assert visit.rows("face.enrolled") == []
    assert visit.terminal.faces._templates == {}
    assert visit.tells() == []
