"""What goes into the journal, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kiosk.domain.faults import Fault
from sync.wire import MOST_BYTES, EventItem


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An act to be kept and sent; its fields are those of wire.EventItem. `receipt`: give it a receipt number."""

    key: str
    stream: str
    kind: str
    v: int
    body: dict[str, Any]
    receipt: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """On the disk. `existed`: it already was, and what is told is what was stored then."""

    key: str
    seq: int
    receipt: str
    existed: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Not on the disk; nothing may be printed or opened for it."""

    key: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes, and when: wall time (Unix s), monotonic time (s) and the boot they belong to."""

    terminal: str
    boot: str
    at: float
    mono: float


def checked(event: NewEvent) -> NewEvent:
    """The event itself. Raises ValueError for one that could never be sent: a bug, not an outcome."""
    EventItem(key=event.key, seq=1, stream=event.stream, kind=event.kind, v=event.v, at=0, boot="", mono=0, body={})
    if len(json.dumps(event.body, allow_nan=False)) > MOST_BYTES // 2:
        raise ValueError(f"{event.kind}: the body is too large to be sent")
    return event
