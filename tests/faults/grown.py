"""What one process takes, sample after sample, and whether it grows with the hours that pass."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.measured import taken

MOST: Mapping[str, float] = {"rss": 1.05, "blocks": 1.01, "files": 1, "threads": 1, "timers": 1}
"""Blocks are small ones of Python's own memory: a leak of thousands of objects, which the system's pages hide."""
FEWEST = 6


@dataclass(frozen=True)
class Sample:
    """kB, small blocks, open files, threads, and what stands on the wheel."""

    rss: int
    blocks: int
    files: int
    threads: int
    timers: int

    def __str__(self) -> str:
        memory = f"{self.rss // 1024} MB, {self.blocks} blocks"
        return f"{memory}, {self.files} files, {self.threads} threads, {self.timers} timers"


@dataclass
class Grown:
    """The first third warms up; of the two that follow each the least is compared, as work comes and goes.

    `most`: what is judged, and how many times as much as before it may be.
    """

    most: Mapping[str, float] = field(default_factory=lambda: MOST)
    samples: list[Sample] = field(default_factory=list)

    def note(self, timers: int) -> None:
        now = taken(os.getpid())
        self.samples.append(Sample(now.rss, sys.getallocatedblocks(), now.files, now.threads, timers))

    def wrong(self) -> list[str]:
        third = len(self.samples) // 3
        if len(self.samples) < FEWEST:
            return [f"only {len(self.samples)} samples, nothing can be said of growth"]
        middle, last = self.samples[third : 2 * third], self.samples[-third:]
        found = []
        for name, most in self.most.items():
            choose = min if name in ("rss", "blocks") else max
            before, after = choose(getattr(s, name) for s in middle), min(getattr(s, name) for s in last)
            found += [f"{name} grew from {before} to {after}"] if after > before * most else []
        return found
