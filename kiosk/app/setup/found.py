"""Devices that are plugged into this machine, as Linux tells it; nothing is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOUCHED = 2
"""INPUT_PROP_DIRECT of the kernel: it is touched where it shows."""
PRINTER = "07"
"""Class of USB interfaces."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What says it is an input device on USB. `touch`: a touch screen, otherwise a keyboard, a mouse or the like."""

    id: str
    name: str
    touch: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Device files of serial lines, keyboards, cameras; addresses of USB printers; sizes of screens; input devices."""

    serial: tuple[str, ...]
    keyboards: tuple[str, ...]
    cameras: tuple[str, ...]
    printers: tuple[str, ...]
    screens: tuple[tuple[int, int], ...]
    panels: tuple[Panel, ...]


def look(root: Path = Path("/")) -> Found:
    """Names that stay the same after a restart where there are such. Never raises."""
    return Found(
        _names(root, "dev/serial/by-id/*") or _names(root, "dev/ttyUSB*", "dev/ttyACM*"),
        _names(root, "dev/input/by-id/*-event-kbd"),
        _names(root, "dev/v4l/by-id/*-video-index0") or _names(root, "dev/video*"),
        (*sorted(set(_printers(root))), *(f"file://{name}" for name in _names(root, "dev/usb/lp*"))),
        tuple(_screens(root)),
        tuple(sorted(set(_panels(root)), key=lambda panel: (not panel.touch, panel.name))),
    )


def id_of(device: str, root: Path = Path("/")) -> str:
    """VENDOR:PRODUCT of an event device on USB, "" where it is none."""
    event = (root / device.lstrip("/")).resolve().name
    number = root / "sys/class/input" / event / "device/id"
    vendor, product = _read(number / "vendor"), _read(number / "product")
    return f"{vendor}:{product}" if vendor and product else ""


def _names(root: Path, *patterns: str) -> tuple[str, ...]:
    paths = [path for pattern in patterns for path in sorted(root.glob(pattern))]
    return tuple("/" + path.relative_to(root).as_posix() for path in paths)


def _printers(root: Path) -> Iterator[str]:
    for kind in root.glob("sys/bus/usb/devices/*/bInterfaceClass"):
        device = kind.resolve().parent.parent
        if _read(kind) == PRINTER and _read(device / "idVendor"):
            yield f"usb://{_read(device / 'idVendor')}:{_read(device / 'idProduct')}"


def _screens(root: Path) -> Iterator[tuple[int, int]]:
    for status in sorted(root.glob("sys/class/drm/*/status")):
        size = re.match(r"(\d+)x(\d+)", _read(status.parent / "modes"))
        if _read(status) == "connected" and size:
            yield int(size[1]), int(size[2])


def _panels(root: Path) -> Iterator[Panel]:
    for block in _read(root / "proc/bus/input/devices").split("\n\n"):
        bus = re.search(r"^I: Bus=0003 Vendor=(\w{4}) Product=(\w{4})", block, re.MULTILINE)
        name = re.search(r'^N: Name="(.*)"', block, re.MULTILINE)
        properties = re.search(r"^B: PROP=(\w+)", block, re.MULTILINE)
        if bus:
            touch = bool(properties and int(properties[1], 16) & TOUCHED)
            yield Panel(f"{bus[1]}:{bus[2]}", name[1] if name else "", touch)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
