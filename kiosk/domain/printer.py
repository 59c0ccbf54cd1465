"""What a printer can be, in one word; everybody above the driver knows these and no others."""

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


READY = frozenset({PrinterState.IDLE, PrinterState.BUSY, PrinterState.PAPER_LOW, PrinterState.TONER_LOW})
