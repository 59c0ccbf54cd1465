"""Where paper falls: the simulated printer's own record of what came out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from printers.sim.paper import Paper


@dataclass(frozen=True, slots=True)
class Sheet:
    """One piece of paper: its picture, and what can be read on it, by eye and by a code reader."""

    path: Path
    text: str
    codes: tuple[str, ...]
    spoiled: bool


@dataclass
class Tray:
    """Sheets in the order in which they fell; their pictures are page-001.png … in `folder`."""

    folder: Path
    sheets: list[Sheet] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def paths(self, spoiled: bool) -> list[Path]:
        """Pictures of what came out whole, or of what did not."""
        return [sheet.path for sheet in self.sheets if sheet.spoiled is spoiled]

    def drop(self, paper: Paper) -> None:
        """What is on the paper is cut off; blank paper is not kept."""
        spoiled, paper.spoiled = paper.spoiled, False
        text, codes = paper.text, tuple(paper.codes)
        page = paper.tear()
        if page is not None:
            path = self.folder / f"page-{len(self.sheets) + 1:03d}{'-spoiled' if spoiled else ''}.png"
            page.save(path)
            self.sheets.append(Sheet(path, text, codes, spoiled))
