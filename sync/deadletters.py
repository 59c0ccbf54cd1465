"""Why a row of the queue is where it is, in words: the centre's own sentence, or ours."""

from __future__ import annotations

from kiosk.text import Texts

BOTH = " / "
"""Between the two languages in which the centre gives a reason."""


def why(verdict: str, texts: Texts, language: str) -> str:
    """The sentence behind `verdict` of the outbox; empty for a row about which nothing was said."""
    word, _, reason = verdict.partition(": ")
    told = _of_language(reason, language)
    key = f"queue.reason.{word}"
    if not verdict:
        return ""
    if key not in texts.keys(language):
        return verdict
    sentence = texts.get(language, key)
    return texts.get(language, "queue.because", what=sentence, why=told) if told and word in _QUOTED else sentence


_QUOTED = ("rejected", "too_old")
"""Whose reasons are sentences; behind the others there are words of the program."""


def _of_language(reason: str, language: str) -> str:
    """Both halves hold the same values, so that the separator between them is the middle one."""
    parts = reason.split(BOTH)
    half = len(parts) // 2
    if len(parts) % 2:
        return reason
    return BOTH.join(parts[:half] if language == "zh" else parts[half:])
