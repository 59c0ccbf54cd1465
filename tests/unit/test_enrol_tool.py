"""`kiosk enrol`: what it refuses, what it records, what it says, and its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.face.cards import Card, scan
from devices.face.photograph import Photograph, Refused
from kiosk.__main__ import main
from kiosk.app import tools_enrol
from kiosk.config import FaceConfig
from kiosk.domain.consent import CURRENT
from kiosk.domain.faces import Quality
from sync import listing
from sync.cache import Cache
from sync.vault import Vault
from sync.wire import FeedAnswer, FeedRow

ZHANG, SITU = "00000000000000a1", "00000000000000c3"
PEOPLE = {ZHANG: ("20230017", "张伟"), SITU: ("20239999", "司徒静")}
PHOTOGRAPHS = ("front.jpg", "left.jpg", "right.jpg")
TURNS = {"front.jpg": 0.0, "left.jpg": 0.25, "right.jpg": -0.25}
CARD = scan().card(FaceConfig().embedder, "embedder")


def face(seed: int) -> Any:
    drawn = np.random.default_rng(seed).normal(size=CARD.length).astype(np.float32)
    return drawn / np.float32(np.linalg.norm(drawn))


class Eyes:
    """Every file shows this face, turned by its name, unless something is wrong with it."""

    card: Card = CARD

    def __init__(self, **wrong: object) -> None:
        self.face, self.wrong = face(1), wrong

    def read(self, path: Path) -> object:
        found = self.wrong.get(path.stem, TURNS[path.name])
        if isinstance(found, float):
            return Photograph(self.face, found, CARD.name)
        return Photograph(face(9), TURNS[path.name], CARD.name) if found == "stranger" else found


class Kit:
    """A terminal's state folder that knows two people."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state, self.config, self._patch = folder / "state", folder / "kiosk.toml", monkeypatch
        self.config.write_text(f'[paths]\nstate = "{self.state}"\n', "utf-8")
        self.vault = Vault.open(self.state)
        cache = Cache(self.state / "cache.db", self.vault)
        rows = [
            FeedRow(
                id=person,
                rev=rev,
                data={"number": number, "name": name, "name_en": "", "role": "student", "verifier": "x", "known": {}},
            )
            for rev, (person, (number, name)) in enumerate(PEOPLE.items(), 1)
        ]
        cache.apply(FeedAnswer(epoch="e1", feed="persons", rows=rows, next=2, more=False))
        cache.close()

    def run(self, *words: str, eyes: Eyes | None = None) -> int:
        self._patch.setattr(tools_enrol, "_open", lambda _: eyes or Eyes())
        return main(["enrol", *words, "--config", str(self.config)])

    def enrol(
        self, number: str = "20230017", eyes: Eyes | None = None, photographs: tuple[str, ...] = PHOTOGRAPHS
    ) -> int:
        return self.run(*photographs, "--number", number, "--consent", CURRENT, eyes=eyes)

    def rows(self) -> list[tuple[str, dict[str, Any]]]:
        found = listing.rows(self.state / "journal.db", self.vault)
        return [(row.kind, row.body) for row in found if row.body is not None]


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kit:
    return Kit(tmp_path, monkeypatch)


def test_three_good_photographs_become_the_same_record_as_at_the_terminal(
    kit: Kit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kit.enrol() == 0
    ((kind, body),) = kit.rows()
    assert (kind, body["person"], body["rows"], body["model"]) == ("face.enrolled", ZHANG, 3, CARD.name)
    assert (body["consent"]["version"], body["poses"]) == (CURRENT, ["front", "left", "right"])
    said = capsys.readouterr().out
    assert "张*" in said
    assert CURRENT in said
    assert "20230017" not in said


def test_nobody_is_enrolled_whom_nobody_could_be_compared_with(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unread = np.empty((0, 0), np.float32)
    monkeypatch.setattr(tools_enrol.GateDesk, "gallery", lambda _self, _model, done: done(None, unread))
    assert kit.enrol() == 1
    assert kit.rows() == []
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ([*PHOTOGRAPHS, "--number", "20230017"], "--consent VERSION"),
        ([*PHOTOGRAPHS, "--number", "20230017", "--consent", "2019-01"], CURRENT),
        ([*PHOTOGRAPHS[:2], "--number", "20230017", "--consent", CURRENT], "3 photographs"),
        ([*PHOTOGRAPHS, "--number", "20230017", "--withdraw"], "no photographs"),
    ],
)
def test_what_is_asked_wrongly_is_2(
    kit: Kit, words: list[str], because: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kit.run(*words) == 2
    assert because in capsys.readouterr().err
    assert not (kit.state / "journal.db").exists()


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"left": Quality.DARK}, "left.jpg is too dark"),
        ({"right": Refused.NO_FACE}, "right.jpg shows no face"),
        ({"front": Refused.SEVERAL}, "more than one face"),
        ({"front": Refused.UNREADABLE}, "no picture"),
        ({"right": "stranger"}, "front.jpg and right.jpg may not show the same person"),
        ({"left": 0.0}, "needed: straight, slightly left, slightly right"),
        ({"left": 0.15}, "left.jpg unclear"),
    ],
)
def test_photographs_that_will_not_do_are_named(
    kit: Kit, wrong: dict[str, object], because: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kit.enrol(eyes=Eyes(**wrong)) == 1
    assert because in capsys.readouterr().err
    assert kit.rows() == []


def test_every_reason_has_its_words() -> None:
    assert {*Refused, *Quality} - {Quality.GOOD} == tools_enrol.WRONG.keys()


def test_the_same_face_under_another_name_is_refused_and_not_named(
    kit: Kit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kit.enrol() == 0
    capsys.readouterr()
    assert kit.enrol("20239999") == 1
    said = capsys.readouterr().err
    assert "under another name" in said
    assert "张" not in said
    assert len(kit.rows()) == 1
    assert kit.enrol() == 0, "one's own face may be renewed"


def test_withdrawing(kit: Kit, capsys: pytest.CaptureFixture[str]) -> None:
    assert kit.run("--number", "20230017", "--withdraw") == 1
    assert "no face" in capsys.readouterr().err
    assert kit.enrol() == 0
    assert kit.run("--number", "20230017", "--withdraw") == 0
    assert kit.rows()[-1] == ("face.withdrawn", {"person": ZHANG, "consent": CURRENT})
    assert kit.enrol("20239999") == 0, "nothing of it is left to compare with"


def test_somebody_nobody_knows(kit: Kit, capsys: pytest.CaptureFixture[str]) -> None:
    assert kit.enrol("20990000") == 1
    assert "knows nobody" in capsys.readouterr().err
