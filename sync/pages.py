"""Records read straight out of the pages of a damaged SQLite file and its write-ahead log, whatever leads to them.

https://www.sqlite.org/fileformat2.html; a page of the log counts before the same page of the file.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Record = tuple[int, list[Any]]
"""Rowid (0 in a table without) and columns."""
TABLE_LEAF, INDEX_LEAF = 0x0D, 0x0A
USUAL = 4096
LONGEST = 64_000_000
"""Bytes of a record that are believed: no photograph is larger."""
SIZES = frozenset(2**n for n in range(9, 17))
_HEADER, _FRAME = 32, 24
_MAGIC = (0x377F0682, 0x377F0683)
_INTS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class _UnreadableError(Exception):
    """A cell, or a page, that is not what it should be."""


def records(path: Path) -> Iterator[Record]:
    """Every record of every leaf that can still be read, in no order. Raises OSError."""
    pages = _Pages(path)
    for number, page in pages.all():
        yield from _leaf(pages, page, 100 if number == 1 else 0)


def log_is_broken(path: Path) -> bool:
    """Whether the write-ahead log of this file holds frames and its beginning is not readable. Raises OSError."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size <= _HEADER + _FRAME:
        return False
    with log.open("rb") as source:
        head = source.read(_HEADER)
        return bool(head.strip(b"\0") or source.read(1 << 20).strip(b"\0")) and not _good_head(head)


class _Pages:
    def __init__(self, path: Path) -> None:
        self._data = _mapped(path)
        log = path.with_name(f"{path.name}-wal")
        frames = log.read_bytes() if log.exists() else b""
        self._size = self._page_size(frames)
        self._over = dict(_frames(frames, self._size))

    def all(self) -> Iterator[tuple[int, bytes]]:
        for number in range(1, len(self._data) // self._size + 1):
            if number not in self._over:
                yield number, self.page(number)
        yield from self._over.items()

    def page(self, number: int) -> bytes:
        """Raises _UnreadableError when there is none."""
        if number in self._over:
            return self._over[number]
        found = self._data[(number - 1) * self._size : number * self._size]
        if number < 1 or len(found) != self._size:
            raise _UnreadableError
        return found

    @property
    def size(self) -> int:
        return self._size

    def _page_size(self, frames: bytes) -> int:
        if _good_head(frames[:_HEADER]):
            return int(struct.unpack(">I", frames[8:12])[0])
        told = int.from_bytes(self._data[16:18], "big")
        told = 65536 if told == 1 else told
        return told if self._data[:6] == b"SQLite" and told in SIZES else USUAL


def _mapped(path: Path) -> mmap.mmap | bytes:
    if not path.exists() or path.stat().st_size == 0:
        return b""
    with path.open("rb") as source:
        return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


def _good_head(head: bytes) -> bool:
    if len(head) < _HEADER:
        return False
    magic, _, size = struct.unpack(">III", head[:12])
    if magic not in _MAGIC or size not in SIZES:
        return False
    return _checksum(head[:24], ">" if magic & 1 else "<") == struct.unpack(">II", head[24:32])


def _checksum(data: bytes, order: str) -> tuple[int, int]:
    first = second = 0
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for left, right in zip(words[::2], words[1::2], strict=True):
        first = (first + left + second) & 0xFFFFFFFF
        second = (second + right + first) & 0xFFFFFFFF
    return first, second


def _frames(data: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    """Pages of the log's newest round; a broken head is believed for nothing but where frames begin."""
    salts = data[16:24] if _good_head(data[:_HEADER]) else data[_HEADER + 8 : _HEADER + 16]
    for start in range(_HEADER, len(data) - _FRAME - size + 1, _FRAME + size):
        number = int.from_bytes(data[start : start + 4], "big")
        if data[start + 8 : start + 16] == salts and number:
            yield number, data[start + _FRAME : start + _FRAME + size]


def _leaf(pages: _Pages, page: bytes, at: int) -> Iterator[Record]:
    kind = page[at]
    if kind not in (TABLE_LEAF, INDEX_LEAF):
        return
    count = int.from_bytes(page[at + 3 : at + 5], "big")
    for n in range(min(count, (len(page) - at - 8) // 2)):
        where = at + 8 + 2 * n
        try:
            yield _cell(pages, page, int.from_bytes(page[where : where + 2], "big"), table=kind == TABLE_LEAF)
        except (_UnreadableError, IndexError, struct.error, UnicodeDecodeError):
            continue


def _cell(pages: _Pages, page: bytes, at: int, *, table: bool) -> Record:
    length, at = _varint(page, at)
    rowid, at = _varint(page, at) if table else (0, at)
    if length > LONGEST:
        raise _UnreadableError
    here = _local(length, pages.size, table=table)
    payload = page[at : at + here]
    if len(payload) != here:
        raise _UnreadableError
    if here < length:
        payload += _overflow(pages, int.from_bytes(page[at + here : at + here + 4], "big"), length - here)
    return rowid, _columns(payload)


def _local(length: int, usable: int, *, table: bool) -> int:
    """How much of a payload stands in the cell itself."""
    most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
    if length <= most:
        return length
    least = (usable - 12) * 32 // 255 - 23
    part = least + (length - least) % (usable - 4)
    return part if part <= most else least


def _overflow(pages: _Pages, number: int, left: int) -> bytes:
    parts = []
    while left > 0:
        page = pages.page(number)
        part = page[4 : 4 + min(left, pages.size - 4)]
        parts.append(part)
        left -= len(part)
        number = int.from_bytes(page[:4], "big")
    return b"".join(parts)


def _columns(payload: bytes) -> list[Any]:
    length, at = _varint(payload, 0)
    if not 1 <= length <= len(payload):
        raise _UnreadableError
    kinds = []
    while at < length:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return values


def _value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in (0, 8, 9):
        return {0: None, 8: 0, 9: 1}[kind], at
    size = _INTS.get(kind, 8 if kind == 7 else (kind - 12) // 2)
    raw = data[at : at + size]
    if kind in (10, 11) or len(raw) != size:
        raise _UnreadableError
    if kind in _INTS:
        return int.from_bytes(raw, "big", signed=True), at + size
    if kind == 7:
        return struct.unpack(">d", raw)[0], at + size
    return (raw.decode("utf-8") if kind % 2 else raw), at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for n in range(8):
        byte = data[at + n]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + n + 1
    return value << 8 | data[at + 8], at + 9
