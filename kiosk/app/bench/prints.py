"""Tests of what prints: a page that the printer says is out, and one that the camera reads back."""

from __future__ import annotations

import time

from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, failed, not_there, passed
from kiosk.app.bench.hands import HANDS_S, Hands
from kiosk.app.bench.looks import fresh_code, see_code
from kiosk.domain.blocks import Align, Block, Cut, Paragraph, Qr, Title
from kiosk.domain.proving import Finding
from kiosk.flows.technician.state import Asked
from printers import escpos
from printers.profiles import profile
from printers.spool import Job, JobEvent, Spool

PAPER_S = 30.0
SHEET_S = 120.0
DONE = frozenset({"printed", "failed", "unknown"})


def printer_page(fit: Fittings, hands: Hands) -> Finding:
    """A short page; it is out when the printer says so."""
    if fit.printer is None:
        return not_there("no_printer")
    return _print(fit.printer, escpos.encode(_page(fit, fresh_code()), profile(fit.config.printer.profile)), hands)


def printer_loop(fit: Fittings, hands: Hands) -> Finding:
    """A page with a code that nobody has seen before; held before the camera, it is read back."""
    if fit.printer is None:
        return not_there("no_printer")
    if fit.camera is None:
        return not_there("no_camera")
    code = fresh_code()
    hands.ask(Asked("technician.ask.printing"))
    out = _print(fit.printer, escpos.encode(_page(fit, code), profile(fit.config.printer.profile)), hands)
    if out.why:
        return out
    hands.ask(Asked("technician.ask.show_page"))
    took = see_code(fit.camera, hands, code)
    if not took:
        return failed("not_read", out.value, "=")
    return passed(f"{out.value} + {took:.1f}{NARROW}s", f"≤ {HANDS_S:.0f}{NARROW}s")


def a4_page(fit: Fittings, hands: Hands) -> Finding:
    """A sheet; it is out when the printer says so."""
    if fit.a4 is None:
        return not_there("no_a4")
    # half a second's work the first time, for terminals with such a printer alone
    from printers import pdf

    language = fit.config.terminal.language
    title = fit.texts.get(language, "technician.paper.title")
    sheet = pdf.render(_page(fit, fresh_code()), title=title, created=fit.clock.local(), language=language)
    return _print(fit.a4, sheet, hands, SHEET_S)


def _page(fit: Fittings, code: str) -> tuple[Block, ...]:
    language, terminal = fit.config.terminal.language, fit.config.terminal
    when = f"{fit.clock.local():%Y-%m-%d %H:%M}"
    says = fit.texts.get(language, "technician.paper.says", terminal=terminal.id, at=when)
    title = Title(fit.texts.get(language, "technician.paper.title"))
    return (title, Paragraph(says, Align.CENTRE), Qr(code, (fit.texts.get(language, "technician.paper.show"),)), Cut())


def _print(spool: Spool, data: bytes, hands: Hands, seconds: float = PAPER_S) -> Finding:
    job, began = f"test:{fresh_code()}", time.monotonic()
    limit = f"≤ {seconds:.0f}{NARROW}s"
    spool.submit(Job(job, "test", data))
    found = hands.wait("job", seconds=seconds, such=lambda each: each.id == job and each.state in DONE)
    if not isinstance(found, JobEvent):
        return failed("not_printed", limit=limit)
    if found.state != "printed":
        return failed(found.reason or "not_printed", limit=limit)
    return passed(f"{time.monotonic() - began:.1f}{NARROW}s", limit)
