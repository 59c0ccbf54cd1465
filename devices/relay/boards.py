"""One relay on one open line: closed, opened for a time, closed again at the deadline whatever the caller does."""

from __future__ import annotations

import math
import time
from typing import Protocol

from devices.relay import lcus, modbus
from devices.worker import Port
from kiosk import log
from kiosk.config import RelayConfig

ANSWER_S = 0.25
QUIET_S = 0.05
LOOK_S = 1.0
SENSOR_S = 0.1
SENSOR_OPEN_S = 0.05
LIVELY_S = 30.0
"""So long after an opening the sensor is asked more often: the longest that gate.passage may be."""
MOST_SILENT = 3
_MARGIN_S = 0.2


class Board(Protocol):
    """`shut` sends OFF; `open_for` closes the relay's contact for `seconds`; both say whether that is known to be done.

    `look` does what is due: OFF at the deadline, a sign of life, the sensor; False = the board is deaf. `due` is how
    long that may wait, in seconds. Everything raises devices.worker.LINE_ERRORS when the line goes away.
    """

    def shut(self) -> bool: ...
    def open_for(self, seconds: float) -> bool: ...
    def look(self) -> bool: ...
    def due(self) -> float: ...
    def passed(self) -> bool: ...


class Sensor:
    """Debounces the passage sensor: one look is a blip, two in a row are a level; a passage is its rise."""

    def __init__(self) -> None:
        self._level: bool | None = None
        self._last: bool | None = None

    def rose(self, active: bool) -> bool:
        """Whether this look ends a rise. What is found at the first looks is where it stands, no passage."""
        steady, self._last = active == self._last, active
        if not steady or active == self._level:
            return False
        known, self._level = self._level is not None, active
        return known and active


class LcusBoard:
    """It never answers, so a written command counts, and OFF is repeated every second that it should be off."""

    def __init__(self, config: RelayConfig, port: Port) -> None:
        self._port, self._channel = port, config.channel
        self._next = math.inf

    def shut(self) -> bool:
        self._port.write(lcus.switch(self._channel, closed=False))
        self._next = time.monotonic() + LOOK_S
        return True

    def open_for(self, seconds: float) -> bool:
        self._next = time.monotonic() + seconds
        self._port.write(lcus.switch(self._channel, closed=True))
        return True

    def look(self) -> bool:
        self._port.take(0)
        return time.monotonic() < self._next or self.shut()

    def due(self) -> float:
        return min(SENSOR_S, max(0.0, self._next - time.monotonic()))

    def passed(self) -> bool:
        return False


class ModbusBoard:
    """Every command must be echoed. `timed`: this kind of board has no pulse of its own, so OFF ends an opening."""

    def __init__(self, config: RelayConfig, port: Port, timed: bool = False) -> None:
        self.timed = timed
        self._port, self._unit, self._channel, self._input = port, config.unit, config.channel, config.sensor
        self._answers = modbus.Answers(config.unit)
        self._sensor = Sensor()
        self._silent, self._shut_at, self._look_at = 0, math.inf, 0.0
        self._lively_until, self._passed, self._blind = 0.0, False, False

    def shut(self) -> bool:
        """OFF, echoed; asked twice at most. May be repeated at any time: it never opens anything."""
        command = modbus.off(self._unit, self._channel)
        for _ in range(2):
            answer = self._ask(command, modbus.echo_of(command), ANSWER_S)
            if answer is not None and not answer.refused:
                self._shut_at = math.inf
                return True
        self._shut_at = time.monotonic()
        return False

    def open_for(self, seconds: float) -> bool:
        self._lively_until = time.monotonic() + LIVELY_S
        if not self.timed:
            command = modbus.pulse(self._unit, self._channel, math.ceil(seconds * 10 - 1e-6))
            opened = self._sure(command, seconds)
            if opened is not None:
                return opened
            self.timed = True
            log.event("relay_without_pulse")
        return self._sure(modbus.on(self._unit, self._channel), seconds) or False

    def look(self) -> bool:
        now = time.monotonic()
        if now >= self._shut_at and not self.shut():
            return False
        if now < self._look_at:
            return True
        self._look_at = now + self._pause(now)
        command = modbus.read_inputs(self._unit)
        answer = self._ask(command, modbus.reply_to(command), ANSWER_S)
        self._silent = 0 if answer else self._silent + 1
        if answer:
            self._see(answer)
        return self._silent < MOST_SILENT

    def due(self) -> float:
        return max(0.0, min(self._look_at, self._shut_at) - time.monotonic())

    def passed(self) -> bool:
        passed, self._passed = self._passed, False
        return passed

    def _pause(self, now: float) -> float:
        if not self._input:
            return LOOK_S
        return SENSOR_OPEN_S if now < self._lively_until else SENSOR_S

    def _see(self, answer: modbus.Answer) -> None:
        if self._input and answer.refused and not self._blind:
            self._blind = True
            log.event("relay_without_inputs")
        if self._input and not answer.refused and self._sensor.rose(bool(answer.bits >> (self._input - 1) & 1)):
            self._passed = True

    def _sure(self, command: bytes, seconds: float) -> bool | None:
        """Send what opens, a second time only where the first is known to have had no effect; None = has no pulse.

        A pulse ends by itself, so a relay found off proves nothing once the pulse may be over.
        """
        for _ in range(2):
            began = time.monotonic()
            self._shut_at = began + seconds + (0.0 if self.timed else _MARGIN_S)
            answer = self._ask(command, modbus.echo_of(command), min(ANSWER_S, seconds / 3))
            if answer is None:
                answer, closed = self._closed(command)
                if closed:
                    return True
                had_no_effect = closed is False and (self.timed or time.monotonic() - began < seconds)
                if answer is None and had_no_effect:
                    continue
            if answer is None:
                return False
            return None if answer.refused in modbus.NOT_KNOWN and not self.timed else not answer.refused
        return False

    def _closed(self, command: bytes) -> tuple[modbus.Answer | None, bool | None]:
        """A late answer to the command, or else whether the relay is closed; None = neither is known."""
        read = modbus.read_coils(self._unit)
        late, reply = modbus.echo_of(command), modbus.reply_to(read)
        answer = self._ask(read, lambda found: late(found) or reply(found), ANSWER_S)
        if answer is None or answer.refused:
            return (answer if answer and late(answer) else None), None
        if late(answer):
            return answer, None
        return None, bool(answer.bits >> (self._channel - 1) & 1)

    def _ask(self, command: bytes, fits: modbus.Fits, seconds: float) -> modbus.Answer | None:
        """Send, and wait at most `seconds` for an answer that fits; None = there was none."""
        self._port.take(0)
        self._answers.clear()
        self._port.write(command)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            data = self._port.take(min(left, QUIET_S))
            for answer in self._answers.feed(data) if data else self._answers.idle():
                if fits(answer):
                    return answer
        return None
