"""The tables of the centre. `campus_id` leads every key, so that one database can be distributed by campus.

Times are Unix seconds. What is laid here must match the newest migration; a test compares the two.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

_Column = sa.Column[int]


def _campus() -> _Column:
    return sa.Column("campus_id", sa.Integer, primary_key=True, autoincrement=False)


def _time(name: str, *, known: bool = True) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=not known)


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False) -> _Column:
    return sa.Column(name, sa.BigInteger, primary_key=key, autoincrement=False, nullable=False)


meta = sa.Table("meta", metadata, _campus(), _text("name", key=True), _text("value"))
"""`epoch`: the identity of this database."""

feed_head = sa.Table("feed_head", metadata, _campus(), _text("feed", key=True), _number("rev"))
"""One counter a feed; whoever bumps it holds its row until commit, so revisions become visible in order."""

feed_row = sa.Table(
    "feed_row",
    metadata,
    _campus(),
    _text("feed", key=True),
    _text("id", key=True),
    _number("rev"),
    sa.Column("data", sa.JSON(none_as_null=True), nullable=True),
    sa.Index("feed_row_by_rev", "campus_id", "feed", "rev", unique=True),
)
"""The newest state of each row as terminals see it; `data` null = a tombstone."""

device = sa.Table(
    "device",
    metadata,
    _campus(),
    _text("terminal", key=True),
    _text("token_hash"),
    _text("code_hash"),
    _time("enrolled_at"),
    _time("seen_at", known=False),
    _time("revoked_at", known=False),
    sa.Column("heartbeat", sa.JSON(none_as_null=True), nullable=True),
    sa.Index("device_by_token", "campus_id", "token_hash", unique=True),
)

enrolment_code = sa.Table(
    "enrolment_code",
    metadata,
    _campus(),
    _text("code_hash", key=True),
    _text("terminal"),
    _time("expires"),
    _time("used_at", known=False),
)

attempt = sa.Table("attempt", metadata, _campus(), _text("what", key=True), _number("count"), _time("until"))
"""Wrong PINs and wrong enrolment codes, counted until `until`."""

event = sa.Table(
    "event",
    metadata,
    _campus(),
    _text("key", key=True),
    _text("terminal"),
    _number("seq"),
    _text("stream"),
    _text("kind"),
    _number("v"),
    _time("at"),
    _text("boot"),
    _time("mono"),
    sa.Column("body", sa.JSON, nullable=False),
    _text("digest"),
    _time("received_at"),
    sa.Index("event_by_stream", "campus_id", "stream", "seq"),
)
"""Every event that was accepted, under the key its terminal gave it; `digest` tells a repeat from a conflict."""

person = sa.Table(
    "person",
    metadata,
    _campus(),
    _text("id", key=True),
    _text("number"),
    _text("name"),
    _text("name_en"),
    _text("role"),
    sa.Column("known", sa.JSON, nullable=False),
    sa.Column("private", sa.JSON, nullable=False),
    _text("verifier"),
    sa.Column("alive", sa.Boolean, nullable=False),
    sa.Index("person_by_number", "campus_id", "number", unique=True),
)
"""`known` goes out to terminals; `private` (income, conduct, English names of units, …) only onto certificates."""

record = sa.Table(
    "record",
    metadata,
    _campus(),
    _text("person", key=True),
    _text("kind", key=True),
    _number("n", key=True),
    sa.Column("data", sa.JSON, nullable=False),
)
"""Rows that certificates are made of: `course`, `award`, `fee`. Never in a feed."""

request = sa.Table(
    "request",
    metadata,
    _campus(),
    _text("key", key=True),
    _text("item"),
    _text("person"),
    _text("terminal"),
    _text("receipt"),
    _text("status"),
    _time("submitted"),
    _number("step"),
    _time("step_since"),
    _time("due"),
    sa.Column("values", sa.JSON, nullable=False),
    sa.Column("attachments", sa.JSON, nullable=False),
    sa.Column("factors", sa.JSON, nullable=False),
    _text("language"),
    _number("copies"),
    sa.Column("prepare", sa.Boolean, nullable=False),
    _text("serial"),
    sa.Index("request_by_person", "campus_id", "person", "submitted"),
    sa.Index("request_by_status", "campus_id", "status", "step_since"),
)

route = sa.Table(
    "route",
    metadata,
    _campus(),
    _text("request", key=True),
    _number("step", key=True),
    _text("department"),
    _text("name_zh"),
    _text("name_en"),
    _number("minutes"),
)
"""The approval steps as they were when the request was handed in: a later catalogue does not change them."""

mark = sa.Table(
    "mark",
    metadata,
    _campus(),
    _text("request", key=True),
    _number("n", key=True),
    _text("what"),
    _time("at"),
    _number("step"),
    _text("department"),
    _time("due"),
    _text("note"),
)

rating = sa.Table(
    "rating",
    metadata,
    _campus(),
    _text("request", key=True),
    _text("item"),
    _number("stars"),
    _text("how"),
    _text("remark"),
    _time("at"),
)

serial_head = sa.Table(
    "serial_head",
    metadata,
    _campus(),
    _text("prefix", key=True),
    _text("day", key=True),
    _number("n"),
)

document = sa.Table(
    "document",
    metadata,
    _campus(),
    _text("serial", key=True),
    _text("key"),
    _text("request"),
    _text("person"),
    _text("document"),
    _text("language"),
    _number("copies"),
    _text("token"),
    _time("issued"),
    _time("expires"),
    _text("code"),
    sa.Column("fields", sa.JSON, nullable=False),
    _text("replaces"),
    _text("superseded_by"),
    _time("printed_at", known=False),
    _time("voided_at", known=False),
    _text("void_reason"),
    sa.Index("document_by_key", "campus_id", "key", unique=True),
    sa.Index("document_by_request", "campus_id", "request"),
    sa.Index("document_by_token", "campus_id", "token", unique=True),
)

blob = sa.Table(
    "blob",
    metadata,
    _campus(),
    _text("sha256", key=True),
    _number("size"),
    _text("type"),
    _text("terminal"),
    _time("received_at"),
)
"""The bytes lie in the state folder under `blobs/<campus>/<sha256>`."""
