"""USB sticks: the removable disks that are mounted, as Linux tells it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from kiosk.domain.backlog import Stick

MOUNTS, BLOCKS = Path("/proc/mounts"), Path("/sys/block")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def sticks(folder: str = "", mounts: Path = MOUNTS, blocks: Path = BLOCKS) -> tuple[Stick, ...]:
    """Every mounted removable disk, by its place; or `folder` alone, where one stands for them. Never raises."""
    places = [folder] if folder else sorted(set(_mounted(mounts, blocks)))
    found = (_stick(place) for place in places)
    return tuple(stick for stick in found if stick is not None)


def _mounted(mounts: Path, blocks: Path) -> Iterator[str]:
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        device, place, *_ = [*line.split(" "), "", ""]
        if device.startswith("/dev/") and _removable(Path(os.path.realpath(device)).name, blocks):
            yield _ESCAPED.sub(lambda found: chr(int(found[1], 8)), place)


def _removable(device: str, blocks: Path) -> bool:
    """Whether the disk of this device or partition can be taken out: it says so, or it hangs on USB."""
    for block in blocks.glob("*"):
        if device == block.name or (block / device).is_dir():
            return _read(block / "removable") == "1" or "/usb" in os.path.realpath(block)
    return False


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _stick(place: str) -> Stick | None:
    """None when it was pulled between two looks."""
    try:
        room = os.statvfs(place)
    except OSError:
        return None
    return Stick(place, Path(place).name or place, room.f_bavail * room.f_frsize)
