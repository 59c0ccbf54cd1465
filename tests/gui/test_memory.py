"""What pages that are gone leave behind."""

from __future__ import annotations

import re
from pathlib import Path

from tests.gui.fixtures import screens
from tests.gui.probe import Probe

WARM, TURNS, MOST_KB = 60, 80, 8.0
"""A heap finds its size first. Of the least of our pages more than so much a turn stayed when a Loader had made it."""


def heap() -> int:
    """kB that the script engines of this process hold: Qt names their pages."""
    found, ours = [], False
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            ours = "JSGCHeap" in line
        elif ours and line.startswith("Rss:"):
            found.append(int(line.split()[1]))
    assert found, "Qt calls them something else by now"
    return sum(found)


def turned(probe: Probe, turns: int) -> int:
    """What is held after so many turns between the first page, and one with a sheet over it."""
    for _ in range(turns):
        for name in ("attract", "review_request", "help"):
            probe.show(screens()[name])
    probe.shell.view.engine().collectGarbage()
    return heap()


def test_pages_that_are_gone_leave_nothing_in_the_script_engine(upright: Probe) -> None:
    before = turned(upright, WARM)
    assert (turned(upright, TURNS) - before) / TURNS < MOST_KB
