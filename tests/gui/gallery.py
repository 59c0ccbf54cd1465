"""Draws every screen of the fixtures: python -m tests.gui.gallery OUTDIR [--language en] [--landscape] [--large] …

--gate draws the lane's and the classroom's screens in place of the visit's.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["TERMINAL_REDUCED_MOTION"] = "1"

from tests.gui import fixtures, gate_scenes
from ui.window import Window


def main() -> None:
    """One PNG a screen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", default="zh", choices=("zh", "en"))
    for name in ("gate", "landscape", "large", "contrast", "low-reach"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.gate:
        _lanes(asked)
    else:
        _visits(asked)


def _visits(asked: argparse.Namespace) -> None:
    shell = fixtures.shell(asked.landscape)
    shell.live(lambda: (1, fixtures.desk_scene()))
    shell.picture("preview", fixtures.paper_png())
    shell.picture("photo", fixtures.paper_png())
    shell.picture("code", fixtures.code_png())
    shell.thermal(lambda: (1, fixtures.warm_scene()))
    look = {"language": asked.language, "large": asked.large, "contrast": asked.contrast, "low_reach": asked.low_reach}
    _draw(shell, {name: fixtures.with_look(state, **look) for name, state in fixtures.screens().items()}, asked)


def _lanes(asked: argparse.Namespace) -> None:
    for room, states in (("", gate_scenes.lanes()), ("一教 203", gate_scenes.attending())):
        shell = gate_scenes.shell(asked.landscape, room=room)
        _draw(shell, {name: replace(state, language=asked.language) for name, state in states.items()}, asked)


def _draw(shell: Window[Any], states: Mapping[str, Any], asked: argparse.Namespace) -> None:
    shell.show()
    for number, (name, state) in enumerate(states.items()):
        if asked.only and not name.startswith(tuple(asked.only.split(","))):
            continue
        shell.render(state)
        shell._on_live()
        for _ in range(3):
            shell.app.processEvents()
        shell.view.grabWindow().save(str(asked.out / f"{number:02d}_{name}.png"))
    shell.close()


if __name__ == "__main__":
    main()
