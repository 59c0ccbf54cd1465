"""Draws every screen of the fixtures: python -m tests.gui.gallery OUTDIR [--language en] [--landscape] [--large] …"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["TERMINAL_REDUCED_MOTION"] = "1"

from tests.gui import fixtures


def main() -> None:
    """One PNG a screen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", default="zh", choices=("zh", "en"))
    for name in ("landscape", "large", "contrast", "low-reach"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    shell = fixtures.shell(asked.landscape)
    shell.live(lambda: (1, fixtures.desk_scene()))
    shell.picture("preview", fixtures.paper_png())
    shell.picture("photo", fixtures.paper_png())
    shell.show()
    look = {"language": asked.language, "large": asked.large, "contrast": asked.contrast, "low_reach": asked.low_reach}
    for number, (name, state) in enumerate(fixtures.screens().items()):
        if asked.only and not name.startswith(tuple(asked.only.split(","))):
            continue
        shell.render(fixtures.with_look(state, **look))
        for _ in range(3):
            shell.app.processEvents()
        shell.view.grabWindow().save(str(asked.out / f"{number:02d}_{name}.png"))
    shell.close()


if __name__ == "__main__":
    main()
