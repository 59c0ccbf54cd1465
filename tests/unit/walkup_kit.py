"""A small catalogue, made-up people, and a visit that can be walked: touches in, effects and timers seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import TypeVar

from kiosk.clock import CAMPUS_ZONE
from kiosk.config import Timing
from kiosk.domain.catalogue import Catalogue, Category, Choice, Field, FieldType, Item, Step, Words
from kiosk.domain.documents import Sealed
from kiosk.domain.faults import Code, Fault
from kiosk.domain.people import Factor, Person, Role
from kiosk.domain.printer import PrinterState
from kiosk.domain.requests import Mark, Request, Status
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link, Look, Policy, Screen, State
from kiosk.flows.walkup.step import step

NOW = datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE).timestamp()
FULL = Fault(Code.JOURNAL_REFUSED, "journal", "disk full")
PHOTO = "ab" * 32

STUDENT = Person(
    "00000000000000a1",
    "20230017",
    "欧阳明月",
    "Ouyang Mingyue",
    Role.STUDENT,
    {"college": "机电学院", "phone": "13812342046"},
)
STRANGER = Person("00000000000000b2", "20239999", "司徒静", "Situ Jing", Role.STUDENT, {"phone": "13900000000"})
TELLS = (
    "欧阳",
    "Ouyang",
    "20230017",
    "机电学院",
    "13812342046",
    "回家",
    "00000000000000a1",
    "司徒",
    "20239999",
    "135790",
)


def words(text: str) -> Words:
    return Words(text, text)


def _known(name: str, locked: bool = True, kind: FieldType = FieldType.TEXT) -> Field:
    return Field(name, kind, words(name), known=name, locked=locked)


def _choice(name: str, *values: str, page: int = 1) -> Field:
    choices = tuple(Choice(value, words(value)) for value in values)
    return Field(name, FieldType.CHOICE, words(name), choices=choices, page=page)


def _item(name: str, fields: tuple[Field, ...], **more: object) -> Item:
    plain = Item(
        id=name,
        title=words(name),
        category="certificates",
        icon="证",
        summary=words(name),
        who=(Role.STUDENT,),
        who_words=words("students"),
        bring=(),
        minutes=1,
        fields=fields,
        steps=(),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


ENROLMENT = _item(
    "enrolment",
    (
        _known("name"),
        _known("number"),
        _choice("purpose", "loan", "other"),
        Field("which", FieldType.TEXT, words("which"), least=2, most=20, when=("purpose", ("other",))),
        Field("receiver", FieldType.TEXT, words("receiver"), required=False),
    ),
    document="enrolment",
    copies=2,
    languages=("zh", "en"),
    offline=True,
)
ENGLISH = _item("english", (_known("name_en"),), document="english", languages=("en",))
INCOME = _item("income", (_known("name"), _choice("purpose", "loan", "visa")), document="income", factors=2)
LEAVE = _item(
    "leave",
    (
        _known("name"),
        _known("phone", locked=False, kind=FieldType.PHONE),
        _choice("kind", "personal", "sick"),
        Field("starts", FieldType.DATE, words("starts"), least=-3, most=60),
        Field("ends", FieldType.DATE, words("ends"), after="starts", most=90),
        Field("reason", FieldType.TEXT, words("reason"), least=2, most=100, page=2),
        Field("back_at", FieldType.DATETIME, words("back_at"), page=2, required=False),
        Field("paper", FieldType.PHOTO, words("paper"), page=3, when=("kind", ("sick",))),
    ),
    steps=(Step(words("counsellor"), "counsellor", 120), Step(words("college"), "college_office", 120)),
    result="leave_slip",
)
REPAIR = _item(
    "repair",
    (
        _choice("place", "room", "corridor"),
        Field("cost", FieldType.MONEY, words("cost"), page=2, when=("place", ("room",))),
        Field("lamps", FieldType.NUMBER, words("lamps"), page=3, when=("place", ("room",))),
    ),
)
STAFF_ONLY = _item("employment", (), document="employment", who=(Role.STAFF,))
ITEMS = (ENROLMENT, ENGLISH, INCOME, LEAVE, REPAIR, STAFF_ONLY)
TIMING = Timing(idle=60.0, still=20.0, extensions=10, seal=8.0, rate=20.0, message=6.0, lockout=900.0, draft_days=7.0)
POLICY = Policy(
    Catalogue({item.id: item for item in ITEMS}, (Category("certificates", words("certificates"), "证"),)),
    TIMING,
    "A-017",
)

E_ = TypeVar("E_", bound=Effect)


class Walk:
    """One terminal being used. Timers run on a wheel of their own; every effect is kept in `effects`."""

    def __init__(self, online: bool = True, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.state = State(look=Look(policy.language))
        self.effects: list[Effect] = []
        self.timers: dict[str, tuple[float, StartTimer]] = {}
        self.now = NOW
        self._fresh: Iterator[int] = count(1)
        self.post(ev.PrinterChanged(PrinterState.IDLE), ev.DeviceChanged("camera", True))
        self.post(ev.LinkChanged(Link.ONLINE if online else Link.OFFLINE))

    @property
    def screen(self) -> Screen:
        return self.state.screen

    def post(self, *events: Event) -> tuple[Effect, ...]:
        """The effects of these events, in order."""
        seen: tuple[Effect, ...] = ()
        for event in events:
            self.state, effects = step(self.state, event, self.policy)
            for effect in effects:
                self._time(effect)
            self.effects += effects
            seen += effects
        return seen

    def press(self, *touches: str) -> tuple[Effect, ...]:
        """Touches by their names, `name payload`."""
        seen: tuple[Effect, ...] = ()
        for touch in touches:
            name, _, payload = touch.partition(" ")
            seen += self.post(Intent(name, payload, self.now, f"{next(self._fresh):08x}{0:024x}"))
        return seen

    def _time(self, effect: Effect) -> None:
        match effect:
            case StartTimer(timer=timer, seconds=seconds):
                self.timers[timer] = (self.now + seconds, effect)
            case StopTimer(timer=timer):
                self.timers.pop(timer, None)

    def elapse(self, timer: str) -> tuple[Effect, ...]:
        """Let this running timer run out, the others wait."""
        due, started = self.timers.pop(timer)
        self.now = max(self.now, due)
        return self.post(Elapsed(timer, started.session, self.now))

    def run_out(self, most: int = 400) -> int:
        """Touch nothing until no timer is left; how many ran out."""
        for fired in range(most):
            if not self.timers:
                return fired
            self.elapse(min(self.timers, key=lambda name: self.timers[name][0]))
        raise AssertionError(f"timers for ever: {self.timers} on {self.screen}")

    def of(self, kind: type[E_]) -> list[E_]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def records(self, kind: str) -> list[ev.Record]:
        return [effect for effect in self.of(ev.Record) if effect.kind == kind]

    # the way to a screen

    def enter(self, person: Person = STUDENT, factor: Factor = Factor.CODE) -> Walk:
        self.post(ev.CodeRead("K1:…", self.now))
        self.post(ev.Admitted(self.state.session, person, factor, self.now))
        return self

    def enter_by_pin(self, person: Person = STUDENT) -> Walk:
        self.press("open_pin", *(f"digit {digit}" for digit in person.number), "confirm")
        self.press(*(f"digit {digit}" for digit in "135790"), "confirm")
        self.post(ev.Admitted(self.state.session, person, Factor.PIN, self.now))
        return self

    def review(self, item: Item = ENROLMENT, how: str = "start") -> Walk:
        """The open item's form filled and looked over."""
        self.press(f"open_item {item.id}", how)
        answers = {
            "enrolment": ("next", "set purpose=loan", "next"),
            "english": ("next",),
            "income": ("next", "set purpose=loan", "next"),
            "leave": (
                *("next", "set kind=personal", "set starts=2026-03-03", "set ends=2026-03-04", "next"),
                *("edit reason", "pad_mode zh", "pad_key h", "pad_pick 回家|1", "pad_commit", "next"),
            ),
            "repair": ("set place=corridor", "next"),
        }
        self.press(*answers[item.id])
        assert self.screen is Screen.REVIEW, self.screen
        return self

    @property
    def key(self) -> str:
        """The key of the request being made."""
        if self.state.job:
            return self.state.job.key
        assert self.state.filling
        return self.state.filling.key

    def record(self, key: str = "", receipt: str = "A-017-20260302-0001") -> tuple[Effect, ...]:
        return self.post(ev.Recorded(key or self.key, receipt, self.now))

    def seal(self, attempt: int = 0) -> tuple[Effect, ...]:
        """The centre's answer to the last asking, or to an attempt."""
        key = f"{self.key}:{attempt}" if attempt else self.of(ev.Seal)[-1].key
        return self.post(ev.DocumentSealed(key, sealed(key)))

    def file(self, reason: str = "") -> tuple[Effect, ...]:
        """The centre's file of what was sealed last is here, or why not."""
        serial = self.of(ev.FetchSheets)[-1].sealed.serial
        return self.post(ev.NoSheets(serial, reason) if reason else ev.SheetsReady(serial))

    def job(self, state: str, reason: str = "") -> tuple[Effect, ...]:
        assert self.state.job
        return self.post(ev.JobChanged(self.state.job.job, state, reason, self.now))

    def printing(self) -> Walk:
        """A certificate on its way out of the printer."""
        self.enter().review().press("submit")
        self.record()
        self.seal()
        assert self.state.job
        assert self.screen is Screen.WORKING
        return self


def sealed(key: str) -> Sealed:
    """What the centre answers to this key: always the same."""
    return Sealed(key, f"S-{key}", NOW, NOW + 1e7, "C1:…", "https://v.example.com/x", {"name": "欧阳明月"})


def approved(key: str = "f" * 32, item: str = "leave", *marks: str) -> Request:
    """A finished request of the student, whose paper nobody holds yet."""
    timeline = tuple(Mark(what, NOW) for what in ("submitted", "finished", *marks))
    serial = f"S-{key}:{sum(what == 'voided' for what in marks)}" if marks else ""
    return Request(
        key, item, STUDENT.id, "A-017-20260301-0007", Status.APPROVED, NOW - 9e4, marks=timeline, serial=serial
    )


def tells(state: State) -> list[str]:
    """Whatever in the state says something about a person."""
    text = repr(state)
    return [tell for tell in TELLS if tell in text]
