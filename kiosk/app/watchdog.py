"""Looks after everything that must beat: begins anew what stopped, says so, and says what cannot be begun anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk import log
from kiosk.domain.faults import Code, Fault

Beat = Callable[[], float]
PAUSE_S = 10.0
"""Looks that are further apart mean that this thread could not run either."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One part. `beat`: seconds, of the watchdog's clock, of its last sign of life; `limit`: how long it may be silent.

    `again`: begins it anew in its place, None = only the whole program can. `vital`: without it nothing can be kept or
    nobody let in, so the program must not be said to live.
    """

    name: str
    beat: Beat
    limit: float
    again: Callable[[], None] | None = None
    vital: bool = False


class Watchdog:
    """`look` now and then, on one thread. `on_fault` and `on_well(device)` are called once per change.

    `stalled`: parts that the whole program has to begin anew for.
    """

    def __init__(
        self, pulses: Sequence[Pulse], now: Beat, on_fault: Callable[[Fault], None], on_well: Callable[[str], None]
    ) -> None:
        self._pulses, self._now, self._on_fault, self._on_well = pulses, now, on_fault, on_well
        self._late: dict[str, float] = {}
        self._seen = self._woke = now()
        self.stalled: frozenset[str] = frozenset()
        self.alive = True

    def look(self) -> None:
        """Judge every part. After this thread itself stood still, maybe with all others, they begin from now on."""
        now = self._now()
        if now - self._seen > PAUSE_S:
            self._woke = now
        self._seen = now
        for pulse in self._pulses:
            self._judge(pulse, now)
        vital = {pulse.name for pulse in self._pulses if pulse.vital}
        self.alive = not vital & self.stalled

    def _judge(self, pulse: Pulse, now: float) -> None:
        silent = now - max(pulse.beat(), self._woke)
        since = self._late.get(pulse.name)
        if silent <= pulse.limit:
            if since is not None and now - since > pulse.limit:
                self._well(pulse)
        elif since is None:
            self._stopped(pulse, now, silent)
        elif silent > pulse.limit and pulse.name not in self.stalled and now - since > pulse.limit:
            self._hopeless(pulse)

    def _stopped(self, pulse: Pulse, now: float, silent: float) -> None:
        self._late[pulse.name] = now
        log.event("part_stalled", name=pulse.name, seconds=round(silent, 1))
        self._on_fault(Fault(Code.PART_STALLED, _device(pulse), f"{pulse.name}: {silent:.0f} s"))
        if pulse.again is None:
            self._hopeless(pulse)
        else:
            pulse.again()

    def _hopeless(self, pulse: Pulse) -> None:
        self.stalled |= {pulse.name}
        log.event("part_lost", name=pulse.name)

    def _well(self, pulse: Pulse) -> None:
        del self._late[pulse.name]
        self.stalled -= {pulse.name}
        log.event("part_beats", name=pulse.name)
        self._on_well(_device(pulse))


def _device(pulse: Pulse) -> str:
    return f"beat:{pulse.name}"
