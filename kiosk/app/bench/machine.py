"""Tests of the machine itself: disk, clock, sound, touch, security chip, power supply."""

from __future__ import annotations

import sqlite3

from devices import disk as disks
from devices import soundloop
from devices import tpm as chips
from devices import ups as supplies
from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, failed, held, ms, not_there, passed
from kiosk.app.bench.hands import Hands
from kiosk.domain.proving import Finding
from kiosk.flows.technician.state import Asked

SLOWEST_WRITE_S = 2.0
CELLS = 12
TOUCH_S = 30.0
LEAST_CHARGE = 50
LEAST_CLEAR = 1000.0
"""Of noise alone the strongest of so many frequencies is some ten times the median one."""


def disk_write(fit: Fittings, _hands: Hands) -> Finding:
    """A megabyte, until it is certainly there."""
    limit = f"≤ {ms(SLOWEST_WRITE_S)}"
    try:
        took = disks.write_time(fit.config.paths.state)
    except OSError:
        return failed("not_written", limit=limit)
    return held(took <= SLOWEST_WRITE_S, "slow", ms(took), limit)


def clock_right(fit: Fittings, _hands: Hands) -> Finding:
    """What is known of the time does not contradict it."""
    told = f"{fit.clock.local():%Y-%m-%d %H:%M}"
    try:
        doubt = fit.doubt()
    except sqlite3.Error:
        return failed("unreadable", told)
    return passed(told) if not doubt else failed(doubt, told)


def sound_loop(_fit: Fittings, hands: Hands) -> Finding:
    """The loudspeaker's tone comes in by the microphone."""
    if soundloop.missing():
        return not_there("no_sound")
    hands.ask(Asked("technician.ask.sound"))
    try:
        clear = soundloop.heard()
    except OSError:
        return not_there("no_sound")
    return held(clear >= LEAST_CLEAR, "not_heard", f"{clear:.0f}{NARROW}×", f"≥ {LEAST_CLEAR:.0f}{NARROW}×")


def touch_grid(_fit: Fittings, hands: Hands) -> Finding:
    """Every field of the glass takes a finger."""
    left = frozenset(range(CELLS))
    while left:
        hands.ask(Asked("technician.ask.touch", {"count": str(len(left))}, cells=left))
        word = hands.wait("word", seconds=TOUCH_S, such=lambda each: str(each).isdecimal())
        if word is None:
            return failed("not_touched", f"{CELLS - len(left)}/{CELLS}", f"{CELLS}/{CELLS}")
        left -= {int(word)}
    return passed(f"{CELLS}/{CELLS}", f"{CELLS}/{CELLS}")


def tpm(_fit: Fittings, _hands: Hands) -> Finding:
    """The security chip gives random bytes."""
    place = chips.device()
    if place is None:
        return not_there("no_tpm")
    try:
        return passed(f"{len(chips.random_bytes(place))}{NARROW}B")
    except chips.TpmError as error:
        # who may talk to the chip may clear it, so a terminal's own user may not; the kernel asks it for anybody
        told = chips.register() if str(error) == "shut" else ""
        return passed(f"PCR {told[:8]}") if told else failed(str(error))


def ups(_fit: Fittings, _hands: Hands) -> Finding:
    """The power supply is on the mains, charged, and asks for nothing."""
    found = supplies.look()
    if found is None:
        return not_there("no_ups")
    told = f"{found.charge}{NARROW}%" if found.charge >= 0 else "?"
    limit = f"≥ {LEAST_CHARGE}{NARROW}%"
    if found.bad:
        return failed("battery", told, limit)
    if not found.mains:
        return failed("no_mains", told, limit)
    return held(found.charge < 0 or found.charge >= LEAST_CHARGE, "low", told, limit)
