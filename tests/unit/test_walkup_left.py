"""A certificate that was in the printer when the program ended: whoever asks for it is asked whether it came out."""

from __future__ import annotations

import pytest

from kiosk.domain.printer import PrinterState
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import LeftPaper, Screen, Trouble
from tests.unit.walkup_kit import Walk, approved

OLD = approved()
SEAL = f"{OLD.key}:1:abcd1234"
LEFT = LeftPaper(OLD.key, SEAL, "S-old")
OTHER = LeftPaper("e" * 32, f"{'e' * 32}:1", "S-other")


def asked(*more: ev.Event) -> Walk:
    """Somebody opens the request and wants its paper."""
    walk = Walk()
    walk.post(ev.PapersLeft((OTHER, LEFT)))
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (OLD,)), *more)
    walk.press(f"open_request {OLD.key}", "print_result")
    return walk


@pytest.mark.parametrize("printer", [PrinterState.IDLE, PrinterState.NO_PAPER])
def test_the_question_comes_before_anything_is_sealed(printer: PrinterState) -> None:
    walk = asked(ev.PrinterChanged(printer))
    assert walk.screen is Screen.TROUBLE
    assert walk.state.job
    assert walk.state.job.trouble is Trouble.UNKNOWN
    assert not walk.of(ev.Seal)
    assert walk.state.station.left == (OTHER,), "nobody is asked twice"


def test_it_came_out_and_counts() -> None:
    walk = asked()
    walk.press("came_out", "came_out")
    (record,) = walk.records("document.printed")
    assert (record.key, record.body["serial"]) == (f"{SEAL}:printed", "S-old")
    assert walk.screen is Screen.DONE
    walk.run_out()
    assert not walk.records("document.voided")
    assert not walk.of(ev.Print)


def test_it_did_not_and_another_serial_takes_its_place() -> None:
    walk = asked()
    walk.press("not_out")
    (record,) = walk.records("document.voided")
    assert (record.key, record.body["serial"]) == (f"{SEAL}:voided", "S-old")
    walk.press("reprint")
    (seal,) = walk.of(ev.Seal)
    assert (seal.key, seal.replaces) == (f"{OLD.key}:2:abcd1234", "S-old")
    walk.seal()
    walk.job("printed")
    assert len(walk.records("document.printed")) == 1


def test_who_leaves_without_an_answer_voids_it() -> None:
    walk = asked()
    walk.run_out()
    assert [record.body["serial"] for record in walk.records("document.voided")] == ["S-old"]
    assert walk.state.station.left == (OTHER,)


def test_nobody_is_asked_about_the_paper_of_another_request() -> None:
    walk = Walk()
    walk.post(ev.PapersLeft((OTHER,)))
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (OLD,)))
    walk.press(f"open_request {OLD.key}", "print_result")
    assert len(walk.of(ev.Seal)) == 1
