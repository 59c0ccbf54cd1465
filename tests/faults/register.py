"""What the centre would know of papers: serials in the order of their issue, on disk before anybody is told."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Issue:
    """One certificate under its idempotency key."""

    key: str
    request: str
    serial: str


class Register:
    """A file that one process writes and another reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def issues(self) -> list[Issue]:
        """Every one, oldest first; a line that was cut off was told to nobody."""
        if not self._path.exists():
            return []
        *lines, _ = self._path.read_text("ascii").split("\n")
        return [Issue(**json.loads(line)) for line in lines]

    def issue(self, key: str, request: str) -> Issue:
        """The same key again is answered as before; a new one ends the older ones of its request."""
        known = self.issues()
        for one in known:
            if one.key == key:
                return one
        made = Issue(key, request, f"S-{len(known) + 1:04}")
        with self._path.open("a", encoding="ascii") as file:
            file.write(json.dumps(asdict(made)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return made
