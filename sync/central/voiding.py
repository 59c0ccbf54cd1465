"""The office takes a certificate back: it counts no more, every terminal hears of it, and who did it why is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.domain import documents
from sync.central import flow, issuing
from sync.central.centre import Work
from sync.central.database import insert_new
from sync.central.tables import event

KIND = "document.revoked"
"""In the archive of events, under no terminal: none may send such a one."""
MOST = 200
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Before:
    """It counted no more already. `at`: since when, Unix seconds; `reason`: one word; `by`: the serial in its place."""

    at: float
    reason: str
    by: str


def reason_of(text: str) -> str:
    """A reason as it is shown and kept: one line. Raises ValueError where nothing is left, or too much."""
    clean = " ".join(documents.clean(text).split())
    if not 0 < len(clean) <= MOST:
        raise ValueError(f"1 to {MOST} characters")
    return clean


def revoke(work: Work, serial: str, reason: str, by: str, *, again: bool) -> Before | bool:
    """Whether there is such a certificate, which is void from now on; `Before` when it was so already.

    `again`: its request may be printed anew, and what is printed then stands in its place; otherwise it is closed.
    """
    found = issuing.of_serial(work, serial)
    row = issuing.by_serial(work, found.request, serial) if found is not None else None
    if row is None:
        return False
    if row.voided_at is not None:
        return Before(row.voided_at, row.void_reason, row.superseded_by)
    issuing.void(work, row, issuing.REISSUE if again else issuing.OFFICE, reason)
    if not again:
        flow.close(work, row.request)
    insert_new(work.connection, event, _archived(work, row, {"reason": reason, "by": by, "again": again}))
    return True


def _archived(work: Work, row: Any, told: dict[str, object]) -> dict[str, Any]:
    body = {"request": row.request, "serial": row.serial, **told}
    where = {"campus_id": work.campus, "key": f"{KIND}:{row.serial}", "stream": row.request, "kind": KIND}
    nobody = {"terminal": "", "seq": 0, "v": 1, "boot": "", "mono": 0.0, "digest": ""}
    return {**where, **nobody, "at": work.now, "received_at": work.now, "body": body}
