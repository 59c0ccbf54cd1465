"""Where a release lies that was fetched, and what root's unit tells of it: the boundary between the two.

The terminal's user writes below `<state>/update` alone: `<sha256>.part`, `staged/` with the package and its `.signed`,
and `apply`, whose being there starts campus-terminal-update.service. Root believes nothing of it, looks it all over
again, and tells in `notes`, where the terminal may only read: `outcome`, `trial`, `returned`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from sync.wire_release import Manifest

ASK_AGAIN_S = 20 * 3600.0
"""What could not be installed is not tried again in the same night."""
SUFFIX = ".signed"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """Root's word on a package: `state` refused (for good), failed (tried again) or spoiled (to be fetched again).

    `at`: Unix seconds.
    """

    state: str
    reason: str
    at: float


class Staging:
    """One terminal's. `state`: its own folder; `notes`: root's. Only `ask` and `ready` are for others than the loop."""

    def __init__(self, state: Path, notes: Path) -> None:
        self._folder, self._notes = state / "update", notes
        self._laid = self._folder / "staged"

    def arrived(self, sha256: str) -> int:
        """Bytes of it that are here."""
        with contextlib.suppress(FileNotFoundError):
            return self._part(sha256).stat().st_size
        return 0

    def add(self, sha256: str, data: bytes) -> None:
        """The next bytes, on the disk before they count. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(self._part(sha256), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as sink:
            sink.write(data)
            sink.flush()
            os.fdatasync(sink.fileno())

    def lay(self, manifest: Manifest, signed: bytes) -> bool:
        """Lay ready what has all come, if it is what was signed; if not, it is deleted. Raises OSError."""
        part = self._part(manifest.sha256)
        if _digest(part) != (manifest.sha256, manifest.size):
            part.unlink()
            return False
        shutil.rmtree(self._laid, ignore_errors=True)
        self._laid.mkdir(mode=0o700)
        proof = self._laid / f"{manifest.file}{SUFFIX}"
        with proof.open("wb") as sink:
            sink.write(signed)
            sink.flush()
            os.fsync(sink.fileno())
        part.rename(self._laid / manifest.file)
        _settle(self._laid)
        return True

    def laid(self, manifest: Manifest) -> bool:
        """Whether this one lies ready. Root looks at its bytes."""
        path = self._laid / manifest.file
        return path.is_file() and path.stat().st_size == manifest.size and Path(f"{path}{SUFFIX}").is_file()

    def clear(self, but: str = "") -> None:
        """Let go of everything; of what has come of `but` not. Raises OSError."""
        for path in self._folder.glob("*.part"):
            if path != self._part(but):
                path.unlink()
        shutil.rmtree(self._laid, ignore_errors=True)
        (self._folder / "apply").unlink(missing_ok=True)

    def outcome(self, sha256: str) -> Outcome | None:
        """What root said of this package; None when nothing that can be read."""
        path = self._notes / "outcome"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(path.read_text("utf-8")[:2000])
            if found["sha256"] == sha256:
                return Outcome(str(found["state"]), str(found["reason"])[:120], path.stat().st_mtime)
        return None

    def spoiled(self, manifest: Manifest) -> bool:
        """Whether root found other bytes here than were signed, after they were laid ready."""
        found = self.outcome(manifest.sha256)
        proof = self._laid / f"{manifest.file}{SUFFIX}"
        return found is not None and found.state == "spoiled" and found.at >= proof.stat().st_mtime

    def returned(self) -> str:
        """The version that did not start, so that the one before runs; "" when there is none."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return (self._notes / "returned").read_text("ascii").split(" ")[0].strip()
        return ""

    @property
    def on_trial(self) -> bool:
        return (self._notes / "trial").exists()

    def ready(self) -> bool:
        """Whether a package lies ready that root was not asked for lately."""
        if not any(self._laid.glob(f"*{SUFFIX}")):
            return False
        with contextlib.suppress(OSError):
            return not 0 <= time.time() - (self._notes / "outcome").stat().st_mtime < ASK_AGAIN_S
        return True

    def ask(self) -> bool:
        """Ask root to take it; whether there was anything to ask for. Root stops the terminal and starts it again."""
        if not self.ready():
            return False
        with contextlib.suppress(OSError):
            (self._folder / "apply").touch(mode=0o600)
            return True
        return False

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"


def _digest(path: Path) -> tuple[str, int]:
    told, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            told.update(chunk)
            size += len(chunk)
    return told.hexdigest(), size


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
