"""What the thermal camera needs to know of each protocol, and how one talks with a module over an open port."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from devices.thermal import gy614, gy8833, gy90640, htpa32
from devices.thermal.frame import Heat
from devices.thermal.stream import Stream
from devices.worker import Port
from kiosk import log
from kiosk.config import ThermalConfig

POLL_S = 0.1
ANSWER_S = 0.5
EMISSIVITY_STEP = 0.006


class Talk(ABC):
    """One conversation. `read` waits for a moment and returns the pictures that came; `heard`: when any byte came last.

    `faults` counts what was broken, `broken`: the last of it came behind the last picture. `rate`: pictures a second
    to be expected, at least.
    """

    rate: float = 1.0

    def __init__(self, port: Port) -> None:
        self.port, self.heard, self.bytes = port, time.monotonic(), 0

    @property
    @abstractmethod
    def faults(self) -> int: ...

    @property
    @abstractmethod
    def broken(self) -> bool: ...

    @abstractmethod
    def read(self) -> list[Heat]: ...

    def take(self, seconds: float) -> bytes:
        """What is there, b"" when nothing came in time."""
        data = self.port.take(seconds)
        if data:
            self.heard = time.monotonic()
            self.bytes += len(data)
        return data


class StreamTalk(Talk):
    """A module that sends by itself."""

    stream: Stream

    @property
    def faults(self) -> int:
        return self.stream.faults

    @property
    def broken(self) -> bool:
        return self.stream.broken


class Gy90640Talk(StreamTalk):
    """Told its rate, its emissivity and to stream; asked once what emissivity it has then."""

    def __init__(self, port: Port, config: ThermalConfig) -> None:
        super().__init__(port)
        self.parser = gy90640.Gy90640()
        self.stream = self.parser.stream
        self._wanted, self._said = config.emissivity, False
        self.rate = gy90640.rate_for(config.rate, port.baudrate)
        port.write(gy90640.set_rate(self.rate))
        port.write(gy90640.set_emissivity(config.emissivity))
        port.write(gy90640.STREAM)
        port.write(gy90640.READ_EMISSIVITY)

    def read(self) -> list[Heat]:
        heats = self.parser.feed(self.take(POLL_S))
        told = self.parser.emissivity
        if told is not None and abs(told - self._wanted) > EMISSIVITY_STEP and not self._said:
            self._said = True
            log.event("thermal_emissivity_refused")
        return heats


class PlainTalk(StreamTalk):
    """A module that streams and is told nothing."""

    def __init__(self, port: Port, parser: gy614.Gy614 | gy8833.Gy8833) -> None:
        super().__init__(port)
        self.parser, self.stream = parser, parser.stream

    def read(self) -> list[Heat]:
        return self.parser.feed(self.take(POLL_S))


class Htpa32Talk(Talk):
    """A module that answers one request with one picture; a gap of silence before each request."""

    rate = 2.0

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.parser = htpa32.Htpa32()

    @property
    def faults(self) -> int:
        return self.parser.faults

    @property
    def broken(self) -> bool:
        """An answer is a picture or a fault, never both."""
        return True

    def read(self) -> list[Heat]:
        if not self._quiet():
            self.parser.faults += 1
            return []
        self.port.write(htpa32.REQUEST)
        until = time.monotonic() + ANSWER_S
        wait = ANSWER_S
        while self.parser.kept <= htpa32.SIZE and (data := self.take(max(wait, 0.0))):
            self.parser.feed(data)
            wait = htpa32.GAP_S if self.parser.kept >= htpa32.SIZE else until - time.monotonic()
        return self.parser.idle()

    def _quiet(self) -> bool:
        """Whether the line fell silent; what came unasked is thrown away."""
        until = time.monotonic() + ANSWER_S
        while self.take(htpa32.GAP_S):
            if time.monotonic() > until:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Wire:
    """`size`: bytes of a frame; `stuck`: seconds of one and the same picture that no working sensor sends."""

    speeds: tuple[int, ...]
    size: int
    low: float
    high: float
    stuck: float
    talk: Callable[[Port, ThermalConfig], Talk]


WIRES = {
    "gy90640": Wire(gy90640.SPEEDS, gy90640.SIZE, gy90640.LOW, gy90640.HIGH, 3.0, Gy90640Talk),
    "htpa32": Wire(htpa32.SPEEDS, htpa32.SIZE, htpa32.LOW, htpa32.HIGH, 3.0, lambda port, _: Htpa32Talk(port)),
    # One pixel, or whole degrees, may well stay the same in an empty lane.
    "gy614": Wire(
        gy614.SPEEDS, gy614.SIZE, gy614.LOW, gy614.HIGH, 300.0, lambda port, _: PlainTalk(port, gy614.Gy614())
    ),
    "gy8833": Wire(
        gy8833.SPEEDS, gy8833.SIZE, gy8833.LOW, gy8833.HIGH, 300.0, lambda port, _: PlainTalk(port, gy8833.Gy8833())
    ),
}
