"""Every delay of the printer's thread, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds."""

    connect: float = 2.0
    """Longest wait for the line to open."""
    first: float = 12.0
    """Longest wait for the first answer after that: 8 s is normal on some."""
    again: float = 2.0
    """How often that first question is repeated."""
    answer: float = 3.0
    """Longest wait for an answer while idle."""
    busy: float = 12.0
    """The same while a job is in it, before what its length and its wire add."""
    confirm: float = 20.0
    """Longest wait for GS r behind the last byte, before what the job's length and its wire add."""
    margin: float = 2.0
    """How many times as long as computed a job may take on its wire and on its paper."""
    watch: float = 0.5
    """How often the status is asked while waiting for GS r."""
    grace: float = 0.3
    """How long a bad status must last before a job is given up; GS r may still come in it."""
    tells: float = 1.0
    """Longest wait for a word of what an idle printer is."""
    alone: float = 0.03
    """How long after the answer to GS r nothing like it may follow."""
    poll: float = 1.0
    """How often an idle printer is asked."""
    retry: float = 1.0
    """Between attempts to reach it."""
    look: float = 0.1
    """The longest single wait: stopping, a new job and automatic status take effect within it."""
