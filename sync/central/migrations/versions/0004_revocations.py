"""Which terminal asked for a certificate; a feed of those that do not count any more, with what ended before"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
FEED = "revocations"
_DOCUMENT = sa.table("document", *map(sa.column, ("campus_id", "serial", "superseded_by", "voided_at")))
_ROW = sa.table(
    "feed_row", *map(sa.column, ("campus_id", "feed", "id", "rev")), sa.column("data", sa.JSON(none_as_null=True))
)
_HEAD = sa.table("feed_head", *map(sa.column, ("campus_id", "feed", "rev")))


def upgrade() -> None:
    # of those before nobody knows: no terminal is handed their PDF
    op.add_column("document", sa.Column("terminal", sa.Text(), nullable=False, server_default=""))
    ended = (
        sa.select(_DOCUMENT)
        .where(_DOCUMENT.c.voided_at.is_not(None))
        .order_by(_DOCUMENT.c.campus_id, _DOCUMENT.c.voided_at, _DOCUMENT.c.serial)
    )
    for campus, found in groupby(op.get_bind().execute(ended).all(), key=lambda row: row.campus_id):
        rows = [_told(row, rev) for rev, row in enumerate(found, 1)]
        op.bulk_insert(_ROW, rows)
        op.bulk_insert(_HEAD, [{"campus_id": campus, "feed": FEED, "rev": len(rows)}])


def _told(row: Any, rev: int) -> dict[str, Any]:
    state = "superseded" if row.superseded_by else "revoked"
    data = {"state": state, "at": int(row.voided_at)}
    return {"campus_id": row.campus_id, "feed": FEED, "id": row.serial, "rev": rev, "data": data}


def downgrade() -> None:
    for table in (_ROW, _HEAD):
        op.execute(sa.delete(table).where(table.c.feed == FEED))
    op.drop_column("document", "terminal")
