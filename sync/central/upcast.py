"""Older versions of bodies: each is checked as it was released, then carried to the newest, step by step.

A released version keeps its form in `sync.wire.BODIES` and its step here for good: a terminal may have queued it
before its winter holiday. What is stored is what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sync.wire import BODIES, EventItem, Message
from sync.wire_gate import Decided, DecidedV1


def body_of(item: EventItem) -> Message:
    """The item's body in the newest version of its kind. Raises KeyError (never released), ValidationError."""
    body, v = BODIES[item.kind, item.v].model_validate(item.body), item.v
    while (item.kind, v) in STEPS:
        body, v = STEPS[item.kind, v](body), v + 1
    return body


def _decided_2(old: DecidedV1) -> Decided:
    """Which code was shown was not told then. Everything else was checked as it came."""
    return Decided.model_construct(old.model_fields_set, **dict(old))


STEPS: Mapping[tuple[str, int], Callable[[Any], Message]] = {("gate.decided", 1): _decided_2}
