"""Releases of the terminal's program, and to which terminals each is offered."""

from __future__ import annotations

import sqlalchemy as sa

from sync.central.columns import campus, number, text, time
from sync.central.columns import metadata as metadata

release = sa.Table(
    "release",
    metadata,
    campus(),
    text("sha256", key=True),
    text("version"),
    text("architecture"),
    number("journal"),
    number("size"),
    text("signed"),
    time("added_at"),
    time("withdrawn_at", known=False),
    sa.Index("release_by_version", "campus_id", "version", "architecture", unique=True),
)
"""The packages lie in the state folder under `releases/<campus>/<sha256>`."""

release_offer = sa.Table(
    "release_offer",
    metadata,
    campus(),
    text("sha256", key=True),
    text("kind", key=True),
    text("whom", key=True),
    number("n"),
    time("at"),
)
"""`kind`: device (whom = its name), group (a pattern of names) or share (percent). The highest `n` counts first."""
