"""LCUS relay boards: four bytes out, never an answer. No I/O."""

from __future__ import annotations

HEAD = 0xA0


def switch(channel: int, closed: bool) -> bytes:
    """Close or open relay `channel`, counted from 1. No other operation is ever sent: boards differ in what it does."""
    body = bytes((HEAD, channel, int(closed)))
    return body + bytes((sum(body) & 0xFF,))
