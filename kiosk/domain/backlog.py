"""The queue as a technician sees it: how much, how old, how large, and why; nothing of whose it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """How the queue stands. `oldest`: when the oldest that waits was made, `heard`: the centre's last good answer (Unix
    seconds, 0 = none). `size`: bytes of all bodies kept, `free`: bytes left on the disk.
    """

    waiting: int
    sent: int
    dead: int
    oldest: float = 0.0
    size: int = 0
    free: int = 0
    heard: float = 0.0


@dataclass(frozen=True, slots=True)
class DeadRow:
    """One record that the centre refused. `seq`: its place in the journal, `at`: when it was made (Unix seconds),
    `tries`: how often it went out, `size`: bytes. `reason`: the verdict as stored, `word` or `word: sentence`.
    """

    seq: int
    kind: str
    at: float
    tries: int
    size: int
    receipt: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stick:
    """A place to export to: where it is mounted, what it is called, how many bytes are free."""

    path: str
    name: str
    free: int
