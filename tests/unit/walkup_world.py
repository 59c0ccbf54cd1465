"""A terminal with everything around it: an honest centre, a journal, a printer, and people who touch anything."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import forms
from kiosk.domain.catalogue import factors_missing
from kiosk.domain.consent import CURRENT
from kiosk.domain.documents import Sealed
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.people import Factor
from kiosk.domain.portraits import POSES, turned_well
from kiosk.domain.printer import Outlet, PrinterState
from kiosk.domain.requests import Mark, Request, Status
from kiosk.flows.core import Effect, Elapsed, Event, StopTimer
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.form import first_page
from kiosk.flows.walkup.state import BUSY, Draft, Link, Screen
from tests.unit.walkup_faces_kit import LISTED, TURNS, Faces, sight
from tests.unit.walkup_kit import (
    ENROLMENT,
    FULL,
    ITEMS,
    NOW,
    PHOTO,
    POLICY,
    STRANGER,
    STUDENT,
    approved,
    sealed,
    tells,
)

TOUCHES = [
    *("back", "out", "help", "help_close", "language en", "large", "stay", "dismiss", "open_pin", "digit 2", "erase"),
    *("clear", "confirm", "entry_field pin", "open_search", "open_requests", "open_category certificates"),
    *(f"open_item {item.id}" for item in ITEMS),
    *("start", "prepare", "resume", "discard", "next", "next", "next", "previous", "submit", "submit", "submit"),
    *("set purpose=loan", "set purpose=other", "set which=回家", "set kind=sick", "set kind=personal"),
    *("set starts=2026-03-03", "set ends=2026-03-04", "set reason=回家", "set place=room", "set place=corridor"),
    *(
        "set cost=3",
        "set lamps=2",
        "set starts=",
        "set name=欧阳",
        "edit phone",
        "edit reason",
        "edit paper",
        "edit cost",
    ),
    *("pad_key 1", "pad_key h", "pad_pick 回家|9", "pad_commit", "pad_cancel", "pad_erase", "photo_take", "photo_keep"),
    *("photo_again", "photo_cancel", "edit_page 9", "edit_page 0", "copies 2", "paper_language en", "try_again"),
    *("came_out", "not_out", "reprint", "reprint", "leave_it", "stars 4", "edit_remark", "again", "finish"),
    *("print_list", "print_result", "print_result", "open_request OWN", "open_request OLD"),
    *("open_face", "face_agree", "face_decline", "face_renew", "face_withdraw", "face_withdraw_yes", "face_take"),
    *("face_again", "face_keep", "face_home", "face_login", "face_look"),
]
OLD = "e" * 32
DOUBTED = "dd" * 6
ERRANDS = (Screen.FACTOR, Screen.LOOK, Screen.SHOTS, Screen.SAVING, Screen.FACE_DONE)
PROPER = {
    Screen.ATTRACT: ("CODE", "face_login"),
    Screen.HOME: ("open_item enrolment", "open_item english", "open_item income", "open_requests", "open_face"),
    Screen.FACE: ("face_renew", "face_withdraw"),
    Screen.CONSENT: ("face_agree",),
    Screen.SHOTS: ("FACE", "FACE", "face_keep"),
    Screen.WITHDRAW: ("face_withdraw_yes",),
    Screen.FACE_DONE: ("face_home",),
    Screen.DIGITS: ("digit 1", "digit 1", "confirm"),
    Screen.LOOK: ("FACE", "back"),
    Screen.ITEM: ("start", "start", "prepare", "resume"),
    Screen.FACTOR: ("digit 1", "confirm", "CODE", "face_look"),
    Screen.FORM: ("set purpose=loan", "next", "next", "next"),
    Screen.REVIEW: ("submit", "submit", "previous"),
    Screen.TROUBLE: ("reprint", "reprint", "try_again", "not_out", "leave_it"),
    Screen.DONE: ("again", "again", "finish", "stars 4"),
    Screen.REQUESTS: ("open_request OWN", "open_request OWN", "open_request OLD"),
    Screen.REQUEST: ("print_result", "print_result", "print_list", "back"),
}


class World(Faces):
    """A terminal with everything around it, and the laws watched at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: dict[str, ev.Record] = {}
        self.accepted: set[str] = set()
        self.unanswered: list[Event] = []
        self.drafts: dict[tuple[str, str], Draft] = {}
        self.voided: set[str] = set()
        self.ended: set[str] = set()
        self.asked: dict[str, ev.Seal] = {}
        self.printed: set[str] = set()
        self.papers: dict[str, str] = {}
        self.jobs: list[str] = []
        self.rated: list[str] = []
        self.fetched: tuple[Request, ...] = (approved(OLD),)
        self.portraits: dict[tuple[int, int], fe.PortraitTaken] = {}
        self.single: set[str] = set()
        self.files: set[str] = set()
        items = {**POLICY.catalogue.items, ENROLMENT.id: replace(ENROLMENT, outlets=(Outlet.A4, Outlet.RECEIPT))}
        self.policy = replace(POLICY, catalogue=replace(POLICY.catalogue, items=items))
        station = self.state.station
        self.state = replace(self.state, station=replace(station, fitted=station.fitted | {"a4"}))
        self.wanted: list[ev.IssueOffline] = []
        self.used: dict[str, str] = {}

    def post(self, *events: Event) -> tuple[Effect, ...]:
        seen: tuple[Effect, ...] = ()
        for event in events:
            before = self.state
            effects = super().post(event)
            if hasattr(self, "committed"):
                for effect in effects:
                    self.watch(effect)
                self.look(before.session, effects)
                if before.visit is None and self.state.visit and self.state.visit.nonce == DOUBTED:
                    assert {Factor.CODE, Factor.PIN} <= self.state.visit.factors, "a doubtful code alone"
            seen += effects
        return seen

    def watch(self, effect: Effect) -> None:
        """One effect: is it allowed, and what will the world say to it?"""
        match effect:
            case ev.Record():
                self._record(effect)
            case ev.Seal():
                self._seal(effect)
            case ev.Print(job=job, sealed=paper):
                assert job not in self.jobs, "never twice"
                self.jobs.append(job)
                assert job.split(":")[0] in self.committed or job.startswith(OLD), "persist before act"
                if paper:
                    assert ":offline" not in paper.serial or paper.serial in self.used, "used up on record first"
                    assert paper.serial not in self.voided | self.printed | self.ended, "a voided or printed serial"
                    assert not effect.file or paper.serial in self.files, "a file that is not here"
                    self.papers[job] = paper.serial
            case ev.FetchSheets(sealed=Sealed(serial=serial)):
                assert serial not in self.voided | self.printed
                self.unanswered += [ev.NoSheets(serial, why) for why in ("forged", "offline")]
                self.unanswered.append(ev.SheetsReady(serial))
            case ev.SaveDraft(person=person, item=item, key=key, values=values):
                self.drafts[person, item] = Draft(item, key, values, NOW)
            case ev.DropDraft(person=person, item=item):
                self.drafts.pop((person, item), None)
            case ev.LoadDrafts(session=n, person=person):
                drafts = tuple(draft for (owner, _), draft in self.drafts.items() if owner == person)
                self.unanswered.append(ev.DraftsLoaded(n, drafts))
            case ev.LoadAhead(session=n):
                found = (frozenset[tuple[str, str]](), frozenset({("enrolment", "zh")}))
                self.unanswered += [ev.AheadLoaded(n, each) for each in found]
            case ev.IssueOffline():
                assert effect.request in self.committed, "persist before act"
                assert effect.replaces not in self.printed
                self.wanted.append(effect)
            case ev.LoadRequests(session=n):
                self.unanswered.append(ev.RequestsLoaded(n, self.fetched))
            case ev.CheckPin(session=n):
                self.unanswered += [ev.NotAdmitted(n, "wrong"), ev.Admitted(n, STUDENT, Factor.PIN, NOW)]
            case ev.CheckCode(session=n):
                doubted = ev.Admitted(n, STUDENT, Factor.CODE, NOW, DOUBTED, doubtful=True)
                self.unanswered += [ev.CodeSpent(nonce, False, NOW) for nonce in (DOUBTED, "cc" * 6)]
                people = (STRANGER, STUDENT)
                self.unanswered += [doubted, *(ev.Admitted(n, who, Factor.CODE, NOW, "cc" * 6) for who in people)]
            case ev.TakePhoto(session=n):
                self.unanswered += [ev.PhotoTaken(n, False), ev.PhotoTaken(n, True)]
            case ev.KeepPhoto(session=n, field=field):
                self.unanswered += [ev.PhotoStored(n, field, ""), ev.PhotoStored(n, field, PHOTO)]
            case _:
                self._face(effect)

    def _face(self, effect: Effect) -> None:
        """The recogniser and the faces on record."""
        match effect:
            case fe.TakePortrait(session=n, ask=ask):
                turns = (
                    (7, 0.3),
                    (8, 0.0),
                    (7, -0.3),
                    (7, TURNS[len(self.state.errand.shots) if self.state.errand else 0]),
                )
                self.unanswered += [fe.PortraitTaken(n, ask, True, track, turn) for track, turn in turns]
            case fe.VerifyFace(session=n, ask=ask) | fe.IdentifyFace(session=n, ask=ask):
                matches = (Match(7, STRANGER.id), Match(7, doubt=Doubt.TOO_FAR), Match(7, STUDENT.id))
                self.unanswered += [fe.FaceMatched(n, ask, match, NOW) for match in matches]
            case fe.LoadPerson(session=n, person=person):
                assert self.state.screen is Screen.LOOK
                self.unanswered.append(ev.Admitted(n, STRANGER if person == STRANGER.id else STUDENT, Factor.FACE, NOW))
            case fe.CheckFace(session=n, key=key):
                self.unanswered += [fe.FaceChecked(n, key, like) for like in (None, STRANGER.id, STUDENT.id, "")]
            case fe.EnrolFace(key=key):
                self._enrolled(effect)
                self.unanswered += [ev.NotRecorded(key, FULL), ev.Recorded(key, "", self.now)]
            case fe.WithdrawFace(key=key):
                assert self.state.visit
                assert len(self.state.visit.factors - {Factor.NUMBER}) >= 2
                self.unanswered += [ev.NotRecorded(key, FULL), ev.Recorded(key, "", self.now)]
            case fe.LoadFace(session=n):
                self.unanswered += [fe.FaceLoaded(n, None), fe.FaceLoaded(n, LISTED)]

    def _enrolled(self, asked: fe.EnrolFace) -> None:
        """Consent, code and PIN, nobody else's face, and three photographs of one face of this visit in the poses."""
        state = self.state
        assert state.visit
        assert {Factor.CODE, Factor.PIN} <= state.visit.factors
        assert (asked.consent, asked.person, asked.session) == (CURRENT, state.visit.person.id, state.session)
        assert asked.agreed >= NOW
        assert asked.key in self.single, "compared with everybody first"
        taken = [self.portraits[asked.session, ask] for ask in asked.asks]
        assert len({one.track for one in taken}) == 1
        assert [turned_well(pose, one.turn) for pose, one in zip(POSES, taken, strict=True)] == [True] * 3

    def _seal(self, ask: ev.Seal) -> None:
        """The centre: once printed nothing more is sealed; a new seal ends an older one."""
        assert ask.request in self.committed or ask.request == OLD, "persist before act"
        assert ask.replaces not in self.printed
        assert self.asked.setdefault(ask.key, ask) == ask, "the same key asks for the same"
        serial, mine = f"S-{ask.key}", f"S-{ask.request}:"
        if serial in self.voided | self.ended:
            self.unanswered.append(ev.NotSealed(ask.key, "voided"))
        elif any(one.startswith(mine) for one in (*self.printed, *(self.used.keys() - {*self.voided, ask.replaces}))):
            self.unanswered.append(ev.NotSealed(ask.key, "refused"))
        else:
            self.ended |= {f"S-{key}" for key, one in self.asked.items() if one.request == ask.request} - {serial}
            self.unanswered.append(ev.DocumentSealed(ask.key, sealed(ask.key)))

    def issues(self, n: int) -> None:
        """The journal's word on the oldest ask for one sealed in advance."""
        if not self.wanted:
            return
        ask = self.wanted.pop(0)
        serial, mine = f"S-{ask.key}", f"S-{ask.request}:"
        if serial in self.used:
            settled = serial in self.voided or serial in self.printed
            none = ev.NotSealed(ask.key, "none_ahead")
            self.post(none if settled else ev.IssuedOffline(ask.key, ask.request, sealed(ask.key), True))
        elif n % 4 > 1:
            self.post(ev.NotSealed(ask.key, ("none_ahead", "not_recorded")[n % 2]))
        else:
            self.used[serial] = ask.request
            self.ended |= {f"S-{key}" for key in self.asked if f"S-{key}".startswith(mine)}
            self.post(ev.IssuedOffline(ask.key, ask.request, sealed(ask.key)))

    def _record(self, asked: ev.Record) -> None:
        if asked.kind == "request.submitted":
            assert asked.key not in self.accepted, "one request under one key"
            same = self.committed.get(asked.key)
            assert same is None or same.body["person"] == asked.body["person"]
            self.unanswered += [ev.NotRecorded(asked.key, FULL), ev.Recorded(asked.key, "A-1", self.now)]
            return
        assert asked.key not in self.committed, f"{asked.kind} once"
        self.committed[asked.key] = asked
        serial = str(asked.body.get("serial", ""))
        if asked.kind == "document.voided":
            assert serial not in self.printed
            self.voided.add(serial)
        elif asked.kind == "document.printed":
            assert serial not in self.voided
            self.printed.add(serial)
        elif asked.kind != "face.doubled":
            assert asked.kind == "rating.given"
            assert asked.body["request"] not in self.rated
            self.rated.append(str(asked.body["request"]))

    def look(self, session: int, effects: tuple[Effect, ...]) -> None:
        """The state after every step."""
        state = self.state
        if state.session != session:
            assert state.screen is Screen.ATTRACT
            assert not tells(state)
            assert set(self.timers) <= {"message", "face_rest"}
            assert not [effect for effect in effects if isinstance(effect, ev.Seal | ev.Print | fe.EnrolFace)]
            assert isinstance(effects[-2], StopTimer | ev.WatchCodes)
            assert [effect for effect in effects if isinstance(effect, ev.Wipe)]
        assert (state.sight is None) or state.screen in (Screen.SHOTS, Screen.LOOK)
        assert (state.errand is None) or state.screen in ERRANDS, state.screen
        if state.screen in BUSY:
            assert {"record", "seal", "print"} & set(self.timers)
            assert state.still is None
        elif state.screen is not Screen.ATTRACT:
            assert {"idle", "still", "rate"} & set(self.timers), state.screen
        if state.visit is None:
            assert state.screen in (Screen.ATTRACT, Screen.PIN, Screen.DIGITS, Screen.LOOK)
            return
        opened = self.policy.catalogue.items.get(state.item)
        if state.screen in (Screen.ITEM, Screen.FORM, Screen.REVIEW):
            assert opened
            assert not factors_missing(opened, state.visit.factors), "a private item is open"
        self.accepted |= state.visit.handed_in
        if state.filling and opened and state.screen is Screen.FORM:
            pages = forms.pages(opened, state.filling.values)
            assert first_page(opened, state.filling.values) <= state.filling.page < len(pages)
            assert state.filling.values.get("name", "") in ("", state.visit.person.name)
        assert len(state.back) < 12

    # what may happen

    def touch(self, n: int) -> None:
        """Anything, whatever the screen shows."""
        self._press(TOUCHES[n % len(TOUCHES)])

    def proper(self, n: int) -> None:
        """What a person in earnest would press here."""
        touches = PROPER.get(self.screen, ("submit",))
        self._press(touches[n % len(touches)])

    def _press(self, touch: str) -> None:
        own = next(reversed(self.committed), OLD).split(":")[0]
        if touch == "CODE":
            self.post(ev.CodeRead("K1:…"))
        elif touch == "FACE":
            shots = self.state.errand.shots if self.state.errand else ()
            self.see(turn=TURNS[len(shots) % 3])
        else:
            self.press(touch.replace("OWN", own).replace("OLD", OLD))

    def answer(self, n: int) -> None:
        """One of the last answers, or an older one; it may come again."""
        if self.unanswered:
            event = self.unanswered[-1 - (0, 0, 0, 0, 1, 1, 2, 3, 4, 5)[n % 10] % len(self.unanswered)]
            if isinstance(event, ev.Recorded):
                asked = next((one for one in self.of(ev.Record) if one.key == event.key), None)
            if isinstance(event, ev.Recorded) and asked:
                self.committed.setdefault(event.key, asked)
                self.fetched = (*self.fetched, approved(event.key, str(asked.body["item"])))
            if isinstance(event, ev.SheetsReady):
                self.files.add(event.serial)
            if isinstance(event, fe.PortraitTaken):
                self.portraits.setdefault((event.session, event.ask), event)
            if isinstance(event, fe.FaceChecked) and event.like in ("", STUDENT.id):
                self.single.add(event.key)
            self.post(event)

    def printer_says(self, n: int) -> None:
        if self.jobs:
            job = self.jobs[-1 - (n % 7 == 6 and len(self.jobs) > 1)]
            states = ["printed", "failed", "unknown", "printing"]
            self.post(ev.JobChanged(job, states[n % 4], "no_paper", self.now))

    def time_out(self, n: int) -> None:
        if self.timers:
            self.elapse(sorted(self.timers)[n % len(self.timers)])

    def stale(self, n: int) -> None:
        """Answers of the last visit change nothing."""
        old, before = self.state.session - 1, self.state
        events: list[Event] = [
            ev.Admitted(old, STRANGER, Factor.PIN, NOW),
            ev.NotAdmitted(old, "wrong"),
            ev.RequestsLoaded(old, (approved(),)),
            ev.AheadLoaded(old, frozenset({("enrolment", "zh")})),
            ev.DraftsLoaded(old, (Draft("leave", "d" * 32, {"reason": "回家"}, NOW),)),
            ev.PhotoTaken(old, True),
            ev.PhotoStored(old, "paper", PHOTO),
            *(fe.PortraitTaken(old, ask, True, 7, 0.0) for ask in (1, 2)),
            *(fe.FaceMatched(old, 1, Match(7, STUDENT.id)), fe.FaceLoaded(old, LISTED)),
            fe.FaceChecked(old, self.state.errand.key if self.state.errand else "", ""),
            *(Elapsed(timer, old) for timer in ("idle", "still", "record", "seal", "print", "rate", "message", "look")),
        ]
        assert not self.post(events[n % len(events)])
        assert self.state == before

    def report(self, n: int) -> None:
        events: list[Event] = [
            *(ev.PrinterChanged(PrinterState.NO_PAPER), ev.PrinterChanged(PrinterState.IDLE)),
            *(ev.LinkChanged(Link.OFFLINE), ev.LinkChanged(Link.ONLINE), ev.FeedChanged("requests"), ev.SeveralCodes()),
            *(fe.FaceGone(7), fe.FaceSeen(sight(8)), ev.FeedChanged("templates"), ev.DeviceChanged("face", n % 2 == 0)),
            *(ev.CodeRead("K1:…"), ev.NotSealed(f"{OLD}:1", "offline"), ev.JobChanged("x:1:p", "printed")),
            *(ev.A4Changed(PrinterState.IDLE), ev.A4Changed(PrinterState.NO_PAPER), ev.SheetsReady("S-x:1")),
        ]
        self.post(events[n % len(events)])

    def refresh(self, n: int) -> None:
        """The centre's timeline catches up, for one request."""
        one = self.fetched[n % len(self.fetched)]
        own = [serial for serial in (*sorted(self.voided), *self.printed) if serial.startswith(f"S-{one.key}:")]
        done = [Mark("voided" if serial in self.voided else "issued", NOW) for serial in own]
        now = Request(
            one.key, one.item, STUDENT.id, "A-1", Status.APPROVED, NOW, marks=tuple(done), serial=own[-1] if own else ""
        )
        self.fetched = tuple(now if request.key == one.key else request for request in self.fetched)

    def settle(self) -> None:
        """Everybody leaves. Every certificate that was begun either came out and counts, or is void."""
        self.run_out()
        while self.wanted:
            self.issues(0)
        assert self.screen is Screen.ATTRACT
        assert not tells(self.state)
        for job, serial in self.papers.items():
            assert (serial in self.printed) != (serial in self.voided), job
        for serial in self.used:
            assert (serial in self.printed) != (serial in self.voided), serial
