"""The gate's tables: faces on record, what a lane must know of people, rules, visits, classes, and who came."""

from __future__ import annotations

import sqlalchemy as sa

from sync.central.columns import campus, number, text, time
from sync.central.columns import metadata as metadata

template = sa.Table(
    "template",
    metadata,
    campus(),
    text("person", key=True),
    text("model"),
    number("rows"),
    text("vectors"),
    text("consent"),
    text("language"),
    time("enrolled_at"),
    time("withdrawn_at", known=False),
    text("terminal"),
    number("seq"),
    time("as_of"),
)
"""One a person. After a withdrawal there are no rows and no vectors; terminal and seq are those of the newest word."""

person_gate = sa.Table(
    "person_gate",
    metadata,
    campus(),
    text("person", key=True),
    sa.Column("revoked", sa.Boolean, nullable=False),
    text("batch"),
    sa.Column("windows", sa.JSON, nullable=False),
    text("declared"),
    text("checked_in"),
    sa.Column("healthy", sa.Boolean, nullable=False),
    time("said_at"),
    sa.Column("inside", sa.Boolean, nullable=True),
    time("moved"),
    sa.Index("person_gate_by_batch", "campus_id", "batch"),
)
"""`declared` and `checked_in` are days (2026-03-02) or "". `said_at`: when the newest word on `healthy` was given."""

gate_rules = sa.Table(
    "gate_rules",
    metadata,
    campus(),
    text("gate", key=True),
    sa.Column("data", sa.JSON, nullable=False),
    time("issued"),
)

visit = sa.Table(
    "visit",
    metadata,
    campus(),
    text("id", key=True),
    text("request"),
    text("name"),
    text("host"),
    text("host_name"),
    sa.Column("gates", sa.JSON, nullable=False),
    time("begins"),
    time("ends"),
    text("token"),
    sa.Column("used", sa.Boolean, nullable=False),
    sa.Column("revoked", sa.Boolean, nullable=False),
    sa.Index("visit_by_token", "campus_id", "token", unique=True),
    sa.Index("visit_by_request", "campus_id", "request"),
)
"""`token` is the secret in the visitor's link; it never goes into a feed. `host` is a person's id."""

lesson = sa.Table(
    "lesson",
    metadata,
    campus(),
    text("id", key=True),
    text("zh"),
    text("en"),
    text("room"),
    time("begins"),
    time("ends"),
    sa.Column("members", sa.JSON, nullable=False),
    sa.Index("lesson_by_room", "campus_id", "room", "begins"),
)

passage = sa.Table(
    "passage",
    metadata,
    campus(),
    text("key", key=True),
    text("terminal"),
    text("gate"),
    text("direction"),
    text("person"),
    text("visit"),
    text("outcome"),
    text("decision"),
    text("guard"),
    text("reason"),
    text("receipt"),
    time("at"),
    sa.Column("passed", sa.Boolean, nullable=True),
    time("passed_at", known=False),
    sa.Index("passage_by_gate", "campus_id", "gate", "at"),
    sa.Index("passage_by_person", "campus_id", "person", "at"),
)
"""Decisions, and openings by hand (outcome `by_hand`, with the guard, the reason and the decision overruled)."""

attendance = sa.Table(
    "attendance",
    metadata,
    campus(),
    text("lesson", key=True),
    text("person", key=True),
    text("key"),
    text("terminal"),
    time("at"),
    number("late_minutes"),
    sa.Column("factors", sa.JSON, nullable=False),
    sa.Column("on_roster", sa.Boolean, nullable=False),
)
