"""What a printer can be, in one word, and which a terminal may have; everybody above the driver knows no others."""

from __future__ import annotations

from enum import StrEnum


class PrinterState(StrEnum):
    """The closed union of printer states."""

    IDLE = "idle"
    BUSY = "busy"
    PAPER_LOW = "paper_low"
    TONER_LOW = "toner_low"
    NO_PAPER = "no_paper"
    COVER_OPEN = "cover_open"
    NO_TONER = "no_toner"
    DISCONNECTED = "disconnected"
    ERROR = "error"


class Outlet(StrEnum):
    """The printers of a terminal, by what comes out of them."""

    RECEIPT = "receipt"
    A4 = "a4"


READY = frozenset({PrinterState.IDLE, PrinterState.BUSY, PrinterState.PAPER_LOW, PrinterState.TONER_LOW})
