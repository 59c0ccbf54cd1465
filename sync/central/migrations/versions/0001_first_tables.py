"""First tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "what"),
    )
    op.create_table(
        "blob",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "sha256"),
    )
    op.create_table(
        "device",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("heartbeat", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("campus_id", "terminal"),
    )
    op.create_index("device_by_token", "device", ["campus_id", "token_hash"], unique=True)
    op.create_table(
        "document",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("copies", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("issued", sa.Double(), nullable=False),
        sa.Column("expires", sa.Double(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("printed_at", sa.Double(), nullable=True),
        sa.Column("voided_at", sa.Double(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "serial"),
    )
    op.create_index("document_by_key", "document", ["campus_id", "key"], unique=True)
    op.create_index("document_by_request", "document", ["campus_id", "request"], unique=False)
    op.create_index("document_by_token", "document", ["campus_id", "token"], unique=True)
    op.create_table(
        "enrolment_code",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("expires", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("campus_id", "code_hash"),
    )
    op.create_table(
        "event",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("v", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("mono", sa.Double(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "key"),
    )
    op.create_index("event_by_stream", "event", ["campus_id", "stream", "seq"], unique=False)
    op.create_table(
        "feed_head",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "feed"),
    )
    op.create_table(
        "feed_row",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("campus_id", "feed", "id"),
    )
    op.create_index("feed_row_by_rev", "feed_row", ["campus_id", "feed", "rev"], unique=True)
    op.create_table(
        "mark",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "request", "n"),
    )
    op.create_table(
        "meta",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "name"),
    )
    op.create_table(
        "person",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("private", sa.JSON(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("alive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "id"),
    )
    op.create_index("person_by_number", "person", ["campus_id", "number"], unique=True)
    op.create_table(
        "rating",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("stars", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "request"),
    )
    op.create_table(
        "record",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "person", "kind", "n"),
    )
    op.create_table(
        "request",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("submitted", sa.Double(), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step_since", sa.Double(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("copies", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prepare", sa.Boolean(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "key"),
    )
    op.create_index("request_by_person", "request", ["campus_id", "person", "submitted"], unique=False)
    op.create_index("request_by_status", "request", ["campus_id", "status", "step_since"], unique=False)
    op.create_table(
        "route",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "request", "step"),
    )
    op.create_table(
        "serial_head",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "prefix", "day"),
    )


def downgrade() -> None:
    op.drop_table("serial_head")
    op.drop_table("route")
    op.drop_index("request_by_status", table_name="request")
    op.drop_index("request_by_person", table_name="request")
    op.drop_table("request")
    op.drop_table("record")
    op.drop_table("rating")
    op.drop_index("person_by_number", table_name="person")
    op.drop_table("person")
    op.drop_table("meta")
    op.drop_table("mark")
    op.drop_index("feed_row_by_rev", table_name="feed_row")
    op.drop_table("feed_row")
    op.drop_table("feed_head")
    op.drop_index("event_by_stream", table_name="event")
    op.drop_table("event")
    op.drop_table("enrolment_code")
    op.drop_index("document_by_token", table_name="document")
    op.drop_index("document_by_request", table_name="document")
    op.drop_index("document_by_key", table_name="document")
    op.drop_table("document")
    op.drop_index("device_by_token", table_name="device")
    op.drop_table("device")
    op.drop_table("blob")
    op.drop_table("attempt")
