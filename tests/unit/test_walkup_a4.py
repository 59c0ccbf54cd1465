"""Two printers: where a document comes out, what is said before it is begun, and what there is instead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk import shipped
from kiosk.app.reports import A4_FAULTS, Reports
from kiosk.app.terminal import load_catalogue
from kiosk.config import Config
from kiosk.domain import documents
from kiosk.domain.document_files import parse
from kiosk.domain.faults import Code, Fault
from kiosk.domain.printer import READY, Outlet, PrinterState
from kiosk.flows.core import Event, StartTimer
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Phase, Screen, Station, Trouble
from printers.spool import JobEvent, JobState, StatusEvent
from tests.unit.walkup_kit import ENROLMENT, ITEMS, POLICY, Walk

BOTH = (Outlet.A4, Outlet.RECEIPT)
SHEETS = replace(ENROLMENT, outlets=BOTH)
A4_POLICY = replace(POLICY, catalogue=replace(POLICY.catalogue, items={i.id: i for i in ITEMS} | {"enrolment": SHEETS}))
FITTED = frozenset({"a4"})


def two(a4: PrinterState = PrinterState.IDLE, printer: PrinterState = PrinterState.IDLE) -> Station:
    return Station(fitted=FITTED, a4=a4, printer=printer)


def walk_up(a4: PrinterState = PrinterState.IDLE) -> Walk:
    walk = Walk(policy=A4_POLICY)
    walk.state = replace(walk.state, station=replace(walk.state.station, fitted=FITTED))
    walk.post(ev.A4Changed(a4))
    return walk


@pytest.mark.parametrize("a4", PrinterState)
@pytest.mark.parametrize("printer", PrinterState)
def test_the_best_printer_that_works_is_taken_and_the_best_one_is_what_is_wanting(
    a4: PrinterState, printer: PrinterState
) -> None:
    station = two(a4, printer)
    assert station.prints_on(BOTH) is (a4 in READY or printer in READY)
    assert station.outlet(BOTH) is (Outlet.RECEIPT if a4 not in READY and printer in READY else Outlet.A4)
    assert station.detour(BOTH) is (a4 not in READY and printer in READY)
    assert station.prints_on((Outlet.RECEIPT,)) is (printer in READY)
    assert not station.detour((Outlet.RECEIPT,))
    assert station.prints_on((Outlet.A4,)) is (a4 in READY)


def test_without_a_printer_of_sheets_nothing_is_wanting() -> None:
    station = Station(printer=PrinterState.IDLE)
    assert station.outlet(BOTH) is Outlet.RECEIPT
    assert not station.detour(BOTH)
    assert station.says(station.outlet(BOTH)) == "printer.idle"
    assert not station.prints_on((Outlet.A4,)), "a sheet is no receipt"
    assert station.says(station.outlet((Outlet.A4,))) == "a4.disconnected"


@pytest.mark.parametrize(
    ("a4", "outlet"), [(PrinterState.TONER_LOW, Outlet.A4), (PrinterState.NO_PAPER, Outlet.RECEIPT)]
)
def test_a_certificate_goes_where_it_can(a4: PrinterState, outlet: Outlet) -> None:
    walk = walk_up(a4)
    walk.enter().review(SHEETS).press("submit")
    walk.record()
    walk.seal()
    assert len(walk.of(ev.FetchSheets)) == (outlet is Outlet.A4)
    if outlet is Outlet.A4:
        assert not walk.of(ev.Print)
        walk.file()
    (paper,) = walk.of(ev.Print)
    assert (paper.outlet, paper.file) == (outlet, outlet is Outlet.A4)
    walk.job("printed")
    assert walk.screen is Screen.DONE


def test_a_receipt_never_goes_to_the_sheets() -> None:
    walk = walk_up()
    walk.enter().review(ITEMS[3]).press("submit")
    walk.record()
    assert walk.of(ev.Print)[-1].outlet is Outlet.RECEIPT


def test_what_failed_on_sheets_can_be_had_on_a_receipt() -> None:
    walk = walk_up()
    walk.enter().review(SHEETS).press("submit")
    walk.record()
    walk.seal()
    walk.file()
    walk.post(ev.A4Changed(PrinterState.NO_PAPER))
    walk.job("failed")
    assert walk.state.job
    assert walk.state.job.trouble is Trouble.SPOILED
    walk.press("reprint")
    walk.seal()
    first, second = walk.of(ev.Print)
    assert (first.outlet, second.outlet) == (Outlet.A4, Outlet.RECEIPT)
    assert first.job != second.job


def fetching(own_sheets: bool = True) -> Walk:
    """The centre has sealed a certificate for A4, and its file is on the way."""
    walk = walk_up()
    walk.policy = replace(A4_POLICY, own_sheets=own_sheets)
    walk.enter().review(SHEETS).press("copies 2", "submit")
    walk.record()
    walk.seal()
    assert walk.state.job
    assert walk.state.job.phase is Phase.FETCHING
    return walk


@pytest.mark.parametrize("reason", ["offline", "unchecked", "slow"])
def test_without_the_centres_file_the_sheets_are_laid_out_here_and_that_is_said(reason: str) -> None:
    walk = fetching()
    walk.elapse("seal") if reason == "slow" else walk.file(reason)
    (paper,) = walk.of(ev.Print)
    assert (paper.outlet, paper.file, paper.copies) == (Outlet.A4, False, 2)
    walk.file()
    assert len(walk.of(ev.Print)) == 1, "the file comes too late"
    walk.job("printed")
    assert walk.state.job
    assert walk.state.job.own


@pytest.mark.parametrize("reason", ["offline", "unchecked", "slow"])
def test_a_campus_that_prints_the_centres_files_alone_prints_nothing_else(reason: str) -> None:
    walk = fetching(own_sheets=False)
    walk.elapse("seal") if reason == "slow" else walk.file(reason)
    assert walk.state.job
    assert walk.state.job.trouble is Trouble.NOT_SEALED
    walk.press("try_again")
    first, again = walk.of(ev.Seal)
    assert first == again
    walk.seal()
    walk.file()
    (paper,) = walk.of(ev.Print)
    assert paper.file


@pytest.mark.parametrize("reason", ["forged", "refused"])
def test_what_the_centre_did_not_seal_is_not_printed_in_any_form(reason: str) -> None:
    walk = fetching()
    walk.file(reason)
    assert walk.state.job
    assert walk.state.job.trouble is Trouble.NOT_SEALED
    walk.press("leave_it")
    assert not walk.of(ev.Print)
    assert walk.screen is Screen.DONE


def test_a_serial_that_was_voided_meanwhile_is_sealed_anew_within_the_same_deadline() -> None:
    walk = fetching()
    walk.file("voided")
    first, second = walk.of(ev.Seal)
    assert (first.key[-1], second.key[-1]) == ("1", "2")
    assert len([one for one in walk.of(StartTimer) if one.timer == "seal"]) == 1
    walk.seal()
    walk.post(ev.SheetsReady(f"S-{first.key}"))
    assert not walk.of(ev.Print), "the file of the voided one"
    walk.file()
    (paper,) = walk.of(ev.Print)
    assert paper.sealed
    assert paper.sealed.serial == f"S-{second.key}"


def test_a_seal_that_comes_after_its_deadline_has_a_deadline_for_its_file() -> None:
    walk = walk_up()
    walk.enter().review(SHEETS).press("submit")
    walk.record()
    walk.elapse("seal")
    assert walk.screen is Screen.TROUBLE
    walk.seal()
    assert "seal" in walk.timers
    walk.elapse("seal")
    assert not walk.of(ev.Print)[0].file


def test_with_no_printer_at_all_nothing_is_printed_again() -> None:
    walk = walk_up()
    walk.enter().review(SHEETS).press("submit")
    walk.record()
    walk.seal()
    walk.file()
    walk.post(ev.A4Changed(PrinterState.NO_PAPER), ev.PrinterChanged(PrinterState.COVER_OPEN))
    walk.job("failed")
    walk.press("reprint")
    assert walk.screen is Screen.TROUBLE
    assert len(walk.of(ev.Print)) == 1


def test_transcript_and_income_prefer_sheets_and_all_others_are_receipts() -> None:
    prefer = {name for name, document in shipped.documents().items() if document.outlets == BOTH}
    assert prefer == {"transcript", "income"}
    items = load_catalogue(Config()).items
    assert items["transcript"].outlets == items["income"].outlets == BOTH
    assert items["leave"].outlets == (Outlet.RECEIPT,)


@pytest.mark.parametrize("found", [[], ["a3"], ["a4", "a4"], "a4", [1], [[]], [["a4"]], {}])
def test_a_document_for_a_printer_that_there_is_not_is_refused(found: object) -> None:
    data = {"title": {"zh": "甲", "en": "A"}, "printers": found, "block": [{"kind": "cut"}]}
    problems = parse("x.toml", data)
    assert not isinstance(problems, documents.Document)
    assert [each.key for each in problems] == ["printers"]


def test_the_printer_of_sheets_has_faults_of_its_own() -> None:
    said: list[Event] = []
    reports = Reports(said.append, lambda: 0.0)
    for state in PrinterState:
        said.clear()
        reports.a4(StatusEvent(state))
        assert said[0] == ev.A4Changed(state)
        code = A4_FAULTS.get(state)
        assert said[1:] == [ev.FaultRaised(Fault(code, "a4")) if code else ev.FaultCleared("a4")]
    assert {*A4_FAULTS.values()} == {code for code in Code if code.startswith("F-A4P")}
    reports.a4(JobEvent("k:1:p", JobState.PRINTED))
    assert said[-1] == ev.JobChanged("k:1:p", "printed", "", 0.0)
