"""How a terminal is, out of its flow's state, for the centre's operators: words of its devices, codes of its faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kiosk.app.reports import LINK_FAULTS
from kiosk.config import Config
from kiosk.flows.gate.state import State
from kiosk.flows.walkup.state import Station
from sync.link import SyncProcess

_OF_THE_LINE = frozenset(code.value for code in LINK_FAULTS.values())
"""Whoever hears of these knows that they are over."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`printer`: a `PrinterState`, "" = none; `versions`: device → version.

    `sensors`: device → online or offline, a4 → a `PrinterState`, paper → percent of the receipt printer's roll,
    a4_paper and a4_toner → percent that the printer of sheets says it has left, service → a `Mode`.
    """

    printer: str = ""
    faults: tuple[str, ...] = ()
    sensors: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def of_hall(station: Station, config: Config) -> Condition:
    """Of a walk-up terminal."""
    works = {"scanner": station.scanner, "camera": station.camera, "face": station.face}
    sensors = {name: _word(works[name]) for name in sorted(station.fitted & works.keys())}
    sensors["service"] = station.mode.value
    if config.printer.address and station.paper >= 0:
        sensors["paper"] = f"{station.paper} %"
    if "a4" in station.fitted:
        sensors["a4"] = station.a4.value
        left = {"a4_paper": station.sheets, "a4_toner": station.toner}
        sensors |= {name: f"{percent} %" for name, percent in left.items() if percent >= 0}
    return Condition(station.printer.value, _codes(f.code.value for f in station.faults), sensors, _versions(config))


def of_lane(state: State, config: Config) -> Condition:
    """Of a gate or a classroom, which has no printer. A passage sensor is a wire of the relay board."""
    devices = state.devices
    sensors = {name: _word(devices.works(name)) for name in sorted(devices.fitted - {"sensor"})}
    sensors["service"] = state.mode.value
    return Condition("", _codes(devices.faults.values()), sensors, _versions(config))


def tell(sync: SyncProcess, now: Condition) -> None:
    """To the sync process, which passes changes on."""
    sync.status(now.printer, now.faults, now.sensors, now.versions)


def _word(works: bool) -> str:
    return "online" if works else "offline"


def _codes(faults: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(faults) - _OF_THE_LINE))


def _versions(config: Config) -> dict[str, str]:
    """Devices tell none; the recogniser is as old as its model."""
    return {"embedder": config.face.embedder} if config.face.enabled and config.camera.source else {}
