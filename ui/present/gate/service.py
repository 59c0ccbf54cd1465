"""The technician's pages at a lane: the same screens as in the hall, over the lane's own devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.config import Timing
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.faults import Code, Fault
from kiosk.domain.search import Index
from kiosk.flows.gate.state import State
from kiosk.flows.walkup.state import Look, Screen, Station
from kiosk.flows.walkup.state import State as Visit
from ui.present.gate.scene import GateWorld
from ui.present.scene import View, World
from ui.present.view import present

NOTHING = Catalogue({}, (), ())


@dataclass(frozen=True, slots=True)
class Desk:
    """What those pages need besides the lane's world: seconds left of timers, addresses of pictures."""

    left: Mapping[str, float] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)


def pages(state: State, world: GateWorld, desk: Desk) -> View | None:
    """The whole screen as Main.qml shows it; None while no technician is here."""
    if state.technician is None:
        return None
    visit = Visit(
        session=state.session,
        screen=Screen.TECHNICIAN,
        look=Look(state.language),
        station=station_of(state),
        technician=state.technician,
        help=state.help,
    )
    around = World(
        terminal=world.terminal,
        timing=Timing(),
        texts=world.texts,
        catalogue=NOTHING,
        index=no_index,
        now=world.now,
        wide=world.wide,
        left=desk.left,
        pictures=desk.pictures,
    )
    return present(visit, around)


def station_of(state: State) -> Station:
    """The lane, as those pages know a terminal."""
    known = set(Code)
    faults = tuple(Fault(Code(code), name) for name, code in sorted(state.devices.faults.items()) if code in known)
    return Station(
        link=state.link,
        queued=state.queued,
        keeps=state.keeps,
        fitted=state.devices.fitted,
        scanner=state.devices.works("scanner"),
        camera=state.devices.works("camera"),
        faults=faults,
    )


def no_index() -> Index:
    """Nobody asks."""
    raise NotImplementedError("a lane has no services to search")
