"""What a printer says of itself: the bytes of DLE EOT, automatic status and GS r, and one word for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kiosk.domain.printer import READY
from kiosk.domain.printer import PrinterState as Status

__all__ = ["READY", "Status"]


@dataclass(frozen=True, slots=True)
class Flags:
    """Single findings, gathered from several answers. `hot`: stopped, recovers by itself (hot head)."""

    offline: bool = False
    cover: bool = False
    paper_end: bool = False
    paper_low: bool = False
    cutter: bool = False
    broken: bool = False
    hot: bool = False
    error: bool = False

    @property
    def status(self) -> Status:
        """The worst finding in one word. A hot head is slow, not failed; offline for no reason given is an error."""
        if self.cover:
            return Status.COVER_OPEN
        if self.paper_end:
            return Status.NO_PAPER
        if self.cutter or self.broken or ((self.error or self.offline) and not self.hot):
            return Status.ERROR
        if self.hot:
            return Status.BUSY
        return Status.PAPER_LOW if self.paper_low else Status.IDLE


def is_dle(byte: int) -> bool:
    """An answer to DLE EOT: bits 0 and 7 clear, 1 and 4 set."""
    return byte & 0x93 == 0x12


def is_roll(byte: int) -> bool:
    """An answer to GS r: bits 4 and 7 clear."""
    return byte & 0x90 == 0


def is_automatic(byte: int) -> bool:
    """The first of four bytes of automatic status."""
    return byte & 0x93 == 0x10


def dle(flags: Flags, n: int, byte: int) -> Flags:
    """The findings with the answer to DLE EOT `n` (1 printer, 2 offline, 3 error, 4 roll) worked in."""
    bits = {b: bool(byte & b) for b in (0x04, 0x08, 0x20, 0x40)}
    match n:
        case 1:
            return replace(flags, offline=bits[0x08])
        case 2:
            return replace(flags, cover=bits[0x04], error=bits[0x40], paper_end=bits[0x20])
        case 3:
            return replace(flags, cutter=bits[0x08], broken=bits[0x04] or bits[0x20], hot=bits[0x40])
        case 4:
            end = byte & 0x60 == 0x60
            return replace(flags, paper_low=byte & 0x0C == 0x0C or end, paper_end=flags.paper_end or end)
    raise ValueError(f"DLE EOT {n}")


def automatic(data: bytes) -> Flags | None:
    """Four bytes of automatic status, or None when they are not."""
    if len(data) != 4 or not is_automatic(data[0]) or any(byte & 0x90 for byte in data[1:]):
        return None
    first, second, third, _ = data
    return Flags(
        offline=bool(first & 0x08),
        cover=bool(first & 0x20),
        paper_end=third & 0x0C == 0x0C,
        paper_low=bool(third & 0x03),
        cutter=bool(second & 0x08),
        broken=bool(second & 0x24),
        hot=bool(second & 0x40),
    )


@dataclass(frozen=True, slots=True)
class DleAnswer:
    byte: int


@dataclass(frozen=True, slots=True)
class RollAnswer:
    """Everything sent before GS r has been processed; `low` and `end` are the roll's state then."""

    low: bool
    end: bool


@dataclass(frozen=True, slots=True)
class InfoAnswer:
    """What GS I asked for: maker, model or firmware."""

    text: str


Answer = DleAnswer | RollAnswer | InfoAnswer | Flags
INFO_HEAD, INFO_END = 0x5F, 0x00
MOST_INFO = 80
"""Bytes of such a text, by the manuals."""


@dataclass(slots=True)
class Inbox:
    """Sorts what a printer sends, byte by byte: four kinds of answer share one line. Garbage falls through.

    `expects`: texts of GS I that were asked for and have not come. One that comes late, in the middle of a job, is a
    text all the same, and none of its letters another answer.
    """

    expects: int = 0
    _automatic: bytearray = field(default_factory=bytearray)
    _info: bytearray | None = None

    def feed(self, data: bytes) -> Iterator[Answer]:
        for byte in data:
            if self._info is not None and (texts := self._letter(byte)) is not None:
                yield from texts
                continue
            if self._automatic and not byte & 0x90:
                self._automatic.append(byte)
                if len(self._automatic) == 4:
                    found = automatic(bytes(self._automatic))
                    self._automatic.clear()
                    if found:
                        yield found
                continue
            self._automatic.clear()
            if is_dle(byte):
                yield DleAnswer(byte)
            elif is_automatic(byte):
                self._automatic.append(byte)
            elif is_roll(byte):
                yield RollAnswer(bool(byte & 0x03), bool(byte & 0x0C))
            elif byte == INFO_HEAD and self.expects:
                self._info = bytearray()

    def _letter(self, byte: int) -> list[InfoAnswer] | None:
        """What ends with this byte of a text; None: it belongs to no text, and there was none."""
        assert self._info is not None
        if 0x20 <= byte <= 0x7E and len(self._info) < MOST_INFO:
            self._info.append(byte)
            return []
        text, self._info = bytes(self._info).decode("ascii").strip(), None
        if byte != INFO_END:
            return None
        self.expects -= 1
        return [InfoAnswer(text)]
