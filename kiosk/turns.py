"""How the threads of a program share the interpreter: none keeps it from the others for long."""

from __future__ import annotations

import gc
import sys

TURN_S = 0.0005
"""With Python's own 5 ms whatever is read by the thousand holds up each single step of a commit, or of the window."""

NEW = 10_000
"""So many new objects before the collector looks for rings; with Python's own 700 it runs many times a batch."""


def share() -> None:
    """Once everything is made that stays: short turns from now on, and the collector passes over what is there.

    Looking through it all takes a tenth of a second, in which no thread runs, each time that many things are new.
    """
    sys.setswitchinterval(TURN_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW, 10, 10)
