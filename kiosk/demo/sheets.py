"""The demonstration's printer of A4, where this machine has the program for it, and its pages as pictures."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from printers.sim import ipp_printer
from printers.sim.ipp_printer import IppPeer

NONE_HERE = f"there is no printer of A4: {ipp_printer.MISSING}"
NO_PICTURES = "no picture of the page: pdftoppm (package poppler-utils) is not installed"
DPI = "100"
PICTURE_S = 30.0
Table = list[tuple[str, Callable[..., str]]]


def printer(folder: Path) -> IppPeer | None:
    """It begins with an empty folder and a full tray; None where the program is not installed."""
    if not ipp_printer.there():
        return None
    shutil.rmtree(folder, ignore_errors=True)
    peer = IppPeer(folder)
    peer.tray(ipp_printer.FULL)
    return peer


def keep(pdf: bytes, folder: Path, name: str) -> str:
    """The document, and each page as a picture, `name-1.png` on; what there is to say of that, mostly nothing."""
    file = folder / f"{name}.pdf"
    file.write_bytes(pdf)
    program = shutil.which("pdftoppm")
    if program is None:
        return NO_PICTURES
    command = [program, "-r", DPI, "-png", str(file), str(folder / name)]
    subprocess.run(command, check=True, timeout=PICTURE_S)
    return ""


def pokes(peer: Callable[[], IppPeer | None]) -> Table:
    """What can be done to it, in words."""

    def act(do: Callable[[IppPeer], None], told: str) -> Callable[[], str]:
        def done() -> str:
            here = peer()
            if here is None:
                return f"? {NONE_HERE}"
            do(here)
            return told

        return done

    return [
        (r"a4 paper low", act(lambda a4: a4.tray(ipp_printer.LOW), "a few sheets are left in the A4 printer")),
        (r"a4 paper out", act(lambda a4: a4.tray(ipp_printer.EMPTY), "the A4 printer's tray is empty")),
        (r"a4 refill", act(lambda a4: a4.tray(ipp_printer.FULL), "the A4 printer's tray is full")),
        (r"a4 toner low", act(lambda a4: a4.toner(ipp_printer.LAST_TONER), "the A4 printer's toner is nearly out")),
        (r"a4 toner new", act(lambda a4: a4.toner(ipp_printer.NEW_TONER), "there is a new cartridge in it")),
        (r"unplug a4", act(IppPeer.kill, "the A4 printer is off")),
        (r"plug a4", act(_switch_on, "the A4 printer is on")),
    ]


def _switch_on(peer: IppPeer) -> None:
    peer.kill()
    peer.start()
    peer.tray(ipp_printer.FULL)
