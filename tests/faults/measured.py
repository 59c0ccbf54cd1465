"""What processes take, and whether it grows."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

MOST_GROWTH = 1.05
FEWEST = 6
"""Samples after warming up; with fewer nothing can be said."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Of one process: kB in memory, open files, threads."""

    rss: int
    files: int
    threads: int

    def __str__(self) -> str:
        return f"{self.rss // 1024} MB, {self.files} files, {self.threads} threads"


@dataclass
class Growth:
    """Samples by role. Those before `warm_until` (seconds of the run) do not count."""

    warm_until: float = 0.0
    samples: dict[str, list[Taken]] = field(default_factory=dict)
    _last: dict[str, Taken] = field(default_factory=dict)

    def note(self, elapsed: float, pids: Mapping[str, int]) -> None:
        for role, pid in pids.items():
            with contextlib.suppress(OSError):
                self._last[role] = taken(pid)
                if elapsed > self.warm_until:
                    self.samples.setdefault(role, []).append(self._last[role])

    def last(self) -> str:
        return "  ".join(f"{role} {found}" for role, found in self._last.items())

    def grown(self) -> list[str]:
        """Who takes more in the last third than in the first.

        Work comes and goes: the least memory of each is compared, at as many threads, since a camera that is unplugged
        takes less; files and threads have grown when they never again were as few as they had been at the most.
        """
        wrong = []
        for role, found in self.samples.items():
            third = len(found) // 3
            if len(found) < FEWEST:
                wrong.append(f"{role}: only {len(found)} samples, nothing can be said of its growth")
                continue
            first, most, last = _each(min, found[:third]), _each(max, found[:third]), _each(min, found[-third:])
            growth = _growth(found[:third], found[-third:])
            grew = growth > MOST_GROWTH or last.files > most.files or last.threads > most.threads
            print(f"       {role}: {first} → {last}  ({(growth - 1) * 100:+.1f} %)")
            wrong += [f"{role} grew from {first} to {last}"] if grew else []
        return wrong


def _growth(first: list[Taken], last: list[Taken]) -> float:
    """Of the least memory, where both had as many threads, as often as may be; of all where they never had."""
    alike = Counter(each.threads for each in last if each.threads in {other.threads for other in first})
    usual = {alike.most_common(1)[0][0]} if alike else {each.threads for each in (*first, *last)}
    least = [min(each.rss for each in found if each.threads in usual) for found in (first, last)]
    return least[1] / least[0]


def _each(choose: Callable[[list[int]], int], found: list[Taken]) -> Taken:
    return Taken(*(choose([getattr(each, name) for each in found]) for name in Taken.__slots__))


def taken(pid: int) -> Taken:
    """As it is now. Raises OSError when it is gone."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    if "VmRSS" not in status:
        raise ProcessLookupError(pid)  # dead, and nobody has asked for its end yet
    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Taken(int(status["VmRSS"].split()[0]), files, int(status["Threads"]))
