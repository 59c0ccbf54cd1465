"""The gate: faces on record, passes, rules, visits, classes, who came and who attended"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("late_minutes", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("on_roster", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "lesson", "person"),
    )
    op.create_table(
        "gate_rules",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("issued", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "gate"),
    )
    op.create_table(
        "lesson",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("begins", sa.Double(), nullable=False),
        sa.Column("ends", sa.Double(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "id"),
    )
    op.create_index("lesson_by_room", "lesson", ["campus_id", "room", "begins"], unique=False)
    op.create_table(
        "passage",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("visit", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("guard", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("passed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("campus_id", "key"),
    )
    op.create_index("passage_by_gate", "passage", ["campus_id", "gate", "at"], unique=False)
    op.create_index("passage_by_person", "passage", ["campus_id", "person", "at"], unique=False)
    op.create_table(
        "person_gate",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("declared", sa.Text(), nullable=False),
        sa.Column("checked_in", sa.Text(), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.Double(), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=True),
        sa.Column("moved", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "person"),
    )
    op.create_index("person_gate_by_batch", "person_gate", ["campus_id", "batch"], unique=False)
    op.create_table(
        "template",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vectors", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.Double(), nullable=False),
        sa.Column("withdrawn_at", sa.Double(), nullable=True),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "person"),
    )
    op.create_table(
        "visit",
        sa.Column("campus_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("host_name", sa.Text(), nullable=False),
        sa.Column("gates", sa.JSON(), nullable=False),
        sa.Column("begins", sa.Double(), nullable=False),
        sa.Column("ends", sa.Double(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("campus_id", "id"),
    )
    op.create_index("visit_by_request", "visit", ["campus_id", "request"], unique=False)
    op.create_index("visit_by_token", "visit", ["campus_id", "token"], unique=True)


def downgrade() -> None:
    op.drop_index("visit_by_token", table_name="visit")
    op.drop_index("visit_by_request", table_name="visit")
    op.drop_table("visit")
    op.drop_table("template")
    op.drop_index("person_gate_by_batch", table_name="person_gate")
    op.drop_table("person_gate")
    op.drop_index("passage_by_person", table_name="passage")
    op.drop_index("passage_by_gate", table_name="passage")
    op.drop_table("passage")
    op.drop_index("lesson_by_room", table_name="lesson")
    op.drop_table("lesson")
    op.drop_table("gate_rules")
    op.drop_table("attendance")
