"""How each module writes a picture, and what it does when it is told something. Written from the manuals' tables."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

import numpy as np

from devices.sim.thermal.scene import Field

ROWS_COLUMNS = {"gy90640": (24, 32), "gy614": (1, 1), "htpa32": (32, 32), "gy8833": (8, 8)}
BAUDS = {1: 9600, 2: 115200, 3: 460800}
RATES = {0: 0.5, 1: 1.0, 2: 2.0, 3: 4.0, 4: 8.0}
HTPA_REQUEST = b"\xee\xe1\x01\x55\xff\xfc\xfd\xff"


@dataclass(slots=True)
class Settings:
    """What a GY-MCU90640 keeps: `saved` survives the loss of power; `locked`: its emissivity stays."""

    baud: int = 115200
    rate: float = 4.0
    emissivity: float = 0.95
    streaming: bool = True
    locked: bool = False
    saved: tuple[int, float, float] = field(default=(115200, 4.0, 0.95))

    def save(self) -> None:
        self.saved = (self.baud, self.rate, self.emissivity)

    def power_cycle(self) -> None:
        self.baud, self.rate, self.emissivity = self.saved
        self.streaming = True


def hundredths(value: float) -> int:
    """°C × 100 as an int16; beyond 327.67 the register is full."""
    return int(min(max(round(value * 100), -32768), 32767))


def frame_90640(picture: Field, ambient: float) -> bytes:
    """Low bytes first; the check word by long addition with a carry that is dropped."""
    limited = np.minimum(np.maximum(picture, -40.0), 300.0)
    body = b"ZZ" + b"\x02\x06" + b"".join(struct.pack("<h", hundredths(value)) for value in limited.ravel())
    body += struct.pack("<h", hundredths(ambient))
    low = high = 0
    for at in range(0, len(body), 2):
        low += body[at]
        high += body[at + 1]
    high += low >> 8
    return body + bytes((low % 256, high % 256))


def frame_614(picture: Field, ambient: float, emissivity: float = 0.98) -> bytes:
    """The body estimate is the module's own fancy: never far from 36.5."""
    seen = float(picture[0, 0])
    body = 36.5 + 0.1 * (seen - 34.0)
    values = (hundredths(each) for each in (seen, ambient, body))
    frame = bytes((0xA4, 3, 7, 7, round(emissivity * 100))) + struct.pack(">3h", *values)
    return frame + added_up(frame)


def frame_htpa(picture: Field, ambient: float) -> bytes:
    """Tenths of a kelvin, from 223.1 to 603.1."""
    values = [min(max(round(each * 10) + 2731, 2231), 6031) for each in (*picture.ravel(), ambient)]
    return b"\xe1" + b"".join(divmod_bytes(each) for each in values) + b"\xff\xfc\xfd\xff"


def divmod_bytes(value: int) -> bytes:
    """High byte, low byte."""
    return bytes(divmod(value, 256))


def frame_8833(picture: Field, ambient: float) -> bytes:
    """Whole degrees; the two bytes after the head as a real module sent them."""
    values = bytes(min(max(round(each), -20), 100) % 256 for each in picture.ravel())
    frame = b"\xa4\x03\x09\x42" + b"\x0c\xb8" + values
    return frame + added_up(frame)


def added_up(frame: bytes) -> bytes:
    """One byte: all of them, one after the other, in a register of eight bits."""
    total = 0
    for byte in frame:
        total = (total + byte) % 256
    return bytes((total,))


FRAMES = {"gy90640": frame_90640, "gy614": frame_614, "htpa32": frame_htpa, "gy8833": frame_8833}


def as_set(picture: Field, room: float, emissivity: float, skin: float = 0.98) -> Field:
    """What a module set to `emissivity` tells of surfaces that have another one."""
    if abs(emissivity - skin) < 0.001:
        return picture
    back = (room + 273.15) ** 4
    sent = skin * (picture + 273.15) ** 4 + (1 - skin) * back
    told: Field = ((sent - (1 - emissivity) * back) / emissivity) ** 0.25 - 273.15
    return told


def obey_90640(settings: Settings, order: bytes) -> bytes | None:
    """Carry out one order of four bytes; its answer, b"" for none, None when it is no order."""
    if order[0] != 0xA5 or (order[0] + order[1] + order[2] - order[3]) % 256:
        return None
    kind, value = order[1], order[2]
    if kind == 0x15 and value in BAUDS:
        settings.baud = BAUDS[value]
    elif kind == 0x25 and value in RATES:
        settings.rate = RATES[value]
    elif kind == 0x35:
        settings.streaming = value == 2
    elif kind == 0x45:
        settings.emissivity = settings.emissivity if settings.locked else value / 100
    elif kind == 0x55:
        told = round(settings.emissivity * 100)
        return bytes((0x5A, 0x5A, told, (2 * 0x5A + told) % 256))
    elif kind == 0x65:
        settings.save()
    else:
        return None
    return b""


def spoilt(frame: bytes, how: str, kind: str, dice: random.Random) -> bytes:
    """The frame on a bad day: garbage | babble | half | bad; as it is on any other."""
    middle = len(frame) // 2
    match how:
        case "garbage" | "babble":
            return dice.randbytes(len(frame))
        case "half":
            return frame[:middle]
        case "bad" if kind == "htpa32":  # without a sum only an impossible value can be found out
            return frame[:99] + b"\x00\x07" + frame[101:]
        case "bad":
            return frame[:middle] + bytes((frame[middle] ^ 0x10,)) + frame[middle + 1 :]
    return frame
