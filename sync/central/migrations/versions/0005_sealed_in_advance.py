"""Certificates sealed in advance, and what was issued of them that may not count"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("document", sa.Column("offline_at", sa.Double(), nullable=True))
    op.create_table(
        "sealed_ahead",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.Double(), nullable=False),
        sa.Column("expires", sa.Double(), nullable=False),
        sa.Column("use_by", sa.Double(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "serial"),
    )
    by = {"by_terminal": ["terminal", "person"], "by_person": ["person"], "by_time": ["expires"]}
    for name, columns in by.items():
        op.create_index(f"sealed_ahead_{name}", "sealed_ahead", ["campus_id", *columns], unique=False)
    op.create_index("sealed_ahead_by_token", "sealed_ahead", ["campus_id", "token"], unique=True)
    op.create_table(
        "offline_conflict",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "event"),
    )


def downgrade() -> None:
    op.drop_table("offline_conflict")
    op.drop_table("sealed_ahead")
    op.drop_column("document", "offline_at")
