"""The terminals as the centre knows them: standing, last heartbeat; as a list for operators."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from sync.central.centre import Centre
from sync.central.database import reading
from sync.central.tables import device
from sync.wire import Heartbeat

SILENT_S = 120.0
"""Four heartbeats that did not come."""


class Standing(StrEnum):
    ONLINE = "online"
    SILENT = "silent"
    QUARANTINED = "quarantined"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Terminal:
    """`seen`: Unix seconds; `skew`: its clock minus ours; both and `beat` None = it has not been heard yet."""

    name: str
    standing: Standing
    seen: float | None
    skew: float | None
    audit_broken: bool
    beat: Heartbeat | None


def terminals(centre: Centre) -> list[Terminal]:
    """All that were ever enrolled, by name."""
    wanted = sa.select(device).where(device.c.campus_id == centre.campus).order_by(device.c.terminal)
    with reading(centre.engine) as connection:
        rows = connection.execute(wanted).all()
    now = centre.clock.now()
    return [
        Terminal(
            name=row.terminal,
            standing=_standing(row, now),
            seen=row.seen_at,
            skew=row.skew,
            audit_broken=row.audit_broken_at is not None,
            beat=_beat(row.heartbeat),
        )
        for row in rows
    ]


def table(found: Sequence[Terminal], now: float) -> str:
    """A line for each, for people."""
    rows = [COLUMNS, *(_line(each, now) for each in found)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(COLUMNS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)


def as_json(found: Sequence[Terminal]) -> str:
    """All that is known of each, for programs."""
    return json.dumps([_plain(each) for each in found], ensure_ascii=False, indent=2)


COLUMNS = ("TERMINAL", "STATE", "SEEN", "SKEW", "QUEUED", "DEAD", "OLDEST", "DISK FREE", "VERSION", "UPDATE", "FAULTS")


def _line(each: Terminal, now: float) -> tuple[str, ...]:
    seen = "-" if each.seen is None else f"{max(0.0, now - each.seen):.0f} s ago"
    skew = "-" if each.skew is None else f"{each.skew:+.1f} s"
    beat = each.beat
    if beat is None:
        return (each.name, each.standing, seen, skew, *"-" * 6, _faults(each))
    disk = f"{beat.disk_free / 1e9:.1f} GB" if beat.disk_total else "-"
    counts = (str(beat.queued), str(beat.dead), f"{beat.oldest_s:.0f} s")
    return (each.name, each.standing, seen, skew, *counts, disk, beat.version, _update(beat), _faults(each))


def _update(beat: Heartbeat) -> str:
    """How far the terminal is with the release that it was offered last, and why it does not take it."""
    update = beat.update
    if update is None or update.state == "idle":
        return "-"
    share = f" {update.here * 100 // update.size} %" if update.state == "fetching" and update.size else ""
    why = f" ({update.reason})" if update.reason else ""
    return f"{update.version} {update.state}{share}{why}".strip()


def _faults(each: Terminal) -> str:
    faults = list(each.beat.faults) if each.beat else []
    return " ".join([*faults, *(["audit-chain"] if each.audit_broken else [])]) or "-"


def _plain(each: Terminal) -> dict[str, Any]:
    told = {"terminal": each.name, "state": each.standing.value, "seen": each.seen, "skew": each.skew}
    beat = each.beat.model_dump(exclude={"audit", "known"}) if each.beat else None
    return {**told, "audit_broken": each.audit_broken, "heartbeat": beat}


def _standing(row: Any, now: float) -> Standing:
    if row.revoked_at is not None:
        return Standing.REVOKED
    if row.quarantined_at is not None:
        return Standing.QUARANTINED
    heard = row.seen_at is not None and abs(now - row.seen_at) <= SILENT_S
    return Standing.ONLINE if heard else Standing.SILENT


def _beat(told: Any) -> Heartbeat | None:
    """What an older program kept and this one cannot read is as good as none."""
    try:
        return Heartbeat.model_validate(told) if told is not None else None
    except ValidationError:
        return None
