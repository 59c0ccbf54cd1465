"""Consent to a face on record: which text was agreed to, so that a later text asks again."""

from __future__ import annotations

CURRENT = "2026-03"
"""Version of the text in assets/i18n/*-enrol.toml (`consent.*`). A text that says something else gets a new one."""

PHOTOGRAPHS = 3
"""How many photographs an enrolment is made from; the text names the number."""


def current(version: str) -> bool:
    """Whether this version is the one that people are shown today."""
    return version == CURRENT
