"""Without the network: one sealed in advance is used up on record, then printed; every such one counts or is void."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.printer import PrinterState
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Draft, Link, Policy, Screen, Trouble
from tests.unit.walkup_kit import ENGLISH, ENROLMENT, FULL, LEAVE, POLICY, Walk, sealed

OFFLINE = replace(ENROLMENT, offline=True)
AHEAD = frozenset({("enrolment", "zh")})
WITH = replace(POLICY, catalogue=Catalogue({item.id: item for item in (OFFLINE, ENGLISH, LEAVE)}, ()))


class Ahead(Walk):
    """A terminal with one sealed in advance for the person."""

    def __init__(self, online: bool = False, policy: Policy = WITH, ahead: frozenset[tuple[str, str]] = AHEAD) -> None:
        super().__init__(online, policy)
        self.ahead = ahead

    def here(self) -> Ahead:
        self.enter()
        self.post(ev.AheadLoaded(self.state.session, self.ahead))
        return self

    def submitted(self) -> Ahead:
        self.here().review(OFFLINE).press("submit")
        self.record()
        return self

    @property
    def wanted(self) -> ev.IssueOffline:
        return self.of(ev.IssueOffline)[-1]

    def issue(self, *, again: bool = False) -> None:
        """The journal has committed that the one last asked for is used up."""
        key = self.wanted.key
        self.post(ev.IssuedOffline(key, self.wanted.request, sealed(key), again))

    def none(self, reason: str = "none_ahead") -> None:
        self.post(ev.NotSealed(self.wanted.key, reason))

    @property
    def trouble(self) -> Trouble | None:
        return self.state.job.trouble if self.state.job else None

    def voided(self) -> list[object]:
        return [record.body["serial"] for record in self.records("document.voided")]


def test_it_is_recorded_used_up_and_then_printed() -> None:
    walk = Ahead().submitted()
    assert not walk.of(ev.Seal)
    assert not walk.of(ev.Print), "persist before act"
    assert walk.wanted.request == walk.key
    walk.issue()
    assert [effect.sealed for effect in walk.of(ev.Print)] == [sealed(walk.wanted.key)]
    walk.job("printed")
    assert walk.screen is Screen.DONE
    assert [record.body["serial"] for record in walk.records("document.printed")] == [f"S-{walk.wanted.key}"]


def test_with_a_line_the_centre_is_asked_and_provides_for_the_next_time() -> None:
    walk = Ahead(online=True).submitted()
    assert [effect.person for effect in walk.of(ev.Provide)] == [walk.state.visit.person.id if walk.state.visit else ""]
    assert walk.of(ev.Seal)
    assert not walk.of(ev.IssueOffline)


def test_a_line_that_comes_back_provides_for_who_is_here() -> None:
    walk = Ahead().here()
    assert not walk.of(ev.Provide)
    walk.post(ev.LinkChanged(Link.ONLINE))
    assert len(walk.of(ev.Provide)) == 1


@pytest.mark.parametrize("how", ["slow", "offline"])
def test_a_centre_that_does_not_answer_in_time_is_done_without(how: str) -> None:
    walk = Ahead(online=True).submitted()
    asked = walk.of(ev.Seal)[-1]
    if how == "slow":
        walk.elapse("seal")
    else:
        walk.post(ev.NotSealed(asked.key, "offline"))
    assert walk.wanted.key != asked.key
    walk.post(ev.DocumentSealed(asked.key, sealed(asked.key)))
    assert not walk.of(ev.Print), "the late answer is not printed as well"
    walk.issue()
    walk.post(ev.DocumentSealed(asked.key, sealed(asked.key)))
    assert [effect.sealed for effect in walk.of(ev.Print)] == [sealed(walk.wanted.key)]


@pytest.mark.parametrize("reason", ["refused", "unknown_request"])
def test_what_the_centre_refuses_is_not_issued_without_it(reason: str) -> None:
    walk = Ahead(online=True).submitted()
    walk.post(ev.NotSealed(walk.of(ev.Seal)[-1].key, reason))
    assert walk.screen is Screen.TROUBLE
    assert not walk.of(ev.IssueOffline)


def test_where_none_is_left_the_sentence_is_the_old_one() -> None:
    walk = Ahead(ahead=frozenset()).submitted()
    walk.post(ev.NotSealed(walk.of(ev.Seal)[-1].key, "offline"))
    assert walk.trouble is Trouble.NOT_SEALED
    assert not walk.of(ev.IssueOffline)


def test_one_that_is_gone_by_the_time_it_is_wanted_is_not_offered_again() -> None:
    walk = Ahead().submitted()
    walk.none()
    assert walk.trouble is Trouble.NOT_SEALED
    walk.press("try_again")
    assert walk.of(ev.Seal), "now it is the centre's turn"
    assert len(walk.of(ev.IssueOffline)) == 1


def test_a_terminal_that_is_refused_issues_nothing() -> None:
    walk = Ahead()
    walk.post(ev.LinkChanged(Link.REFUSED))
    walk.submitted()
    assert not walk.of(ev.IssueOffline)


def test_only_the_languages_that_are_here_and_never_an_item_that_is_not_marked() -> None:
    walk = Ahead().here()
    walk.review(OFFLINE).press("paper_language en", "submit")
    walk.record()
    assert not walk.of(ev.IssueOffline)
    other = Ahead(ahead=frozenset({("enrolment", "en"), ("english", "en")}))
    other.here().review(OFFLINE)
    assert other.state.filling
    assert other.state.filling.language == "en", "the form begins with what can come out"
    unmarked = Ahead(ahead=frozenset({("english", "en")}))
    unmarked.here().review(ENGLISH).press("submit")
    unmarked.record()
    assert not unmarked.of(ev.IssueOffline)


def test_a_spoiled_one_is_void_and_the_reprint_takes_another() -> None:
    walk = Ahead().submitted()
    walk.issue()
    first = walk.wanted
    walk.job("failed", "no_paper")
    assert walk.voided() == [f"S-{first.key}"]
    walk.post(ev.PrinterChanged(PrinterState.IDLE))
    walk.press("reprint")
    assert (walk.wanted.key != first.key, walk.wanted.replaces) == (True, f"S-{first.key}")
    assert len(walk.of(ev.Print)) == 1
    walk.issue()
    walk.job("printed")
    assert walk.voided() == [f"S-{first.key}"]
    assert [record.body["serial"] for record in walk.records("document.printed")] == [f"S-{walk.wanted.key}"]


def test_a_reprint_with_the_line_back_is_the_centres() -> None:
    walk = Ahead().submitted()
    walk.issue()
    walk.job("unknown")
    walk.press("not_out")
    walk.post(ev.LinkChanged(Link.ONLINE))
    walk.press("reprint")
    ask = walk.of(ev.Seal)[-1]
    assert (ask.replaces, ask.key) == (f"S-{walk.wanted.key}", f"{walk.key}:2")


def test_a_journal_that_answers_late_prints_late() -> None:
    walk = Ahead().submitted()
    walk.elapse("record")
    assert walk.trouble is Trouble.NOT_SEALED
    walk.press("try_again")
    assert len({effect.key for effect in walk.of(ev.IssueOffline)}) == 1, "the same act"
    walk.issue()
    walk.issue(again=True)
    assert len(walk.of(ev.Print)) == 1
    assert walk.voided() == []


def test_one_that_was_used_up_for_somebody_who_left_does_not_count() -> None:
    walk = Ahead().submitted()
    walk.elapse("record")
    walk.press("leave_it", "finish")
    assert walk.screen is Screen.ATTRACT
    walk.issue()
    assert walk.voided() == [f"S-{walk.wanted.key}"]
    walk.issue(again=True)
    assert len(walk.voided()) == 1
    assert not walk.of(ev.Print)


def test_one_that_comes_while_the_person_is_asked_whether_they_are_there_is_void_and_not_taken_later() -> None:
    walk = Ahead().submitted()
    walk.elapse("record")
    walk.elapse("idle")
    walk.issue()
    old = walk.wanted.key
    assert walk.voided() == [f"S-{old}"]
    walk.press("stay", "try_again")
    assert walk.wanted.key != old
    walk.issue()
    assert [effect.sealed for effect in walk.of(ev.Print)] == [sealed(walk.wanted.key)]


def test_a_full_disk_uses_none_up() -> None:
    walk = Ahead().here()
    walk.review(OFFLINE).press("submit")
    walk.post(ev.NotRecorded(walk.key, FULL))
    assert not walk.of(ev.IssueOffline)
    walk.press("try_again")
    walk.record()
    walk.none("not_recorded")
    assert walk.trouble is Trouble.NOT_SEALED
    assert not walk.of(ev.Print)


def test_a_draft_is_taken_up_to_be_printed_now_where_one_is_here() -> None:
    for ahead, prepared in ((AHEAD, False), (frozenset[tuple[str, str]](), True)):
        walk = Ahead(ahead=ahead).here()
        draft = Draft("enrolment", "d" * 32, {"purpose": "loan"}, walk.now)
        walk.post(ev.DraftsLoaded(walk.state.session, (draft,)))
        walk.press("open_item enrolment", "resume")
        assert walk.state.filling
        assert walk.state.filling.prepare is prepared
