"""A certificate as a PDF with the college's seal: for the terminal that asked for it, as long as it counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kiosk import shipped
from kiosk.clock import CAMPUS_ZONE
from kiosk.domain import documents
from sync.central import issuing
from sync.central.centre import Centre, Refusal, Work
from sync.central.database import reading

MEDIA = "application/pdf"


def sealed(centre: Centre, by: str, serial: str) -> bytes | Refusal:
    """The file, made and sealed anew at each ask. Somebody else's is not there for `by`. Raises OSError."""
    with reading(centre.engine) as connection:
        row = issuing.of_serial(Work(centre, connection, centre.clock.now()), serial)
    if row is None or row.terminal != by:
        return Refusal("not_found")
    if row.voided_at is not None:
        return Refusal("voided")
    return centre.sealer().seal(_page(centre, row), row.serial)


def _page(centre: Centre, row: Any) -> bytes:
    # half a second's work, for whoever asks for a file alone
    from printers import pdf

    document = shipped.documents()[row.document]
    own = {"code": row.code, "url": issuing.check_address(centre, row.token)}
    own["copy"] = centre.texts.get(row.language, "central.pdf")
    blocks = documents.fill(document, row.language, {**row.fields, **own})
    title = f"{document.title.of(row.language)} {row.serial}"
    issued = datetime.fromtimestamp(row.issued, CAMPUS_ZONE)
    return pdf.render(blocks, title=title, created=issued, language=row.language)
