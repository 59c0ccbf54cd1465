"""First frame, frames a second and the worst stall of the window's thread, with the live picture at 30 a second."""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import time

STARTS = 3
WARM_UP_S, SECONDS = 1.0, 5.0
FEED_FPS = 30

START = """
from tests.gui import fixtures
shell = fixtures.shell()
shell.on_first_frame = lambda: (print("first frame", flush=True), shell.quit(0))
raise SystemExit(shell.exec())
"""


def run() -> dict[str, float]:
    """start.first_frame_ms (from spawning Python), ui.fps, ui.worst_stall_ms, ui.cpu_percent of one core."""
    return {"start.first_frame_ms": statistics.median(_first_frame() for _ in range(STARTS)), **_live()}


def _first_frame() -> float:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", START], env=env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        took = (time.perf_counter() - began) * 1000
        child.wait(30)
    if line.strip() != "first frame":
        raise RuntimeError(f"no first frame but {line!r}")
    return took


def _live() -> dict[str, float]:
    from PySide6.QtCore import QTimer, QUrl
    from PySide6.QtQml import QQmlComponent
    from PySide6.QtQuick import QQuickItem

    from tests.gui import fixtures
    from ui.shell import QML

    os.environ.pop("TERMINAL_REDUCED_MOTION", None)
    shell = fixtures.shell()
    scene = fixtures.desk_scene()
    shell.live(lambda: (int(time.perf_counter() * FEED_FPS), scene))
    shell.show()
    shell.render(fixtures.screens()["photo_framing"])
    component = QQmlComponent(shell.view.engine(), QUrl.fromLocalFile(str(QML / "Spinner.qml")))
    spinner = component.create()
    assert isinstance(spinner, QQuickItem)
    spinner.setParentItem(shell.view.contentItem())

    frames: list[float] = []
    ticks: list[float] = []
    shell.view.frameSwapped.connect(lambda: frames.append(time.perf_counter()))
    ticker = QTimer(shell, interval=1)
    ticker.timeout.connect(lambda: ticks.append(time.perf_counter()))
    ticker.start()
    used: list[float] = []
    shell.timer("warm", WARM_UP_S, lambda: (frames.clear(), ticks.clear(), used.append(time.process_time())))
    shell.timer("end", WARM_UP_S + SECONDS, lambda: shell.quit(0))
    shell.exec()
    cpu = time.process_time() - used[0]
    stall = max(later - earlier for earlier, later in itertools.pairwise(ticks))
    figures = {
        "ui.fps": len(frames) / SECONDS,
        "ui.worst_stall_ms": stall * 1000,
        "ui.cpu_percent": 100 * cpu / SECONDS,
    }
    spinner.setParentItem(None)
    shell.close()
    return figures
