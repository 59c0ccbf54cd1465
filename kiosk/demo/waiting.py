"""Waiting for what the demonstration promises."""

from __future__ import annotations

import time
from collections.abc import Callable


class StageError(Exception):
    """A part of the demonstration did not come up; the text says which."""


def wait_until(true: Callable[[], object], seconds: float, what: str, pause: float = 0.05) -> None:
    """Look again and again, at most `seconds`; raises StageError naming what did not come."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise StageError(f"did not happen within {seconds:.0f} s: {what}")
        time.sleep(pause)
