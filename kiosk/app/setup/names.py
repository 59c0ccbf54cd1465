"""Names of serial lines that stay with what is plugged in, written as rules of udev: /dev/campus/scanner and so on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = "/dev/campus"
HEAD = "# Written by kiosk-setup: which plug is which device of the terminal.\n"


@dataclass(frozen=True, slots=True)
class Plug:
    """A serial line on USB. `serial`: of the adapter, "" = it has none, or several lines share it.

    `place`: the interface at the port it is plugged into, such as 1-1.2:1.0.
    """

    vendor: str
    product: str
    serial: str
    place: str

    def rule(self, name: str) -> str:
        """By its serial number it may move to another port; without one the port is what tells it from its twin."""
        if self.serial:
            ours = {"idVendor": self.vendor, "idProduct": self.product, "serial": self.serial}
            match = ", ".join(f'ATTRS{{{name}}}=="{value}"' for name, value in ours.items())
        else:
            match = f'SUBSYSTEMS=="usb", KERNELS=="{self.place}"'
        return f'SUBSYSTEM=="tty", {match}, SYMLINK+="{FOLDER.removeprefix("/dev/")}/{name}"\n'


def plug_of(device: str, root: Path = Path("/")) -> Plug | None:
    """Where this serial line is plugged in; None = not on USB, or its serial number is no plain word."""
    line = (root / device.lstrip("/")).resolve().name
    at = (root / "sys/class/tty" / line / "device").resolve()
    for interface in (at, *at.parents):
        usb = interface.parent
        if (usb / "idVendor").exists():
            lines = sum(1 for _ in usb.glob(f"{usb.name}:*/tty*"))
            told = _read(usb / "serial") if lines == 1 else ""
            serial = told if told.isascii() and told.replace("-", "").replace("_", "").isalnum() else ""
            return Plug(_read(usb / "idVendor"), _read(usb / "idProduct"), serial, interface.name)
    return None


def rules(plugs: Mapping[str, Plug]) -> str:
    """The file for /etc/udev/rules.d, by name of the device."""
    return HEAD + "".join(plug.rule(name) for name, plug in plugs.items())


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
