"""The terminal itself, as the flow sees it: its line to the centre, its devices, its printers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.domain.faults import Fault
from kiosk.domain.printer import READY, Outlet, PrinterState
from kiosk.flows.service import Mode, Service, mode


class Link(StrEnum):
    """How the centre is reached, as the sync process reports it."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"
    LOGIN = "login"
    UNTRUSTED = "untrusted"
    REFUSED = "refused"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the attract screen."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LeftPaper:
    """A certificate that was in the printer when the program ended: nobody knows whether it came out.

    `seal` is the key it was sealed under.
    """

    request: str
    seal: str
    serial: str


@dataclass(frozen=True, slots=True)
class Station:
    """The terminal itself, as its adapters last reported.

    `fitted`: which of scanner, camera, face (the recogniser), face_records and a4 (the printer of sheets) it is built
    with. `face`: the recogniser works; `gallery`: how many people it knows; `doubts`: looks of people who were nobody
    yet, lately, that confirmed nobody. `keeps`: new records can be kept. `paper`: percent left of the receipt printer's
    roll, −1 = not counted; `sheets`, `toner`: the same of the printer of A4, as it says. `left`: what is still to be
    asked about. `service`: hours and night.
    """

    link: Link = Link.UNKNOWN
    queued: int = 0
    dead: int = 0
    keeps: bool = True
    fitted: frozenset[str] = frozenset()
    printer: PrinterState = PrinterState.DISCONNECTED
    a4: PrinterState = PrinterState.DISCONNECTED
    paper: int = -1
    sheets: int = -1
    toner: int = -1
    left: tuple[LeftPaper, ...] = ()
    scanner: bool = False
    camera: bool = False
    face: bool = False
    gallery: int = 0
    doubts: int = 0
    faults: tuple[Fault, ...] = ()
    notices: tuple[Notice, ...] = ()
    service: Service = field(default_factory=Service)

    @property
    def mode(self) -> Mode:
        """How it serves. A printer that is low on something still prints."""
        away = any(not getattr(self, name) for name in ("scanner", "camera", "face") if name in self.fitted)
        dumb = not self.prints or ("a4" in self.fitted and self.a4 not in READY)
        missing = away or dumb or not self.keeps or self.link not in (Link.ONLINE, Link.UNKNOWN)
        return mode(self.service, (fault.code for fault in self.faults), missing)

    @property
    def online(self) -> bool:
        return self.link is Link.ONLINE

    @property
    def away(self) -> bool:
        """Whether the centre is out of reach, but still trusts this terminal as far as anybody knows."""
        return self.link not in (Link.ONLINE, Link.UNKNOWN, Link.REFUSED)

    @property
    def prints(self) -> bool:
        """Whether receipts come out."""
        return self.printer in READY

    def state_of(self, outlet: Outlet) -> PrinterState:
        """How one of its printers is."""
        return self.a4 if outlet is Outlet.A4 else self.printer

    def outlet(self, outlets: tuple[Outlet, ...]) -> Outlet:
        """Where that comes out now: of the printers it has, the first that works; when none does, the first."""
        own = [each for each in outlets if each is Outlet.RECEIPT or each.value in self.fitted]
        ready = (each for each in own if self.state_of(each) in READY)
        return next(ready, own[0] if own else outlets[0])

    def says(self, outlet: Outlet) -> str:
        """The sentence, a key of assets/i18n, for how that printer is."""
        return f"{'a4' if outlet is Outlet.A4 else 'printer'}.{self.state_of(outlet)}"

    def prints_on(self, outlets: tuple[Outlet, ...]) -> bool:
        """Whether what may be printed on these comes out now."""
        return self.state_of(self.outlet(outlets)) in READY

    def detour(self, outlets: tuple[Outlet, ...]) -> bool:
        """Whether it comes out, and not where it would if all was well."""
        best = replace(self, printer=PrinterState.IDLE, a4=PrinterState.IDLE).outlet(outlets)
        return self.prints_on(outlets) and self.outlet(outlets) is not best
