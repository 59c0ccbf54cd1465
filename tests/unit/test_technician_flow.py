"""The technician's way in, the queue's page, and the way out."""

from __future__ import annotations

import pytest

from kiosk.domain.people import Factor
from kiosk.flows.core import StartTimer, StopTimer
from kiosk.flows.technician import events as te
from kiosk.flows.technician.queue import PER_PAGE
from kiosk.flows.technician.state import Doing, Phase
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Screen
from tests.unit.technician_kit import CLERK, STICK, WORKER, Work, letters
from tests.unit.walkup_kit import STUDENT


def told(work: Work) -> str:
    return work.technician.told.key if work.technician.told else ""


def test_two_factors_open_the_pages_where_a_code_can_be_read() -> None:
    work = Work()
    work.number()
    assert work.of(ev.CheckPin)[-1] == ev.CheckPin(work.state.session, WORKER.number, "246802")
    assert ev.WatchCodes(False) in work.effects
    assert work.admit() == (StopTimer("rate"), StartTimer("idle", 0, 60.0), ev.WatchCodes(True))
    assert work.technician.phase is Phase.CODE
    work.post(ev.CodeRead("K1:…", work.now))
    effects = work.admit(factor=Factor.CODE)
    note = te.Note("technician.in", {"who": WORKER.id, "factors": "pin code", "reader": "works"})
    assert effects[:2] == (note, te.LookAtBoard(work.state.session, 1))
    assert {StartTimer("idle", 0, 300.0), ev.WatchCodes(False)} <= set(effects[2:])


@pytest.mark.parametrize(("fitted", "reader"), [(frozenset({"camera"}), "away"), (frozenset(), "none")])
def test_without_a_reader_the_pin_alone_opens_and_the_audit_says_so(fitted: frozenset[str], reader: str) -> None:
    work = Work()
    work.post(ev.DeviceChanged("camera", False))
    work.fit(fitted)
    work.number().admit()
    assert work.technician.inside
    assert work.of(te.Note)[-1].detail == {"who": WORKER.id, "factors": "pin", "reader": reader}


def test_whoever_does_not_belong_here_reads_the_same_sentence() -> None:
    said = []
    for answer in (
        lambda n: ev.NotAdmitted(n, "wrong", 3),
        lambda n: ev.Admitted(n, CLERK, Factor.PIN, 0.0),
        lambda n: ev.Admitted(n, STUDENT, Factor.PIN, 0.0),
    ):
        work = Work()
        work.number()
        work.post(answer(work.state.session))
        said.append(work.technician.told)
        assert (work.technician.phase, work.technician.entry.pin) == (Phase.PIN, "")
        assert not work.of(te.LookAtQueue)
    assert said == [said[0]] * 3
    assert work.notes() == [("technician.refused", "no_duty")]


def test_a_locked_number_is_told_until_when() -> None:
    work = Work()
    work.number()
    work.post(ev.NotAdmitted(work.state.session, "locked", 0, work.now + 900))
    assert work.technician.told
    assert work.technician.told.values == {"until": f"{work.now + 900:.0f}"}
    assert work.notes() == [("technician.refused", "locked")]


def test_the_code_must_be_the_same_persons() -> None:
    work = Work()
    work.number().admit()
    work.post(ev.CodeRead("K1:…", work.now))
    for person, factor in ((CLERK, Factor.CODE), (WORKER, Factor.PIN), (WORKER, Factor.FACE)):
        work.admit(person, factor)
        assert work.technician.phase is Phase.CODE
    assert work.notes() == [("technician.refused", "other_person")]


def test_a_code_that_was_shown_elsewhere_before_opens_nothing_for_long() -> None:
    work = Work()
    work.number().admit()
    work.post(ev.Admitted(work.state.session, WORKER, Factor.CODE, work.now, "aa"))
    assert work.technician.inside
    work.post(ev.CodeSpent("bb", False), ev.CodeSpent("aa", True))
    assert work.technician.inside
    work.post(ev.CodeSpent("aa", False))
    work.gone()
    assert work.notes()[-1][0] == "technician.out"


def test_an_export_says_what_could_not_be_read() -> None:
    work = Work().enter_pages()
    work.post(te.Exported(work.state.session, "a.age", 11, 2))
    assert work.technician.told
    assert (work.technician.told.key, work.technician.told.tone) == ("technician.export.done_without", "stop")


def test_a_code_shown_at_the_attract_screen_does_not_stand_for_the_pin() -> None:
    work = Work()
    work.post(ev.CodeRead("K1:…", work.now))
    work.press("technician")
    work.admit(WORKER, Factor.CODE)
    work.admit(WORKER, Factor.PIN)
    assert work.technician.phase is Phase.PIN
    assert work.state.visit is None


def test_the_way_in_is_open_only_where_nobody_is_served() -> None:
    work = Work()
    work.enter().press("technician")
    assert work.screen is Screen.HOME
    work.press("out", "help", "technician")
    assert work.screen is Screen.ATTRACT


@pytest.mark.parametrize("how", ["touch", "silence"])
def test_leaving_ends_in_attract_with_nothing_left(how: str) -> None:
    work = Work().enter_pages()
    work.press("out") if how == "touch" else work.elapse("idle")
    assert work.notes()[-1][0] == "technician.out"
    work.gone()
    assert not work.timers


def test_silence_at_the_sign_in_is_shorter_and_no_visit() -> None:
    work = Work()
    work.number()
    _, started = work.timers["idle"]
    assert started.seconds == 60.0
    work.elapse("idle")
    work.gone()
    assert work.notes() == []


def test_letters_are_shown_by_pages_and_never_more() -> None:
    work = Work(dead=500).enter_pages()
    assert len(work.technician.queue.rows) == PER_PAGE
    work.press("tech_rows previous")
    assert work.technician.queue.first == 0
    work.press("tech_rows next")
    work.look()
    assert [row.seq for row in work.technician.queue.rows] == [499 - PER_PAGE - n for n in range(PER_PAGE)]
    work.press(*["tech_rows next"] * 200)
    work.look()
    assert work.technician.queue.first == 498
    assert len(work.technician.queue.rows) == 2


def test_a_page_that_emptied_gives_way_to_the_last_one() -> None:
    work = Work(dead=20).enter_pages()
    work.press(*["tech_rows next"] * 3)
    work.dead = letters(7)
    work.look()
    work.look()
    assert (work.technician.queue.first, len(work.technician.queue.rows)) == (6, 1)
    work.dead = ()
    work.elapse("technician")
    work.look()
    work.look()
    assert (work.technician.queue.first, work.technician.queue.rows) == (0, ())


def test_one_letter_or_all_are_sent_again_once_a_touch() -> None:
    work = Work().enter_pages()
    assert work.press("tech_retry 5")[0] == te.SendAgain(work.state.session, (5,), WORKER.id)
    work.press("tech_retry 5", "tech_retry_all", "tech_sticks", "tech_rows next")
    assert (len(work.of(te.SendAgain)), work.of(te.LookForSticks), len(work.of(te.LookAtQueue))) == (1, [], 1)
    work.post(te.SentAgain(work.state.session, 1))
    assert (told(work), work.technician.queue.doing) == ("technician.queue.sent_again", None)
    assert work.press("tech_retry_all")[0] == te.SendAgain(work.state.session, None, WORKER.id)


def test_what_is_not_on_the_screen_cannot_be_sent() -> None:
    work = Work(dead=0).enter_pages()
    work.press("tech_retry 5", "tech_retry_all", "tech_stick /media/usb0")
    assert not work.of(te.SendAgain)
    assert not work.of(te.ExportQueue)


def test_an_export_goes_to_the_stick_that_was_pressed() -> None:
    work = Work().enter_pages()
    assert work.press("tech_sticks")[0] == te.LookForSticks(work.state.session)
    work.post(te.SticksFound(work.state.session, (STICK,)))
    work.press("tech_stick /etc", "tech_retry_all", "tech_rows next")
    assert not work.of(te.ExportQueue)
    assert not work.of(te.SendAgain)
    assert work.press(f"tech_stick {STICK.path}")[0] == te.ExportQueue(work.state.session, STICK.path, WORKER.id)
    work.post(te.Exported(work.state.session, "a.age", 11))
    assert work.technician.told
    assert work.technician.told.values == {"file": "a.age", "count": "11"}
    assert work.technician.queue.sticks is None


def test_an_export_that_failed_says_why_and_leaves_the_page_alive() -> None:
    work = Work().enter_pages()
    work.press("tech_sticks")
    work.post(te.SticksFound(work.state.session, (STICK,)))
    work.press(f"tech_stick {STICK.path}")
    work.post(te.NotExported(work.state.session, "full"))
    assert (told(work), work.technician.queue.doing) == ("technician.export.full", None)
    work.press("tech_sticks")
    assert work.technician.queue.doing is Doing.STICKS
    work.post(te.QueueTrouble(work.state.session, "SQLITE_IOERR"))
    assert told(work) == "technician.queue.unreadable"


def test_answers_of_an_older_look_or_another_session_change_nothing() -> None:
    work = Work().enter_pages()
    asked = work.of(te.LookAtQueue)[-1]
    work.elapse("technician")
    before = work.state
    n = work.state.session
    late = (work.looked(asked), te.SentAgain(n - 1, 4), te.Exported(n - 1, "x", 1), te.QueueTrouble(n - 1, "x"))
    assert work.post(*late, te.SticksFound(n, (STICK,)), te.NotExported(n - 1, "full")) == ()
    assert work.state == before
