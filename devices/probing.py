"""Which of the known devices is at a serial line: asked in each protocol, from the most harmless on.

Nothing here closes a relay, prints a line or saves a setting. An LCUS board never answers and cannot be found.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from devices import gm65
from devices.relay import modbus
from devices.thermal.wires import WIRES
from devices.worker import LINE_ERRORS, Port
from kiosk.config import ThermalConfig

SPEEDS = (9600, 115200)
ANSWER_S, STREAM_S = 0.4, 1.2
LONGEST = 4096
STATUS = b"\x10\x04\x01"
"""DLE EOT 1 of ESC/POS: how are you. The answer is one byte with bits 1 and 4 set and 0, 7 not."""
_FIXED, _SET = 0x93, 0x12
_ANY = 1
"""The unit that a Modbus board has when nobody told it another."""
_COILS = modbus.read_coils(_ANY)


@dataclass(frozen=True, slots=True)
class Found:
    """`part`: printer | scanner | relay | thermal; `kind`: as in the configuration, or escpos; `baud`: its speed."""

    part: str
    kind: str
    baud: int


def probe(path: str) -> Found | None:
    """What is there; None = nothing that answers, or somebody else talks to it. Takes up to ten seconds."""
    try:
        with Port(path, SPEEDS[0]) as port:
            return (None if _talks(port) else _asked(port)) or _heard(port)
    except LINE_ERRORS:
        return None


def _talks(port: Port) -> bool:
    """Whether something comes unasked, at whatever speed: what streams is asked nothing."""
    return bool(port.take(STREAM_S))


def _asked(port: Port) -> Found | None:
    for speed in SPEEDS:
        for part, kind, ask, good in _ASKS:
            port.baudrate = speed
            port.reset_input_buffer()
            port.write(ask)
            if good(_answer(port)):
                return Found(part, kind, speed)
    return None


def _heard(port: Port) -> Found | None:
    """Thermal modules stream by themselves, or once they are told to; their pictures have check sums."""
    for kind, wire in WIRES.items():
        for speed in wire.speeds:
            port.baudrate = speed
            port.reset_input_buffer()
            talk = wire.talk(port, ThermalConfig(kind=kind))
            until = time.monotonic() + STREAM_S
            while time.monotonic() < until:
                if talk.read():
                    return Found("thermal", kind, speed)
    return None


def _answer(port: Port) -> bytes:
    """All that comes until it falls silent for a moment."""
    data = port.take(ANSWER_S)
    while data and len(data) < LONGEST and (more := port.take(0.05)):
        data += more
    return data


def _is_status(data: bytes) -> bool:
    return len(data) == 1 and data[0] & _FIXED == _SET


def _is_scanner(data: bytes) -> bool:
    return isinstance(gm65.answer_at(data), gm65.Answer)


def _is_board(data: bytes) -> bool:
    answers = modbus.Answers(_ANY)
    return any(map(modbus.reply_to(_COILS), (*answers.feed(data), *answers.idle())))


_ASKS: tuple[tuple[str, str, bytes, Callable[[bytes], bool]], ...] = (
    ("printer", "escpos", STATUS, _is_status),
    ("scanner", "gm65", gm65.HEARTBEAT, _is_scanner),
    ("relay", "modbus", _COILS, _is_board),
)
