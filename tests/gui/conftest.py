"""One window a module, upright or wide: making one costs half a second, showing a state a few milliseconds."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ["TERMINAL_REDUCED_MOTION"] = "1"

from kiosk.flows.core import Event
from tests.gui import fixtures
from tests.gui.probe import Probe
from ui.shell import Shell


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    """No widgets anywhere: pytest-qt makes the application the shell expects."""
    from PySide6.QtGui import QGuiApplication

    return QGuiApplication


@pytest.fixture(scope="module", autouse=True)
def collected_here() -> Iterator[None]:
    """What is left of windows is taken down on the main thread, not on whichever peer's thread happens to collect."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.fixture(scope="module")
def upright(qapp: object) -> Iterator[Probe]:
    """A terminal of 1080 × 1920."""
    yield from _probe(False)


@pytest.fixture(scope="module")
def wide(qapp: object) -> Iterator[Probe]:
    """A terminal of 1920 × 1080."""
    yield from _probe(True)


def _probe(landscape: bool) -> Iterator[Probe]:
    events: list[Event] = []
    shell: Shell = fixtures.shell(landscape, events.append)
    shell.live(lambda: (1, fixtures.desk_scene()))
    shell.picture("preview", fixtures.paper_png())
    shell.picture("photo", fixtures.paper_png())
    shell.picture("code", fixtures.code_png())
    shell.thermal(lambda: (1, fixtures.warm_scene()))
    shell.show()
    yield Probe(shell, events)
    shell.close()
