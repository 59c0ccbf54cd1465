"""What holds whatever happens, in any order: random visits against an honest centre, journal and printer.

The world answers late, twice, or never; people touch anything anywhere and walk away.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.domain.people import Factor
from kiosk.domain.printer import PrinterState
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link, Screen, Trouble
from tests.unit.walkup_kit import (
    ENROLMENT,
    INCOME,
    LEAVE,
    NOW,
    REPAIR,
    STUDENT,
)
from tests.unit.walkup_world import OLD, TOUCHES, World


def home(world: World) -> None:
    world.enter()


def certificate(world: World) -> None:
    world.enter().review(ENROLMENT)


def private(world: World) -> None:
    world.enter_by_pin().press("open_item income")


def private_review(world: World) -> None:
    private(world)
    world.post(ev.Admitted(world.state.session, STUDENT, Factor.CODE, NOW))
    world.press("start", "next", "set purpose=visa", "next")


def leave(world: World) -> None:
    world.enter().review(LEAVE)


def repair(world: World) -> None:
    world.enter().press(f"open_item {REPAIR.id}", "start")


def out_of_printer(world: World) -> None:
    certificate(world)
    world.press("submit")
    world.answer(0)
    world.answer(0)


def on_sheets(world: World) -> None:
    """The centre has sealed it; its file is on the way."""
    world.post(ev.A4Changed(PrinterState.IDLE))
    out_of_printer(world)


def without_a_line(world: World) -> None:
    world.post(ev.LinkChanged(Link.OFFLINE))
    world.enter()
    world.post(ev.AheadLoaded(world.state.session, frozenset({("enrolment", "zh")})))
    world.review(ENROLMENT).press("submit")
    world.answer(0)
    assert world.wanted


def in_doubt(world: World) -> None:
    out_of_printer(world)
    world.printer_says(2)
    assert world.state.job
    assert world.state.job.trouble is Trouble.UNKNOWN


def collecting(world: World) -> None:
    world.enter()
    world.post(ev.RequestsLoaded(world.state.session, world.fetched))
    world.press("open_requests", f"open_request {OLD}")


def before_the_camera(world: World) -> None:
    world.agree()


def photographed(world: World) -> None:
    world.agree()
    for _ in range(3):
        world.proper(0)
        world.answer(0)


def at_ones_face(world: World) -> None:
    world.enter_by_pin()
    world.listed().press("open_face")


def looking(world: World) -> None:
    world.digits()


def nobody(world: World) -> None:
    assert world.screen is Screen.ATTRACT


Start = Callable[[World], None]
STARTS: list[Start] = [
    *(nobody, home, certificate, private, private_review, leave, repair, out_of_printer, on_sheets, in_doubt),
    *(collecting, before_the_camera, photographed, at_ones_face, looking, without_a_line, without_a_line),
]
MOVES = [
    *[World.proper] * 6,
    *[World.touch] * 2,
    *[World.answer] * 4,
    *[World.printer_says] * 2,
    *[World.issues] * 2,
    *(World.time_out, World.stale, World.report, World.refresh),
]
moves = st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 2 * len(TOUCHES))), min_size=30, max_size=90)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(STARTS), moves)
def test_the_laws_of_a_visit(start: Start, moves: list[tuple[Callable[[World, int], None], int]]) -> None:
    world = World()
    start(world)
    for move, n in moves:
        move(world, n)
    world.settle()


def test_the_starts_are_where_they_say() -> None:
    screens = []
    for start in STARTS:
        world = World()
        start(world)
        screens.append(world.screen)
    wanted = (Screen.ATTRACT, Screen.HOME, Screen.REVIEW, Screen.FACTOR, Screen.REVIEW, Screen.REVIEW, Screen.FORM)
    faces = (Screen.SHOTS, Screen.SHOTS, Screen.FACE, Screen.LOOK)
    seals = (Screen.WORKING, Screen.WORKING, Screen.TROUBLE, Screen.REQUEST)
    assert screens == [*wanted, *seals, *faces, *[Screen.WORKING] * 2]
    assert INCOME.factors == 2
