"""How much each kind of event matters when room is scarce, and how long it is worth sending."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

DAY_S = 86400.0
FOREVER = float("inf")


class Priority(IntEnum):
    """Who is refused first. LAST completes what was begun, or lets somebody out of it: only the disk refuses it."""

    LOW = 1
    MIDDLE = 2
    HIGH = 3
    LAST = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """`longest_s`: age in seconds beyond which nobody wants to hear of it any more."""

    priority: Priority
    longest_s: float = FOREVER


KINDS: dict[str, Kind] = {
    "request.submitted": Kind(Priority.HIGH),
    "document.printed": Kind(Priority.LAST),
    "document.voided": Kind(Priority.LAST),
    "document.issued_offline": Kind(Priority.LAST),
    "rating.given": Kind(Priority.MIDDLE, 90 * DAY_S),
    "codes.refused": Kind(Priority.LOW, 7 * DAY_S),
    "erasure.done": Kind(Priority.LAST),
    "audit.accepted": Kind(Priority.LAST),
    "gate.decided": Kind(Priority.HIGH),
    "gate.opened": Kind(Priority.LAST),
    "gate.passed": Kind(Priority.LAST),
    "attendance.signed": Kind(Priority.MIDDLE, 180 * DAY_S),
    "face.enrolled": Kind(Priority.HIGH),
    "face.withdrawn": Kind(Priority.LAST),
    "face.doubled": Kind(Priority.LOW, 30 * DAY_S),
    "test.done": Kind(Priority.MIDDLE, 365 * DAY_S),
    "readiness.reported": Kind(Priority.HIGH),
}
"""Every kind of `sync.wire.BODIES`."""

_UNKNOWN = Kind(Priority.HIGH)


def of(kind: str) -> Kind:
    """What is said of this kind; of one that is not listed nothing is thrown away."""
    return KINDS.get(kind, _UNKNOWN)
