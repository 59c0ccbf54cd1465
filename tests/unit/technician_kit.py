"""A technician at the terminal of `walkup_kit`: ways in, a queue that answers, what may never be seen."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.backlog import DeadRow, Standing, Stick
from kiosk.domain.board import Part
from kiosk.domain.faults import Code, Fault
from kiosk.domain.people import Factor, Person, Role
from kiosk.flows.core import Effect, Event
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Screen
from tests.unit.walkup_kit import NOW, Walk

WORKER = Person("00000000000000e5", "T2019004", "诸葛明亮", "Zhuge Mingliang", Role.STAFF, {"duty": "gate technician"})
CLERK = Person("00000000000000f6", "T2015009", "端木清", "Duanmu Qing", Role.STAFF, {"duty": "gate"})
GONE = "rejected: 查无此人，或已离校 / No such person, or gone from the campus"
STICK = Stick("/media/usb0", "KINGSTON", 3_000_000_000)
PIN = "246802"
SECRETS = ("诸葛", "Zhuge", "T2019004", "端木", "Duanmu", "T2015009", PIN)


PARTS = (
    Part("scanner", True, None, "UART · 9600", "/dev/ttyUSB0", "", NOW),
    Part("thermal", False, Fault(Code.THERMAL_OFFLINE, "thermal"), "", "/dev/ttyUSB2"),
    Part("printer", True, None, "generic-80mm", "usb://04b8:0202", "", NOW),
    Part("disk", True, None, "21.4 GB", "", "", NOW),
)


def letters(count: int) -> tuple[DeadRow, ...]:
    """Dead letters, the newest first."""
    rows = (DeadRow(n, "request.submitted", NOW - 60.0 * n, 1, 400 + n, f"A-017-{n:04d}", GONE) for n in range(count))
    return tuple(rows)[::-1]


class Work(Walk):
    """The terminal's queue has `dead` letters; looks at it are answered by `look`."""

    def __init__(self, dead: int = 8, online: bool = True) -> None:
        super().__init__(online)
        self.dead = letters(dead)

    @property
    def technician(self) -> Technician:
        assert self.state.technician
        return self.state.technician

    def fit(self, parts: frozenset[str]) -> None:
        """The terminal is built with these."""
        self.state = replace(self.state, station=replace(self.state.station, fitted=parts))

    def number(self, person: Person = WORKER, pin: str = PIN) -> Work:
        """Number and PIN typed and confirmed, not answered yet."""
        self.press("technician", *(f"digit {one}" for one in person.number), "confirm")
        self.press(*(f"digit {one}" for one in pin), "confirm")
        return self

    def admit(self, person: Person = WORKER, factor: Factor = Factor.PIN) -> tuple[Effect, ...]:
        return self.post(ev.Admitted(self.state.session, person, factor, self.now))

    def enter_pages(self) -> Work:
        """Both factors shown, the queue on the screen."""
        self.number().admit()
        self.post(ev.CodeRead("K1:…", self.now))
        self.admit(factor=Factor.CODE)
        assert self.technician.inside
        self.press("tech_page queue")
        self.look()
        return self

    def enter_board(self) -> Work:
        """The same, with the board on the screen."""
        self.enter_pages().press("tech_page board")
        self.post(self.boarded(self.of(te.LookAtBoard)[-1]))
        return self

    def boarded(self, asked: te.LookAtBoard) -> Event:
        """The honest answer to this look."""
        return te.BoardLooked(asked.session, asked.ask, PARTS)

    def looked(self, asked: te.LookAtQueue) -> Event:
        """The honest answer to this look."""
        standing = Standing(3, 40, len(self.dead), self.now - 300, 5000, 9_000_000_000, self.now - 5)
        return te.QueueLooked(asked.session, asked.ask, standing, self.dead[asked.first : asked.first + asked.most])

    def look(self) -> tuple[Effect, ...]:
        """Answer the newest look."""
        return self.post(self.looked(self.of(te.LookAtQueue)[-1]))

    def notes(self) -> list[tuple[str, str]]:
        return [(note.kind, note.detail.get("reason", "")) for note in self.of(te.Note)]

    def gone(self) -> None:
        """Attract, and nothing of whoever stood here."""
        assert self.screen is Screen.ATTRACT
        assert self.state.technician is None
        assert not [secret for secret in (*SECRETS, WORKER.id, CLERK.id) if secret in repr(self.state)]
