"""A queue on a USB stick: lines of JSON in an age file, written by a terminal and taken in by the centre.

One line `Header`, one line `ExportRow` a row, and an `End`: nothing can be cut off, changed or made up unnoticed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sync.wire import EventItem
from sync.wire_base import Message, Moment, Sha256

SUFFIX = ".campus.age"
LONGEST_LINE = 40_000_000
"""Bytes: a row with some photographs in base64."""
_SIGNED = b"campus-export-v1:"


class Header(Message):
    """`epoch`: of the centre's database as the terminal knows it. `rows`: so many follow at most."""

    format: Literal[1] = 1
    terminal: Annotated[str, Field(pattern=r"^[A-Z0-9-]{2,16}$")]
    campus: Annotated[int, Field(ge=0, le=65535)]
    epoch: Annotated[str, Field(max_length=80)]
    created: Moment
    rows: Annotated[int, Field(ge=0)]


class ExportRow(Message):
    """An item exactly as a batch would carry it; `blobs`: what it names, in base64, unless an earlier row had it."""

    item: EventItem
    blobs: dict[Sha256, str] = Field(default_factory=dict)


class End(Message):
    """`rows`: so many lines came before; `sha256`: over all bytes before this line.

    `signature`: of the terminal's own key over that, in hex. A recipient is public: anybody can seal to it.
    """

    rows: Annotated[int, Field(ge=0)]
    sha256: Sha256
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


def signed(sha256: str) -> bytes:
    """What the terminal signs."""
    return _SIGNED + sha256.encode()
