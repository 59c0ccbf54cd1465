"""What holds whatever a technician, a stranger or the world does, in any order, at the technician's screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.domain.backlog import Standing
from kiosk.domain.faults import Code, Fault
from kiosk.domain.people import Factor, Person
from kiosk.domain.proving import Finding, Outcome, proofs_of
from kiosk.flows.core import Effect, Elapsed, Event, Intent
from kiosk.flows.technician import events as te
from kiosk.flows.technician.queue import PER_PAGE
from kiosk.flows.technician.state import Asked
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link, Screen
from tests.unit import test_present
from tests.unit.technician_kit import CLERK, PARTS, SECRETS, STICK, WORKER, Work, letters
from tests.unit.walkup_kit import NOW, STUDENT, TELLS
from ui.present import present

TOUCHES = (
    *("technician", "technician", "digit 2", "erase", "confirm", "entry_field pin", "entry_field number", "clear"),
    *("tech_rows next", "tech_rows next", "tech_rows previous", "tech_retry_all", "tech_retry 3", "tech_retry 11"),
    *("tech_sticks", "tech_sticks", f"tech_stick {STICK.path}", "tech_stick /etc", "tech_cancel", "tech_page queue"),
    *(
        "tech_page board",
        "tech_page tests",
        "tech_part thermal",
        "tech_part relay",
        "tech_parts",
        "tech_all",
        "tech_all",
    ),
    *("tech_test thermal_picture", "tech_test touch_grid", "tech_test relay_pulse", "tech_stop", "tech_say ready"),
    *("tech_cell 3", "tech_report", "tech_report"),
    *("back", "out", "help", "help_close", "dismiss", "language en", "large", "stay", "open_pin", "home"),
)
ACTS = (te.SendAgain, te.ExportQueue)
FITTING = frozenset(proof.name for proof in proofs_of([part.name for part in PARTS]))
GOOD = Finding(Outcome.PASSED, "1 ms", "≤ 2 ms")
FULL = Fault(Code.JOURNAL_FULL, "journal")


class World(Work):
    """The terminal with its queue, and the laws watched at every step."""

    def __init__(self) -> None:
        super().__init__(dead=20)
        self.answers: list[Event] = []
        self.shown: set[Factor] = set()
        self.seen: Technician | None = None
        self.printed = False

    def post(self, *events: Event) -> tuple[Effect, ...]:
        seen: tuple[Effect, ...] = ()
        for event in events:
            session, before = self.state.session, self.state.technician
            effects = super().post(event)
            self.heed(event, effects)
            if self.state.session != session:
                self.shown.clear()
                assert self.screen is Screen.ATTRACT
                assert ev.Wipe(session) in effects
            if before and not before.inside and self.state.technician and self.state.technician.inside:
                assert Factor.PIN in self.shown, "nobody is inside without a PIN of their own"
                assert Factor.CODE in self.shown or not self.state.station.camera, (
                    "nor without a code that could be read"
                )
            self.look_over(event)
            seen += effects
        return seen

    def heed(self, event: Event, effects: tuple[Effect, ...]) -> None:
        """Acts follow touches of whoever is inside, and are answered by and by."""
        n = self.state.session
        for effect in effects:
            if isinstance(effect, ACTS):
                assert isinstance(event, Intent), "nothing is sent again or exported without a touch"
                assert self.state.technician
                assert self.state.technician.inside
                assert effect.who == WORKER.id
            if isinstance(effect, te.LookAtQueue):
                assert effect.most == PER_PAGE
                self.answers.append(self.looked(effect))
            if isinstance(effect, te.SendAgain):
                self.answers.append(te.SentAgain(n, 1))
            if isinstance(effect, te.LookForSticks):
                self.answers.append(te.SticksFound(n, (STICK,)))
            if isinstance(effect, te.ExportQueue):
                assert effect.folder == STICK.path, "exports go to what was offered"
                self.answers += [te.Exported(n, "a.age", 3), te.NotExported(n, "full")]
            if isinstance(effect, te.LookAtBoard):
                self.answers.append(self.boarded(effect))
            if isinstance(effect, te.RunProof):
                assert isinstance(event, Intent | te.ProofDone), "a test runs by a touch, or behind another"
                assert effect.test in FITTING
                asked = Asked("technician.ask.touch", {"count": "1"}, cells=frozenset({3}), answers=("ready",))
                self.answers += [te.ProofAsks(n, effect.run, asked), te.ProofDone(n, effect.run, GOOD, NOW)]
            if isinstance(effect, ev.Record):
                assert effect.body["operator"] == WORKER.id
                self.answers += [ev.Recorded(effect.key, "", NOW), ev.NotRecorded(effect.key, FULL)]
            if isinstance(effect, te.PrintReport):
                assert isinstance(event, ev.Recorded), "nothing is printed that is not on the disk"
                self.answers += [te.ReportPaper(n, effect.job, n % 2 == 0)]
                self.answers += [ev.JobChanged(effect.job, word) for word in ("printing", "printed", "failed")]
            if isinstance(effect, te.Note):
                assert set(effect.detail) <= {"who", "factors", "reader", "reason"}

    def look_over(self, event: Event) -> None:
        state, technician = self.state, self.state.technician
        assert (technician is not None) == (state.screen is Screen.TECHNICIAN)
        if technician is None:
            return
        assert "idle" in self.timers
        assert state.visit is None
        assert len(technician.queue.rows) <= PER_PAGE
        assert technician.queue.first % PER_PAGE == technician.queue.wanted % PER_PAGE == 0
        if technician.bench.running or technician.bench.ask:
            assert technician.bench.running in FITTING
        said = technician.told.key if technician.told else ""
        self.printed |= isinstance(event, ev.JobChanged) and event.state == "printed"
        assert said != "technician.report.printed" or self.printed, "printed is what the printer says"
        now = replace(technician, queue=replace(technician.queue, asked=0))
        now = replace(now, bench=replace(now.bench, asked=0))
        if technician.inside and now != self.seen:
            self.seen = now
            view = repr(present(state, test_present.world()))
            assert not [tell for tell in (*TELLS, *SECRETS, WORKER.id) if tell in view], "a person's data is shown"

    # what may happen

    def touch(self, n: int) -> None:
        self.press(TOUCHES[n % len(TOUCHES)])

    def sign_in(self, n: int) -> None:
        """Somebody in earnest: the technician mostly, or a stranger."""
        person = (WORKER, WORKER, WORKER, CLERK, STUDENT)[n % 5]
        if self.screen is Screen.ATTRACT:
            self.number(person)
        if self.state.technician and self.state.technician.entry.checking:
            self.admitted(person, Factor.PIN)
        elif self.screen is Screen.TECHNICIAN:
            self.post(ev.CodeRead("K1:…", self.now))
            self.admitted(person, Factor.CODE)

    def admitted(self, person: Person, factor: Factor) -> None:
        if person is WORKER:
            self.shown.add(factor)
        self.admit(person, factor)

    def answer(self, n: int) -> None:
        """One of the last answers, or an older one; it may come again."""
        if self.answers:
            self.post(self.answers[-1 - n % min(4, len(self.answers))])

    def time_out(self, n: int) -> None:
        if self.timers:
            self.elapse(sorted(self.timers)[n % len(self.timers)])

    def report(self, n: int) -> None:
        events: tuple[Event, ...] = (
            *(ev.LinkChanged(Link.OFFLINE), ev.LinkChanged(Link.ONLINE), ev.BacklogChanged(3, n % 30)),
            *(
                ev.DeviceChanged("camera", n % 2 == 0),
                ev.SeveralCodes(),
                ev.NotAdmitted(self.state.session, "wrong", 2),
            ),
            *(
                ev.NotAdmitted(self.state.session, "locked", 0, NOW + 900),
                te.QueueTrouble(self.state.session, "SQLITE_IOERR"),
            ),
        )
        self.post(events[n % len(events)])

    def stale(self, n: int) -> None:
        """Answers of an earlier session change nothing."""
        old, before = self.state.session - 1, self.state
        events: tuple[Event, ...] = (
            *(
                ev.Admitted(old, WORKER, Factor.PIN, NOW),
                ev.Admitted(old, WORKER, Factor.CODE, NOW),
                te.SentAgain(old, 9),
            ),
            *(
                te.SticksFound(old, ()),
                te.Exported(old, "x", 1),
                te.NotExported(old, "full"),
                Elapsed("technician", old),
            ),
            *(te.QueueLooked(old, 1, Standing(0, 0, 0), ()), Elapsed("idle", old)),
            *(te.BoardLooked(old, 1, ()), te.ProofDone(old, 1, GOOD, NOW), te.ReportPaper(old, "x", False)),
        )
        assert not self.post(events[n % len(events)])
        assert self.state == before

    def shrink(self, n: int) -> None:
        self.dead = letters(n % 30)


MOVES: list[Callable[[World, int], None]] = [
    *[World.touch] * 5,
    *[World.sign_in] * 3,
    *[World.answer] * 4,
    *(World.time_out, World.report, World.stale, World.shrink),
]
moves = st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 10 * len(TOUCHES))), min_size=20, max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), moves)
def test_the_laws_of_the_technicians_screen(
    inside: bool, moves: list[tuple[Callable[[World, int], None], int]]
) -> None:
    world = World()
    if inside:
        world.shown = {Factor.PIN, Factor.CODE}
        world.enter_pages()
    for move, n in moves:
        move(world, n)
    world.run_out()
    world.gone()
