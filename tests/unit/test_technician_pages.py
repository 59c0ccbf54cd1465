"""The technician's pages of log and settings, as a flow."""

from __future__ import annotations

from kiosk.domain.logbook import TROUBLE, Change, Kept, LogLine
from kiosk.flows.technician import events as te
from kiosk.flows.technician.logs import PER_PAGE
from tests.unit.technician_kit import WORKER, Work

LINES = tuple(LogLine(float(n), "sync", "fault") for n in range(PER_PAGE))
KEPT = (Kept("300", 300.0, now=True), Kept("200", 200.0), Kept("100", 100.0))
CHANGED = (Change("printer.address", '""', '"usb://04b8:0202"'),)


def on_page(press: str) -> Work:
    work = Work().enter_pages()
    work.press(press)
    return work


def looked(work: Work, more: bool = True) -> te.LogLooked:
    asked = work.of(te.LookAtLog)[-1]
    return te.LogLooked(asked.session, asked.ask, LINES, ("sync",), more)


def test_the_log_opens_with_the_trouble_and_turns_its_pages() -> None:
    work = on_page("tech_page log")
    first = work.of(te.LookAtLog)[-1]
    assert (first.only, first.first) == (TROUBLE, 0)
    work.post(looked(work))
    work.press("tech_rows next")
    assert work.of(te.LookAtLog)[-1].first == PER_PAGE
    work.post(te.LogLooked(first.session, first.ask, (), (), False))
    assert work.technician.log.lines == LINES, "the answer of an older look"
    work.post(looked(work, more=False))
    before = len(work.of(te.LookAtLog))
    work.press("tech_rows next")
    assert len(work.of(te.LookAtLog)) == before, "there is none"
    work.press("tech_log sync")
    assert (work.of(te.LookAtLog)[-1].only, work.of(te.LookAtLog)[-1].first) == ("sync", 0)


def settings(work: Work) -> None:
    asked = work.of(te.LookAtSettings)[-1]
    work.post(te.SettingsLooked(asked.session, asked.ask, KEPT, asked.against or "200", CHANGED))


def test_going_back_is_asked_for_twice_and_done_once() -> None:
    work = on_page("tech_page settings")
    settings(work)
    work.press("tech_settings 300", "tech_settings 7")
    assert len(work.of(te.LookAtSettings)) == 1, "those in use are no choice, nor are unknown ones"
    work.press("tech_settings 100")
    settings(work)
    work.press("tech_put_back")
    assert not work.of(te.PutBack)
    work.press("tech_put_back", "tech_put_back")
    assert work.of(te.PutBack) == [te.PutBack(work.state.session, "100", WORKER.id)]
    work.post(te.PutBackDone(work.state.session, "not_written"))
    assert work.technician.told
    assert work.technician.told.key == "technician.settings.not_written"
    work.press("tech_put_back")
    assert len(work.of(te.PutBack)) == 1, "asked for twice again"


def test_choosing_others_takes_the_first_press_back() -> None:
    work = on_page("tech_page settings")
    settings(work)
    work.press("tech_put_back", "tech_settings 100")
    settings(work)
    assert not work.technician.settings.sure
