"""Where the data folder is, and how a folder of TOML files is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent / "assets"


def toml_files(folder: Path) -> Iterator[tuple[str, dict[str, Any] | Exception]]:
    """Each `*.toml` of a folder by name, with its data or what was wrong with it; sorted."""
    for path in sorted(folder.glob("*.toml")):
        try:
            yield path.name, tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            yield path.name, error
