"""Messages of IPP 1.1 and 2.0 as bytes (RFC 8010), and what of an answer is needed here."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

MOST_BYTES = 1_000_000
"""No answer to any question of ours is longer; the longest known have some 100 kB."""

Value = int | bool | str | bytes
"""Dates, ranges and resolutions stay the bytes they are."""
Attributes = Mapping[str, tuple[Value, ...]]


class MessageError(ValueError):
    """Bytes that are no message of IPP."""


class Operation(IntEnum):
    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class Group(IntEnum):
    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04


class Tag(IntEnum):
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    COLLECTION = 0x34
    TEXT_LANGUAGE = 0x35
    NAME_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MEDIA_TYPE = 0x49


_FIRST_VALUE = 0x10
_OTHER_BYTES = range(0x30, 0x34)
_STRINGS = range(0x40, 0x60)
_HEAD = struct.Struct(">BBHI")
_LENGTH = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a question; several values are its set."""

    tag: Tag
    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """`code`: the operation of a question, the status of an answer. `groups`: (tag, attributes), as they come."""

    version: tuple[int, int]
    code: int
    id: int
    groups: tuple[tuple[int, Attributes], ...]

    def group(self, tag: Group) -> Attributes:
        """The first of its kind, empty when there is none."""
        return next((attributes for found, attributes in self.groups if found == tag), {})

    def all(self, tag: Group) -> tuple[Attributes, ...]:
        """Each of its kind: Get-Jobs answers with one for each job."""
        return tuple(attributes for found, attributes in self.groups if found == tag)


def attribute(tag: Tag, name: str, *values: Value) -> Attribute:
    """One attribute with one value or more."""
    return Attribute(tag, name, values)


def encode(
    version: tuple[int, int], code: int, number: int, groups: Iterable[tuple[Group, Iterable[Attribute]]]
) -> bytes:
    """A message up to its end; a document follows it as it is. Raises struct.error for what has no room."""
    parts = [_HEAD.pack(*version, code, number)]
    for tag, attributes in groups:
        parts.append(bytes((tag,)))
        for each in attributes:
            parts += (_value(each.tag, "" if n else each.name, value) for n, value in enumerate(each.values))
    return b"".join((*parts, bytes((Group.END,))))


def _value(tag: Tag, name: str, value: Value) -> bytes:
    key, data = name.encode("ascii"), _plain(value)
    return bytes((tag,)) + _LENGTH.pack(len(key)) + key + _LENGTH.pack(len(data)) + data


def _plain(value: Value) -> bytes:
    match value:
        case bool():
            return bytes((value,))
        case int():
            return struct.pack(">i", value)
        case str():
            return value.encode("utf-8")
        case bytes():
            return value


def decode(data: bytes) -> Message:
    """A whole message; what follows its end is left out. Collections are passed over. Raises MessageError."""
    if not _HEAD.size <= len(data) <= MOST_BYTES:
        raise MessageError(f"{len(data)} bytes")
    major, minor, code, number = _HEAD.unpack_from(data)
    if major not in (1, 2):
        raise MessageError(f"version {major}.{minor}")
    return Message((major, minor), code, number, tuple(_Reader(data, _HEAD.size).groups()))


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int

    def byte(self) -> int:
        return self.taken(1)[0]

    def taken(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise MessageError("cut off")
        found, self.at = self.data[self.at : end], end
        return found

    def field(self) -> bytes:
        """Bytes with their length before them."""
        (length,) = _LENGTH.unpack(self.taken(_LENGTH.size))
        return self.taken(length)

    def groups(self) -> Iterable[tuple[int, Attributes]]:
        tag = self.byte()
        while tag != Group.END:
            if tag >= _FIRST_VALUE:
                raise MessageError(f"value {tag:02x} outside a group")
            attributes, following = self.attributes()
            yield tag, attributes
            tag = following

    def attributes(self) -> tuple[Attributes, int]:
        """Those of one group, and the tag behind them."""
        found, name = dict[str, tuple[Value, ...]](), ""
        while (tag := self.byte()) >= _FIRST_VALUE:
            own, data = self.field(), self.field()
            if not own and not name:
                raise MessageError("a value without a name")
            name = _text(own) if own else name
            if tag == Tag.COLLECTION:
                self.pass_over()
                values: tuple[Value, ...] = ()
            else:
                values = _read(tag, data)
            found[name] = (() if own else found[name]) + values
        return found, tag

    def pass_over(self) -> None:
        """To the end of a collection, whatever is nested in it."""
        depth = 1
        while depth:
            tag = self.byte()
            if tag < _FIRST_VALUE:
                raise MessageError("a collection without an end")
            self.field(), self.field()
            depth += (tag == Tag.COLLECTION) - (tag == Tag.END_COLLECTION)


def _read(tag: int, data: bytes) -> tuple[Value, ...]:
    """One value; none for what is out of band, such as unknown."""
    if tag in (Tag.INTEGER, Tag.ENUM):
        return (int.from_bytes(_sized(data, 4), "big", signed=True),)
    if tag == Tag.BOOLEAN:
        return (_sized(data, 1) != b"\0",)
    if tag in (Tag.TEXT_LANGUAGE, Tag.NAME_LANGUAGE):
        reader = _Reader(data, 0)
        reader.field()
        return (_text(reader.field()),)
    if tag in _STRINGS:
        return (_text(data),)
    return (data,) if tag in _OTHER_BYTES else ()


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise MessageError(f"{len(data)} bytes in place of {size}")
    return data


def _text(data: bytes) -> str:
    """Printers of every age send names in their own letters."""
    return data.decode("utf-8", "replace")
