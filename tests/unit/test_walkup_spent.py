"""A code that was taken elsewhere ends the visit it began; one read by a clock nobody trusts takes the PIN as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.people import Factor, Person
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Screen
from tests.unit.walkup_kit import INCOME, STRANGER, STUDENT, Walk, tells

NONCE, OTHER = "0a" * 6, "0b" * 6


def by_code(walk: Walk, person: Person = STUDENT, *, doubtful: bool = False) -> Walk:
    walk.post(ev.CodeRead("K1:…", walk.now))
    walk.post(ev.Admitted(walk.state.session, person, Factor.CODE, walk.now, NONCE, doubtful))
    return walk


def elsewhere(walk: Walk, nonce: str = NONCE) -> None:
    walk.post(ev.CodeSpent(nonce, False, walk.now))


def sentence(walk: Walk) -> str:
    return walk.state.message.key if walk.state.message else ""


def test_a_code_that_was_taken_elsewhere_ends_the_visit_with_the_neutral_sentence() -> None:
    walk = by_code(Walk())
    walk.press("open_item leave", "start")
    elsewhere(walk)
    assert (walk.screen, sentence(walk), tells(walk.state)) == (Screen.ATTRACT, "identify.unknown_code", [])
    assert walk.of(ev.Wipe)


@pytest.mark.parametrize("event", [ev.CodeSpent(NONCE, True), ev.CodeSpent(OTHER, False), ev.CodeSpent("", False)])
def test_nothing_else_ends_it(event: ev.CodeSpent) -> None:
    walk = by_code(Walk())
    walk.post(event)
    assert walk.screen is Screen.HOME


def test_what_is_being_handed_in_or_was_stays() -> None:
    walk = by_code(Walk()).review()
    walk.press("submit")
    elsewhere(walk)
    assert walk.screen is Screen.WORKING
    walk.record()
    walk.seal()
    walk.job("printed")
    elsewhere(walk)
    assert walk.screen is Screen.DONE
    walk.press("again")
    elsewhere(walk)
    assert walk.screen is Screen.HOME


def test_a_code_as_the_second_way_ends_the_visit_too() -> None:
    walk = Walk().enter_by_pin()
    walk.press(f"open_item {INCOME.id}", "start")
    assert walk.screen is Screen.FACTOR
    by_code(walk)
    assert walk.screen is Screen.ITEM
    elsewhere(walk)
    assert walk.screen is Screen.ATTRACT


def test_by_a_doubtful_clock_a_code_opens_with_the_pin_of_its_owner() -> None:
    walk = by_code(Walk(), doubtful=True)
    assert (walk.screen, walk.state.visit, sentence(walk)) == (Screen.PIN, None, "identify.pin_too")
    assert walk.state.entry.number == "", "the code alone tells nothing of its owner"
    walk.press(*(f"digit {digit}" for digit in STUDENT.number), "confirm", *["digit 1"] * 6, "confirm")
    walk.post(ev.NotAdmitted(walk.state.session, "wrong", 3))
    walk.press(*["digit 2"] * 6, "confirm")
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.PIN, walk.now))
    assert walk.screen is Screen.HOME
    assert walk.state.visit is not None
    assert walk.state.visit.factors == {Factor.CODE, Factor.NUMBER, Factor.PIN}
    elsewhere(walk)
    assert walk.screen is Screen.ATTRACT


def test_somebody_elses_pin_lets_them_in_by_it_alone() -> None:
    walk = by_code(Walk(), STRANGER, doubtful=True)
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.PIN, walk.now))
    assert walk.state.visit is not None
    assert walk.state.visit.factors == {Factor.NUMBER, Factor.PIN}
    assert walk.state.visit.nonce == ""


def test_a_doubtful_code_that_was_taken_elsewhere_counts_for_nothing() -> None:
    walk = by_code(Walk(), doubtful=True)
    elsewhere(walk)
    assert (walk.screen, sentence(walk)) == (Screen.PIN, "identify.unknown_code")
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.PIN, walk.now))
    assert walk.state.visit is not None
    assert walk.state.visit.factors == {Factor.NUMBER, Factor.PIN}


def test_after_the_pin_a_doubtful_code_is_a_second_way() -> None:
    walk = Walk().enter_by_pin()
    walk.press(f"open_item {INCOME.id}", "start")
    by_code(walk, doubtful=True)
    assert walk.screen is Screen.ITEM


def test_whoever_leaves_after_a_doubtful_code_leaves_nothing() -> None:
    walk = by_code(Walk(), doubtful=True)
    walk.run_out()
    assert (walk.screen, tells(walk.state)) == (Screen.ATTRACT, [])
    assert walk.state.entry == replace(walk.state.entry, shown="", nonce="")
