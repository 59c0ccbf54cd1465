"""What a device tells of itself by its plug: product and release number of its USB descriptor, as Linux shows them."""

from __future__ import annotations

import os
import re
from pathlib import Path

SYS = Path("/sys")
_USB = re.compile(r"usb://([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})")


def firmware(port: str, sys: Path = SYS) -> str:
    """Such as "CP2102 1.00" for /dev/ttyUSB0, /dev/video0, serial:///dev/… or usb://04b8:0202; "" = nothing is told."""
    if found := _USB.fullmatch(port):
        return _described(_by_numbers(found[1].lower(), found[2].lower(), sys))
    path = port.removeprefix("serial://").partition("?")[0]
    name = Path(os.path.realpath(path)).name
    for kind in ("tty", "video4linux", "hidraw"):
        place = sys / "class" / kind / name / "device"
        if name and place.exists():
            return _described(_usb_of(Path(os.path.realpath(place)), sys))
    return ""


def _usb_of(place: Path, sys: Path) -> Path | None:
    """The USB device that this one hangs on."""
    root = Path(os.path.realpath(sys))
    while place != root and place != place.parent:
        if (place / "idVendor").exists():
            return place
        place = place.parent
    return None


def _by_numbers(vendor: str, product: str, sys: Path) -> Path | None:
    for place in sorted((sys / "bus" / "usb" / "devices").glob("*")):
        if (_read(place / "idVendor"), _read(place / "idProduct")) == (vendor, product):
            return place
    return None


def _described(place: Path | None) -> str:
    if place is None:
        return ""
    release = _read(place / "bcdDevice")
    number = f"{int(release[:2])}.{release[2:]}" if re.fullmatch(r"\d{4}", release) else release
    return " ".join(part for part in (_read(place / "product")[:40], number) if part)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
