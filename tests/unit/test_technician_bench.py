"""Board and tests as a flow: what a touch begins, what goes on record, and when a report is printed."""

from __future__ import annotations

import pytest

from kiosk.domain import proving
from kiosk.domain.faults import Code, Fault
from kiosk.domain.proving import Finding, Outcome, Result, Verdict
from kiosk.flows.core import StartTimer
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import Asked, Page
from kiosk.flows.walkup import events as ev
from tests.unit.technician_kit import PARTS, WORKER, Work

FITTED = tuple(part.name for part in PARTS)
GOOD = Finding(Outcome.PASSED, "3 ms", "≤ 9 ms")
BAD = Finding(Outcome.FAILED, "", "≤ 9 ms", "away")


def done(work: Work, finding: Finding = GOOD) -> None:
    """The test that runs has found this."""
    work.post(te.ProofDone(work.state.session, work.technician.bench.run, finding, work.now))


def records(work: Work, kind: str) -> list[dict[str, object]]:
    return [record.body for record in work.of(ev.Record) if record.kind == kind]


def told(work: Work) -> str:
    return work.technician.told.key if work.technician.told else ""


def prove(work: Work, finding: Finding = GOOD) -> None:
    """Every test of this terminal, all with this finding."""
    for proof in proving.proofs_of(FITTED):
        work.press(f"tech_test {proof.name}")
        done(work, finding)


def test_the_board_is_looked_at_every_second_and_an_older_look_changes_nothing() -> None:
    work = Work().enter_board()
    assert work.technician.bench.parts == PARTS
    looks = work.of(te.LookAtBoard)
    work.elapse("technician")
    assert work.of(te.LookAtBoard)[-1].ask == looks[-1].ask + 1
    assert work.timers["technician"][1] == StartTimer("technician", work.state.session, 1.0)
    work.post(te.BoardLooked(work.state.session, looks[-1].ask, ()))
    assert work.technician.bench.parts == PARTS


def test_a_broken_part_is_opened_and_proved_in_two_touches() -> None:
    work = Work().enter_board()
    work.press("tech_part thermal", "tech_test thermal_picture")
    assert work.of(te.RunProof)[-1].test == "thermal_picture"
    done(work, BAD)
    assert work.technician.bench.results["thermal_picture"] == Result("thermal_picture", BAD, work.now)
    (body,) = records(work, "test.done")
    assert (body["test"], body["outcome"], body["why"]) == ("thermal_picture", "failed", "away")
    assert (body["operator"], body["at"]) == (WORKER.id, work.now)


def test_parts_and_tests_that_this_terminal_has_not_are_nothing_to_press() -> None:
    work = Work().enter_board()
    work.press("tech_part relay", "tech_test relay_pulse", "tech_test nonsense")
    assert work.technician.bench.part == ""
    assert not work.of(te.RunProof)


def test_everything_is_tested_one_after_the_other_and_each_is_recorded_under_its_own_key() -> None:
    work = Work().enter_board()
    work.press("tech_all")
    names = proving.at_once(FITTED)
    for _ in names:
        done(work)
    assert [effect.test for effect in work.of(te.RunProof)] == list(names)
    keys = [record.key for record in work.of(ev.Record)]
    assert len(set(keys)) == len(names)
    assert not work.technician.bench.running
    assert not any(proving.BY_NAME[name].hands for name in names)


def test_a_test_that_is_stopped_counts_as_not_done_and_takes_the_others_with_it() -> None:
    work = Work().enter_board()
    work.press("tech_all")
    run = work.technician.bench.run
    effects = work.press("tech_stop")
    assert te.DropProof(work.state.session, run) in effects
    assert not work.technician.bench.running
    (result,) = work.technician.bench.results.values()
    assert result.finding.outcome is Outcome.NOT_DONE
    work.post(te.ProofDone(work.state.session, run, GOOD, work.now))
    assert list(work.technician.bench.results.values()) == [result], "a late answer changes nothing"


def test_whoever_leaves_gives_the_running_test_up() -> None:
    work = Work().enter_board()
    work.press("tech_test touch_grid", "out")
    assert work.of(te.DropProof)
    work.gone()


def test_a_running_test_takes_its_answers_and_no_others() -> None:
    work = Work().enter_board()
    work.press("tech_test touch_grid")
    n, run = work.state.session, work.technician.bench.run
    work.press("tech_cell 3", "tech_say ready", "tech_page queue", "tech_all", "tech_report")
    assert not work.of(te.ProofTold)
    work.post(te.ProofAsks(n, run, Asked("technician.ask.touch", cells=frozenset({3}))))
    work.press("tech_cell 4", "tech_cell 3")
    assert work.of(te.ProofTold) == [te.ProofTold(n, run, "3")]
    assert work.technician.page is Page.TESTS, "what is found is read there"


def test_a_report_is_recorded_first_then_printed_and_said_to_be_out_when_the_printer_says_so() -> None:
    work = Work().enter_board()
    prove(work)
    work.press("tech_report")
    record = next(each for each in work.of(ev.Record) if each.kind == "readiness.reported")
    assert (record.body["verdict"], record.body["failed"]) == ("ready", [])
    assert not work.of(te.PrintReport)
    work.post(ev.Recorded(record.key, "", work.now))
    (paper,) = work.of(te.PrintReport)
    assert (paper.verdict, paper.operator, len(paper.results)) == (
        Verdict.READY,
        "诸***",
        len(proving.proofs_of(FITTED)),
    )
    work.post(ev.JobChanged(paper.job, "printing"), ev.JobChanged("another", "printed"))
    assert told(work) == "technician.report.printing"
    work.post(ev.JobChanged(paper.job, "printed"))
    assert told(work) == "technician.report.printed"


@pytest.mark.parametrize("word", ["failed", "unknown"])
def test_a_report_that_did_not_come_out_is_said_so(word: str) -> None:
    work = Work().enter_board()
    work.press("tech_report")
    work.post(ev.Recorded(work.of(ev.Record)[-1].key, "", work.now))
    work.post(ev.JobChanged(work.of(te.PrintReport)[-1].job, word, "no_paper"))
    assert told(work) == "technician.report.not_printed"


def test_a_report_that_is_not_on_the_disk_is_not_printed() -> None:
    work = Work().enter_board()
    work.press("tech_report")
    work.post(ev.NotRecorded(work.of(ev.Record)[-1].key, Fault(Code.JOURNAL_FULL, "journal")))
    assert told(work) == "technician.report.not_kept"
    assert not work.of(te.PrintReport)
    work.press("tech_report")
    assert len(records(work, "readiness.reported")) == 2


def test_what_was_not_tested_is_not_ready_and_the_report_names_it() -> None:
    work = Work().enter_board()
    work.press("tech_report")
    (body,) = records(work, "readiness.reported")
    assert body["verdict"] == "not_ready"
    assert "thermal_picture" in body["failed"]  # type: ignore[operator]


def verdict(**changed: Finding) -> Verdict:
    results = [Result(one.name, changed.get(one.name, GOOD), 0.0) for one in proving.proofs_of(FITTED)]
    return proving.verdict(results, FITTED)


def test_the_verdict_is_as_bad_as_its_worst_finding() -> None:
    absent, left = Finding(Outcome.NOT_THERE, why="no_ups"), Finding(Outcome.NOT_DONE, why="given_up")
    assert verdict() is Verdict.READY
    assert verdict(ups=absent) is Verdict.READY, "an optional part may be absent"
    assert verdict(ups=BAD) is Verdict.LIMITED
    assert verdict(tpm=left) is Verdict.LIMITED
    assert verdict(net_tls=absent) is Verdict.LIMITED, "what is not there is never a pass"
    assert verdict(disk_write=BAD) is Verdict.NOT_READY
    assert verdict(disk_write=left) is Verdict.NOT_READY
