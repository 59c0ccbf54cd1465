"""Handing in: record → (seal) → print. No failed print undoes a request; nothing prints twice by itself.

While the centre is away, or does not answer in time, one that was sealed in advance is issued, where there is one.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import forms
from kiosk.domain.catalogue import FieldType, Item
from kiosk.domain.documents import Sealed
from kiosk.domain.printer import Outlet, PrinterState
from kiosk.domain.requests import Request, next_attempt
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.walkup import ahead, sheets
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.common import Result, reload, say, told
from kiosk.flows.walkup.state import Filling, Job, LeftPaper, Paper, Phase, Policy, Rating, Screen, State, Trouble

DEADLINES = ("record", "seal", "print")
LONGEST_RECORD = 10.0
LONGEST_PRINT = {Outlet.RECEIPT: 180.0, Outlet.A4: 360.0}
"""Of each copy, and only for a spool that says nothing at all: it has deadlines of its own."""


def submit(state: State, item: Item, filling: Filling, at: float) -> Result:
    """Ask the journal for the record; everything else waits for `Recorded`."""
    certificate = item.printable and not filling.prepare
    job = Job(
        key=filling.key,
        item=item.id,
        purpose="certificate" if certificate else "receipt",
        document=item.document if certificate else "receipt",
        phase=Phase.RECORDING,
        values={field.name: filling.values.get(field.name, "") for field in forms.visible(item, filling.values)},
        copies=filling.copies,
        language=filling.language,
        prepare=filling.prepare and item.printable,
        at=at,
    )
    return _ask_record(replace(state, back=()), item, job)


def collect(state: State, request: Request, item: Item, touch: Intent, policy: Policy) -> Result:
    """Print the result of an earlier request that nobody holds yet.

    The seal is asked for under a key of its own: what was sealed before and never counted the centre voids.
    """
    job = replace(_of(request, item, touch), attempt=next_attempt(request), collected=touch.fresh[:8])
    return _seal(replace(state, screen=Screen.WORKING, back=()), job, policy)


def ask_about(state: State, request: Request, item: Item, left: LeftPaper, touch: Intent) -> Result:
    """Its paper was in the printer when the program ended: did it come out? Asked once; whoever leaves voids it."""
    _, attempt, *own = left.seal.split(":")
    sealed = Sealed(left.seal, left.serial, 0.0, 0.0, "", "", {})
    job = replace(_of(request, item, touch), attempt=int(attempt), collected="".join(own), sealed=sealed)
    rest = tuple(other for other in state.station.left if other != left)
    asked = replace(state, station=replace(state.station, left=rest), back=())
    return _trouble(asked, replace(job, phase=Phase.PRINTING, job=f"{left.seal}:p"), Trouble.UNKNOWN)


def _of(request: Request, item: Item, touch: Intent) -> Job:
    language = request.language if request.language in item.languages else item.languages[0]
    return Job(
        key=request.key,
        item=item.id,
        purpose="certificate",
        document=item.document or item.result,
        phase=Phase.SEALING,
        values=request.values,
        receipt=request.receipt,
        copies=min(request.copies, item.copies),
        language=language,
        at=touch.at,
    )


def print_list(state: State, request: Request, fresh: str, policy: Policy) -> Result:
    """One touch prints the list of everything in a finished procedure."""
    if not state.station.prints:
        return say(state, policy, f"printer.{state.station.printer}", "stop")
    job = Job(request.key, request.item, "list", "request_list", Phase.PRINTING, receipt=request.receipt)
    job = replace(job, job=f"{request.key}:list:{fresh[:8]}")
    assert state.visit is not None
    effect = ev.Print(job.job, job.document, state.look.language, {}, request=request, person=state.visit.person)
    return replace(state, screen=Screen.WORKING, job=job), (effect, _guard(state))


def working(state: State, event: Event, policy: Policy) -> Result:
    """Between touch and paper: only answers move it on."""
    job = state.job
    if job is None:
        return state, ()
    match job.phase, event:
        case Phase.RECORDING, ev.Recorded(key=key, receipt=receipt) if key == job.key:
            return _recorded(state, replace(job, receipt=receipt), policy)
        case Phase.RECORDING, ev.NotRecorded(key=key) if key == job.key:
            return _trouble(state, job, Trouble.NOT_RECORDED)
        case Phase.RECORDING, Elapsed(timer="record", session=n) if n == state.session:
            return _trouble(state, job, Trouble.NOT_RECORDED, "slow")
        case Phase.SEALING, ev.DocumentSealed(key=key, sealed=sealed) if key == seal_key(job):
            return _sealed(state, replace(job, sealed=sealed))
        case Phase.SEALING, ev.NotSealed(key=key, reason=reason) if key == seal_key(job):
            return _not_sealed(state, job, reason, policy)
        case Phase.SEALING, ev.IssuedOffline(sealed=sealed) if expects(state, event):
            return _print_offline(state, replace(job, sealed=sealed))
        case Phase.SEALING, Elapsed(timer="seal", session=n) if n == state.session and not job.offline:
            return _instead(state, job, policy, "slow")
        case Phase.SEALING, Elapsed(timer="record", session=n) if n == state.session and job.offline:
            return _trouble(state, job, Trouble.NOT_SEALED, "slow")
        case Phase.FETCHING, _:
            return _fetching(state, job, event, policy)
        case Phase.PRINTING, ev.JobChanged(job=name) if name == job.job:
            return _printing(state, job, event, policy)
        case Phase.PRINTING, Elapsed(timer="print", session=n) if n == state.session:
            return _printing(state, job, ev.JobChanged(job.job, "unknown", "silent", event.at), policy)
    return state, ()


def trouble(state: State, event: Event, policy: Policy) -> Result:
    """Something did not work; the person decides, and what is recorded stays recorded."""
    job = state.job
    assert job is not None
    assert job.trouble is not None
    here = state.still is None
    match job.trouble, event:
        case Trouble.NOT_RECORDED, Intent(name="try_again") if state.visit:
            item = policy.catalogue.items[job.item]
            return _ask_record(state, item, replace(job, trouble=None, phase=Phase.RECORDING))
        case Trouble.NOT_RECORDED, ev.Recorded(key=key, receipt=receipt) if key == job.key and here:
            return _recorded(replace(state, screen=Screen.WORKING), replace(job, trouble=None, receipt=receipt), policy)
        case Trouble.NOT_RECORDED, Intent(name="leave_it"):
            return replace(state, screen=Screen.REVIEW, job=None), ()
        case Trouble.NOT_SEALED, ev.DocumentSealed(key=key, sealed=sealed) if key == seal_key(job) and here:
            deadline = StartTimer("seal", state.session, policy.timing.seal)
            after, effects = _sealed(replace(state, screen=Screen.WORKING), replace(job, sealed=sealed, trouble=None))
            return after, (deadline, *effects)
        case Trouble.NOT_SEALED, ev.IssuedOffline(sealed=sealed) if expects(state, event):
            return _print_offline(state, replace(job, sealed=sealed, trouble=None))
        case Trouble.NOT_SEALED, ev.NotSealed(key=key) if job.offline and key == seal_key(job):
            return ahead.gone(replace(state, job=replace(job, offline=False)), job), ahead.load(state)
        case Trouble.NOT_SEALED, Intent(name="try_again"):
            return _seal(replace(state, screen=Screen.WORKING), replace(job, trouble=None), policy)
        case Trouble.UNKNOWN, Intent(name="came_out", at=at):
            return _printed(state, replace(job, trouble=None), at)
        case Trouble.UNKNOWN, Intent(name="not_out", at=at):
            return _spoiled(state, job, "unknown", at)
        case Trouble.UNKNOWN, ev.JobChanged(job=name, state="printed" | "failed") if name == job.job:
            return _printing(state, replace(job, trouble=None), event, policy)
        case ((Trouble.SPOILED | Trouble.NOT_PRINTED), Intent(name="reprint")):
            return _reprint(state, job, policy) if state.station.prints_on(_outlets(job, policy)) else (state, ())
        case _, Intent(name="leave_it") if job.trouble is not Trouble.UNKNOWN:
            note = "done.not_sealed" if job.trouble is Trouble.NOT_SEALED else "done.collect_later"
            return done(state, replace(job, note="done.refused" if job.trouble is Trouble.SEAL_REFUSED else note))
    return state, ()


def abandon(state: State) -> tuple[Effect, ...]:
    """The person left before saying whether the paper came out: it does not count."""
    job = state.job
    if job and job.trouble is Trouble.UNKNOWN and job.sealed and not job.voided:
        return (_void(job, job.sealed, "unknown"),)
    return ()


def done(state: State, job: Job) -> Result:
    """Hand over and ask for stars; a list needs neither."""
    if job.purpose == "list":
        return replace(state, screen=Screen.REQUEST, job=None), ()
    finished = replace(job, phase=Phase.FINISHED, trouble=None)
    rating = None if job.collected else Rating()
    after = replace(state, screen=Screen.DONE, back=(), filling=None, job=finished, rating=rating)
    return after, reload(after)


def expects(state: State, event: Event) -> bool:
    """Whether somebody waits for this certificate that was sealed in advance."""
    job = ahead.awaits(state)
    return isinstance(event, ev.IssuedOffline) and job is not None and event.key == seal_key(job)


def stray(state: State, issued: ev.IssuedOffline) -> Result:
    """It was used up for somebody who waits no more: it does not count. Whoever still stands there gets another."""
    if state.job and state.job.offline and seal_key(state.job) == issued.key:
        state = replace(state, job=replace(state.job, attempt=state.job.attempt + 1, offline=False))
    body: dict[str, object] = {"request": issued.request, "serial": issued.sealed.serial, "reason": "unknown"}
    return state, (ev.Record(f"{issued.key}:voided", issued.request, "document.voided", body),)


def seal_key(job: Job) -> str:
    """The idempotency key of one seal: a spoiled one is never asked for again."""
    of = job.collected or ("offline" if job.offline else "")
    own = f":{of}" if of else ""
    return f"{job.key}:{job.attempt}{own}"


def _ask_record(state: State, item: Item, job: Job) -> Result:
    deadline = StartTimer("record", state.session, LONGEST_RECORD)
    return replace(state, screen=Screen.WORKING, job=job), (_record(state, item, job), deadline)


def _record(state: State, item: Item, job: Job) -> ev.Record:
    assert state.visit is not None
    photos = {field.name for field in item.fields if field.type is FieldType.PHOTO}
    body: dict[str, object] = {
        "item": item.id,
        "person": state.visit.person.id,
        "receipt": "",
        "values": {name: value for name, value in job.values.items() if name not in photos and value},
        "attachments": {name: value for name, value in job.values.items() if name in photos and value},
        "factors": sorted(state.visit.factors),
        "language": job.language,
        "copies": job.copies,
        "prepare": job.prepare,
    }
    return ev.Record(job.key, job.key, "request.submitted", body, receipt=True)


def _recorded(state: State, job: Job, policy: Policy) -> Result:
    assert state.visit is not None
    person = state.visit.person
    drop = (StopTimer("record"), ev.DropDraft(person.id, job.item))
    visit = replace(state.visit, handed_in=state.visit.handed_in | {job.key})
    state = replace(state, filling=None, visit=told(visit))
    if job.purpose == "certificate":
        after, effects = _seal(state, job, policy)
        return after, (*drop, *effects)
    if not state.station.prints:
        after, effects = done(state, replace(job, note="done.no_paper"))
        return after, (*drop, *effects)
    job = replace(job, phase=Phase.PRINTING, job=f"{job.key}:r")
    values = {"receipt": job.receipt, "key": job.key, "item": job.item, "at": str(job.at)}
    paper = ev.Print(job.job, "receipt", state.look.language, values, person=person)
    return replace(state, job=job), (*drop, paper, _guard(state))


def _seal(state: State, job: Job, policy: Policy) -> Result:
    job = replace(job, outlet=state.station.outlet(_outlets(job, policy)))
    if job.offline or (not job.collected and ahead.offered(state, policy.catalogue.items[job.item], job.language)):
        return _issue(state, job)
    after, ask = _ask_seal(state, job)
    return after, (*ask, StartTimer("seal", state.session, policy.timing.seal))


def _issue(state: State, job: Job) -> Result:
    """The disk answers, or it does not: until then nothing else is asked for."""
    job = replace(job, phase=Phase.SEALING, offline=True, sealed=None, voided=False)
    guard = StartTimer("record", state.session, LONGEST_RECORD)
    return replace(state, job=job), (StopTimer("seal"), ahead.ask(state, job, seal_key(job)), guard)


def _instead(state: State, job: Job, policy: Policy, reason: str) -> Result:
    """The centre did not answer: one that was sealed in advance, or the way out."""
    if not job.collected and ahead.has(state, policy.catalogue.items[job.item], job.language):
        return _issue(state, job)
    return _trouble(state, job, Trouble.NOT_SEALED, reason)


def _print_offline(state: State, job: Job) -> Result:
    after, effects = _print_certificate(state, replace(job, own=job.outlet is Outlet.A4))
    return after, (StopTimer("record"), *effects, *ahead.load(state))


def _outlets(job: Job, policy: Policy) -> tuple[Outlet, ...]:
    return policy.catalogue.items[job.item].outlets


def _ask_seal(state: State, job: Job) -> Result:
    job = replace(job, phase=Phase.SEALING, sealed=None, voided=False, own=False)
    ask = ev.Seal(seal_key(job), job.key, job.document, job.language, job.copies, job.replaces)
    return replace(state, job=job), (ask,)


def _not_sealed(state: State, job: Job, reason: str, policy: Policy) -> Result:
    """A voided attempt is passed over, within the same deadline."""
    if job.offline:
        after, effects = _trouble(ahead.gone(state, job), replace(job, offline=False), Trouble.NOT_SEALED, reason)
        return after, (*effects, *ahead.load(state))
    if reason == "offline":
        return _instead(state, job, policy, reason)
    if reason == "voided":
        return _ask_seal(state, replace(job, attempt=job.attempt + 1))
    kind = Trouble.SEAL_REFUSED if reason == "refused" else Trouble.NOT_SEALED
    return _trouble(state, job, kind, reason)


def _sealed(state: State, job: Job) -> Result:
    """A sheet of A4 is the centre's own file, which is still to be had within the same deadline."""
    return sheets.fetch(state, job) if job.outlet is Outlet.A4 else _print_certificate(state, job)


def _fetching(state: State, job: Job, event: Event, policy: Policy) -> Result:
    match sheets.found(state, job, event, policy):
        case sheets.Found.FILE:
            return _print_certificate(state, job)
        case sheets.Found.OWN:
            return _print_certificate(state, replace(job, own=True))
        case sheets.Found.VOID:
            return _not_sealed(state, job, "voided", policy)
        case sheets.Found.NOTHING:
            return _trouble(state, job, Trouble.NOT_SEALED, sheets.why(event))
    return state, ()


def _print_certificate(state: State, job: Job) -> Result:
    assert job.sealed is not None
    job = replace(job, phase=Phase.PRINTING, job=f"{seal_key(job)}:p")
    file = job.outlet is Outlet.A4 and not job.own
    paper = ev.Print(job.job, job.document, job.language, {}, job.copies, job.sealed, outlet=job.outlet, file=file)
    after = replace(state, screen=Screen.WORKING, job=job)
    return after, (StopTimer("seal"), paper, _guard(state, job.copies, job.outlet))


def _printing(state: State, job: Job, event: ev.JobChanged, policy: Policy) -> Result:
    match event.state, job.purpose:
        case "printed", _:
            return _printed(state, job, event.at)
        case "failed" | "unknown", "receipt":
            after, effects = done(state, replace(job, note="done.no_paper"))
            return after, (*effects, StopTimer("print"))
        case "failed" | "unknown", "list":
            return _no_list(state, policy)
        case "unknown", _:
            return _trouble(state, job, Trouble.UNKNOWN, event.reason)
        case "failed", _:
            return _spoiled(state, replace(job, reason=event.reason), "spoiled", event.at)
    return state, ()


def _no_list(state: State, policy: Policy) -> Result:
    word = PrinterState.ERROR if state.station.prints else state.station.printer
    after, effects = say(replace(state, screen=Screen.REQUEST, job=None), policy, f"printer.{word}", "stop")
    return after, (*effects, StopTimer("print"))


def _printed(state: State, job: Job, at: float) -> Result:
    if job.sealed is None:
        after, effects = done(state, replace(job, at=at))
        return after, (*effects, StopTimer("print"))
    after, effects = done(_told(state, job, True, at), replace(job, at=at))
    body: dict[str, object] = {"request": job.key, "serial": job.sealed.serial, "copies": job.copies}
    printed = ev.Record(f"{seal_key(job)}:printed", job.key, "document.printed", body)
    return after, (printed, *effects, StopTimer("print"))


def _spoiled(state: State, job: Job, reason: str, at: float) -> Result:
    assert job.sealed is not None
    told_of = _told(state, job, False, at)
    after, effects = _trouble(told_of, replace(job, voided=True), Trouble.SPOILED, job.reason)
    return after, (_void(job, job.sealed, reason), *effects)


def _told(state: State, job: Job, out: bool, at: float) -> State:
    assert state.visit is not None
    papers = {**state.visit.papers, job.key: Paper(job.attempt, out, at)}
    return replace(state, visit=told(replace(state.visit, papers=papers)))


def _reprint(state: State, job: Job, policy: Policy) -> Result:
    spoiled = job.sealed.serial if job.sealed else ""
    again = replace(job, trouble=None, attempt=job.attempt + 1, replaces=spoiled, offline=False)
    return _seal(replace(state, screen=Screen.WORKING), again, policy)


def _void(job: Job, sealed: Sealed, reason: str) -> ev.Record:
    body: dict[str, object] = {"request": job.key, "serial": sealed.serial, "reason": reason}
    return ev.Record(f"{seal_key(job)}:voided", job.key, "document.voided", body)


def _trouble(state: State, job: Job, kind: Trouble, reason: str = "") -> Result:
    troubled = replace(job, trouble=kind, reason=reason)
    return replace(state, screen=Screen.TROUBLE, job=troubled), tuple(StopTimer(name) for name in DEADLINES)


def _guard(state: State, copies: int = 1, outlet: Outlet = Outlet.RECEIPT) -> StartTimer:
    return StartTimer("print", state.session, LONGEST_PRINT[outlet] * copies)
