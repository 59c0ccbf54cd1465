"""A broken part or a broken program, and a lens that is out of focus."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk.app.bench import focus, standin
from kiosk.app.bench.hands import GivenUpError, Hands
from kiosk.app.bench.proofs import RUNS
from kiosk.config import CameraConfig, Config, PrinterConfig, RelayConfig, ScannerConfig, ThermalConfig
from kiosk.domain.proving import Outcome, at_once
from kiosk.flows.technician.state import Asked
from tests.bench_kit import fittings, hands
from tests.waiting import until

GONE = "/dev/no-such-line"
FITTED: Any = object()
"""A part that is plugged in, and is not asked: its stand-in is."""


@pytest.mark.parametrize(
    ("part", "config"),
    [
        ("scanner", Config(scanner=ScannerConfig("gm65", GONE))),
        ("thermal", Config(thermal=ThermalConfig("gy90640", GONE))),
        ("relay", Config(relay=RelayConfig("modbus", GONE))),
        ("printer", Config(printer=PrinterConfig("usb://0000:0000"))),
        ("camera", Config(camera=CameraConfig("/dev/video99"))),
    ],
)
def test_the_program_works_where_the_part_is_gone(part: str, config: Config) -> None:
    found = RUNS[f"{part}_program"](fittings(config, **{part: FITTED}), hands())
    assert found.outcome is Outcome.PASSED, found
    assert f"{part}_program" not in at_once((part,)), "nobody waits for it when all are tested in one go"


def test_it_is_the_programs_fault_where_the_stand_in_is_not_understood_either(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def deaf(_kind: str) -> Iterator[Any]:
        yield SimpleNamespace(address=GONE)

    monkeypatch.setattr(standin, "WORKS_S", 0.2)
    monkeypatch.setattr(standin, "standing_in", deaf)
    fit = fittings(Config(scanner=ScannerConfig("gm65", GONE)), scanner=FITTED)
    assert RUNS["scanner_program"](fit, hands()).why == "program"


def test_a_scanner_that_types_has_no_stand_in() -> None:
    fit = fittings(Config(scanner=ScannerConfig("keyboard", GONE)), scanner=FITTED)
    assert RUNS["scanner_program"](fit, hands()).outcome is Outcome.NOT_THERE
    assert RUNS["scanner_program"](fittings(), hands()).outcome is Outcome.NOT_THERE


def test_whoever_leaves_takes_the_stand_in_along(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            started.append(self)

    monkeypatch.setattr(standin.subprocess, "Popen", Noted)
    gone = hands()
    gone.put("over")
    with pytest.raises(GivenUpError):
        RUNS["thermal_program"](fittings(Config(thermal=ThermalConfig("gy614", GONE)), thermal=FITTED), gone)
    assert started[0].poll() is not None


@dataclass
class Turning:
    """A camera whose lens is turned: a picture a look, blurred as the list says, the last one for good."""

    blurs: list[float]
    number: int = 0

    def latest(self, _after: int = 0) -> tuple[int, Any]:
        self.number += 1
        blur = self.blurs[min(self.number, len(self.blurs)) - 1]
        page = np.full((240, 320, 3), 255, np.uint8)
        cv2.putText(page, "ABC 123", (40, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 2)
        return self.number, cv2.GaussianBlur(page, (0, 0), blur) if blur else page


def turned(blurs: list[float], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[Asked]]:
    """What the focus aid found, once the last picture has been looked at; and what it showed."""
    monkeypatch.setattr(focus, "STEP_S", 0.001)
    said: list[Asked] = []
    able = Hands(said.append, lambda _: None)
    camera: Any = Turning(blurs)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(focus.camera_focus(fittings(camera=camera), able)))
    thread.start()
    until(lambda: camera.number > len(blurs) + 1)
    able.put("word", "ready")
    thread.join()
    return found[0], said


def test_the_lens_is_right_where_the_picture_was_sharpest(monkeypatch: pytest.MonkeyPatch) -> None:
    found, said = turned([6, 4, 2, 0], monkeypatch)
    assert found.outcome is Outcome.PASSED
    curve = [y for _, y in said[-1].plot[:4]]
    assert curve == sorted(curve), "sharper with every turn"
    assert said[-1].values["share"] == "100"


def test_turned_past_it_is_not_right(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = turned([6, 0, 4], monkeypatch)
    assert (found.outcome, found.why) == (Outcome.FAILED, "not_sharpest")


def test_the_edge_of_something_warm_is_steeper_in_focus() -> None:
    scene = np.full((24, 32), 24.0, np.float32)
    scene[8:16, 10:22] = 60.0
    assert focus.steepness(scene) > 1.5 * focus.steepness(cv2.GaussianBlur(scene, (0, 0), 2.0))


def test_every_kind_of_the_configuration_has_a_stand_in() -> None:
    from kiosk.app.setup.answers import words
    from kiosk.demo.peers import KINDS

    wanted = {*words("scanner.kind"), *words("thermal.kind"), *words("relay.kind")} - {"none", "keyboard"}
    assert wanted <= set(KINDS)
    assert {"escpos", "camera"} <= set(KINDS)
