"""The lane's window: a moving face (several a second), a new live picture, and the view alone."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

ROUNDS = 100


def run() -> dict[str, float]:
    """Medians in milliseconds: lane.view_ms, lane.move_ms (state to bindings), lane.picture_ms (and drawn)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.gui import gate_scenes
    from ui.present.gate import GateWorld, present_gate

    shell = gate_scenes.shell()
    shell.show()
    frame = gate_scenes.somebody()
    reading = gate_scenes.lanes()["reading"]
    config = gate_scenes.config()
    world = GateWorld(config.terminal, config.gate, shell._texts, shell._clock.local())

    def move(number: int) -> None:
        box = replace(gate_scenes.SIGHT.box, x=0.2 + 0.004 * number)
        shell.render(replace(reading, sight=replace(gate_scenes.SIGHT, box=box)))

    def picture(number: int) -> None:
        shell.live(lambda: (number, frame))
        shell._on_live()
        shell.view.grabWindow()

    shell.render(reading)
    figures = {
        "lane.view_ms": _median(lambda number: present_gate(reading, world)),
        "lane.move_ms": _median(move),
        "lane.picture_ms": _median(picture),
    }
    shell.close()
    return figures


def _median(work: Callable[[int], object]) -> float:
    took = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        work(number)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)
