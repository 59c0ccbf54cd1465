"""The tables of the centre. `campus_id` leads every key, so that one database can be distributed by campus.

Times are Unix seconds. What is laid here, in `gatetables` and in `releasetables` must match the newest migration; a
test compares the two.
"""

from __future__ import annotations

import sqlalchemy as sa

from sync.central.columns import campus, number, text, time
from sync.central.columns import metadata as metadata

meta = sa.Table("meta", metadata, campus(), text("name", key=True), text("value"))
"""`epoch`: the identity of this database."""

feed_head = sa.Table("feed_head", metadata, campus(), text("feed", key=True), number("rev"))
"""One counter a feed; whoever bumps it holds its row until commit, so revisions become visible in order."""

feed_row = sa.Table(
    "feed_row",
    metadata,
    campus(),
    text("feed", key=True),
    text("id", key=True),
    number("rev"),
    sa.Column("data", sa.JSON(none_as_null=True), nullable=True),
    sa.Index("feed_row_by_rev", "campus_id", "feed", "rev", unique=True),
)
"""The newest state of each row as terminals see it; `data` null = a tombstone."""

device = sa.Table(
    "device",
    metadata,
    campus(),
    text("terminal", key=True),
    text("key_id"),
    text("public_key"),
    text("code_hash"),
    time("enrolled_at"),
    time("seen_at", known=False),
    time("revoked_at", known=False),
    time("quarantined_at", known=False),
    sa.Column("heartbeat", sa.JSON(none_as_null=True), nullable=True),
    time("skew", known=False),
    number("audit_seq"),
    text("audit_hash"),
    time("audit_broken_at", known=False),
    sa.Index("device_by_key", "campus_id", "key_id", unique=True),
)
"""A terminal and the public half of its key. `skew`: its clock minus ours, seconds, by the newest heartbeat.

`audit_*`: the newest head of its audit chain that was confirmed, and when it was first found not to fit.
"""

device_boot = sa.Table(
    "device_boot",
    metadata,
    campus(),
    text("terminal", key=True),
    text("boot", key=True),
    number("n"),
    time("first_at"),
    time("last_at"),
    number("returns"),
)
"""Each run of a terminal's sync process, counted: one that returns after a later one means a key in two places."""

enrolment_code = sa.Table(
    "enrolment_code",
    metadata,
    campus(),
    text("code_hash", key=True),
    text("terminal"),
    time("expires"),
    time("used_at", known=False),
)

attempt = sa.Table("attempt", metadata, campus(), text("what", key=True), number("count"), time("until"))
"""Wrong PINs and wrong enrolment codes, counted until `until`."""

event = sa.Table(
    "event",
    metadata,
    campus(),
    text("key", key=True),
    text("terminal"),
    number("seq"),
    text("stream"),
    text("kind"),
    number("v"),
    time("at"),
    text("boot"),
    time("mono"),
    sa.Column("body", sa.JSON, nullable=False),
    text("digest"),
    time("received_at"),
    sa.Index("event_by_stream", "campus_id", "stream", "seq"),
)
"""Every event that was accepted, under the key its terminal gave it; `digest` tells a repeat from a conflict."""

person = sa.Table(
    "person",
    metadata,
    campus(),
    text("id", key=True),
    text("number"),
    text("name"),
    text("name_en"),
    text("role"),
    sa.Column("known", sa.JSON, nullable=False),
    sa.Column("private", sa.JSON, nullable=False),
    text("verifier"),
    sa.Column("alive", sa.Boolean, nullable=False),
    sa.Index("person_by_number", "campus_id", "number", unique=True),
)
"""`known` goes out to terminals; `private` (income, conduct, English names of units, …) only onto certificates."""

record = sa.Table(
    "record",
    metadata,
    campus(),
    text("person", key=True),
    text("kind", key=True),
    number("n", key=True),
    sa.Column("data", sa.JSON, nullable=False),
)
"""Rows that certificates are made of: `course`, `award`, `fee`. Never in a feed."""

request = sa.Table(
    "request",
    metadata,
    campus(),
    text("key", key=True),
    text("item"),
    text("person"),
    text("terminal"),
    text("receipt"),
    text("status"),
    time("submitted"),
    number("step"),
    time("step_since"),
    time("due"),
    sa.Column("values", sa.JSON, nullable=False),
    sa.Column("attachments", sa.JSON, nullable=False),
    sa.Column("factors", sa.JSON, nullable=False),
    text("language"),
    number("copies"),
    sa.Column("prepare", sa.Boolean, nullable=False),
    text("serial"),
    sa.Index("request_by_person", "campus_id", "person", "submitted"),
    sa.Index("request_by_status", "campus_id", "status", "step_since"),
)

route = sa.Table(
    "route",
    metadata,
    campus(),
    text("request", key=True),
    number("step", key=True),
    text("department"),
    text("name_zh"),
    text("name_en"),
    number("minutes"),
)
"""The approval steps as they were when the request was handed in: a later catalogue does not change them."""

mark = sa.Table(
    "mark",
    metadata,
    campus(),
    text("request", key=True),
    number("n", key=True),
    text("what"),
    time("at"),
    number("step"),
    text("department"),
    time("due"),
    text("note"),
)

rating = sa.Table(
    "rating",
    metadata,
    campus(),
    text("request", key=True),
    text("item"),
    number("stars"),
    text("how"),
    text("remark"),
    time("at"),
)

serial_head = sa.Table(
    "serial_head",
    metadata,
    campus(),
    text("prefix", key=True),
    text("day", key=True),
    number("n"),
)

document = sa.Table(
    "document",
    metadata,
    campus(),
    text("serial", key=True),
    text("key"),
    text("request"),
    text("person"),
    text("terminal"),
    text("document"),
    text("language"),
    number("copies"),
    text("token"),
    time("issued"),
    time("expires"),
    text("code"),
    sa.Column("fields", sa.JSON, nullable=False),
    text("replaces"),
    text("superseded_by"),
    time("offline_at", known=False),
    time("printed_at", known=False),
    time("voided_at", known=False),
    text("void_reason"),
    sa.Index("document_by_key", "campus_id", "key", unique=True),
    sa.Index("document_by_request", "campus_id", "request"),
    sa.Index("document_by_token", "campus_id", "token", unique=True),
)
"""Every paper that was asked for, or issued without the network (`offline_at`: when, by its terminal's clock)."""

sealed_ahead = sa.Table(
    "sealed_ahead",
    metadata,
    campus(),
    text("serial", key=True),
    text("token"),
    text("terminal"),
    text("book"),
    text("person"),
    text("document"),
    text("language"),
    time("sealed_at"),
    time("expires"),
    time("use_by"),
    text("code"),
    sa.Column("fields", sa.JSON, nullable=False),
    text("state"),
    time("state_at"),
    sa.Index("sealed_ahead_by_token", "campus_id", "token", unique=True),
    sa.Index("sealed_ahead_by_terminal", "campus_id", "terminal", "person"),
    sa.Index("sealed_ahead_by_person", "campus_id", "person"),
    sa.Index("sealed_ahead_by_time", "campus_id", "expires"),
)
"""Certificates of one person in one terminal's keeping. `state`: held, issued, withdrawn; see `aheads`."""

offline_conflict = sa.Table(
    "offline_conflict",
    metadata,
    campus(),
    text("event", key=True),
    text("serial"),
    text("request"),
    text("terminal"),
    text("person"),
    text("reason"),
    time("at"),
    time("received_at"),
)
"""Papers that were issued without the network and that the centre could not let count; for the office."""

blob = sa.Table(
    "blob",
    metadata,
    campus(),
    text("sha256", key=True),
    number("size"),
    text("type"),
    text("terminal"),
    time("received_at"),
)
"""The bytes lie in the state folder under `blobs/<campus>/<sha256>`."""

spent_code = sa.Table(
    "spent_code",
    metadata,
    campus(),
    text("nonce", key=True),
    text("terminal"),
    time("at"),
    time("until"),
    sa.Index("spent_code_by_until", "campus_id", "until"),
)
"""Personal codes by their nonce, and where each was shown first."""

code_reuse = sa.Table(
    "code_reuse",
    metadata,
    campus(),
    text("nonce", key=True),
    text("terminal", key=True),
    time("at"),
    text("first_terminal"),
    time("first_at"),
    text("event"),
    time("received_at"),
)
"""The same code shown again elsewhere; `event`: the record that tells what came of it there, "" while none has."""

erasure = sa.Table(
    "erasure",
    metadata,
    campus(),
    text("feed", key=True),
    text("id", key=True),
    text("terminal", key=True),
    number("rev"),
    time("at"),
    time("received_at"),
    sa.Column("rows", sa.JSON, nullable=False),
    number("kept"),
    time("kept_until"),
)
"""A terminal's receipt that what a tombstone named is gone there."""

tombstone = sa.Table(
    "tombstone",
    metadata,
    campus(),
    text("feed", key=True),
    text("id", key=True),
    number("rev"),
    time("at"),
    sa.Index("tombstone_by_time", "campus_id", "at"),
)
"""When the feed of people or of templates ended a row: from then on terminals are to confirm it."""
