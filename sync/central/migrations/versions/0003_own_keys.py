"""Terminals with keys of their own: public keys, runs, audit heads; spent codes, erasure receipts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # whoever was enrolled by a token has no key: they enrol anew by a code
    op.drop_table("device")
    op.create_table(
        "device",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("quarantined_at", sa.Double(), nullable=True),
        sa.Column("heartbeat", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("skew", sa.Double(), nullable=True),
        sa.Column("audit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_hash", sa.Text(), nullable=False),
        sa.Column("audit_broken_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("campus_id", "terminal"),
    )
    op.create_index("device_by_key", "device", ["campus_id", "key_id"], unique=True)
    op.create_table(
        "device_boot",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.Double(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("returns", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "terminal", "boot"),
    )
    op.create_table(
        "spent_code",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "nonce"),
    )
    op.create_index("spent_code_by_until", "spent_code", ["campus_id", "until"], unique=False)
    op.create_table(
        "code_reuse",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("first_terminal", sa.Text(), nullable=False),
        sa.Column("first_at", sa.Double(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "nonce", "terminal"),
    )
    op.create_table(
        "erasure",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("kept", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kept_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "feed", "id", "terminal"),
    )
    op.create_table(
        "tombstone",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "feed", "id"),
    )
    op.create_index("tombstone_by_time", "tombstone", ["campus_id", "at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("terminals' keys are not turned back into tokens: restore the backup")
