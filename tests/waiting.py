"""What another thread or process brings about, waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PATIENCE = 20.0


def until(true: Callable[[], object], what: str = "it", seconds: float = PATIENCE) -> None:
    """Look again and again; an assertion naming what did not come."""
    deadline, gap = time.monotonic() + seconds, threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"did not happen within {seconds:.0f} s: {what}"
        gap.wait(0.005)
