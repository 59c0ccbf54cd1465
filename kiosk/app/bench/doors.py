"""Tests of the relay and of the contact that sees the door move."""

from __future__ import annotations

import queue
import time
import uuid

from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, failed, held, ms, not_there, passed
from kiosk.app.bench.hands import Hands
from kiosk.domain.proving import Finding
from kiosk.flows.technician.state import Asked

PULSE_S, ECHO_S, CONTACT_S = 0.5, 2.0, 4.0
EAR_S = 30.0
SLOWEST_S = 0.5


def relay_pulse(fit: Fittings, hands: Hands) -> Finding:
    """The board is told to close its relay for half a second, and says that it did."""
    if fit.relay is None:
        return not_there("no_relay")
    took, done = _pulse(fit)
    hands.check()
    if not done:
        return failed("no_echo", limit=f"≤ {ms(SLOWEST_S)}")
    if fit.config.relay.kind == "lcus":
        return _by_ear(hands)
    return held(took <= SLOWEST_S, "slow", ms(took), f"≤ {ms(SLOWEST_S)}")


def _by_ear(hands: Hands) -> Finding:
    """This kind of board never answers: whoever stands there says whether it clicked."""
    hands.ask(Asked("technician.ask.click", answers=("yes", "no")))
    word = hands.wait("word", seconds=EAR_S)
    return passed("LCUS") if word == "yes" else failed("no_click" if word else "unconfirmed")


def door_contact(fit: Fittings, hands: Hands) -> Finding:
    """A pulse, and the contact sees the door move: the wire, the lock and the hinge in one."""
    if fit.relay is None:
        return not_there("no_relay")
    if not fit.config.relay.sensor:
        return not_there("no_contact")
    began = time.monotonic()
    _, done = _pulse(fit)
    if not done:
        return failed("no_echo", limit=f"≤ {CONTACT_S:.0f}{NARROW}s")
    if hands.wait("passage", seconds=CONTACT_S) is None:
        return failed("no_contact_seen", limit=f"≤ {CONTACT_S:.0f}{NARROW}s")
    return passed(ms(time.monotonic() - began), f"≤ {CONTACT_S:.0f}{NARROW}s")


def _pulse(fit: Fittings) -> tuple[float, bool]:
    """(seconds to the answer, whether it was a good one)."""
    assert fit.relay is not None
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
    began = time.monotonic()
    fit.relay.open(f"test-{uuid.uuid4().hex}", PULSE_S, lambda _, done: answers.put(done))
    try:
        done = answers.get(timeout=ECHO_S)
    except queue.Empty:
        done = False
    return time.monotonic() - began, done
