"""Every button of the demonstration's panel sends a line that the demonstration knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.demo.pokes import Pokes
from kiosk.demo.stage import Stage
from ui.panel import GROUPS, LANES

PANELS = {"hall": GROUPS, **LANES}


@pytest.mark.parametrize("panel", PANELS)
def test_every_button_means_something(panel: str, tmp_path: Path) -> None:
    known = Pokes(Stage(tmp_path, tmp_path, 0.0)).patterns
    for group in PANELS[panel].values():
        for line in group.values():
            assert any(re.fullmatch(pattern, line) for pattern in known), line


def test_what_nobody_knows_is_answered_with_the_list(tmp_path: Path) -> None:
    answer = Pokes(Stage(tmp_path, tmp_path, 0.0)).poke("make it rain")
    assert answer.startswith("? ")
    assert {"photograph …", "kill recogniser"} <= set(answer.removeprefix("? ").split(" · "))
