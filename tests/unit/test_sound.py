"""Sounds: the files are what the script makes, one plays at a time, and nothing that fails disturbs the gate."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices import sound
from devices.sound import FOLDER, Sounds
from kiosk import log
from kiosk.assets import ROOT
from kiosk.clock import Clock
from tests.waiting import until

SOON = 10.0
PLAYER = """
import os, pathlib, signal, sys, threading
plays = pathlib.Path(sys.argv[1])
with plays.open("a") as file:
    file.write(f"{os.getpid()} {pathlib.Path(sys.argv[3]).stem}\\n")
if sys.argv[2] == "fail":
    sys.exit(1)
if sys.argv[2] == "hang":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
(plays.parent / f"ready-{os.getpid()}").touch()
if sys.argv[2] != "short":
    threading.Event().wait(60)
"""


def script() -> Any:
    spec = importlib.util.spec_from_file_location("make_sounds", ROOT.parent / "packaging" / "make_sounds.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Speaker:
    """A player that writes down what it was given instead of playing it."""

    def __init__(self, folder: Path) -> None:
        self._plays = folder / "plays"
        self._made: list[Sounds] = []
        self._program = folder / "player.py"
        self._program.write_text(PLAYER)

    def sounds(self, mode: str, folder: Path = FOLDER) -> Sounds:
        self._made.append(Sounds(True, folder, [sys.executable, "-S", str(self._program), str(self._plays), mode]))
        return self._made[-1]

    @property
    def played(self) -> list[str]:
        return [line.split()[1] for line in self._lines()]

    @property
    def playing(self) -> list[str]:
        return [name for pid, name in map(str.split, self._lines()) if Path(f"/proc/{pid}").exists()]

    def ready(self) -> int:
        """How many have begun to play."""
        return len(list(self._plays.parent.glob("ready-*")))

    def _lines(self) -> list[str]:
        return self._plays.read_text().splitlines() if self._plays.exists() else []

    def stop(self) -> None:
        for each in self._made:
            each.stop(SOON)


@pytest.fixture
def speaker(tmp_path: Path) -> Iterator[Speaker]:
    made = Speaker(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def said(tmp_path: Path) -> Iterator[Callable[[], list[str]]]:
    log.setup("test", tmp_path / "log", Clock())
    file = tmp_path / "log" / "test.jsonl"
    yield lambda: [json.loads(line)["detail"] for line in (file.read_text() if file.exists() else "").splitlines()]
    log.close()


@pytest.mark.parametrize("name", ["allow", "stop", "recheck", "prompt"])
def test_file_is_what_the_script_makes_and_small(name: str, tmp_path: Path) -> None:
    kept, made = FOLDER / f"{name}.wav", script().write(name, tmp_path)
    assert kept.stat().st_size <= 40_000
    with wave.open(str(kept)) as one, wave.open(str(made)) as two:
        assert one.getparams() == two.getparams()
        frames = [np.frombuffer(each.readframes(each.getnframes()), "<i2").astype(int) for each in (one, two)]
    assert np.abs(frames[0] - frames[1]).max() <= 1, "another machine's sine may round the other way"
    assert script().write(name, tmp_path).read_bytes() == made.read_bytes()
    assert np.abs(frames[0]).max() > 8000
    assert (frames[0][0], abs(frames[0][-1]) < 100) == (0, True), "no click"


def test_every_sound_of_the_gate_is_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.wav")} == set(script().SOUNDS)


def test_a_newer_sound_ends_an_older_one(speaker: Speaker) -> None:
    sounds = speaker.sounds("play")
    sounds.play("prompt")
    until(lambda: speaker.playing == ["prompt"])
    sounds.play("stop")
    until(lambda: speaker.playing == ["stop"])
    sounds.stop(SOON)
    assert speaker.playing == []


def test_of_many_at_once_the_last_one_is_heard(speaker: Speaker) -> None:
    sounds = speaker.sounds("play")
    began = time.monotonic()
    for _ in range(1000):
        sounds.play("prompt")
    sounds.play("allow")
    assert time.monotonic() - began < 5
    until(lambda: speaker.playing == ["allow"])
    assert len(speaker.played) < 20


def test_a_player_that_hangs_is_ended(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "END_S", 0.05)
    sounds = speaker.sounds("hang")
    sounds.play("prompt")
    until(lambda: speaker.ready() == 1)
    sounds.play("allow")
    until(lambda: speaker.playing == ["allow"])


def test_a_player_that_ended_leaves_nothing_behind(speaker: Speaker, said: Callable[[], list[str]]) -> None:
    sounds = speaker.sounds("short")
    sounds.play("allow")
    until(lambda: speaker.played == ["allow"] and not speaker.playing)
    assert said() == []


def test_a_player_that_fails_is_said_once(speaker: Speaker, said: Callable[[], list[str]]) -> None:
    sounds = speaker.sounds("fail")
    for count in (1, 2):
        sounds.play("allow")
        until(lambda count=count: len(speaker.played) == count and not speaker.playing)
    until(said)
    sounds.stop(SOON)
    assert said() == ["exit 1"]


def test_an_unknown_sound_is_silence(speaker: Speaker, said: Callable[[], list[str]]) -> None:
    sounds = speaker.sounds("play")
    sounds.play("fanfare")
    until(said)
    assert said() == ["no file"]
    sounds.play("allow")
    until(lambda: speaker.playing == ["allow"])


@pytest.mark.parametrize(("command", "why"), [(None, "no player"), (["/nowhere/player"], "FileNotFoundError")])
def test_without_a_player_it_is_silent_and_says_so_once(
    command: list[str] | None, why: str, said: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound.shutil, "which", lambda _: None)
    sounds = Sounds(True, command=command)
    for _ in range(3):
        sounds.play("allow")
        until(said)
    sounds.stop(SOON)
    assert said() == [why]


def test_the_players_that_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert sound.player() == ("/usr/bin/aplay", "-q")
    monkeypatch.setattr(sound.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "paplay" else None)
    assert sound.player() == ("/usr/bin/paplay",)


def test_switched_off_it_starts_nothing(speaker: Speaker) -> None:
    sounds = Sounds(False)
    sounds.play("allow")
    assert sounds._thread is None
    sounds.stop()
