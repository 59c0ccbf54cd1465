"""The readiness report: recorded first, then printed; it is out when the printer says so, and not before."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import proving
from kiosk.domain.proving import Result
from kiosk.flows.core import Effect, Event, Intent
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import Report, State, Told
from kiosk.flows.walkup.events import JobChanged, NotRecorded, Record, Recorded

Outcomes = tuple[State, tuple[Effect, ...]]


def body(result: Result, who: str) -> dict[str, object]:
    """One result as it goes on record."""
    found = result.finding
    return {
        "test": result.test,
        "outcome": found.outcome.value,
        "value": found.value,
        "limit": found.limit,
        "why": found.why,
        "at": result.at,
        "operator": who,
    }


def begin(state: State, intent: Intent) -> Outcomes:
    """What is known now becomes a report under a number of its own."""
    if state.bench.report is not None:
        return state, ()
    results, parts = tuple(state.bench.results.values()), state.bench.fitted
    number = f"R-{intent.fresh[:8].upper()}"
    key = f"readiness:{intent.fresh}"
    failed = proving.failed(results, parts)
    report = Report(number, key, proving.verdict(results, parts), failed, intent.at)
    record = Record(
        key,
        f"readiness:{intent.fresh}",
        "readiness.reported",
        {
            "report": number,
            "verdict": report.verdict.value,
            "failed": list(failed),
            "tests": [body(each, state.who) for each in results],
            "at": intent.at,
            "operator": state.who,
        },
    )
    told = Told("technician.report.keeping", {"number": number})
    return _with(replace(state, told=told), report), (record,)


def heard(state: State, event: Event) -> Outcomes:
    """What became of the record, and of the paper."""
    report = state.bench.report
    if report is None:
        return state, ()
    match event:
        case Recorded(key=key) if key == report.key and not report.job:
            return _print(state, report)
        case NotRecorded(key=key) if key == report.key:
            return _over(state, "technician.report.not_kept", "stop"), ()
        case te.ReportPaper(session=s, job=job, printer=False) if s == state.session and job == report.job:
            return _over(state, "technician.report.kept", "good"), ()
        case JobChanged(job=job, state="printed") if job == report.job:
            return _over(state, "technician.report.printed", "good"), ()
        case JobChanged(job=job, state="failed" | "unknown") if job == report.job:
            return _over(state, "technician.report.not_printed", "stop"), ()
    return state, ()


def _print(state: State, report: Report) -> Outcomes:
    printing = replace(report, job=f"report:{report.number}")
    effect = te.PrintReport(
        state.session,
        printing.job,
        report.key,
        report.number,
        report.verdict,
        report.failed,
        tuple(state.bench.results.values()),
        state.operator,
        report.at,
    )
    told = Told("technician.report.printing", {"number": report.number})
    return _with(replace(state, told=told), printing), (effect,)


def _over(state: State, key: str, tone: str) -> State:
    report = state.bench.report
    assert report is not None
    values = {"number": report.number}
    return replace(_with(state, None), told=Told(key, values, tone))


def _with(state: State, report: Report | None) -> State:
    return replace(state, bench=replace(state.bench, report=report))
