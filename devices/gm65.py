"""Frames of GM65, GM66 and GM812 scanners: commands to them, and acknowledgements among the codes they send."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Literal

_HEAD = b"\x7e\x00"
ANSWER_HEADS = (b"\x02\x00", b"\x03\x00")
_NO_CHECK = b"\xab\xcd"
_READ, _WRITE, _SAVE, _HEARTBEAT = 0x07, 0x08, 0x09, 0x0A
_OVERHEAD = 6
_EMPTY = 0xFF
"""A zone that was never written."""


def crc(data: bytes) -> bytes:
    """CRC-16/XMODEM, big-endian."""
    return binascii.crc_hqx(data, 0).to_bytes(2, "big")


def command(kind: int, address: int, data: bytes) -> bytes:
    """A frame from the host: 7E 00 | type | len | address | data | crc over type..data."""
    body = bytes((kind, len(data))) + address.to_bytes(2, "big") + data
    return _HEAD + body + crc(body)


TRIGGER = command(_WRITE, 0x0002, b"\x01")
CANCEL = command(_WRITE, 0x0002, b"\x02")
COMMAND_MODE = command(_WRITE, 0x0000, b"\xd5")
SAVE = command(_SAVE, 0x0000, b"\x00")
HEARTBEAT = command(_HEARTBEAT, 0x0000, b"\x00")


def read(address: int, count: int) -> bytes:
    """Ask for so many zones from this one on, 1 to 255."""
    return command(_READ, address, bytes((count,)))


VERSIONS = read(0x00E1, 3)
"""Hardware, software, and the software's year, one byte each, which no command changes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """02 00 or 03 00 | status (0 = done) | len | data | crc; `size` is what it took on the line, in bytes."""

    status: int
    data: bytes
    size: int


def answer_at(buffer: bytes) -> Answer | Literal[True] | None:
    """The whole answer that `buffer` begins with; True: perhaps one, more bytes are needed; None: there is none."""
    if not any(buffer.startswith(head[: len(buffer)]) for head in ANSWER_HEADS):
        return None
    if len(buffer) < 4 or len(buffer) < _OVERHEAD + buffer[3]:
        return True
    size = _OVERHEAD + buffer[3]
    body, check = buffer[2 : size - 2], buffer[size - 2 : size]
    if check not in (crc(body), _NO_CHECK):
        return None
    return Answer(buffer[2], buffer[4 : size - 2], size)


def version(data: bytes) -> str:
    """The answer to VERSIONS, in hundredths and years from 2000 on: "1.10 (2018) · HW 1.00"; "" = it tells none."""
    if len(data) != 3:
        return ""
    hardware, software, year = (0 if byte == _EMPTY else byte for byte in data)
    if not software:
        return ""
    told = f"{software / 100:.2f}" + (f" ({2000 + year})" if year else "")
    return told + (f" · HW {hardware / 100:.2f}" if hardware else "")


def cut(line: bytes) -> tuple[list[bytes], list[Answer]]:
    """What stands between the answers of a line, and these answers."""
    at, begin, pieces, answers = 0, 0, list[bytes](), list[Answer]()
    while at < len(line):
        found = answer_at(line[at:]) if line[at] in b"\x02\x03" else None
        if isinstance(found, Answer):
            pieces.append(line[begin:at])
            at = begin = at + found.size
            answers.append(found)
        else:
            at += 1
    return [piece for piece in (*pieces, line[begin:]) if piece], answers
